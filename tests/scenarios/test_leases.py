"""One writer per target, with the real adapters: frozen at any write, and woken after fail-over."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials
from gitopsd.adapters.kubernetes import KubernetesCluster, KubernetesLease, Patience, connect
from gitopsd.daemon.leases import LeaseTimes, Tenure
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.ports import Busy, Site
from tests.scenarios.test_convergence import A, B, shop
from tests.scenarios.world import PACE, TIMES, World

LEASE = LeaseTimes(duration=2.0, renew=0.2, retry=0.1, request=0.4)


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
            assert self.woken.wait(30)
        self.sent.append("late" if self.stopped.is_set() else "in time")

    @property
    def request(self) -> float:
        return self.tenure.request

    def pause(self, seconds: float) -> None:
        self.tenure.pause(seconds)

    @property
    def over(self) -> bool:
        return self.tenure.over


def tenure(world: World, me: str) -> Tenure:
    connection = connect(str(world.sandbox.kubeconfig), patience=Patience(attempts=1))
    store = KubernetesLease(connection, world.owner, namespace="gitopsd-system")
    return Tenure(store, me, LEASE)


def under(world: World, term: Tenure | Frozen) -> World:
    """The world as a replica sees it that writes within `term` only."""
    sandbox = world.sandbox
    timeouts = (0.1, 0.3)
    connection = connect(
        str(sandbox.kubeconfig),
        write_timeouts=timeouts,
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
        pace=replace(PACE, write_timeouts=timeouts, sleep=term.pause),
        term=term,
    )
    return World(sandbox, world.owner, Site(cluster, cloud, cluster, cloud, term), TIMES)


@pytest.mark.parametrize("at", [1, 3])
def test_a_holder_frozen_at_a_write_and_woken_later_sends_that_one_and_no_other(
    world: World, at: int
) -> None:
    wanted = shop(world, A, B)
    ada = tenure(world, "ada")
    frozen = Frozen(ada, at)
    outcomes: list[Outcome] = []

    def keep() -> None:
        """A stopped process stops whole: its lease is not renewed while its writes stand still."""
        while not frozen.stopped.wait(ada.step()):
            pass

    for _ in range(2):
        ada.step()
    assert ada.begin()
    threading.Thread(target=keep, daemon=True).start()
    old = threading.Thread(
        target=lambda: outcomes.append(under(world, frozen).apply(wanted, workers=1))
    )
    old.start()
    assert frozen.stopped.wait(30)

    bob = tenure(world, "bob")
    with bob.held(wait=True):
        assert under(world, bob).apply(wanted).ok
    frozen.woken.set()
    old.join(30)

    assert frozen.sent.count("late") <= 1
    assert any(result.state is not StepState.DONE for result in outcomes[0].results)
    again = tenure(world, "eve")
    with again.held(wait=True):
        assert under(world, again).apply(wanted).ok
    assert not world.plan(wanted).steps


def test_whoever_finds_a_living_holder_is_told_its_name(world: World) -> None:
    ada, bob = tenure(world, "ada"), tenure(world, "bob")
    refused = pytest.raises(Busy, match="ada has been writing")
    with ada.held(wait=False), refused, bob.held(wait=False):
        pytest.fail("two hold one lease")


def test_whoever_waits_gets_the_lease_when_it_is_given_back(world: World) -> None:
    ada, bob = tenure(world, "ada"), tenure(world, "bob")
    has_it, leave = threading.Event(), threading.Event()

    def work() -> None:
        with ada.held(wait=False):
            has_it.set()
            assert leave.wait(30)

    other = threading.Thread(target=work)
    other.start()
    assert has_it.wait(30)
    threading.Timer(0.3, leave.set).start()
    with bob.held(wait=True):
        assert bob.writable
    other.join(30)


def test_a_lease_left_behind_by_a_killed_holder_is_taken_without_asking_to_wait(
    world: World,
) -> None:
    killed = tenure(world, "ada")
    killed.step(), killed.step(), killed.begin()
    with tenure(world, "bob").held(wait=False):
        assert killed.over
