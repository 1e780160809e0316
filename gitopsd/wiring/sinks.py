"""From settings to the services that people are told of drift by."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gitopsd
from gitopsd.config import ForgeSettings
from gitopsd.daemon.settings.sinks import (
    Alertmanager,
    CommitStatusSink,
    DingTalk,
    Email,
    Feishu,
    Issues,
    Secret,
    SinkSettings,
    Slack,
    Teams,
    Webhook,
    WeCom,
)
from gitopsd.ports import Forge, Misconfigured, Sink
from gitopsd.wiring.services import open_forge

if TYPE_CHECKING:
    from gitopsd.adapters.alerts import Endpoint, MailServer

_SLACK, _SLACK_API = "hooks.slack.com", "slack.com"
#: Seconds for which a forge that asks for patience is waited for by a sink, which comes again.
_PATIENCE = 10.0


def open_sink(settings: SinkSettings) -> Sink:
    """The way to a service that people are told by. Nothing is read or sent by making it: what is
    wrong with a secret or an address is told when it is used, and mended without a restart.
    """
    from gitopsd.adapters import alerts

    about = f"sink {settings.name}"
    forge = settings.issues or settings.commit_status
    if forge is not None:
        return _forge_sink(forge)
    if settings.email is not None:
        return alerts.Mail(
            about,
            _mail_server(settings.email, about),
            settings.email.sender,
            tuple(settings.email.recipients),
        )
    if settings.files is not None:
        return alerts.Files(Path(settings.files.folder))
    if settings.apprise is not None:
        return alerts.AppriseService(about, _reader(settings.apprise.url, about))
    return _web_sink(settings, about)


def _web_sink(settings: SinkSettings, about: str) -> Sink:
    from gitopsd.adapters import alerts

    if settings.alertmanager is not None:
        return alerts.Alertmanager(_open_endpoint(settings.alertmanager, about))
    if settings.webhook is not None:
        return alerts.Webhook(_open_endpoint(settings.webhook, about))
    if settings.slack is not None:
        return _slack(settings.slack, about)
    senders: dict[str, Callable[[Endpoint], Sink]] = {
        "dingtalk": alerts.DingTalk,
        "feishu": alerts.Feishu,
        "wecom": alerts.WeCom,
        "teams": alerts.Teams,
    }
    robot = settings.dingtalk or settings.feishu or settings.wecom or settings.teams
    if robot is None:
        raise Misconfigured(about, "it names no service", "name one")
    return senders[settings.kind](_robot(robot, about))


def _forge_sink(part: Issues | CommitStatusSink) -> Sink:
    from gitopsd.adapters import alerts

    settings = ForgeSettings(
        part.forge,
        part.project,
        Path(part.token.file) if part.token.file else None,
        part.token.env,
        url=part.url,
        ca_file=Path(part.ca_file) if part.ca_file else None,
        plain_http=part.plain_http,
    )

    def forge() -> Forge:
        return open_forge(settings, patience=_PATIENCE)

    if isinstance(part, Issues):
        return alerts.Issues(forge, part.labels)
    return alerts.CommitStatuses(forge)


def _slack(part: Slack, about: str) -> Sink:
    from gitopsd.adapters import alerts

    if part.webhook is not None:
        return alerts.SlackWebhook(_robot(part, about))
    host = part.host or _SLACK_API
    scheme = "http" if host.partition(":")[0] in ("127.0.0.1", "localhost") else "https"
    token = _reader(part.token, about) if part.token else None
    endpoint = alerts.Endpoint(about, lambda: f"{scheme}://{host}", token=token, agent=_agent())
    return alerts.SlackThreads(endpoint, part.channel or "")


def _robot(part: DingTalk | Feishu | WeCom | Teams | Slack, about: str) -> Endpoint:
    """A webhook whose URL is a secret, at a host that is none."""
    from gitopsd.adapters.alerts import Endpoint

    if part.webhook is None:
        raise Misconfigured(about, "it has no webhook", "name one")
    secret = part.secret if isinstance(part, DingTalk | Feishu) else None
    return Endpoint(
        about,
        _reader(part.webhook, about),
        part.host or _SLACK,
        secret=_reader(secret, about) if secret else None,
        agent=_agent(),
    )


def _open_endpoint(part: Alertmanager | Webhook, about: str) -> Endpoint:
    from gitopsd.adapters.alerts import Endpoint

    secret = part.secret if isinstance(part, Webhook) else None
    return Endpoint(
        about,
        lambda: part.url,
        secret=_reader(secret, about) if secret else None,
        token=_reader(part.token, about) if part.token else None,
        ca_file=Path(part.ca_file) if part.ca_file else None,
        plain_http=part.plain_http,
        agent=_agent(),
    )


def _mail_server(part: Email, about: str) -> MailServer:
    from gitopsd.adapters import alerts

    return alerts.MailServer(
        part.host,
        part.port,
        part.tls,
        part.username or "",
        _reader(part.password, about) if part.password else None,
        Path(part.ca_file) if part.ca_file else None,
    )


def _reader(secret: Secret, about: str) -> Callable[[], str]:
    return lambda: _secret(secret, about)


def _secret(secret: Secret, about: str) -> str:
    """A secret as it is now; raises Unauthenticated, which says where it is looked for."""
    from gitopsd.adapters.web import checked_secret, read_secret

    if secret.file is not None:
        return read_secret(Path(secret.file), about)
    value = os.environ.get(secret.env or "", "").strip()
    return checked_secret(value, about, f"the variable {secret.env}")


def _agent() -> str:
    return f"gitopsd/{gitopsd.__version__}"
