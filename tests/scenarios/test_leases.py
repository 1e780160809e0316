"""One writer per target, with the real adapters: frozen at any write, and woken after fail-over."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials
from gitopsd.adapters.kubernetes import KubernetesCluster, KubernetesLease, Patience, connect
from gitopsd.daemon.leases import LeaseTimes, Tenure
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.ports import Busy, Site
from tests.scenarios.test_convergence import A, B, shop
from tests.scenarios.world import PACE, TIMES, World

#: So long that a busy machine loses none: a lease ends when a test turns the clock on.
LEASE = LeaseTimes(duration=300.0, renew=0.2, retry=0.1, request=20.0)
WRITES = (5.0, 15.0)


class Clock:
    """A clock that all replicas of a test go by."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def let_a_lease_end(self, _: str = "") -> None:
        """Turn it on: who has the lease has not renewed it for too long, nor has it a write."""
        self._ahead += LEASE.duration + LEASE.request


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass
class Frozen:
    """A process that stops in mid-breath at its n-th write: asked and allowed, not sent yet."""

    tenure: Tenure
    at: int
    asked: int = 0
    sent: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)

    def check(self, seconds: float) -> None:
        self.tenure.check(seconds)
        self.asked += 1
        if self.asked == self.at:
            self.stopped.set()
            assert self.woken.wait(120)
        self.sent.append("late" if self.stopped.is_set() else "in time")

    @property
    def request(self) -> float:
        return self.tenure.request

    def pause(self, seconds: float) -> None:
        self.tenure.pause(seconds)

    @property
    def over(self) -> bool:
        return self.tenure.over


def tenure(world: World, me: str, clock: Clock) -> Tenure:
    connection = connect(str(world.sandbox.kubeconfig), patience=Patience(attempts=1))
    store = KubernetesLease(connection, world.owner, namespace="gitopsd-system")
    return Tenure(store, me, LEASE, clock=clock)


def under(world: World, term: Tenure | Frozen) -> World:
    """The world as a replica sees it that writes within `term` only."""
    sandbox = world.sandbox
    connection = connect(
        str(sandbox.kubeconfig),
        write_timeouts=WRITES,
        patience=Patience(sleep=term.pause),
        term=term,
    )
    cluster = KubernetesCluster(connection)
    keys = Credentials(
        access_key_id=sandbox.access_key_id, access_key_secret=sandbox.access_key_secret
    )
    cloud = AlibabaCloud(
        "cn-hangzhou",
        alb_endpoint=sandbox.alb,
        nlb_endpoint=sandbox.nlb,
        credentials=keys,
        pace=replace(PACE, write_timeouts=WRITES, sleep=term.pause),
        term=term,
    )
    return World(sandbox, world.owner, Site(cluster, cloud, cluster, cloud, term), TIMES)


@pytest.mark.parametrize("at", [1, 3])
def test_a_holder_frozen_at_a_write_and_woken_later_sends_that_one_and_no_other(
    world: World, clock: Clock, at: int
) -> None:
    wanted = shop(world, A, B)
    ada = tenure(world, "ada", clock)
    frozen = Frozen(ada, at)
    outcomes: list[Outcome] = []

    def keep() -> None:
        """A stopped process stops whole: its lease is not renewed while its writes stand still."""
        while not frozen.stopped.wait(ada.step()):
            pass

    for _ in range(2):
        ada.step()
    assert ada.begin()
    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    old = threading.Thread(
        target=lambda: outcomes.append(under(world, frozen).apply(wanted, workers=1))
    )
    old.start()
    assert frozen.stopped.wait(120)
    keeper.join(120)  # what it was renewing just then would count as a sign of life

    bob = tenure(world, "bob", clock)
    with bob.held(wait=True, met=clock.let_a_lease_end):
        assert under(world, bob).apply(wanted).ok
    frozen.woken.set()
    old.join(120)

    assert frozen.sent.count("late") <= 1
    assert any(result.state is not StepState.DONE for result in outcomes[0].results)
    again = tenure(world, "eve", clock)
    with again.held(wait=True):
        assert under(world, again).apply(wanted).ok
    assert not world.plan(wanted).steps


def test_whoever_finds_a_living_holder_is_told_its_name(world: World, clock: Clock) -> None:
    ada, bob = tenure(world, "ada", clock), tenure(world, "bob", clock)
    refused = pytest.raises(Busy, match="ada has been writing")
    with ada.held(wait=False), refused, bob.held(wait=False):
        pytest.fail("two hold one lease")


def test_whoever_waits_gets_the_lease_when_it_is_given_back(world: World, clock: Clock) -> None:
    ada, bob = tenure(world, "ada", clock), tenure(world, "bob", clock)
    has_it, leave = threading.Event(), threading.Event()

    def work() -> None:
        with ada.held(wait=False):
            has_it.set()
            assert leave.wait(120)

    other = threading.Thread(target=work)
    other.start()
    assert has_it.wait(120)
    with bob.held(wait=True, met=lambda _: leave.set()):
        assert bob.writable
    other.join(120)


def test_a_lease_left_behind_by_a_killed_holder_is_taken_without_asking_to_wait(
    world: World, clock: Clock
) -> None:
    killed = tenure(world, "ada", clock)
    killed.step(), killed.step()
    assert killed.begin()
    with tenure(world, "bob", clock).held(wait=False, met=clock.let_a_lease_end):
        assert killed.over
