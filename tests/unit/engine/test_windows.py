from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitopsd.engine.windows import closed, opens_in
from gitopsd.model.verdict import Cause
from gitopsd.model.windows import DAYS, Window

WORKING_HOURS = Window(("Mon", "Tue", "Wed", "Thu", "Fri"), "09:00", "17:00", "Asia/Shanghai")
NIGHT = Window(("Sat",), "22:00", "04:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "seconds"),
    [
        (None, "2026-11-22T03:00", 0),
        (WORKING_HOURS, "2026-11-23T01:00", 0),  # Monday, 9 in Shanghai
        (WORKING_HOURS, "2026-11-23T00:59", 60),
        (WORKING_HOURS, "2026-11-23T09:00", 16 * 3600),  # 17 in Shanghai: until Tuesday
        (WORKING_HOURS, "2026-11-27T09:00", (2 * 24 + 16) * 3600),  # Friday evening
        (NIGHT, "2026-11-21T23:00", 0),
        (NIGHT, "2026-11-22T03:59", 0),  # begun on Saturday, ends on Sunday
        (NIGHT, "2026-11-22T04:00", (6 * 24 - 6 + 24) * 3600),
    ],
)
def test_a_window_is_open_when_its_own_clock_says_so(
    window: Window | None, now: str, seconds: float
) -> None:
    assert opens_in(window, at(now)) == seconds


def test_a_closed_window_tells_when_it_opens_whatever_the_second() -> None:
    windows = {Cause.DRIFT: NIGHT}
    for now in ("2026-11-22T04:00:00.4", "2026-11-23T04:59:59.999"):
        assert closed(windows, at(now)) == {Cause.DRIFT: "2026-11-28T22:00:00Z"}
    assert closed(windows, at("2026-11-28T22:00")) == {}


def test_a_window_that_makes_no_sense_here_is_none() -> None:
    strange = {Cause.CHANGE: Window(("Sat",), "22:00", "04:00", "Mars/Olympus")}
    assert closed(strange, at("2026-11-22T04:00")) == {}
    assert closed({Cause.CHANGE: Window(("Sat",), "late", "04:00")}, at("2026-11-22T04:00")) == {}


@pytest.mark.parametrize(
    ("start", "end", "zone", "spring", "minutes"),
    [
        ("02:00", "03:00", "Europe/Berlin", "2027-03-28", 0),
        ("02:30", "03:30", "Europe/Berlin", "2027-03-28", 0),
        ("02:00", "03:00", "America/New_York", "2027-03-14", 0),
        ("01:00", "04:00", "Europe/Berlin", "2027-03-28", 120),
        ("23:00", "01:00", "Europe/Berlin", "2027-03-28", 120),
        ("02:00", "03:00", "Europe/Berlin", "2027-10-31", 120),
    ],
)
def test_a_window_is_as_long_as_its_clock_says_when_clocks_change(
    start: str, end: str, zone: str, spring: str, minutes: int
) -> None:
    window = Window((DAYS[at(spring).weekday()],), start, end, zone)
    first = at(spring) - timedelta(days=1)
    every = (first + timedelta(minutes=minute) for minute in range(3 * 24 * 60))
    assert sum(opens_in(window, moment) == 0 for moment in every) == minutes


def test_a_weekly_window_that_falls_out_once_opens_a_week_later() -> None:
    window = Window(("Sun",), "02:00", "03:00", "Europe/Berlin")
    assert opens_in(window, at("2027-03-28T02:00")) == 6 * 86_400 + 22 * 3600
