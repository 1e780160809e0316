"""When the operator may write, as it says on a target's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` (HH:MM) on these days, by the clock of an IANA time zone.

    One whose end is not after its start ends on the next day.
    """

    days: tuple[str, ...]
    start: str
    end: str
    timezone: str = "UTC"

    def to_json(self) -> dict[str, Any]:
        """The form on the record."""
        return {
            "days": list(self.days),
            "end": self.end,
            "start": self.start,
            "timezone": self.timezone,
        }

    @classmethod
    def from_json(cls, told: Any) -> Window:
        """Read it back. Raises KeyError, TypeError and AttributeError for what is none."""
        days = tuple(map(str, told["days"]))
        return cls(days, str(told["start"]), str(told["end"]), str(told["timezone"]))


#: The window of each cause (`model.verdict.Cause`) that has one.
Windows = Mapping[str, Window]
