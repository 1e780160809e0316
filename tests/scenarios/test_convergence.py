"""The laws of the whole chain, on the real adapters over the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitopsd.engine.execution import Execution, execute
from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredTarget, DriftPolicy
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import StepState
from gitopsd.model.verdict import State
from gitopsd.sandbox.kubernetes.faults import Fault
from tests.scenarios.world import (
    Crash,
    World,
    connect_world,
    crashing,
    edit,
    make_object,
    objects,
    remove,
)
from tests.unit.build import group, ingress, service, wanted

A, B, C = (("192.168.20.1" + str(n), 8080, 100) for n in (1, 2, 3))
ACTION = "alb.ingress.kubernetes.io/actions.forward"


def owned(world: World, *things: DesiredObject | DesiredGroup) -> DesiredTarget:
    """A desired state with this world's own marks."""
    result = []
    for thing in things:
        if isinstance(thing, DesiredObject):
            manifest = {
                **thing.manifest,
                "metadata": {
                    **thing.manifest["metadata"],
                    "labels": world.owner.labels(thing.exposure.name),
                },
            }
            result.append(replace(thing, manifest=manifest))
        else:
            result.append(thing)
    return wanted(*result)


def shop(world: World, *members: tuple[str, int, int], weight: int = 80) -> DesiredTarget:
    """A Service, a group, and an Ingress that names the group."""
    name = world.owner.instance
    stock = group("warehouse", *members, namespace=name)
    front = ingress("menu", name, groups=[stock.identity], weight=weight)
    return owned(world, service("tea", name), stock, front)


def live_groups(world: World) -> list[Any]:
    return [g for g in world.observe(wanted()).groups if g.product == "ALB"]


def test_apply_observe_diff_again_nothing(world: World) -> None:
    desired = shop(world, A, B)
    outcome = world.apply(desired)
    assert outcome.ok, outcome.to_json()
    second = world.plan(desired)
    assert second.empty, second.to_json()
    assert {v.state for v in world.assess(desired).verdicts} == {State.IN_SYNC}


def test_the_ingress_names_the_group_that_was_made(world: World) -> None:
    world.apply(shop(world, A))
    (made,) = live_groups(world)
    annotations = objects(world.sandbox, "Ingress", world.owner.instance)["menu"]["metadata"]
    assert f'"ServerGroupID":"{made.id}"' in annotations["annotations"][ACTION]
    assert [m.description for m in made.members] == [world.owner.member_description]
    assert made.members[0].remote


def test_a_changed_weight_arrives_and_nothing_else_moves(world: World) -> None:
    world.apply(shop(world, A, weight=80))
    before = objects(world.sandbox, "Service", world.owner.instance)["tea"]["metadata"]
    plan = world.plan(shop(world, A, weight=60))
    assert [step.key for step in plan.steps] == [f"update Ingress {world.owner.instance}/menu"]
    assert world.apply(shop(world, A, weight=60)).ok
    after = objects(world.sandbox, "Service", world.owner.instance)["tea"]["metadata"]
    assert before["resourceVersion"] == after["resourceVersion"] or before["uid"] == after["uid"]
    assert world.plan(shop(world, A, weight=60)).empty


def test_members_come_and_go(world: World) -> None:
    world.apply(shop(world, A, B))
    assert world.apply(shop(world, B, C)).ok
    (made,) = live_groups(world)
    assert {m.key.server_id for m in made.members} == {B[0], C[0]}


def test_everything_goes_when_git_no_longer_asks(world: World) -> None:
    world.apply(shop(world, A))
    name = world.owner.instance
    gone = world.apply(wanted())
    assert all(r.state is StepState.DONE for r in gone.results), gone.to_json()
    assert set(objects(world.sandbox, "Ingress", name)) == set()
    assert live_groups(world) == []
    assert world.plan(wanted()).empty


