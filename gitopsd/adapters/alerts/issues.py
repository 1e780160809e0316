"""Issues of a repository: one for each conversation, edited in place, closed when it is over.

An issue is known by its marker, which holds instance, target and fingerprint, so that a replica
that remembers nothing finds it again; two that were opened at the same moment become one. GitHub
asks for a second between writes and allows 80 a minute and 500 an hour that people are told of
("Best practices", "Rate limits", docs.github.com); the client keeps the distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from gitopsd.adapters.alerts.forms import body_markdown, plain
from gitopsd.model.message import Message, News
from gitopsd.ports import Forge, Issue, Marker, OutcomeUnknown, RateLimit, Subject, SubjectKind

#: What an edit in place need not say again.
_SILENT = frozenset({News.OPENED, News.UPDATED})


class Issues:
    """A `Sink`. `open_forge` reads the token anew for each message."""

    limits: ClassVar = (RateLimit(20, 60.0), RateLimit(150, 3600.0))

    def __init__(self, open_forge: Callable[[], Forge], labels: Sequence[str] = ()) -> None:
        self._open = open_forge
        self._labels = tuple(labels)

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. The handle is the issue's number, for people: the marker counts."""
        forge = self._open()
        marker = Marker(f"drift/{message.instance}/{message.target}/{message.conversation}")
        title = _title(message.title, forge.limits.title)
        body = body_markdown(message, forge.limits.body - len(marker.line) - 1)
        found = self._only(forge, marker)
        if found is None:
            if message.ended:
                return ""
            found = self._opened(forge, marker, title, body)
            return str(found.number)
        news = message.items[0].news
        changed = (found.title, found.body.strip()) != (title, body.strip())
        wanted = not message.ended
        if news not in _SILENT and (changed or found.open != wanted):
            forge.add_comment(Subject(SubjectKind.ISSUE, found.number), plain(message.title))
        if changed or found.open != wanted:
            forge.change_issue(found, title=title, body=body, open=wanted)
        return str(found.number)

    def _opened(self, forge: Forge, marker: Marker, title: str, body: str) -> Issue:
        try:
            return forge.open_issue(marker, title, body, self._labels)
        except OutcomeUnknown:
            found = self._only(forge, marker)
            if found is None:
                raise
            return found

    def _only(self, forge: Forge, marker: Marker) -> Issue | None:
        """The issue with this marker: the oldest; younger doubles that are open are closed."""
        found = sorted(
            (issue for issue in forge.issues() if issue.marker == marker),
            key=lambda issue: issue.number,
        )
        for double in found[1:]:
            if double.open:
                forge.change_issue(double, open=False)
        return found[0] if found else None


def _title(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
