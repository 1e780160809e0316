"""What people ask of a running operator, as annotations on a target's record (design §6).

`approve` is `model.approval`, holds are `model.drifthold`; here are the other two. A request for a
pass is taken off when the pass has begun, a suspension when it is over or somebody resumes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitopsd.model.digest import canonical
from gitopsd.model.moments import end_of
from gitopsd.model.wording import said

#: Asks for a pass now; its text is for people (the time at which it was asked).
SYNC = "gitopsd.io/sync"
#: Stops all writing to the target: JSON as `Suspension.text` has it, or any text as its reason.
SUSPEND = "gitopsd.io/suspend"
#: Every request is an annotation that begins so.
PREFIX = "gitopsd.io/"


@dataclass(frozen=True, slots=True)
class Suspension:
    """Nothing is written to the target, until `until` (an ISO date, that day included, or an
    RFC 3339 time; "" for until somebody resumes). What is there goes on being looked at.
    """

    WORD: ClassVar[str] = "suspended"  # what its text begins with

    reason: str
    until: str = ""
    since: str = ""

    @property
    def text(self) -> str:
        """What the annotation holds."""
        return canonical(self.to_json()).decode()

    def to_json(self) -> dict[str, str]:
        """The form in the annotation and in `-o json`."""
        return {"reason": self.reason, "until": self.until, "since": self.since}

    def over(self, now: datetime) -> bool:
        """Whether its time has passed; an end that makes no sense never comes."""
        try:
            return bool(self.until) and end_of(self.until) <= now
        except ValueError:
            return False

    def __str__(self) -> str:
        reason = self.reason or said("no-reason")
        if self.until:
            return said("suspended-until", until=self.until, reason=reason)
        return said("suspended", reason=reason)


def suspension_in(annotations: Mapping[str, str]) -> Suspension | None:
    """The suspension among the annotations of a record, ended or not.

    Whatever somebody has written there suspends: a slip of the pen must not let writes go on.
    """
    text = annotations.get(SUSPEND)
    if text is None:
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return Suspension(text.strip())
    if not isinstance(content, dict):
        return Suspension(text.strip())
    names = ("reason", "until", "since")
    return Suspension(*(str(content.get(name) or "") for name in names))
