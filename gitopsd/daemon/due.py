"""When the next look is due by a schedule: what is late by its own measure, not by a fixed one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gitopsd.daemon.crontab import cron_trigger
from gitopsd.daemon.settings.form import Schedule


def due_after(schedule: Schedule, last: datetime) -> datetime:
    """When, at the latest, the schedule rings after `last` (an aware time)."""
    jitter = timedelta(seconds=schedule.jitter_seconds)
    if schedule.cron is None:
        return last + timedelta(seconds=schedule.every_seconds or 60) + jitter
    trigger = cron_trigger(schedule.cron, ZoneInfo(schedule.timezone))
    after: datetime | None = trigger.get_next_fire_time(None, last)
    return (after or datetime.max.replace(tzinfo=UTC)) + (jitter if after else timedelta())


def overdue(schedule: Schedule, last: float, now: float) -> float:
    """Seconds since a look was due that has not been had, 0 when none was. `last` is the time of
    the last one; times are in seconds since the epoch.
    """
    due = due_after(schedule, datetime.fromtimestamp(last, UTC))
    return max(0.0, now - due.timestamp())
