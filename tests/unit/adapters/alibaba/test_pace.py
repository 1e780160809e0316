"""Calls are spaced out, waits grow, and nothing is begun after its deadline."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.adapters.alibaba import Pace, TokenBucket


class HandClock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_burst_goes_through_at_once_and_the_rest_at_the_rate() -> None:
    clock = HandClock()
    bucket = TokenBucket(5, 20, clock=clock, sleep=clock.sleep)
    for _ in range(30):
        bucket.take()
    assert clock.now == 2.0


def test_a_quiet_time_fills_the_bucket_up_to_the_burst() -> None:
    clock = HandClock()
    bucket = TokenBucket(5, 3, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        bucket.take()
    clock.now += 1000
    for _ in range(3):
        bucket.take()
    assert clock.slept == []


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_no_stretch_of_time_sees_more_calls_than_the_burst_and_the_rate(
    pauses: list[float], rate: int, burst: int
) -> None:
    clock = HandClock()
    bucket = TokenBucket(rate, burst, clock=clock, sleep=clock.sleep)
    times: list[float] = []
    for pause in pauses:
        clock.now += pause
        bucket.take()
        times.append(clock.now)
    for first, start in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= burst + rate * (times[last] - start) + 1e-6


def test_threads_that_wait_together_get_a_moment_each() -> None:
    waits: list[float] = []
    bucket = TokenBucket(10, 1, clock=lambda: 0.0, sleep=waits.append)
    threads = [threading.Thread(target=bucket.take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0.1, 0.2, 0.3, 0.4]


def test_retries_wait_longer_and_longer_up_to_a_cap_within_the_budget() -> None:
    clock = HandClock()
    pace = Pace(budget=30, base=1, cap=8, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0)
    waiting = pace.retries()
    while waiting.wait():
        pass
    assert clock.slept == [1, 2, 4, 8, 8]


def test_half_of_a_wait_is_random() -> None:
    clock = HandClock()
    pace = Pace(base=4, clock=clock, sleep=clock.sleep, jitter=lambda: 0.0)
    pace.retries().wait()
    assert clock.slept == [2.0]


def test_a_wait_that_was_asked_for_is_never_undercut() -> None:
    clock = HandClock()
    pace = Pace(budget=30, clock=clock, sleep=clock.sleep)
    assert pace.retries().wait(after=17.0)
    assert clock.slept == [17.0]
    assert not pace.retries().wait(after=31.0)


def test_polls_are_regular_and_end_with_the_jobs_budget() -> None:
    clock = HandClock()
    pace = Pace(job_budget=3, poll=0.25, poll_cap=1, clock=clock, sleep=clock.sleep)
    waiting = pace.polls()
    while waiting.wait():
        pass
    assert clock.slept == [0.25, 0.5, 1, 1]
