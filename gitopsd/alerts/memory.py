"""What a sink has been told of a target: the memory that keeps it from being told twice.

It is kept beside the reports, in the target's own cluster, so that a replica that takes over goes
on with the conversations of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from gitopsd.model.message import Severity

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
class Memory:
    """All that one sink was told of one target: by fingerprint, and the latest messages.

    Each of these is `TIME KEY`: one message about several targets is remembered with each of them,
    and is one all the same.
    """

    said: Mapping[str, Said] = field(default_factory=dict)
    sent: tuple[str, ...] = ()

    def with_said(self, said: Mapping[str, Said], sent: str | None = None) -> Memory:
        """With more that was said; `sent` is the message, None where it was silent."""
        times = self.sent if sent is None else (*self.sent, sent)[-_TIMES:]
        every = {**self.said, **said}
        if len(every) > _MOST:
            kept = sorted(every.items(), key=lambda one: (one[1].open, one[1].at))[-_MOST:]
            every = dict(kept)
        return Memory(every, times)

    def only(self, known: frozenset[str]) -> Memory:
        """Without conversations whose report is forgotten."""
        if self.said.keys() <= known:
            return self
        return replace(self, said={name: one for name, one in self.said.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        said = {name: one.to_json() for name, one in sorted(self.said.items())}
        return {"said": said, "sent": list(self.sent)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read the stored form. What makes no sense is left out: it may be said once more."""
        found: dict[str, Said] = {}
        said = told.get("said")
        for name, one in said.items() if isinstance(said, Mapping) else ():
            try:
                found[str(name)] = Said.from_json(one)
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
        sent = told.get("sent")
        return cls(found, tuple(map(str, sent)) if isinstance(sent, list) else ())
