from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from gitopsd.daemon.crontab import cron_problem, cron_trigger
from gitopsd.daemon.settings import Schedule
from gitopsd.daemon.timetable import Timetable
from tests.unit.daemon.desk import Clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_is_no_cron_expression_is_told_why() -> None:
    assert cron_problem("*/5 * * * mon-fri") == ""
    assert "expected 5" in cron_problem("every day")
    assert "no day of the week" in cron_problem("0 3 * * 8")
    assert "no day of the week" in cron_problem("0 3 * * someday")


@pytest.mark.parametrize(
    ("days", "november"),
    [
        ("0", [22]),  # a Sunday
        ("7", [22]),
        ("sun", [22]),
        ("1", [23]),
        ("1-5", [23, 24, 25, 26, 27]),
        ("Mon-Fri", [23, 24, 25, 26, 27]),
        ("6,0", [22, 28]),
        ("sat-sun", [22, 28]),
        ("5-7", [22, 27, 28]),
        ("fri-mon", [22, 23, 27, 28]),
        ("*/2", [22, 24, 26, 28]),  # 0, 2, 4, 6
        ("1-5/2", [23, 25, 27]),
        ("4/2", [26, 28]),
        ("*", [22, 23, 24, 25, 26, 27, 28]),
    ],
)
def test_days_of_the_week_are_those_of_crontab(days: str, november: list[int]) -> None:
    trigger = cron_trigger(f"52 10 * * {days}", UTC)
    rings, now = [], at("2026-11-22T00:00")
    while (ring := trigger.get_next_fire_time(None, now)) < at("2026-11-29T00:00"):
        rings.append(ring)
        now = ring + timedelta(seconds=1)
    assert rings == [at(f"2026-11-{day}T10:52") for day in november]


class Bell:
    """Counts, and lets a test wait for the next ring."""

    def __init__(self) -> None:
        self.rung = threading.Semaphore(0)

    def __call__(self) -> None:
        self.rung.release()

    def wait(self) -> bool:
        return self.rung.acquire(timeout=120)


def test_jobs_ring_by_their_schedule() -> None:
    table, bell = Timetable(), Bell()
    table.start()
    table.put("sync shop", Schedule(every_seconds=1), bell)
    try:
        assert bell.wait()
        assert bell.wait()
    finally:
        table.stop()


def test_a_timetable_has_stopped_when_the_last_ring_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table, rings, may_end = Timetable(), threading.Event(), threading.Event()

    def ring() -> None:
        rings.set()
        assert may_end.wait(120)

    table.start()
    for name in ("sync shop", "sync stock"):
        table.put(name, Schedule(every_seconds=1), ring)
    assert rings.wait(120)
    stopping = threading.Thread(target=table.stop)
    stopping.start()
    stopping.join(0.2)
    assert stopping.is_alive()
    may_end.set()
    stopping.join(120)
    assert not stopping.is_alive()
    assert not caplog.records


def test_a_job_that_is_put_again_replaces_the_one_of_its_name() -> None:
    table = Timetable()
    table.put("sync shop", Schedule(every_seconds=1), Bell())
    table.put("sync shop", Schedule(cron="0 3 * * *"), Bell())
    table.remove("sync shop")
    table.remove("sync shop")
    assert table.names == frozenset()


def test_a_clock_that_jumps_is_noticed_once() -> None:
    passed, of_day = Clock(0), Clock(1_000_000)
    table = Timetable(passed, of_day)
    passed.now, of_day.now = 60, 1_000_060
    assert not table.watch()
    of_day.now -= 3600
    assert table.watch() == -3600
    assert not table.watch()


def test_a_clock_that_went_back_an_hour_silences_no_job() -> None:
    passed, of_day, bell = Clock(0), Clock(0), Bell()
    table = Timetable(passed, of_day)
    table.start()
    table.put("sync shop", Schedule(every_seconds=1), bell)
    job = table._scheduler.get_job("sync shop")
    job.modify(next_run_time=datetime(2099, 1, 1, tzinfo=UTC))  # as far away as the clock went
    of_day.now = -3600
    try:
        assert table.watch()
        assert bell.wait()
    finally:
        table.stop()
