"""Services that people are told by: chats, mail, trackers, alerting, webhooks, files.

What belongs here: one small sender for each service, implementing `ports.Sink`: its form, its
signature, its limits, and what its refusals mean, each fact with its source. All that goes over
HTTP goes through `adapters.web`. What does not: what is said, when, and to whom (`alerts`), and
retries (`daemon.alerting`).
"""

from gitopsd.adapters.alerts.alertmanager import Alertmanager
from gitopsd.adapters.alerts.apprise import AppriseService
from gitopsd.adapters.alerts.commit_status import CommitStatuses
from gitopsd.adapters.alerts.dingtalk import DingTalk
from gitopsd.adapters.alerts.email import Mail, MailServer
from gitopsd.adapters.alerts.endpoint import Endpoint
from gitopsd.adapters.alerts.feishu import Feishu
from gitopsd.adapters.alerts.files import Files
from gitopsd.adapters.alerts.issues import Issues
from gitopsd.adapters.alerts.slack import SlackThreads, SlackWebhook
from gitopsd.adapters.alerts.teams import Teams
from gitopsd.adapters.alerts.webhook import Webhook
from gitopsd.adapters.alerts.wecom import WeCom

__all__ = [
    "Alertmanager",
    "AppriseService",
    "CommitStatuses",
    "DingTalk",
    "Endpoint",
    "Feishu",
    "Files",
    "Issues",
    "Mail",
    "MailServer",
    "SlackThreads",
    "SlackWebhook",
    "Teams",
    "WeCom",
    "Webhook",
]
