"""What is told to people about drift, as values: news, and the message that carries it.

What becomes a message is decided by `alerts`; how a service takes it is known to the adapters
behind `ports.Sink`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Literal

from gitopsd.model.report import DriftReport


class Severity(IntEnum):
    """How much it matters to a person; the greater the worse."""

    INFO = 1  # gitopsd has put it right, or will: nothing to do
    WARNING = 2  # somebody has to decide
    CRITICAL = 3  # traffic goes where it should not: act now

    @property
    def word(self) -> str:
        """The stable name in settings, labels and payloads."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Severity:
        """The severity of that name; raises KeyError."""
        return cls[word.upper()]


class News(StrEnum):
    """What there is to say about one conversation. The value is the stable name in payloads."""

    OPENED = "opened"
    REOPENED = "reopened"
    WORSE = "worse"  # open for too long, or it has come to matter more
    FIGHT = "fight"  # two managers keep overwriting each other
    UPDATED = "updated"  # other evidence; said only where a message can be edited in place
    CORRECTED = "corrected"  # it was put right before anybody was told
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message: our own sentence, and behind it something to be shown as code.

    All that others wrote (values, managers) and all that is typed stands in `code`: adapters quote
    it, so that no value can mention a person or open a link.
    """

    text: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation in a message. `summary` says what moved, in the language of the message;
    `was` is how much it mattered while it was open.
    """

    news: News
    severity: Severity
    report: DriftReport
    title: str
    summary: str = ""
    was: Severity = Severity.INFO

    def to_json(self) -> dict[str, Any]:
        """The form in webhooks and files. Its summary is the report's, the same in any language."""
        told = self.report.to_json()
        told.pop("moves")
        return {"news": str(self.news), "severity": self.severity.word, "title": self.title} | told


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell. `title` leads with what to do.

    - `key` names it: the same news of the same conversations has the same key, so that a receiver
      can drop what it has got already.
    - `conversation` is the fingerprint that it is about, or "" where it is about several.
    - `handle` is what the sink answered when it was told of that conversation before, "" at first.
    - `ended` says that the conversation is over with this.
    - `have` is what the sink said of who has this message already, when it got but part of the way.
    - `revision` is that of Git, `target` and `instance` are "" where the items are of several.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    severity: Severity
    items: tuple[Item, ...] = ()
    conversation: str = ""
    handle: str = ""
    ended: bool = False
    instance: str = ""
    target: str = ""
    revision: str = ""
    time: str = ""
    language: Literal["en", "zh"] = "en"
    have: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The body of a webhook (docs/alerts.md)."""
        return {
            "key": self.key,
            "title": self.title,
            "text": "\n".join(self.plain()),
            "severity": self.severity.word,
            "instance": self.instance,
            "target": self.target,
            "revision": self.revision,
            "time": self.time,
            "items": [item.to_json() for item in self.items],
        }

    def plain(self) -> Iterator[str]:
        """The lines without any markup."""
        for line in self.lines:
            yield f"{line.text} {line.code}".strip()


def cut(lines: Iterator[str], limit: int, left_out: str, sep: str = "\n") -> str:
    """Lines joined, as many as fit into `limit` bytes of UTF-8; `left_out` ends what was cut."""
    every = list(lines)
    whole = sep.join(every)
    if len(whole.encode()) <= limit:
        return whole
    kept: list[str] = []
    room = limit - len((sep + left_out).encode())
    for line in every:
        room -= len((line + sep).encode())
        if room < 0:
            break
        kept.append(line)
    return sep.join([*kept, left_out])
