"""Which windows are closed at a moment, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gitopsd.model.approval import stamp
from gitopsd.model.verdict import Cause
from gitopsd.model.windows import DAYS, Window, Windows

#: Days to look ahead for a window: a weekly one may fall out once.
_HORIZON = 16


def opens_in(window: Window | None, now: datetime) -> float:
    """Seconds until writing is allowed; 0 while it is. `now` is an aware time.

    A window that falls into the hour that a zone leaves out in spring is not open on that day.
    """
    if window is None:
        return 0.0
    here = now.astimezone(ZoneInfo(window.timezone))
    overnight = timedelta(days=1 if window.end <= window.start else 0)
    for days in range(-1, _HORIZON):
        day = here.date() + timedelta(days=days)
        if DAYS[day.weekday()] not in window.days:
            continue
        start = _at(day.isoformat(), window.start, window.timezone)
        end = _at((day + overnight).isoformat(), window.end, window.timezone)
        if start < end and now < end:
            return max(0.0, (start - now).total_seconds())
    return _HORIZON * 86_400.0


def waits(windows: Windows, now: datetime) -> dict[Cause, float]:
    """The causes whose window is closed, and the seconds until it opens.

    One that makes no sense here, such as of a time zone that is not known, is no window.
    """
    found: dict[Cause, float] = {}
    for cause in Cause:
        try:
            wait = opens_in(windows.get(cause), now)
        except (ValueError, OSError, KeyError):
            continue
        if wait > 0:
            found[cause] = wait
    return found


def opening(now: datetime, wait: float) -> str:
    """When a window opens, to the second: told alike by every pass until then."""
    return stamp(now + timedelta(seconds=wait + 0.5))


def closed(windows: Windows, now: datetime) -> dict[Cause, str]:
    """The causes whose window is closed, and when it opens, as `planning.PlanOptions` takes it."""
    return {cause: opening(now, wait) for cause, wait in waits(windows, now).items()}


def _at(day: str, clock: str, zone: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
