"""The world fails in the middle: what is told, what stays, and how the next pass goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gitopsd.adapters.alibaba import Pace
from gitopsd.engine import execution
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.sandbox.cloud import Fault
from tests.scenarios.test_convergence import A, B, live_groups, owned, shop
from tests.scenarios.world import PACE, World, connect_world, edit, make_object, objects
from tests.unit.build import service, wanted

ADD = "AddServersToServerGroup"


@pytest.fixture(autouse=True)
def no_fault_outlives_its_test(world: World) -> Iterator[None]:
    yield
    world.sandbox.cloud.faults.clear()
    world.sandbox.cloud.release_stuck_jobs()


def states(outcome: Outcome) -> dict[str, StepState]:
    return {result.step.key.split(" ", 2)[0] + " " + result.step.kind: result.state
            for result in outcome.results}  # fmt: skip


def fault(world: World, kind: str, operation: str, **more: Any) -> None:
    world.sandbox.cloud.faults.append(Fault(kind, operation, **more))


class Slept(threading.local):
    """A clock that goes on while its thread waits, and stands still while it is kept waiting."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self.seconds += seconds


def in_a_hurry() -> Pace:
    """Asks about a job three times, however busy the machine is."""
    slept = Slept()
    return replace(PACE, job_budget=0.2, clock=slept.now, sleep=slept.sleep)


def test_a_failed_job_is_told_and_holds_up_only_what_needs_it(world: World) -> None:
    desired = shop(world, A)
    fault(world, "job-fails", ADD, code="ServerNotReachable", message="no route")
    outcome = world.apply(desired)
    assert states(outcome) == {
        "create ServerGroup": StepState.DONE,
        "create Members": StepState.FAILED,
        "update ServerGroup": StepState.BLOCKED,
        "create Service": StepState.DONE,
        "create Ingress": StepState.BLOCKED,
    }
    (failed,) = [r for r in outcome.results if r.state is StepState.FAILED]
    assert "ServerNotReachable" in failed.detail
    assert world.apply(desired).ok
    assert world.plan(desired).empty


def test_a_stuck_job_is_waited_for_once_and_the_next_pass_finds_it_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_PATIENCE", 0.02)
    impatient = connect_world(world.sandbox, world.owner, in_a_hurry())
    writer, calls, told = impatient.site.cloud_writer, [], list[str]()

    class Counting:
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return getattr(writer, name)

    counted = replace(impatient.site, cloud_writer=Counting())
    desired = shop(world, A)
    fault(world, "job-stuck", ADD, times=1)
    observed, plan = impatient.observe(desired), impatient.plan(desired)
    context = execution.Execution(counted, world.owner, "2026-11-22T08:00:00Z", told.append)
    outcome = execution.execute(plan, observed, context)
    (stuck,) = [r for r in outcome.results if r.state is StepState.FAILED]
    assert stuck.step.key.startswith("create Members")
    assert "after 0.2 s" in stuck.detail
    assert calls.count("add_servers") == 1
    assert any("still at work: create Members" in line for line in told)
    world.sandbox.cloud.release_stuck_jobs()
    assert world.apply(desired).ok
    (made,) = live_groups(world)
    assert [m.key.server_id for m in made.members] == [A[0]]


def test_an_old_member_stays_while_the_job_of_the_new_one_is_stuck(world: World) -> None:
    impatient = connect_world(world.sandbox, world.owner, in_a_hurry())
    hasty = replace(impatient, times=replace(impatient.times, answering=0.2))
    assert world.apply(shop(world, A)).ok
    fault(world, "job-stuck", ADD, times=1)
    desired = shop(world, B)
    hasty.apply(desired)
    (waiting,) = [r for r in hasty.apply(desired).results if r.state is StepState.WAITING]
    assert f"{B[0]}:{B[1]}: Adding" in waiting.detail
    (made,) = live_groups(world)
    assert {m.key.server_id for m in made.members} == {A[0], B[0]}
    world.sandbox.cloud.release_stuck_jobs()
    assert world.apply(desired).ok
    (made,) = live_groups(world)
    assert [m.key.server_id for m in made.members] == [B[0]]


@pytest.mark.parametrize("kind", ["throttle", "http-5xx", "drop-before"])
def test_a_passing_trouble_of_the_cloud_is_outlasted(world: World, kind: str) -> None:
    fault(world, kind, "ListServerGroups", times=2)
    fault(world, kind, "CreateServerGroup", times=2)
    desired = shop(world, A)
    assert world.apply(desired).ok
    assert len(live_groups(world)) == 1


