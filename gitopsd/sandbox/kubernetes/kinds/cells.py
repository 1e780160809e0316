"""Cells of tables: small functions that find and phrase what a column shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from gitopsd.sandbox.kubernetes.resources import Column, Item

Cell = Callable[[Item], Any]


def looked_up(item: Any, *path: str) -> Any:
    """The value at a path of members; None where something is missing on the way."""
    for name in path:
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def text_of(*path: str, missing: str = "") -> Cell:
    """The text at a path."""
    return lambda item: looked_up(item, *path) or missing


def count_of(*members: str) -> Cell:
    """How many entries the given top-level members hold together."""
    return lambda item: sum(len(item.get(member) or {}) for member in members)


def seconds_since(instant: str | None, now: float) -> float | None:
    """Seconds from an RFC 3339 instant to `now` (seconds since the epoch); None without one."""
    if not instant:
        return None
    return now - datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


#: From how many seconds on a duration is shown in which units, the coarsest first.
_SCALES: Final = (
    (8 * 365 * 86400, 365 * 86400, "y", 0, ""),
    (2 * 365 * 86400, 365 * 86400, "y", 86400, "d"),
    (8 * 86400, 86400, "d", 0, ""),
    (2 * 86400, 86400, "d", 3600, "h"),
    (8 * 3600, 3600, "h", 0, ""),
    (3 * 3600, 3600, "h", 60, "m"),
    (10 * 60, 60, "m", 0, ""),
    (2 * 60, 60, "m", 1, "s"),
    (0, 1, "s", 0, ""),
)


#: Seconds up to which Go counts, and by which an instant may lie ahead.
_LONGEST: Final = (2**63 - 1) / 1e9
_TOLERANCE: Final = 1


def short_duration(seconds: float | None) -> str:
    """A duration as tables show it: 45s, 3m20s, 5h, 2d3h, 3y20d."""
    if seconds is None:
        return "<unknown>"
    whole = int(min(seconds, _LONGEST))
    if whole < -_TOLERANCE:
        return "<invalid>"
    whole = max(whole, 0)
    unit, name, fine, fine_name = next(scale[1:] for scale in _SCALES if whole >= scale[0])
    rest = whole % unit // fine if fine else 0
    return f"{whole // unit}{name}" + (f"{rest}{fine_name}" if rest else "")


def elapsed(instant: str | None, now: float) -> str:
    """How long ago an instant was."""
    return short_duration(seconds_since(instant, now))


NAME: Final = Column("Name", text_of("metadata", "name"), format="name")
AGE: Final = Column("Age", text_of("metadata", "creationTimestamp"), shown=elapsed)
