"""The form of `gitopsd.yaml`. The names are the contract with those who run the operator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gitopsd.daemon.settings.dashboard import Dashboard
from gitopsd.daemon.settings.sinks import SinkSettings
from gitopsd.daemon.settings.texts import (
    Address,
    Branch,
    Day,
    Endpoint,
    Folder,
    Host,
    Jitter,
    Name,
    Namespace,
    Percent,
    RepositoryUrl,
    Seconds,
    Targets,
    Text,
    TimeOfDay,
)
from gitopsd.model import windows
from gitopsd.model.verdict import Cause
from gitopsd.spec.part import Amount, Part

Provider = Literal["github", "gitlab", "gitea", "bitbucket", "codeup", "generic"]


class Window(Part):
    """When writing is allowed; outside of it the operator looks and tells. A window may begin on
    one day and end on the next.
    """

    days: list[Day] = Field(default=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], min_length=1)
    start: TimeOfDay
    end: TimeOfDay
    timezone: Text = "UTC"

    @property
    def value(self) -> windows.Window:
        """The window as the engine knows it."""
        return windows.Window(tuple(self.days), self.start, self.end, self.timezone)


class Schedule(Part):
    """When a job runs: every so often, with each run moved by up to the jitter, or by `cron`."""

    every_seconds: Seconds | None = None
    jitter_seconds: Jitter = 0
    cron: Text | None = None
    timezone: Text = "UTC"
    window: Window | None = None


class Credentials(Part):
    """With what a repository is reached: files, which are read again at each fetch."""

    username: Text = "git"
    token_file: Text | None = None
    ca_file: Text | None = None
    ssh_key_file: Text | None = None
    known_hosts_file: Text | None = None


class Signatures(Part):
    """Who must have signed the commit that is applied: the files of public keys."""

    gpg_key_files: list[Text] = Field(default=[])
    ssh_signers_file: Text | None = None


class Webhook(Part):
    """Which service tells of pushes, and the file with its secret; one secret a line, so that an
    old and a new one hold for a while.
    """

    provider: Provider
    secret_file: Text


class TightenedGuards(Part):
    """Guards that are tighter than the Fleet's; looser ones count for nothing."""

    max_deletes: Amount | None = None
    max_delete_percent: Percent | None = None


class Repository(Part):
    """One config repository that is followed."""

    name: Name
    url: RepositoryUrl
    branch: Branch = "HEAD"
    path: Folder = "."
    instance: Name | None = None
    targets: Targets | None = None
    credentials: Credentials = Credentials()
    signatures: Signatures | None = None
    webhook: Webhook | None = None
    limits: TightenedGuards = TightenedGuards()
    sync: Schedule = Schedule(every_seconds=60, jitter_seconds=5)
    drift: Schedule = Schedule(every_seconds=300, jitter_seconds=30)

    @property
    def windows(self) -> windows.Windows:
        """When it may write, by what brings the writing."""
        given = {Cause.CHANGE: self.sync.window, Cause.DRIFT: self.drift.window}
        return {cause: window.value for cause, window in given.items() if window}


class Tracing(Part):
    """Where traces of the operator's work go, by OTLP over HTTP: the collector's URL, to which
    `/v1/traces` is added. OpenTelemetry's own variables, `OTEL_…`, go before it.
    """

    endpoint: Endpoint | None = None


class OperatorSettings(Part):
    """Everything in `gitopsd.yaml`; a variable `GITOPSD_…` or an option goes before it."""

    repositories: list[Repository] = Field(min_length=1)
    sinks: list[SinkSettings] = Field(default=[])
    dashboard: Dashboard = Dashboard()
    tracing: Tracing = Tracing()
    listen: Address = "127.0.0.1:8080"
    cache_dir: Text | None = None
    kubeconfig: Text | None = None
    record_namespace: Namespace | None = None
    namespaces: list[Namespace] = Field(default=[])
    alb_endpoint: Host | None = None
    nlb_endpoint: Host | None = None
    log: Literal["text", "json"] = "text"
    grace_seconds: Seconds = 25
