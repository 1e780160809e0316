"""When jobs ring.

Jobs only leave a wish on somebody's agenda, so a tick costs nothing, overlaps nothing and is never
late; what is done about it, and when, the agenda says. APScheduler goes by the time of day. When
that jumps, `Timetable.watch` sets every job anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC
from zoneinfo import ZoneInfo

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from gitopsd.daemon.crontab import cron_trigger
from gitopsd.daemon.settings.form import Schedule

#: Seconds by which the time of day may differ from the time that has passed before it has jumped.
_JUMP = 5.0


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]  # it comes without types
    """Tells whether its thread runs; `running` tells only that it was started."""

    @property
    def alive(self) -> bool:
        return self._thread is not None and bool(self._thread.is_alive())


class Timetable:
    """The jobs of the operator, by name. Safe between threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        time_of_day: Callable[[], float] = time.time,
    ) -> None:
        self._scheduler = _Scheduler(
            # A ring returns at once, so the scheduler's own thread does it: a pool would be shut
            # down before that thread ends, and be handed jobs until then.
            executors={"default": DebugExecutor()},
            # A tick is never dropped for being late, and many missed ones count as one.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._clock = clock
        self._time_of_day = time_of_day
        self._offset = time_of_day() - clock()
        self._jobs: dict[str, tuple[Schedule, Callable[[], None]]] = {}

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more: after this has returned nothing rings."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @property
    def alive(self) -> bool:
        """Whether the thread that rings runs."""
        return self._scheduler.alive

    def put(self, name: str, schedule: Schedule, ring: Callable[[], None]) -> None:
        """Have `ring`, which must return at once, called by a schedule; it replaces `name`'s."""
        self._jobs[name] = schedule, ring
        trigger = _trigger(schedule)
        self._scheduler.add_job(ring, trigger, id=name, name=name, replace_existing=True)

    def remove(self, name: str) -> None:
        """Take a job off, if it is there."""
        if self._jobs.pop(name, None) is not None:
            self._scheduler.remove_job(name)

    @property
    def names(self) -> frozenset[str]:
        """The names of all jobs."""
        return frozenset(self._jobs)

    def watch(self) -> float:
        """Set every job anew if the time of day has jumped; by how many seconds, 0 if it has not.

        A job's next time would otherwise be as far away as the clock went back.
        """
        offset = self._time_of_day() - self._clock()
        jump = offset - self._offset
        self._offset = offset
        if abs(jump) <= _JUMP:
            return 0.0
        for name, (schedule, ring) in list(self._jobs.items()):
            self.put(name, schedule, ring)
        return jump


def _trigger(schedule: Schedule) -> BaseTrigger:
    jitter = schedule.jitter_seconds or None
    if schedule.cron is not None:
        zone = ZoneInfo(schedule.timezone)
        trigger = cron_trigger(schedule.cron, zone)
        trigger.jitter = jitter
        return trigger
    return IntervalTrigger(seconds=schedule.every_seconds or 60, jitter=jitter, timezone=UTC)
