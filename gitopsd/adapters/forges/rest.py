"""What the three forges have in common: JSON over HTTP, pages, and comments found by their marker.

Lists come in pages, and each answer's `Link` header (RFC 8288) says whether one follows: GitHub
("Using pagination in the REST API"), GitLab ("REST API: pagination"), Gitea ("API usage:
pagination"). Of the link only the query is taken: the path stays ours, whatever name a forge
behind a proxy believes to have.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from gitopsd.adapters.web import Answer, Request, Web
from gitopsd.ports import Comment, Marker, Misconfigured, OutcomeUnknown, PullRequest, Subject

_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')
#: More pages than anything of ours fills; a list that goes on is somebody else's.
_PAGES = 100
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

Query = Sequence[tuple[str, str]]


class Rest:
    """A REST API that speaks JSON."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def get(self, path: str, deed: str, query: Query = ()) -> Any:
        """One thing."""
        return self._web.fetch(Request("GET", path, deed, query=query), Answer.json)

    def write(self, method: str, path: str, deed: str, content: Mapping[str, Any]) -> Any:
        """Send JSON; answers what became of it."""
        request = Request(
            method,
            path,
            deed,
            body=orjson.dumps(content),
            headers={"Content-Type": "application/json"},
        )
        return self._web.fetch(request, Answer.json)

    def delete(self, path: str, deed: str) -> None:
        """Take something away."""
        self._web.send(Request("DELETE", path, deed))

    def items(self, path: str, deed: str, query: Query = ()) -> Iterator[dict[str, Any]]:
        """Everything in a list, page by page. Raises Misconfigured when it has no end."""
        for _ in range(_PAGES):
            request = Request("GET", path, deed, query=query)
            found, following = self._web.fetch(request, _page)
            yield from found
            if following is None:
                return
            query = following
        raise Misconfigured(self._web.about, f"{deed}: the list is longer than {_PAGES} pages")


def _page(answer: Answer) -> tuple[list[dict[str, Any]], Query | None]:
    content = answer.json()
    if not isinstance(content, list):
        raise TypeError("no list")
    link = _NEXT.search(answer.headers.get("link", ""))
    return content, parse_qsl(urlsplit(link[1]).query) if link else None


@dataclass(frozen=True, slots=True)
class Written:
    """A comment as the forge has it."""

    id: int
    body: str
    url: str
    mine: bool

    @property
    def marker(self) -> Marker | None:
        """The marker of a comment of ours; what others wrote has none that counts."""
        return Marker.of(self.body) if self.mine else None

    def as_comment(self) -> Comment:
        """Without the marker's line."""
        return Comment(self.id, unmarked(self.body), self.url)


class Conversation(ABC):
    """Comments of one repository, and the one that is edited in place."""

    @property
    def _known(self) -> bool:
        """Whether we can tell what our own account has written."""
        return True

    @abstractmethod
    def _comments(self, subject: Subject) -> Iterator[Written]:
        """All comments on it, the oldest first."""

    @abstractmethod
    def _write_comment(self, subject: Subject, body: str, id_: int | None = None) -> Written:
        """A new comment, or another body for one that is there."""

    @abstractmethod
    def _delete_comment(self, subject: Subject, id_: int) -> None:
        """Take a comment away."""

    @abstractmethod
    def pull_request(self, branch: str, base: str) -> PullRequest | None:
        """As in `ports.Forge`."""

    @abstractmethod
    def _create_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open one."""

    def add_comment(self, subject: Subject, body: str) -> Comment:
        """One more comment."""
        return self._write_comment(subject, body).as_comment()

    def put_comment(self, subject: Subject, marker: Marker, body: str) -> Comment:
        """The one comment with this marker: made, or edited in place where it stands already.

        Two that were made at the same moment become one: everybody keeps the oldest. So does
        who is not told whose its token is: it makes one to see who wrote it, and keeps its oldest.
        """
        full = marker.before(body)
        standing = self._standing(subject, marker) if self._known else []
        if not standing:
            try:
                self._write_comment(subject, full)
            except OutcomeUnknown:
                if not self._known or not self._standing(subject, marker):
                    raise
            standing = self._standing(subject, marker)
            if not standing:
                raise OutcomeUnknown(str(subject.kind), "a comment was made and is not listed")
        kept, *others = standing
        if _plain(kept.body) != _plain(full):
            kept = self._write_comment(subject, full, kept.id)
        for other in others:
            self._delete_comment(subject, other.id)
        return kept.as_comment()

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Ask for a pushed branch to be merged; answers the one that is open already, if any."""
        found = self.pull_request(branch, base)
        return found or self._create_pull_request(branch, base, title, body)

    def _standing(self, subject: Subject, marker: Marker) -> list[Written]:
        found = [item for item in self._comments(subject) if item.marker == marker]
        return sorted(found, key=lambda item: item.id)


def unmarked(body: str) -> str:
    """A body without the marker that it begins with."""
    return body.split("\n", 1)[-1] if Marker.of(body) else body


def _plain(body: str) -> str:
    """A body as every forge gives it back: some turn line ends round or cut off the last ones."""
    return body.replace("\r\n", "\n").rstrip()


def checked_commit(about: str, commit: str) -> str:
    """A commit's full id; raises Misconfigured for anything else."""
    if not _COMMIT.fullmatch(commit):
        raise Misconfigured(about, f"{commit!r} is no commit", "name a commit by its full id")
    return commit
