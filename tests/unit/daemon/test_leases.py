from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.daemon.leases import PATIENT, Tenure
from gitopsd.ports import Lease, TermEnded
from tests.unit.daemon.desk import TIMES, Clock, Paper, candidate


def win(one: Tenure, clock: Clock) -> None:
    """Let a candidate go on as its thread would, until it may write."""
    pause = one.step()
    while not one.begin():
        clock.now += pause
        pause = one.step()


def test_a_lease_that_nobody_holds_is_ours_at_once_and_may_be_written_under() -> None:
    ada = candidate(Paper(), Clock(), "ada")
    assert ada.step() == 0
    ada.step()
    assert ada.begin()
    ada.check(TIMES.request)


def test_a_lease_that_changes_is_never_taken() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    for _ in range(30):
        ada.step()
        bob.step()
        clock.now += TIMES.renew
    assert ada.standing.held(clock.now)
    assert bob.standing.rival == "ada"


def test_clocks_of_different_machines_are_never_compared() -> None:
    paper, here, there = Paper(), Clock(50.0), Clock(9_000_000.0)
    ada, bob = candidate(paper, here, "ada"), candidate(paper, there, "bob")
    for _ in range(30):
        ada.step()
        bob.step()
        here.now += TIMES.renew
        there.now += TIMES.renew
    assert bob.standing.rival == "ada"


@pytest.mark.parametrize("late", [0.0, 0.1, 0.3, 0.499])
def test_a_holder_that_vanished_is_replaced_within_thirteen_seconds(late: float) -> None:
    """Which leaves two for what a pass needs before its first write."""
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    clock.now += TIMES.retry - late
    ada.step()  # and vanishes; bob sees this renewal as late as it can be
    gone = clock.now
    clock.now += late
    win(bob, clock)
    assert TIMES.duration + TIMES.request <= clock.now - gone <= 13.0
    assert paper.lease
    assert paper.lease.transitions == 1


def test_a_successor_that_was_slow_to_bid_waits_no_longer_for_that() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    clock.now += TIMES.duration + TIMES.request - 1
    bob.step()
    assert bob.settling == 1
    clock.now += 1
    assert bob.begin()


def test_renewals_are_counted_from_when_the_last_was_begun() -> None:
    paper, clock = Paper(), Clock()
    ada = candidate(paper, clock, "ada")
    ada.step(), ada.step()
    write = paper.write

    def slowly(lease: Lease) -> Lease:
        clock.now += 1.2
        return write(lease)

    paper.write = slowly  # type: ignore[method-assign]
    assert ada.step() == pytest.approx(TIMES.renew - 1.2)


@pytest.mark.parametrize(("taking", "breaks"), [(1.74, False), (1.76, True), (3.5, True)])
def test_a_round_trip_below_one_and_three_quarter_seconds_keeps_no_holder_from_writing(
    taking: float, breaks: bool
) -> None:
    paper, clock, allowed = Paper(), Clock(), list[bool]()
    ada = candidate(paper, clock, "ada")
    win(ada, clock)
    write = paper.write

    def slowly(lease: Lease) -> Lease:
        clock.now += taking
        allowed.append(ada.writable)  # and its answer is not here yet
        return write(lease)

    paper.write = slowly  # type: ignore[method-assign]
    for _ in range(10):
        pause = ada.step()
        clock.now += pause
    assert pytest.approx(1.75) == TIMES.leeway
    assert all(allowed[1:]) is not breaks  # the first followed one that took no time
    assert ("1.75 s or more" in ada.lateness) is breaks
    paper.write = write  # type: ignore[method-assign]
    ada.step(), ada.step()
    assert ada.lateness == ""


def test_words_that_keep_coming_keep_no_renewal_out_and_are_all_seen() -> None:
    paper, clock, seen = Paper(), Clock(), list[str]()
    ada = candidate(paper, clock, "ada")
    win(ada, clock)
    write, words = paper.write, iter(map(str, range(99)))

    def overtaken(lease: Lease) -> Lease:
        """Each first try of a step is behind a word that was written just before."""
        paper.write = write  # type: ignore[method-assign]
        assert paper.lease
        paper.lease = replace(paper.lease, news=next(words), version=f"{paper.lease.version}+")
        return write(lease)

    for _ in range(20):
        paper.write = overtaken  # type: ignore[method-assign]
        clock.now += 0.3 + min(ada.step(), 0.3)
        assert ada.writable
        seen.append(ada.news)
    assert seen == [str(number) for number in range(20)]