def test_drift_is_found_with_its_author_and_put_right(world: World) -> None:
    desired, name = shop(world, A), world.owner.instance
    world.apply(desired)
    edit(world.sandbox, "Service", name, "tea", {"spec": {"externalTrafficPolicy": "Local"}})
    (verdict,) = [v for v in world.assess(desired).verdicts if v.state is State.DRIFTED]
    (difference,) = verdict.differences
    assert (difference.wanted, difference.found) == ("Cluster", "Local")
    assert difference.who is not None
    assert difference.who.manager == "kubectl-edit"
    assert difference.who.time
    assert world.apply(desired).ok
    live = objects(world.sandbox, "Service", name)["tea"]
    assert live["spec"]["externalTrafficPolicy"] == "Cluster"


@pytest.mark.parametrize(
    "patch",
    [
        {"metadata": {"annotations": {"service.beta.kubernetes.io/class": "x"}}},
        {"spec": {"externalIPs": ["192.0.2.7"]}},
        {"spec": {"sessionAffinity": "ClientIP"}},
        {"spec": {"loadBalancerSourceRanges": ["10.0.0.0/8"]}},
        {
            "spec": {
                "ports": [
                    {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"},
                    {"name": "more", "port": 81, "targetPort": 8081, "protocol": "TCP"},
                ]
            }
        },
    ],
)
def test_an_addition_to_a_closed_set_is_removed(world: World, patch: Any) -> None:
    desired, name = shop(world, A), world.owner.instance
    world.apply(desired)
    edit(world.sandbox, "Service", name, "tea", patch)
    assert world.assess(desired).drifted
    outcome = world.apply(desired)
    assert outcome.ok, outcome.to_json()
    assert world.plan(desired).empty
    assert not world.assess(desired).drifted


def test_a_deletion_by_hand_is_drift_and_is_made_again(world: World) -> None:
    desired, name = shop(world, A), world.owner.instance
    world.apply(desired)
    remove(world.sandbox, "Ingress", name, "menu")
    assert world.assess(desired).drifted
    assert world.apply(desired).ok
    assert "menu" in objects(world.sandbox, "Ingress", name)


@pytest.mark.parametrize("port", [{"name": "http", "port": 9000}, {"port": 9000}])
def test_a_foreign_service_is_refused_then_adopted(world: World, port: Any) -> None:
    name = world.owner.instance
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "tea", "namespace": name},
        "spec": {"selector": {"app": "other"}, "ports": [port]},
    }
    make_object(world.sandbox, theirs)
    desired = owned(world, service("tea", name))
    held = world.apply(desired)
    assert [r.state for r in held.results] == [StepState.HELD]
    assert "somebody" in held.results[0].detail
    live = objects(world.sandbox, "Service", name)["tea"]
    assert live["spec"]["selector"] == {"app": "other"}
    taken = world.apply(desired, adopt=frozenset({Identity("Service", name, "tea")}))
    assert taken.ok, taken.to_json()
    live = objects(world.sandbox, "Service", name)["tea"]
    assert [port["port"] for port in live["spec"]["ports"]] == [80]
    assert world.plan(desired).empty
    two = [{"name": "http", "port": 80}, {"name": "more", "port": 81}]
    assert world.apply(owned(world, service("tea", name, ports=two))).ok
    assert world.apply(owned(world, service("tea", name, ports=two[1:]))).ok
    live = objects(world.sandbox, "Service", name)["tea"]
    assert [port["port"] for port in live["spec"]["ports"]] == [81]


def test_a_replacement_makes_a_new_service(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, service("tea", name)))
    before = objects(world.sandbox, "Service", name)["tea"]["metadata"]["uid"]
    zones = {"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps": "a:b,c:d"}
    item = service("tea", name, annotations=zones, loadBalancerClass="alibabacloud.com/nlb")
    nlb = owned(world, item)
    assert [r.state for r in world.apply(nlb).results] == [StepState.HELD]
    outcome = world.apply(nlb, replace=frozenset({item.identity}))
    assert outcome.ok, outcome.to_json()
    after = objects(world.sandbox, "Service", name)["tea"]["metadata"]["uid"]
    assert before != after
    assert world.plan(nlb).empty


