from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.daemon.agenda import CALM, LAST_LOOK, LAST_RETRY, Agenda, Ended, Wish

BAD, PENDING = Ended(well=False), Ended(pending=True)


def test_nothing_is_due_without_a_wish() -> None:
    assert Agenda().wait(0) is None


def test_a_hundred_pushes_are_one_piece_of_work() -> None:
    agenda = Agenda()
    for _ in range(100):
        agenda = agenda.wished(Wish.PUSH)
    assert agenda.due(0) == {Wish.PUSH}
    assert agenda.begun(0).ended(Ended(), 1).wait(1) is None


def test_a_wish_made_during_the_work_is_seen_to_after_it() -> None:
    working = Agenda().wished(Wish.SYNC).begun(0)
    assert working.wished(Wish.PUSH).ended(Ended(), 5).due(5) == {Wish.PUSH}


def test_failures_are_tried_again_later_each_time_and_never_given_up() -> None:
    agenda, waits = Agenda().wished(Wish.SYNC), []
    for _ in range(12):
        agenda = agenda.begun(0).ended(BAD, 0)
        waits.append(agenda.wait(0))
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LAST_RETRY


@pytest.mark.parametrize("wish", [Wish.SYNC, Wish.DRIFT, Wish.PUSH, Wish.REVISION])
def test_a_tick_and_a_push_do_not_wait_for_the_backoff(wish: Wish) -> None:
    agenda = Agenda()
    for _ in range(9):
        agenda = agenda.wished(Wish.TOLD).begun(0).ended(BAD, 0)
    assert agenda.wait(0) == LAST_RETRY
    assert agenda.wished(wish).due(0) == {wish}


@pytest.mark.parametrize("first", [Wish.PUSH, Wish.NEWS])
@pytest.mark.parametrize("next_", [Wish.PUSH, Wish.NEWS])
def test_the_first_push_is_seen_to_at_once_and_the_next_a_little_later(
    first: Wish, next_: Wish
) -> None:
    agenda = Agenda().wished(first).begun(5).ended(Ended(), 5).wished(next_)
    assert not agenda.due(5)
    assert agenda.wait(5) == CALM
    assert agenda.due(5 + CALM) == {next_}
    assert agenda.wished(Wish.TOLD).due(5) == {next_, Wish.TOLD}


def test_what_is_on_its_way_is_looked_at_again_later_each_time_and_is_no_failure() -> None:
    agenda, waits = Agenda().wished(Wish.REVISION), []
    for _ in range(14):
        agenda = agenda.begun(0).ended(PENDING, 0)
        waits.append(agenda.wait(0))
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LAST_LOOK
    assert agenda.failures == 0
    assert agenda.wished(Wish.DRIFT).due(0) == {Wish.DRIFT}


@pytest.mark.parametrize("end", [BAD, PENDING])
def test_another_revision_is_another_beginning(end: Ended) -> None:
    agenda = Agenda()
    for _ in range(9):
        agenda = agenda.wished(Wish.DRIFT).begun(0).ended(end, 0)
    assert agenda.wished(Wish.REVISION).begun(0).ended(end, 0).wait(0) == 1


def test_a_window_that_opens_sooner_than_the_next_look_is_waited_for() -> None:
    agenda = Agenda().wished(Wish.REVISION).begun(0).ended(Ended(again=0.5, pending=True), 0)
    assert agenda.wait(0) == 0.5


def test_a_closed_window_delays_the_writing_and_not_the_looking() -> None:
    agenda = Agenda().wished(Wish.REVISION).begun(0).ended(Ended(again=3600), 0)
    assert agenda.wait(0) == 3600
    assert agenda.wished(Wish.DRIFT).due(10) == {Wish.DRIFT}
    assert agenda.due(3600) == {Wish.RETRY}


ENDS = {"well": Ended(), "bad": BAD, "pending": PENDING}
STEPS = st.lists(st.sampled_from([*Wish, "begin", "well", "bad", "pending"]), max_size=40)


@given(STEPS)
def test_no_wish_is_ever_lost(steps: list[str]) -> None:
    """Whatever happens in between: a wish is due until somebody begins, and then in time again."""
    agenda, open_wishes, now = Agenda(), set(), 0.0
    for step in steps:
        if isinstance(step, Wish):
            agenda = agenda.wished(step)
            open_wishes.add(step)
        elif step == "begin":
            open_wishes -= agenda.wishes
            agenda = agenda.begun(now)
        else:
            agenda = agenda.ended(ENDS[step], now)
        assert open_wishes <= agenda.wishes
        wait = agenda.wait(now)
        assert not open_wishes or (wait is not None and wait <= CALM)
        if wait is not None:
            assert open_wishes <= agenda.due(now + wait)
