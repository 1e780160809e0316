"""Cron expressions as crontab(5) has them; APScheduler counts the days of the week otherwise."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from apscheduler.triggers.cron import CronTrigger

#: By their numbers: 0 is Sunday, and so is 7. APScheduler's own numbers begin with Monday.
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: A moment to look for the next time from: every calendar year comes again.
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = rf"[0-7]|{'|'.join(_DAYS)}"
_ITEM = re.compile(
    rf"(?:\*|(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?)(?:/(?P<step>[1-7]))?", re.IGNORECASE
)


def cron_trigger(text: str, zone: tzinfo) -> CronTrigger:
    """The trigger of a cron expression. Raises ValueError, saying why, when it is none."""
    fields = text.split()
    if len(fields) == 5:
        fields[4] = ",".join(_weekdays(item) for item in fields[4].split(","))
    return CronTrigger.from_crontab(" ".join(fields), timezone=zone)


def cron_problem(text: str) -> str:
    """Why this is no cron expression, or one of no time at all; "" when it is well."""
    try:
        trigger = cron_trigger(text, UTC)
    except ValueError as error:
        return f"cannot be read: {error}"
    never = trigger.get_next_fire_time(None, _ANY) is None
    return "never comes: those months have no such day" if never else ""


def _weekdays(item: str) -> str:
    """Days of the week by their names, `fri-mon` and `*/2` included."""
    if item == "*":
        return item
    found = _ITEM.fullmatch(item)
    if found is None:
        known = "0 to 7 (0 and 7 are Sunday), or sun to sat"
        raise ValueError(f'"{item}" is no day of the week: {known}')
    first, last, step = found["first"], found["last"], int(found["step"] or 1)
    begin = _number(first) if first else 0
    end = _number(last) if last else begin if first and not found["step"] else 6
    if end < begin:
        end += 7
    return ",".join(_DAYS[day % 7] for day in range(begin, end + 1, step))


def _number(day: str) -> int:
    return int(day) if day.isdecimal() else _DAYS.index(day.lower())
