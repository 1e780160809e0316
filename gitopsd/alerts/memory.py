"""What a sink has been told of a target: the memory that keeps it from being told twice.

It is kept beside the reports, in the target's own cluster, so that a replica that takes over goes
on with the conversations of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from gitopsd.model.message import News, Severity

T = TypeVar("T")
#: Of so many messages the times are remembered, for the pace; an hour has at most 24.
_TIMES = 32
#: So many conversations are remembered at most; an object of the API server holds a megabyte.
_MOST = 3000


@dataclass(frozen=True, slots=True)
class Said:
    """What was said last in one conversation. Times are RFC 3339, UTC.

    `came_back` counts how often it was said to be back; `body` is the digest of what stands there
    now, where it can be edited in place.
    """

    open: bool
    at: str
    severity: Severity = Severity.INFO
    fight: bool = False
    escalated: bool = False
    came_back: int = 0
    handle: str = ""
    body: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stored form, without what is as it mostly is."""
        told: dict[str, Any] = {"open": self.open, "at": self.at, "severity": self.severity.word}
        more = {
            "fight": self.fight,
            "escalated": self.escalated,
            "cameBack": self.came_back,
            "handle": self.handle,
            "body": self.body,
        }
        return told | {key: value for key, value in more.items() if value}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read the stored form; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            bool(told["open"]),
            str(told["at"]),
            Severity.of(str(told["severity"])),
            bool(told.get("fight", False)),
            bool(told.get("escalated", False)),
            int(told.get("cameBack", 0)),
            str(told.get("handle", "")),
            str(told.get("body", "")),
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that is to be sent again as the same one, not before `until`, and why.

    Where it is `doubtful`, it got no answer and counts as told; else it was refused for its content
    and is not told, and `said` is what would be remembered if it were. `news` is what it said and
    `before` what had been said before it; `tries` counts its deliveries. `have` is the sink's own
    word of who has it already (`OutcomeUnknown`).
    """

    key: str
    news: News
    tries: int
    until: str
    before: Said | None = None
    doubtful: bool = True
    have: tuple[str, ...] = ()
    said: Said | None = None

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        told: dict[str, Any] = {
            "key": self.key,
            "news": str(self.news),
            "tries": self.tries,
            "until": self.until,
        }
        told |= {"before": self.before.to_json()} if self.before else {}
        return told | ({"have": list(self.have)} if self.have else {})

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read the stored form; raises KeyError, TypeError or ValueError for what is none."""
        before = told.get("before")
        return cls(
            str(told["key"]),
            News(told["news"]),
            int(told["tries"]),
            str(told["until"]),
            Said.from_json(before) if before else None,
            have=tuple(map(str, told.get("have", ()))),
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """All that one sink was told of one target: by fingerprint, and the latest messages.

    Each of these is `TIME KEY`, or `TIME KEY urgent`: one message about several targets is
    remembered with each of them, and is one all the same. What is refused is not stored: a new
    process tries at once.
    """

    said: Mapping[str, Said] = field(default_factory=dict)
    sent: tuple[str, ...] = ()
    attempts: Mapping[str, Attempt] = field(default_factory=dict)

    def with_said(self, said: Mapping[str, Said], sent: str | None = None) -> Memory:
        """With more that was said; `sent` is the message, None where it was silent."""
        times = self.sent if sent is None else (*self.sent, sent)[-_TIMES:]
        every = {**self.said, **said}
        if len(every) > _MOST:
            kept = sorted(every.items(), key=lambda one: (one[1].open, one[1].at))[-_MOST:]
            every = dict(kept)
        left = {name: one for name, one in self.attempts.items() if name not in said}
        return Memory(every, times, left)

    def anew(self) -> Memory:
        """For a sink that is told the whole state anew: only its own handles are known."""
        found = self.handles.items()
        return Memory({name: Said(False, self.said[name].at, handle=one) for name, one in found})

    @property
    def handles(self) -> dict[str, str]:
        """What sinks answered, by conversation."""
        return {name: one.handle for name, one in self.said.items() if one.handle}

    def awaits(self, key: str) -> bool:
        """Whether the message of that key is to be sent again."""
        return any(one.key == key for one in self.attempts.values())

    def only(self, known: frozenset[str]) -> Memory:
        """Without conversations whose report is forgotten."""
        if self.said.keys() | self.attempts.keys() <= known:
            return self
        said = {name: one for name, one in self.said.items() if name in known}
        attempts = {name: one for name, one in self.attempts.items() if name in known}
        return replace(self, said=said, attempts=attempts)

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        said = {name: one.to_json() for name, one in sorted(self.said.items())}
        told = {"said": said, "sent": list(self.sent)}
        doubts = {name: one.to_json() for name, one in self.attempts.items() if one.doubtful}
        return told | ({"unanswered": doubts} if doubts else {})

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read the stored form. What makes no sense is left out: it may be said once more."""
        said = _read(told.get("said"), Said.from_json)
        attempts = _read(told.get("unanswered"), Attempt.from_json)
        sent = told.get("sent")
        return cls(said, tuple(map(str, sent)) if isinstance(sent, list) else (), attempts)


def _read(told: Any, read: Callable[[Mapping[str, Any]], T]) -> dict[str, T]:
    """What makes sense of an object's members."""
    found: dict[str, T] = {}
    for name, one in told.items() if isinstance(told, Mapping) else ():
        try:
            found[str(name)] = read(one)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found