def test_a_question_between_two_renewals_does_not_put_off_the_next() -> None:
    """The step that meets it renews the lease all the same."""
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    win(ada, clock)
    clock.now += ada.step()
    bob.step()
    bob.announce("c0ffee")
    bob.step()
    while not ada.news:
        ada.check(TIMES.request)
        clock.now += ada.step()
    ada.check(TIMES.request)
    assert ada.step() > TIMES.retry  # it was renewed


def test_a_successor_first_waits_for_what_its_predecessor_may_have_sent() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step()
    while not bob.standing.held(clock.now):
        clock.now += bob.step()
    assert not bob.begin()
    won = clock.now
    win(bob, clock)
    assert clock.now - won <= TIMES.request


def test_a_successor_waits_as_long_as_the_writes_of_its_predecessor_may_take() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.become_patient()
    ada.step(), ada.step(), ada.begin()
    ada.check(PATIENT.request)
    sent = clock.now
    while not bob.standing.held(clock.now):
        clock.now += bob.step()
    while not bob.begin():
        clock.now += bob.step()
    assert PATIENT.duration + PATIENT.request <= clock.now - sent <= 22


def test_longer_writes_are_sent_once_the_lease_says_so() -> None:
    paper, clock = Paper(), Clock()
    ada = candidate(paper, clock, "ada")
    ada.step(), ada.step(), ada.begin()
    ada.become_patient()
    with pytest.raises(TermEnded):
        ada.check(ada.request)
    clock.now += TIMES.renew
    ada.step()
    ada.check(ada.request)
    assert paper.lease
    assert paper.lease.request == PATIENT.request


def test_who_gives_a_lease_up_while_it_waits_leaves_the_rest_of_the_time_to_the_next() -> None:
    paper, clock = Paper(), Clock()
    ada, bob, eve = (candidate(paper, clock, name) for name in ("ada", "bob", "eve"))
    ada.step(), ada.step(), bob.step(), eve.step()
    clock.now += TIMES.duration
    bob.step()
    taken = clock.now
    clock.now += 1
    bob.resign()
    win(eve, clock)
    assert clock.now - taken >= TIMES.request


def test_who_leaves_politely_is_replaced_at_once() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    ada.resign()
    left = clock.now
    win(bob, clock)
    assert clock.now - left <= TIMES.retry


@pytest.mark.parametrize("how", ["asks", "tells"])
def test_who_gives_a_lease_up_just_when_another_writes_into_it_has_given_it_up(how: str) -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    bob._waits = how == "asks"
    if how == "tells":
        bob.announce("c0ffee")
    bob.step()  # ada has not seen what it writes
    ada.resign()
    left = clock.now
    win(bob, clock)
    assert clock.now - left <= TIMES.retry
    assert not ada.standing.held(clock.now)
    ada.resign()  # of what is another's nothing is given away
    assert bob.standing.held(clock.now)
    assert paper.lease
    assert paper.lease.holder == "bob"


def test_a_write_that_could_outlast_the_lease_is_not_sent() -> None:
    clock = Clock()
    ada = candidate(Paper(), clock, "ada")
    ada.step(), ada.step(), ada.begin()
    clock.now += TIMES.duration - TIMES.request
    with pytest.raises(TermEnded):
        ada.check(TIMES.request)
    ada.check(TIMES.request / 2)


def test_a_holder_that_cannot_renew_goes_on_while_the_lease_lasts_and_no_longer() -> None:
    paper, clock = Paper(), Clock()
    ada = candidate(paper, clock, "ada")
    ada.step(), ada.step(), ada.begin()
    paper.away = True
    clock.now += 2
    ada.step()
    assert "restarted" in str(ada.trouble)
    ada.check(TIMES.request)
    clock.now += TIMES.duration - 2
    assert ada.over
    paper.away = False
    ada.step()
    assert not ada.over  # nobody had taken it: the server accepted our next renewal