def test_a_group_made_by_a_call_that_got_no_answer_is_made_once(world: World) -> None:
    fault(world, "drop-after", "CreateServerGroup", times=1)
    assert world.apply(shop(world, A)).ok
    assert len(live_groups(world)) == 1


def test_a_group_deleted_while_members_are_added_is_made_again(world: World) -> None:
    world.apply(shop(world, A))
    (old,) = live_groups(world)
    desired = shop(world, A, B)
    observed, plan = world.observe(desired), world.plan(desired)
    world.sandbox.cloud.groups.delete(old.id)
    outcome = world.execute(plan, observed)
    told = states(outcome)["create Members"]
    assert told in (StepState.OVERTAKEN, StepState.FAILED)
    assert world.apply(desired).ok
    (new,) = live_groups(world)
    assert new.id != old.id
    assert {m.key.server_id for m in new.members} == {A[0], B[0]}
    action = objects(world.sandbox, "Ingress", world.owner.instance)["menu"]["metadata"]
    assert new.id in str(action["annotations"])


def test_a_member_added_by_hand_is_told_and_stays(world: World) -> None:
    desired = shop(world, A)
    world.apply(desired)
    (group,) = live_groups(world)
    world.sandbox.cloud.groups.add_member(group.id, B[0], B[1], description="by hand")
    assert world.assess(desired).drifted
    outcome = world.apply(desired)
    assert outcome.ok
    assert [notice.id for notice in outcome.plan.notices if "hand" not in notice.why]
    (after,) = live_groups(world)
    assert {m.key.server_id for m in after.members} == {A[0], B[0]}


def test_our_label_stripped_is_told_and_taken_back_only_by_adoption(world: World) -> None:
    name = world.owner.instance
    desired = owned(world, service("tea", name))
    world.apply(desired)
    edit(
        world.sandbox,
        "Service",
        name,
        "tea",
        {"metadata": {"labels": {"gitopsd.io/instance": None}}},
    )
    assert world.assess(desired).drifted
    held = world.apply(desired)
    assert [r.state for r in held.results] == [StepState.HELD]
    assert "labels were taken off" in held.results[0].detail
    assert world.apply(wanted()).results == ()
    back = world.apply(desired, adopt=frozenset({Identity("Exposure", name, "tea")}))
    assert back.ok
    assert world.plan(desired).empty


def test_a_cloud_that_refuses_us_holds_up_only_what_is_in_it(world: World) -> None:
    fault(world, "forbidden", "CreateServerGroup", times=9)
    outcome = world.apply(shop(world, A))
    assert states(outcome)["create ServerGroup"] is StepState.FAILED
    assert states(outcome)["create Service"] is StepState.DONE
    world.sandbox.cloud.faults.clear()
    assert world.apply(shop(world, A)).ok


def test_nothing_goes_while_the_cloud_cannot_be_read(world: World) -> None:
    world.apply(shop(world, A))
    fault(world, "forbidden", "ListServerGroups", times=99)
    name = world.owner.instance
    plan = world.plan(wanted())
    assert not plan.complete
    assert not plan.active
    assert set(objects(world.sandbox, "Ingress", name)) == {"menu"}


def test_a_full_quota_is_told(world: World) -> None:
    fault(world, "quota", "CreateServerGroup")
    outcome = world.apply(shop(world, A))
    (failed,) = [r for r in outcome.results if r.state is StepState.FAILED]
    assert "Quota" in failed.detail


def content(world: World, namespace: str) -> tuple[Any, Any]:
    """What people wrote into Service tea; its controller's status and labels are left out."""
    found = objects(world.sandbox, "Service", namespace)["tea"]
    return found["spec"], found["metadata"]["annotations"]


def test_an_adoption_that_the_server_refuses_leaves_the_object_as_it_was(world: World) -> None:
    name = world.owner.instance
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "tea",
            "namespace": name,
            "annotations": {"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id": "lb-1"},
        },
        "spec": {"type": "LoadBalancer", "externalIPs": ["192.0.2.1"], "ports": [{"port": 9}]},
    }
    make_object(world.sandbox, theirs)
    before = content(world, name)
    adopt = frozenset({Identity("Service", name, "tea")})
    refused = world.apply(owned(world, service("tea", name, sessionAffinity="Cookie")), adopt=adopt)
    assert [r.state for r in refused.results] == [StepState.FAILED]
    assert "sessionAffinity" in refused.results[0].detail
    assert content(world, name) == before
    desired = owned(world, service("tea", name))
    assert world.apply(desired, adopt=adopt).ok
    assert world.plan(desired).empty
