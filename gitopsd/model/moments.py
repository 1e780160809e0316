"""Days and moments: how the end of an exception reads, always in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def moment(now: date) -> datetime:
    """A time as an instant; a day alone counts as its first moment."""
    if isinstance(now, datetime):
        return now.astimezone(UTC)
    return datetime.combine(now, time(), UTC)


def end_of(until: str) -> datetime:
    """The first moment that is too late: of an ISO date the next midnight, else the time itself.

    Raises ValueError for what is neither an ISO date nor an RFC 3339 time with its zone.
    """
    if "T" not in until:
        return datetime.combine(date.fromisoformat(until), time(), UTC) + timedelta(days=1)
    instant = datetime.fromisoformat(until)
    if instant.tzinfo is None:
        raise ValueError(f"{until!r} does not say its zone")
    return instant.astimezone(UTC)
