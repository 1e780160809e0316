from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.daemon.agenda import LAST_RETRY, Agenda, Ended, Wish

BAD = Ended(well=False)


def test_nothing_is_due_without_a_wish() -> None:
    assert Agenda().wait(0) is None


def test_a_hundred_pushes_are_one_piece_of_work() -> None:
    agenda = Agenda()
    for _ in range(100):
        agenda = agenda.wished(Wish.PUSH)
    assert agenda.due(0) == {Wish.PUSH}
    assert agenda.begun().ended(Ended(), 1).wait(1) is None


def test_a_wish_made_during_the_work_is_seen_to_after_it() -> None:
    working = Agenda().wished(Wish.SYNC).begun()
    assert working.wished(Wish.PUSH).ended(Ended(), 5).due(5) == {Wish.PUSH}


def test_failures_are_tried_again_later_each_time_and_never_given_up() -> None:
    agenda, waits = Agenda().wished(Wish.SYNC), []
    for _ in range(12):
        agenda = agenda.begun().ended(BAD, 0)
        waits.append(agenda.wait(0))
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LAST_RETRY


def test_a_push_does_not_wait_for_the_backoff_and_a_tick_does() -> None:
    failed = Agenda().wished(Wish.SYNC).begun().ended(BAD, 0)
    assert failed.wished(Wish.DRIFT).wait(0) == 1
    assert failed.wished(Wish.PUSH).wait(0) == 0
    assert failed.wished(Wish.REVISION).due(0) == {Wish.REVISION}


def test_a_closed_window_delays_the_writing_and_not_the_looking() -> None:
    agenda = Agenda().wished(Wish.REVISION).begun().ended(Ended(again=3600), 0)
    assert agenda.wait(0) == 3600
    assert agenda.wished(Wish.DRIFT).due(10) == {Wish.DRIFT}
    assert agenda.due(3600) == {Wish.RETRY}


STEPS = st.lists(st.sampled_from([*Wish, "begin", "well", "bad"]), max_size=40)


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
            agenda = agenda.begun()
        else:
            agenda = agenda.ended(BAD if step == "bad" else Ended(), now)
        assert open_wishes <= agenda.wishes
        wait = agenda.wait(now)
        assert not open_wishes or (wait is not None and wait <= LAST_RETRY)
        if wait is not None:
            assert open_wishes <= agenda.due(now + wait)
