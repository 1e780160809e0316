"""A deletion that a finalizer holds: ours is a change, somebody's is drift, until it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.verdict import State
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import TIMES, Crash, Refused, World, crashing, edit, objects, remove
from tests.unit.build import service

ZONES = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps"
HOLD = "example.com/hold"


@pytest.fixture
def impatient(world: World) -> World:
    """A world that hardly waits for what is being deleted."""
    return replace(world, times=replace(TIMES, gone=0.1))


def before(world: World) -> DesiredTarget:
    return owned(world, service("tea", world.owner.instance))


def after(world: World) -> DesiredTarget:
    """The same Service behind another kind of load balancer, so that it is made anew."""
    zones = {ZONES: "cn-hangzhou-k:vsw-a,cn-hangzhou-j:vsw-b"}
    name = world.owner.instance
    spec = {"loadBalancerClass": "alibabacloud.com/nlb"}
    return owned(world, service("tea", name, annotations=zones, **spec))


def finalizers(world: World, change: Callable[[list[str]], list[str]]) -> None:
    """Change the finalizers of the Service, those of the controllers kept."""
    name = world.owner.instance
    while True:
        seen = objects(world.sandbox, "Service", name)["tea"]["metadata"]
        version, there = seen["resourceVersion"], seen.get("finalizers", [])
        metadata = {"resourceVersion": version, "finalizers": change(there)}
        try:
            edit(world.sandbox, "Service", name, "tea", {"metadata": metadata})
        except Refused as error:  # a controller has changed it in between
            if error.status != 409:
                raise
        else:
            return


def hold(world: World) -> None:
    finalizers(world, lambda there: [*there, HOLD])


def let_go(world: World) -> None:
    finalizers(world, lambda there: [name for name in there if name != HOLD])


def state(world: World, desired: DesiredTarget) -> State:
    (verdict,) = world.assess(desired).verdicts
    return verdict.state


def states(outcome: Outcome) -> list[StepState]:
    return [result.state for result in outcome.results]


def named(world: World) -> frozenset[Identity]:
    return frozenset({Identity("Service", world.owner.instance, "tea")})


def test_what_gitopsd_is_deleting_is_a_change_until_it_is_made_anew(impatient: World) -> None:
    world = impatient
    assert world.apply(before(world)).ok
    hold(world)
    outcome = world.apply(after(world), replace=named(world))
    assert states(outcome) == [StepState.WAITING]
    assert state(world, after(world)) is State.CHANGED
    assert state(world, before(world)) is State.CHANGED  # Git went back meanwhile
    assert states(world.apply(after(world))) == [StepState.WAITING]
    assert state(world, after(world)) is State.CHANGED
    let_go(world)
    assert replace(world, times=TIMES).apply(after(world)).ok
    assert state(world, after(world)) is State.IN_SYNC


def test_a_pass_that_was_killed_at_its_deletion_leaves_a_change(impatient: World) -> None:
    world = impatient
    assert world.apply(before(world)).ok
    hold(world)
    with pytest.raises(Crash):
        world.apply(after(world), site=crashing(world.site, 1, after=True), replace=named(world))
    assert state(world, after(world)) is State.CHANGED
    let_go(world)


def test_what_somebody_is_deleting_is_drift_until_it_is_made_again(impatient: World) -> None:
    world, desired = impatient, before(impatient)
    assert world.apply(desired).ok
    hold(world)
    remove(world.sandbox, "Service", world.owner.instance, "tea")
    assert state(world, desired) is State.DRIFTED
    assert states(world.apply(desired)) == [StepState.WAITING]
    assert state(world, desired) is State.DRIFTED
    let_go(world)
    assert replace(world, times=TIMES).apply(desired).ok
    assert state(world, desired) is State.IN_SYNC
