"""The times and numbers that a report's life goes by, and arithmetic on times as texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class LifePolicy:
    """When a report moves on.

    - open for `escalate_after`: escalated, once a spell;
    - back within `reopen_within` after it was resolved: the same report, reopened; later: a new one
      of the same name;
    - resolved for `keep`: forgotten (at least `reopen_within`, or it could not be reopened);
    - more than `many` new ones of one pass: one report with a table;
    - `fight_moves` changes of one field within `fight_within`, by two or more in turn: a fight.
    - While nothing but `last_seen` moves, it is written every `write_every`.
    """

    escalate_after: timedelta = timedelta(hours=4)
    reopen_within: timedelta = timedelta(hours=24)
    keep: timedelta = timedelta(days=7)
    many: int = 20
    fight_moves: int = 6
    fight_within: timedelta = timedelta(hours=1)
    write_every: timedelta = timedelta(hours=1)


DEFAULT = LifePolicy()


def text_of(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second: `2027-01-30T12:04:05Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    """The moment that an RFC 3339 text names; the oldest one there is when it names none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def since(text: str, now: datetime) -> timedelta:
    """How long ago that was. A clock that was set back makes it negative, which is "just now"."""
    return now - moment_of(text)
