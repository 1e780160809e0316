"""The form of `gitopsd.yaml`. The names are the contract with those who run the operator."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gitopsd.spec.part import WHOLE, Amount, Part

Provider = Literal["github", "gitlab", "gitea", "bitbucket", "codeup", "generic"]
Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
Seconds = Annotated[int, Field(ge=1, le=7 * 24 * 3600), WHOLE]
Jitter = Annotated[int, Field(ge=0, le=3600), WHOLE]
Percent = Annotated[int, Field(ge=0, le=100), WHOLE]


def _like(pattern: str, meant: str) -> AfterValidator:
    """Text that a pattern matches as a whole; `meant` says in words what that is."""
    compiled = re.compile(pattern)

    def judge(value: str) -> str:
        if compiled.fullmatch(value):
            return value
        raise PydanticCustomError("like", "{meant}", {"meant": meant})

    return AfterValidator(judge)


Text = Annotated[str, _like(r"\S(?:.*\S)?", "text without blanks around it")]
TimeOfDay = Annotated[str, _like(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "a time of day as HH:MM")]
Name = Annotated[
    str, _like(r"[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?", "a name of a-z, 0-9 and -, at most 40 long")
]
Address = Annotated[
    str, _like(r"(?:[^\s:]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}", "an address as HOST:PORT")
]


class Window(Part):
    """When writing is allowed; outside of it the operator looks and tells. A window may begin on
    one day and end on the next.
    """

    days: list[Day] = Field(default=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], min_length=1)
    start: TimeOfDay
    end: TimeOfDay
    timezone: Text = "UTC"


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
    url: Text
    branch: Text = "HEAD"
    path: Text = "."
    instance: Name | None = None
    targets: list[Text] | None = None
    credentials: Credentials = Credentials()
    signatures: Signatures | None = None
    webhook: Webhook | None = None
    limits: TightenedGuards = TightenedGuards()
    sync: Schedule = Schedule(every_seconds=60, jitter_seconds=5)
    drift: Schedule = Schedule(every_seconds=300, jitter_seconds=30)


class OperatorSettings(Part):
    """Everything in `gitopsd.yaml`; a variable `GITOPSD_…` or an option goes before it."""

    repositories: list[Repository] = Field(min_length=1)
    listen: Address = "127.0.0.1:8080"
    cache_dir: Text | None = None
    kubeconfig: Text | None = None
    record_namespace: Text | None = None
    namespaces: list[Text] = Field(default=[])
    alb_endpoint: Text | None = None
    nlb_endpoint: Text | None = None
    log: Literal["text", "json"] = "text"
    grace_seconds: Seconds = 25
