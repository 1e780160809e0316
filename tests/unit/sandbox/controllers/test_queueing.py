"""The work queue: when a key is due, and how often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.controllers.loops.queueing import FIRST_RETRY, LAST_RETRY, WorkQueue


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(queue: WorkQueue) -> list[tuple[str, ...]]:
    found = []
    while (key := queue.take()) is not None:
        found.append(key)
    return found


def test_changes_within_a_moment_are_one_piece_of_work() -> None:
    clock = Clock()
    queue = WorkQueue(clock, 0.02)
    for _ in range(3):
        queue.add(("a",))
        clock.now += 0.005
    assert taken(queue) == []
    clock.now = 0.02
    assert taken(queue) == [("a",)]
    assert queue.next_due() is None


def test_a_change_is_not_put_off_by_further_ones() -> None:
    clock = Clock()
    queue = WorkQueue(clock, 0.02)
    queue.add(("a",))
    clock.now = 0.019
    queue.add(("a",))
    assert queue.next_due() == 0.02


def test_failures_are_tried_later_each_time_up_to_a_limit() -> None:
    clock = Clock()
    queue = WorkQueue(clock, 0.02)
    waits = []
    for _ in range(12):
        queue.retry(("a",))
        due = queue.next_due()
        assert due is not None
        waits.append(round(due - clock.now, 6))
        clock.now = due
        assert taken(queue) == [("a",)]
    assert waits[0] == FIRST_RETRY
    assert waits == sorted(waits)
    assert waits[-1] == LAST_RETRY
    assert queue.failing() == [("a",)]


def test_a_change_brings_a_retry_forward_and_starts_anew() -> None:
    clock = Clock()
    queue = WorkQueue(clock, 0.02)
    for _ in range(8):
        queue.retry(("a",))
        clock.now = queue.next_due() or 0.0
        queue.take()
    queue.retry(("a",))
    queue.add(("a",))
    assert queue.next_due() == clock.now + 0.02
    assert queue.failing() == []


@given(st.lists(st.sampled_from("abcde")))
def test_every_key_is_done_once_whatever_the_order(keys: list[str]) -> None:
    clock = Clock()
    queue = WorkQueue(clock, 0.02)
    for key in keys:
        queue.add((key,))
        clock.now += 0.001
    clock.now += 1
    assert sorted(taken(queue)) == sorted({(key,) for key in keys})
