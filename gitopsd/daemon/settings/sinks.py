"""The form of `sinks` in `gitopsd.yaml`: who is told of drift, how, and of which.

Hosts stand here in the open, and secrets never do: they are in files or in the environment. A
webhook's URL is a secret too, so its host is named here besides and compared before it is used.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gitopsd.daemon.settings.texts import (
    Day,
    Host,
    MailHost,
    Name,
    Namespace,
    Project,
    Seconds,
    Text,
    TimeOfDay,
    Url,
    Variable,
)
from gitopsd.spec.mistakes import unusable
from gitopsd.spec.part import Part, Port

Texts = Annotated[list[Text], Field(min_length=1)]
Forge = Literal["github", "gitlab", "gitea"]


class Secret(Part):
    """Where a secret is: a file that holds nothing else, which is read again for each message, or
    a variable of the environment.
    """

    file: Text | None = None
    env: Variable | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_elsewhere(cls, value: Any) -> Any:
        """What stands in its place may be the secret, which is not to be repeated."""
        if isinstance(value, dict | Secret):
            return value
        mend = "write {file: PATH} or {env: NAME}; the secret itself does not stand here"
        raise unusable("must say where the secret is", mend)


class DingTalk(Part):
    """A custom robot of a DingTalk group; `secret` is that of its signature (SEC…)."""

    webhook: Secret
    secret: Secret | None = None
    host: Host = "oapi.dingtalk.com"


class Feishu(Part):
    """A custom bot of a Feishu or Lark group; `secret` is that of its signature."""

    webhook: Secret
    secret: Secret | None = None
    host: Host = "open.feishu.cn"


class WeCom(Part):
    """A robot of a WeCom group."""

    webhook: Secret
    host: Host = "qyapi.weixin.qq.com"


class Slack(Part):
    """An incoming webhook, or a bot's token and the channel's id: with these one conversation is
    one message, edited in place, and its thread.
    """

    webhook: Secret | None = None
    token: Secret | None = None
    channel: Text | None = None
    host: Host | None = None


class Teams(Part):
    """A workflow of Teams that begins when a webhook request is received; its host is in the URL
    that Teams gives out.
    """

    webhook: Secret
    host: Host


class Email(Part):
    """Mail through a server. `tls` is `starttls`, `implicit` (as on port 465), or `none`, for a
    server on this very machine.
    """

    host: MailHost
    port: Port = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    sender: Text
    recipients: Texts
    username: Text | None = None
    password: Secret | None = None
    ca_file: Text | None = None


class Alertmanager(Part):
    """A Prometheus Alertmanager: its URL without `/api/v2`. `plainHttp` allows http beyond this
    machine, as inside a cluster.
    """

    url: Url
    token: Secret | None = None
    ca_file: Text | None = None
    plain_http: bool = False


class Webhook(Part):
    """Any address that takes JSON, signed with HMAC-SHA256 where there is a `secret`."""

    url: Url
    secret: Secret | None = None
    token: Secret | None = None
    ca_file: Text | None = None
    plain_http: bool = False


class Files(Part):
    """A folder with one file for each target, written anew when something has changed."""

    folder: Text


class Issues(Part):
    """Issues of a repository; `url` is the API's, of a forge of your own."""

    forge: Forge
    project: Project
    token: Secret
    url: Url | None = None
    labels: list[Text] = Field(default=[])
    ca_file: Text | None = None
    plain_http: bool = False


class CommitStatusSink(Part):
    """A status on the commit that a target is at, named `gitopsd/<target>`."""

    forge: Forge
    project: Project
    token: Secret
    url: Url | None = None
    ca_file: Text | None = None
    plain_http: bool = False


class Apprise(Part):
    """Any service that Apprise knows (`pip install gitopsd[apprise]`), by the URL in a secret."""

    url: Secret


class Only(Part):
    """Which drift a sink is told of; what is left out chooses all."""

    repositories: Texts | None = None
    targets: Texts | None = None
    namespaces: Annotated[list[Namespace], Field(min_length=1)] | None = None
    modes: Annotated[list[Literal["Correct", "Report"]], Field(min_length=1)] | None = None
    severity: Literal["info", "warning", "critical"] | None = None


class QuietHours(Part):
    """When only critical news is sent; what else there is comes in one digest at their end."""

    days: list[Day] = Field(default=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], min_length=1)
    start: TimeOfDay
    end: TimeOfDay
    timezone: Text = "UTC"


class SinkSettings(Part):
    """One way to be told of drift: exactly one of the services, and when it is used."""

    name: Name
    dingtalk: DingTalk | None = None
    feishu: Feishu | None = None
    wecom: WeCom | None = None
    slack: Slack | None = None
    teams: Teams | None = None
    email: Email | None = None
    alertmanager: Alertmanager | None = None
    webhook: Webhook | None = None
    files: Files | None = None
    issues: Issues | None = None
    commit_status: CommitStatusSink | None = None
    apprise: Apprise | None = None
    language: Literal["en", "zh"] = "en"
    only: Only = Only()
    quiet_hours: QuietHours | None = None
    digest_seconds: Seconds | None = None

    @property
    def services(self) -> dict[str, Part]:
        """The services that are named, by their keys as users write them; one, if all is well."""
        found = ((key, getattr(self, key)) for key in SERVICES)
        return {SERVICES[key]: part for key, part in found if part is not None}

    @property
    def kind(self) -> str:
        """The service's key."""
        return next(iter(self.services), "")


#: The fields of a sink that are services, and what users call them.
SERVICES = {
    "dingtalk": "dingtalk",
    "feishu": "feishu",
    "wecom": "wecom",
    "slack": "slack",
    "teams": "teams",
    "email": "email",
    "alertmanager": "alertmanager",
    "webhook": "webhook",
    "files": "files",
    "issues": "issues",
    "commit_status": "commitStatus",
    "apprise": "apprise",
}
