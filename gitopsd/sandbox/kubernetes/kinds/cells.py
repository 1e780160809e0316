"""Cells of tables: small functions that find and phrase what a column shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from gitopsd.sandbox.kubernetes.resources import Column, Item

Cell = Callable[[Item, float], Any]


def looked_up(item: Any, *path: str) -> Any:
    """The value at a path of members; None where something is missing on the way."""
    for name in path:
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def text_of(*path: str, missing: str = "") -> Cell:
    """The text at a path."""
    return lambda item, now: looked_up(item, *path) or missing


def count_of(*members: str) -> Cell:
    """How many entries the given top-level members hold together."""
    return lambda item, now: sum(len(item.get(member) or {}) for member in members)


def seconds_since(instant: str | None, now: float) -> float | None:
    """Seconds from an RFC 3339 instant to `now` (seconds since the epoch); None without one."""
    if not instant:
        return None
    return now - datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


def short_duration(seconds: float | None) -> str:
    """A duration as tables show it: 45s, 3m20s, 5h, 2d3h."""
    if seconds is None:
        return "<unknown>"
    whole = max(int(seconds), 0)
    if whole < 120:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, rest = divmod(hours, 24)
    if days < 8:
        return f"{days}d{rest}h" if rest else f"{days}d"
    return f"{days}d" if days < 730 else f"{days // 365}y"


def age_of(*path: str) -> Cell:
    """How long ago the instant at a path was."""
    return lambda item, now: short_duration(seconds_since(looked_up(item, *path), now))


NAME: Final = Column(
    "Name",
    text_of("metadata", "name"),
    format="name",
    description="Name must be unique within a namespace.",
)
AGE: Final = Column(
    "Age",
    age_of("metadata", "creationTimestamp"),
    description="The time since the object was created.",
)