def test_a_replacement_that_would_be_refused_deletes_nothing(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, service("tea", name)))
    before = objects(world.sandbox, "Service", name)["tea"]
    ports = [{"name": "http", "port": 0}]
    item = service("tea", name, ports=ports, loadBalancerClass="alibabacloud.com/nlb")
    outcome = world.apply(owned(world, item), replace=frozenset({item.identity}))
    (result,) = (r for r in outcome.results if r.state is StepState.FAILED)
    assert "port" in result.detail
    after = objects(world.sandbox, "Service", name)["tea"]
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])


def test_a_replacement_that_ends_halfway_says_that_the_old_one_is_gone(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, service("tea", name)))
    item = service("tea", name, loadBalancerClass="alibabacloud.com/nlb")
    desired, replacing = owned(world, item), frozenset({item.identity})
    trouble = Fault("forbidden", ("patch", "create"), ("services",), names=("tea",))
    world.sandbox.cluster.faults.add(trouble)
    (result,) = (r for r in world.apply(desired, replace=replacing).results if r.detail)
    assert "the old one is deleted" in result.detail
    assert world.apply(desired).ok
    assert world.plan(desired).empty


def test_a_group_of_another_protocol_takes_over_without_a_gap(world: World) -> None:
    name = world.owner.instance
    world.apply(shop(world, A))
    (old,) = live_groups(world)
    stock = group("warehouse", A, namespace=name, protocol="HTTPS")
    desired = owned(
        world, service("tea", name), stock, ingress("menu", name, groups=[stock.identity])
    )
    outcome = world.apply(desired, replace=frozenset({stock.identity}))
    assert outcome.ok, outcome.to_json()
    (new,) = live_groups(world)
    assert new.id != old.id
    assert new.attributes["Protocol"] == "HTTPS"
    assert world.plan(desired).empty


def test_a_retained_group_stays_and_one_that_is_retained_no_more_goes(world: World) -> None:
    name = world.owner.instance
    kept = group("warehouse", A, namespace=name, retain=True)
    world.apply(owned(world, kept))
    (made,) = live_groups(world)
    assert world.apply(owned(world, group("warehouse", A, namespace=name))).ok
    assert world.apply(owned(world, kept)).ok
    assert world.apply(wanted()).ok
    assert live_groups(world) == []
    assert world.sandbox.cloud.groups.exists(made.id)
    other = owned(world, group("other", B, namespace=name, retain=True))
    assert world.apply(other).ok
    (second,) = live_groups(world)
    assert world.apply(owned(world, group("other", B, namespace=name))).ok
    assert world.apply(wanted()).ok
    assert not world.sandbox.cloud.groups.exists(second.id)


def test_somebody_faster_is_noticed_at_the_write(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, service("tea", name)))
    desired = owned(world, service("tea", name, type="NodePort"))
    observed = world.observe(desired)
    plan = world.plan(desired)
    edit(world.sandbox, "Service", name, "tea", {"spec": {"externalTrafficPolicy": "Local"}})
    outcome = world.execute(plan, observed)
    assert [r.state for r in outcome.results] == [StepState.OVERTAKEN]
    live = objects(world.sandbox, "Service", name)["tea"]
    assert live["spec"]["type"] == "LoadBalancer"


def test_a_controllers_label_between_plan_and_write_overtakes_nothing(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, service("tea", name)))
    desired = owned(world, service("tea", name, type="NodePort"))
    observed = world.observe(desired)
    plan = world.plan(desired)
    hash_label = {"metadata": {"labels": {"service.beta.kubernetes.io/hash": "abc"}}}
    edit(world.sandbox, "Service", name, "tea", hash_label)
    assert world.execute(plan, observed).ok


def test_a_stop_lets_the_next_pass_go_on(world: World) -> None:
    desired = shop(world, A, B)
    asked = iter([False, False, True])
    stopped = world.apply(desired, stop=lambda: next(asked, True), workers=1)
    states = {r.state for r in stopped.results}
    assert StepState.INTERRUPTED in states
    assert StepState.DONE in states
    assert world.apply(desired).ok
    assert world.plan(desired).empty


