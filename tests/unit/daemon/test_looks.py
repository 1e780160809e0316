from __future__ import annotations

import threading

from gitopsd.daemon.looks import Looks


def test_who_asks_is_told_once_after_a_look_that_began_after_that() -> None:
    looks, told = Looks(), list[str]()
    looks.ask(lambda: told.append("early"))
    looks.begin()
    looks.ask(lambda: told.append("late"))
    looks.end()
    assert told == ["early"]
    looks.begin()
    looks.end()
    assert told == ["early", "late"]


def test_who_has_waited_long_enough_is_told_and_the_look_is_overdue_until_it_is_over() -> None:
    looks, given_up = Looks(), threading.Event()
    looks.ask(given_up.set, within=0.01)
    assert given_up.wait(60)
    assert looks.overdue
    looks.begin()
    assert looks.overdue
    given_up.clear()
    looks.end()
    assert not looks.overdue
    assert not given_up.is_set()


def test_a_look_that_is_over_in_time_is_never_overdue() -> None:
    looks, told = Looks(), list[int]()
    looks.ask(lambda: told.append(1), within=3600)
    looks.begin()
    looks.end()
    assert told == [1]
    assert not looks.overdue