def test_work_that_slept_through_another_s_term_writes_nothing_even_in_our_next_term() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), ada.begin()
    bob.step()
    clock.now += TIMES.duration
    bob.step(), bob.step(), bob.resign()
    ada.step(), ada.step(), ada.step()
    assert ada.standing.held(clock.now)
    with pytest.raises(TermEnded):
        ada.check(0.1)
    clock.now += TIMES.renew
    ada.step()
    assert not ada.begin()  # bob gave it up before he had waited for what ada may have sent
    clock.now += TIMES.request - TIMES.renew
    assert ada.begin()
    ada.check(0.1)


def test_somebody_who_edits_the_lease_by_hand_takes_nothing_away() -> None:
    paper, clock = Paper(), Clock()
    ada = candidate(paper, clock, "ada")
    ada.step(), ada.step(), ada.begin()
    assert paper.lease
    paper.write(paper.lease)
    clock.now += TIMES.renew
    ada.step(), ada.step()
    assert not ada.over


def test_a_pause_ends_as_soon_as_nobody_wants_the_work_any_more() -> None:
    ada = candidate(Paper(), Clock(), "ada")
    ada.step(), ada.step(), ada.begin()
    ada.interrupt("a newer revision is here")
    with pytest.raises(TermEnded, match="newer revision"):
        ada.pause(3600)
    assert ada.over


def test_a_holder_is_asked_by_who_waits_and_others_leave_the_lease_to_that_one() -> None:
    paper, clock = Paper(), Clock()
    ada, bob, eve = (candidate(paper, clock, name) for name in ("ada", "bob", "eve"))
    ada.step(), ada.step(), eve.step()
    bob._waits = True
    bob.step()
    ada.step(), ada.step()
    assert ada.standing.asked
    ada.resign()
    for _ in range(3):
        ada.step(), eve.step()
        clock.now += TIMES.retry
    assert not ada.standing.held(clock.now)
    assert not eve.standing.held(clock.now)
    win(bob, clock)
    bob.resign()
    win(ada, clock)


def test_a_lease_left_to_one_who_never_takes_it_is_free_in_the_end() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step()
    bob._waits = True
    bob.step()
    ada.step(), ada.step(), ada.resign()
    win(ada, clock)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "eve"]),
        st.sampled_from(["step", "write", "leave", "wait", "be patient", "away", "back"]),
        st.floats(0, 6),
    ),
    max_size=60,
)


@given(MOVES)
def test_two_may_never_write_at_the_same_time(moves: list[tuple[str, str, float]]) -> None:
    """Whatever is frozen, cut off and woken: all three clocks run, and each starts elsewhere.

    A write that was sent goes on for as long as it may take, whatever becomes of its sender.
    """
    paper, time = Paper(), Clock()
    clocks = {name: Clock(start) for name, start in (("ada", 0), ("bob", 1e6), ("eve", 5e3))}
    every = {name: candidate(paper, clocks[name], name) for name in clocks}
    under_way = dict.fromkeys(clocks, 0.0)
    for name, move, seconds in moves:
        one = every[name]
        paper.away = {"away": True, "back": False}.get(move, paper.away)
        if move == "step":
            one.step()
            one.begin()
        if move == "write" and one.standing.may_write(clocks[name].now, one.request):
            under_way[name] = time.now + one.request
        if move == "leave" and under_way[name] <= time.now:
            one.resign()
        if move == "be patient":
            one.become_patient()
        if move == "wait":
            one._waits = True
        for clock in (time, *clocks.values()):
            clock.now += seconds
        may = {n: one.standing.may_write(clocks[n].now, 4) for n, one in every.items()}
        assert sum(may[n] or time.now < under_way[n] for n in every) <= 1


def test_a_pass_that_begins_nothing_more_may_still_wait_and_write() -> None:
    ada = candidate(Paper(), Clock(), "ada")
    ada.step(), ada.step(), ada.begin()
    ada.finish()
    assert ada.over
    ada.pause(0.0)
    ada.check(TIMES.request)
    ada.begin()
    assert ada.over  # for good
