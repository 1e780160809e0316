"""A forge: where a repository's issues, pull requests and commit statuses live."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gitopsd.ports.errors import Misconfigured

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/]|-(?!-)){0,199}")
#: `owner/name`, at GitLab with groups between them.
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")
_LINE = re.compile(r"<!-- gitopsd:(?P<name>\S{1,200}) -->")


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """By which something that we wrote is found again: the first line of its body, not shown.

    It counts only in what our own account has written: everybody can copy a line.
    """

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot stand in a marker")

    @property
    def line(self) -> str:
        """The comment that stands in the first line."""
        return f"<!-- gitopsd:{self.name} -->"

    def before(self, body: str) -> str:
        """The body with its marker."""
        return f"{self.line}\n{body}"

    @classmethod
    def of(cls, body: str) -> Marker | None:
        """The marker that a body begins with."""
        found = _LINE.fullmatch(body.split("\n", 1)[0].strip())
        return cls(found["name"]) if found and _NAME.fullmatch(found["name"]) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a forge takes, in characters: titles, bodies (marker included), statuses."""

    title: int
    body: int
    status: int

    def room(self, marker: Marker) -> int:
        """How long a body may be to which a marker is added."""
        return self.body - len(marker.before(""))


class SubjectKind(StrEnum):
    """What can be commented on."""

    ISSUE = "issue"
    PULL_REQUEST = "pull request"


@dataclass(frozen=True, slots=True)
class Subject:
    """An issue or a pull request, by the number that people know it by."""

    kind: SubjectKind
    number: int


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours. `body` is without the marker's line."""

    number: int
    marker: Marker
    title: str
    body: str
    open: bool
    url: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of ours. `body` is without the marker's line."""

    id: int
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull (or merge) request; `commit` is the newest of its branch."""

    number: int
    commit: str
    url: str


class StatusState(StrEnum):
    """How a commit stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What is said of a commit under one name (`context`); a newer one takes its place."""

    context: str
    state: StatusState
    description: str
    url: str = ""


class Forge(Protocol):
    """One repository at GitHub, GitLab or Gitea, under one account.

    Everything raises the errors of `WorldError`; OutcomeUnknown where a write may have been done:
    look for its marker before it is repeated. Texts longer than `limits` are refused, not cut.
    """

    @property
    def limits(self) -> Limits:
        """How much it takes."""

    def issues(self) -> Sequence[Issue]:
        """Our issues that begin with a marker, open and closed, the newest first."""

    def open_issue(
        self, marker: Marker, title: str, body: str, labels: Sequence[str] = ()
    ) -> Issue:
        """Open an issue; labels that are missing are made."""

    def change_issue(
        self, issue: Issue, *, title: str | None = None, body: str | None = None,
        open: bool | None = None,
    ) -> Issue:  # fmt: skip
        """Change what is given; `open` False closes, True reopens."""

    def add_comment(self, subject: Subject, body: str) -> Comment:
        """One more comment."""

    def put_comment(self, subject: Subject, marker: Marker, body: str) -> Comment:
        """The one comment with this marker: made, or edited in place where it stands already."""

    def set_status(self, commit: str, status: CommitStatus) -> None:
        """Say how a commit stands."""

    def pull_request(self, branch: str, base: str) -> PullRequest | None:
        """The open one that asks for `branch` to be merged into `base`."""

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Ask for a pushed branch to be merged; answers the one that is open already, if any."""


def checked_repository(about: str, name: str) -> str:
    """The repository's name; raises Misconfigured for what is none, or would lead elsewhere."""
    if not _REPOSITORY.fullmatch(name) or any(part in {".", ".."} for part in name.split("/")):
        raise Misconfigured(about, f"{name!r} is no name of a repository", "write OWNER/NAME")
    return name