def test_progress_counts_what_was_done_and_not_what_was_never_begun(world: World) -> None:
    desired = shop(world, A, B)
    asked, told = iter([False, True]), list[str]()
    context = Execution(
        world.site,
        world.owner,
        "2026-11-22T08:00:00Z",
        told.append,
        stop=lambda: next(asked, True),
    )
    stopped = execute(world.plan(desired), world.observe(desired), context)
    assert stopped.count(StepState.DONE) == 1
    assert told == [f"edge: 1 of {len(stopped.results)} steps"]


@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
def test_killed_at_any_write_the_next_pass_converges(world: World, after: bool) -> None:
    """Create, change and delete; each killed at its n-th write, for every n."""
    name = world.owner.instance
    stages = [shop(world, A, B), shop(world, B, C, weight=60), owned(world, service("tea", name))]
    for desired in stages:
        at = 1
        while True:
            try:
                world.apply(desired, site=crashing(world.site, at, after=after), workers=1)
            except Crash:
                at += 1
                continue
            break
        last = world.apply(desired)
        assert last.ok, last.to_json()
        assert world.plan(desired).empty
        doubles = [g.identity for g in live_groups(world)]
        assert len(doubles) == len(set(doubles)) == len(desired.groups)


def test_a_target_that_left_the_fleet_is_named_and_left_alone(world: World) -> None:
    world.apply(shop(world, A))
    other = connect_world(world.sandbox, replace(world.owner, target="core"))
    options = {"targets": frozenset({"core"})}
    plan = other.plan(wanted(), **options)
    assert plan.empty
    assert [(n.id, "edge" in n.what) for n in plan.notices] == [("GX1006", True)]
    assert other.plan(wanted(), targets=frozenset({"core", "edge"})).notices == ()


def test_reported_drift_survives_a_commit_that_moves_another_field(world: World) -> None:
    name, policy = world.owner.instance, DriftPolicy("Report")
    world.apply(owned(world, service("tea", name, drift=policy)))
    edit(world.sandbox, "Service", name, "tea", {"spec": {"externalTrafficPolicy": "Local"}})
    moved = owned(world, service("tea", name, drift=policy, type="NodePort"))
    assert world.apply(moved).ok
    live = objects(world.sandbox, "Service", name)["tea"]["spec"]
    assert (live["type"], live["externalTrafficPolicy"]) == ("NodePort", "Local")
    assert world.assess(moved).drifted
    assert world.plan(moved).empty


def test_after_an_adoption_a_commit_is_a_change_although_others_share_the_field(
    world: World,
) -> None:
    name = world.owner.instance
    theirs = service("tea", name).manifest
    make_object(world.sandbox, {**theirs, "metadata": {"name": "tea", "namespace": name}})
    item = service("tea", name, drift=DriftPolicy("Report"))
    assert world.apply(owned(world, item), adopt=frozenset({item.identity})).ok
    local = service("tea", name, drift=DriftPolicy("Report"), externalTrafficPolicy="Local")
    assert not world.assess(owned(world, local)).drifted
    assert world.apply(owned(world, local)).ok
    live = objects(world.sandbox, "Service", name)["tea"]["spec"]
    assert live["externalTrafficPolicy"] == "Local"


def test_nothing_at_all_is_written_to_a_cluster_that_is_not_the_pinned_one(world: World) -> None:
    desired = replace(shop(world, A), cluster_uid="another")
    outcome = world.apply(desired)
    assert not outcome.ok
    record = f"gitopsd-{world.owner.instance}-edge"
    assert record not in objects(world.sandbox, "ConfigMap", "gitopsd-system")
    assert {v.state for v in world.assess(desired).verdicts} == {State.UNKNOWN}


def test_without_access_to_the_cloud_groups_of_the_record_are_unseen(world: World) -> None:
    world.apply(shop(world, A))
    blind = replace(world, site=replace(world.site, cloud=None, cloud_writer=None))
    plan = blind.plan(wanted())
    assert not plan.complete
    assert not plan.active
