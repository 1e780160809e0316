"""Holds: a change made by hand during an incident, left alone for a time (design §5, §6).

A hold is an annotation on the target's record, put there under its author's own rights. It counts
exactly as an exception of the drift policy in Git would, and ends by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.model.desired import ModeSpan
from gitopsd.model.digest import canonical, digest
from gitopsd.model.identity import Identity
from gitopsd.model.moments import end_of

#: Followed by twelve digits out of subject and path, so that one path of one thing has one hold.
PREFIX = "gitopsd.io/hold-"
#: How many holds one record takes, and how long the path and the reason of one may be: an object
#: has room for 256 KiB of annotations.
MOST, LONGEST = 50, 300


@dataclass(frozen=True, slots=True, order=True)
class DriftHold:
    """What is left alone: a path of what `subject`, an Exposure or a ServerGroup, makes.

    `path` is written as in an exception (`Service/spec.ports`), `until` is an ISO date that still
    counts or an RFC 3339 time, `since` the time at which it was made.
    """

    subject: Identity
    path: str
    until: str
    reason: str
    since: str = ""

    @property
    def key(self) -> str:
        """The annotation that it is kept in."""
        return PREFIX + digest([str(self.subject), self.path])[:12]

    @property
    def text(self) -> str:
        """What the annotation holds."""
        return canonical(self.to_json()).decode()

    @property
    def span(self) -> ModeSpan:
        """The exception that it stands for."""
        return ModeSpan(self.path, "Ignore", self.until, self.reason, source="hold")

    def to_json(self) -> dict[str, str]:
        """The form in the annotation and in `-o json`."""
        return {
            "subject": str(self.subject),
            "path": self.path,
            "until": self.until,
            "reason": self.reason,
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class Holds:
    """The holds on a record, sorted, and the annotations that should be holds and are none."""

    readable: tuple[DriftHold, ...] = ()
    unreadable: tuple[str, ...] = ()


def holds_in(annotations: Mapping[str, str]) -> Holds:
    """The holds among the annotations of a record; what somebody wrote amiss is named."""
    readable, unreadable = [], []
    for key, text in sorted(annotations.items()):
        if key.startswith(PREFIX):
            hold = _read(text)
            if hold is None or hold.key != key:
                unreadable.append(key)
            else:
                readable.append(hold)
    return Holds(tuple(sorted(readable)), tuple(unreadable))


def _read(text: str) -> DriftHold | None:
    try:
        told = json.loads(text)
        hold = DriftHold(
            Identity.parse(told["subject"]),
            str(told["path"]),
            str(told["until"]),
            str(told["reason"]),
            str(told.get("since", "")),
        )
        end_of(hold.until)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return hold
