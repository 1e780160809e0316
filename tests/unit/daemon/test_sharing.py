from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.daemon.leases import Share, Tenure
from tests.unit.daemon.desk import TIMES, Clock, Paper, candidate


class Replica:
    """Candidates for all the targets that one replica sees; none of them is ever busy."""

    def __init__(self, name: str, papers: Sequence[Paper], clock: Clock) -> None:
        share = Share(clock=clock, chance=lambda: 0.0)
        self.tenures: list[Tenure] = [candidate(paper, clock, name, share) for paper in papers]
        self._clock = clock

    @property
    def load(self) -> int:
        return sum(tenure.standing.held(self._clock.now) for tenure in self.tenures)

    def turn(self, target: int) -> None:
        tenure = self.tenures[target % len(self.tenures)]
        tenure.step()
        tenure.give_way()

    def leave(self) -> None:
        for tenure in self.tenures:
            tenure.end()


def settle(replicas: Sequence[Replica], clock: Clock, rounds: int = 40) -> None:
    for _ in range(rounds):
        for replica in replicas:
            for target in range(len(replica.tenures)):
                replica.turn(target)
        clock.now += TIMES.retry


def asked(papers: Sequence[Paper]) -> int:
    """How often somebody has asked for a lease so far."""
    return sum(paper.pleas for paper in papers)


def test_who_comes_later_gets_its_share_and_then_nobody_asks_for_anything() -> None:
    clock, papers = Clock(), [Paper() for _ in range(5)]
    ada, bob = (Replica(name, papers, clock) for name in ("ada", "bob"))
    settle([ada], clock)
    assert ada.load == 5
    settle([ada, bob], clock)
    assert sorted([ada.load, bob.load]) == [2, 3]
    before = asked(papers)
    assert before == 2
    settle([ada, bob], clock)
    assert asked(papers) == before


def test_a_lease_is_given_up_only_by_a_holder_with_nothing_under_way() -> None:
    clock, papers = Clock(), [Paper(), Paper()]
    ada, bob = (Replica(name, papers, clock) for name in ("ada", "bob"))
    settle([ada], clock)
    for _ in range(20):
        for tenure in (*ada.tenures, *bob.tenures):
            tenure.step()  # who never gives way
        clock.now += TIMES.retry
    assert (ada.load, bob.load) == (2, 0)
    settle([ada, bob], clock)
    assert (ada.load, bob.load) == (1, 1)


def test_who_wants_its_share_waits_for_the_first_work_of_a_term_and_work_does_not() -> None:
    clock, papers = Clock(), [Paper(), Paper()]
    ada, bob = (Replica(name, papers, clock) for name in ("ada", "bob"))
    settle([ada], clock)
    for tenure in (*bob.tenures, *ada.tenures):
        tenure.step()
    (asked_for,) = [tenure for tenure in ada.tenures if tenure.standing.asked]
    assert asked_for.give_way(shares=False) == ""
    guest = candidate(papers[ada.tenures.index(asked_for)], clock, "guest")
    guest._waits = True
    guest.step(), asked_for.step()
    assert asked_for.give_way(shares=False) == "guest"


def test_work_that_waits_goes_before_a_replica_that_wants_its_share() -> None:
    clock, papers = Clock(), [Paper(), Paper()]
    ada, bob = (Replica(name, papers, clock) for name in ("ada", "bob"))
    settle([ada], clock)
    for tenure in bob.tenures:
        tenure.step()
    (paper,) = [paper for paper in papers if paper.lease and paper.lease.wanted == "bob"]
    guest = candidate(paper, clock, "guest")
    guest._waits = True
    guest.step()
    assert paper.lease
    assert (paper.lease.wanted, paper.lease.wanted_load) == ("guest", None)


def test_who_leaves_asks_for_nothing_any_more() -> None:
    clock, papers = Clock(), [Paper(), Paper()]
    ada, bob = (Replica(name, papers, clock) for name in ("ada", "bob"))
    settle([ada], clock)
    for tenure in bob.tenures:
        tenure.step()
    assert asked(papers) == 1
    bob.leave()
    assert all(paper.lease and not paper.lease.wanted for paper in papers)


def test_asking_does_not_make_a_holder_that_vanished_look_alive() -> None:
    clock, papers = Clock(), [Paper(), Paper()]
    ada, eve = (Replica(name, papers, clock) for name in ("ada", "eve"))
    settle([ada], clock)
    for tenure in eve.tenures:
        tenure.step()
    gone = clock.now
    clock.now += TIMES.duration - TIMES.retry
    bob = Replica("bob", papers, clock)
    for tenure in bob.tenures:
        tenure.step()
    settle([eve, bob], clock, rounds=2)
    assert clock.now - gone <= TIMES.duration + TIMES.retry
    assert not any(paper.lease and paper.lease.holder == "ada" for paper in papers)


def test_a_replica_with_targets_that_others_do_not_see_leaves_them_the_rest() -> None:
    clock = Clock()
    far, shared = [Paper(), Paper(), Paper()], [Paper(), Paper()]
    ada, bob = Replica("ada", [*shared, *far], clock), Replica("bob", shared, clock)
    settle([ada], clock)
    settle([ada, bob], clock)
    assert (ada.load, bob.load) == (3, 2)


@settings(max_examples=40)
@given(
    targets=st.integers(1, 9),
    seen=st.lists(st.sets(st.integers(0, 8), min_size=1), min_size=1, max_size=4),
    turns=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.floats(0, 12)), max_size=120),
)
def test_whatever_the_order_and_the_clusters_they_spread_and_then_rest(
    targets: int, seen: list[set[int]], turns: list[tuple[int, int, float]]
) -> None:
    clock, papers = Clock(), [Paper() for _ in range(targets)]
    views = [sorted({target % targets for target in some}) for some in seen]
    replicas = [
        Replica(f"r{number}", [papers[target] for target in view], clock)
        for number, view in enumerate(views)
    ]
    for replica, target, seconds in turns:
        replicas[replica % len(replicas)].turn(target)
        clock.now += seconds
    settle(replicas, clock)
    load = {f"r{number}": replica.load for number, replica in enumerate(replicas)}
    for number, view in enumerate(views):
        for target in view:
            lease = papers[target].lease
            assert lease
            assert lease.holder
            assert load[lease.holder] - load[f"r{number}"] <= 1
    before = asked(papers), [paper.lease.transitions for paper in papers if paper.lease]
    settle(replicas, clock)
    assert before == (
        asked(papers),
        [paper.lease.transitions for paper in papers if paper.lease],
    )
