"""While something is left alone: Git's commits are not lost, and not told as somebody's drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitopsd.model.desired import DesiredGroup, DriftPolicy
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.outcome import StepState
from gitopsd.model.plan import Guard
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, State
from gitopsd.planning.render.sections import about_marks
from gitopsd.ports import Rejected
from tests.scenarios.operating import eventually
from tests.scenarios.test_convergence import A, B, C, live_groups, owned
from tests.scenarios.test_left_routes import backends, placed
from tests.scenarios.test_modes import ACTION, commit, drifted, forget, hold_put, live, tea
from tests.scenarios.world import Crash, World, crashing, edit, make_object, objects, remove
from tests.unit.build import CORRECT, group, ignoring, ingress
from tests.unit.planning.test_left_routes import rule

IGNORE, REPORT = DriftPolicy("Ignore"), DriftPolicy("Report")
LATER = datetime(2026, 11, 24, tzinfo=UTC)
Server = tuple[str, int, int]


def stock(
    world: World, *servers: Server, interval: int = 5, drift: DriftPolicy = CORRECT
) -> DesiredGroup:
    item = group("warehouse", *servers, namespace=world.owner.instance, drift=drift)
    check = {**item.create["HealthCheckConfig"], "HealthCheckInterval": interval}
    return replace(item, create={**item.create, "HealthCheckConfig": check})


def the_group(world: World) -> ObservedGroup:
    (made,) = live_groups(world)
    assert isinstance(made, ObservedGroup)
    return made


def weights(world: World) -> dict[str, int]:
    return {m.key.server_id: m.weight for m in the_group(world).members}


def interval(world: World) -> int:
    return int(the_group(world).attributes["HealthCheckConfig"]["HealthCheckInterval"])


def by_hand(world: World, server: Server, weight: int) -> None:
    world.sandbox.cloud.groups.change_member(the_group(world).id, *server[:2], weight=weight)


def held(world: World, path: str) -> DriftHold:
    return hold_put(world, f"ServerGroup/{world.owner.instance}/warehouse", path, "2026-11-23")


def release(world: World, hold: DriftHold) -> None:
    assert world.site.cluster_writer is not None
    world.site.cluster_writer.write_request(world.owner, hold.key, hold.text, None)


class Untagging:
    """A cloud that takes everything but tags."""

    def __init__(self, world: World) -> None:
        self._inner: Any = world.site.cloud_writer

    def __getattr__(self, name: str) -> Any:
        if name == "tag_group":
            raise Rejected("the cloud", "no tags today")
        return getattr(self._inner, name)


def take_away(world: World, kind: str, name: str) -> None:
    """Delete an object by hand, and wait until its finalizers are done."""
    remove(world.sandbox, kind, world.owner.instance, name)
    eventually(lambda: name not in objects(world.sandbox, kind, world.owner.instance))


def told(world: World, *things: Any) -> dict[str, Cause]:
    verdicts = world.assess(owned(world, *things)).verdicts
    return {d.path: d.cause for verdict in verdicts for d in verdict.differences}


@pytest.mark.parametrize("path", ["ServerGroup", "ServerGroup/servers"])
def test_a_server_that_git_adds_under_a_hold_comes_and_what_is_held_stays(
    world: World, path: str
) -> None:
    assert world.apply(owned(world, stock(world, A, B))).ok
    hold = held(world, path)
    by_hand(world, A, 7)
    after = stock(world, A, B, C)
    commit(world, after)
    assert weights(world) == {A[0]: 7, B[0]: B[2], C[0]: C[2]}
    assert drifted(world, after) == set()
    release(world, hold)
    assert drifted(world, after) == {f"servers[{A[0]}:{A[1]}].weight"}
    commit(world, after)
    assert weights(world) == {s[0]: s[2] for s in (A, B, C)}


def test_a_health_check_that_git_changes_under_a_hold_is_changed(world: World) -> None:
    assert world.apply(owned(world, stock(world, A))).ok
    hold = held(world, "ServerGroup/HealthCheckConfig")
    after = stock(world, A, interval=9)
    assert told(world, after)["HealthCheckConfig.HealthCheckInterval"] is Cause.CHANGE
    commit(world, after)
    assert interval(world) == 9
    release(world, hold)
    assert told(world, after) == {}


@pytest.mark.parametrize("mode", ["Report", "Correct"])
def test_what_git_changed_beside_an_edit_is_never_told_as_drift(world: World, mode: Any) -> None:
    drift = DriftPolicy(mode)
    assert world.apply(owned(world, stock(world, A, B, drift=drift))).ok
    by_hand(world, A, 30)
    after = stock(world, A, (*B[:2], 60), C, drift=drift)
    assert {path for path, cause in told(world, after).items() if cause is Cause.DRIFT} == {
        f"servers[{A[0]}:{A[1]}].weight"
    }
    assert world.apply(owned(world, after)).ok
    expected = 30 if mode == "Report" else A[2]
    assert weights(world) == {A[0]: expected, B[0]: 60, C[0]: C[2]}
    assert world.plan(owned(world, after)).empty


def test_a_commit_about_the_very_weight_wins_over_an_edit_of_it(world: World) -> None:
    assert world.apply(owned(world, stock(world, A, B, drift=REPORT))).ok
    by_hand(world, A, 0)
    commit(world, stock(world, (*A[:2], 50), B, drift=REPORT))
    assert weights(world) == {A[0]: 50, B[0]: B[2]}


def test_without_a_memory_what_is_held_is_left_and_comes_as_a_change_after_the_hold(
    world: World,
) -> None:
    assert world.apply(owned(world, stock(world, A))).ok
    hold = held(world, "ServerGroup/servers")
    forget(world)
    after = stock(world, A, B, interval=9)
    assert world.apply(owned(world, after)).ok
    assert weights(world) == {A[0]: A[2]}
    assert interval(world) == 9
    assert world.plan(owned(world, after)).empty
    assert set(told(world, after).values()) == {Cause.CHANGE}
    release(world, hold)
    assert set(told(world, after).values()) == {Cause.CHANGE}
    commit(world, after)
    assert weights(world) == {A[0]: A[2], B[0]: B[2]}
    assert told(world, after) == {}


def test_a_commit_that_was_half_applied_and_taken_back_blames_nobody(world: World) -> None:
    before = stock(world, A, B, drift=REPORT)
    assert world.apply(owned(world, before)).ok
    half = owned(world, stock(world, A, (*B[:2], 0), drift=REPORT))
    assert not world.apply(half, site=replace(world.site, cloud_writer=Untagging(world))).ok
    assert weights(world)[B[0]] == 0
    assert set(told(world, before).values()) == {Cause.CHANGE}
    commit(world, before)
    assert weights(world) == {A[0]: A[2], B[0]: B[2]}


@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
def test_a_zero_of_our_own_is_nobody_elses_wherever_a_pass_was_killed(
    world: World, after: bool
) -> None:
    item = stock(world, A, B, C)

    def shop(first: DesiredGroup, weight: int) -> Any:
        front = ingress("menu", world.owner.instance, groups=[first.identity], weight=weight)
        return owned(world, front, first)

    before = shop(item, 80)
    drained = shop(stock(world, A, (*B[:2], 0), C, interval=9), 0)
    assert world.apply(before).ok
    by_hand(world, A, 0)
    for at in range(1, 20):
        try:
            world.apply(drained, site=crashing(world.site, at, after=after), workers=1)
        except Crash:
            assert world.apply(before).ok
            assert weights(world) == {A[0]: 0, B[0]: B[2], C[0]: C[2]}
            text = live(world, "Ingress", "menu")["metadata"]["annotations"][ACTION]
            assert '"Weight":80' in text
            continue
        break
    assert at > 6  # the note, the check, a weight, the tag, the Ingress, the record; tries again
    assert weights(world) == {A[0]: 0, B[0]: 0, C[0]: C[2]}


def test_a_server_drained_by_hand_stays_drained_through_a_pass_that_was_not_completed(
    world: World,
) -> None:
    assert world.apply(owned(world, stock(world, A, B))).ok
    by_hand(world, A, 0)
    after = owned(world, stock(world, A, B, C))
    assert not world.apply(after, site=replace(world.site, cloud_writer=Untagging(world))).ok
    assert weights(world) == {A[0]: 0, B[0]: B[2], C[0]: C[2]}
    assert told(world, stock(world, A, B, C))[f"servers[{A[0]}:{A[1]}].weight"] is Cause.DRIFT
    assert world.apply(after).ok
    assert weights(world) == {A[0]: 0, B[0]: B[2], C[0]: C[2]}
    assert world.apply(after, correct=True).ok
    assert weights(world) == {A[0]: A[2], B[0]: B[2], C[0]: C[2]}


@pytest.mark.parametrize("path", ["Service", ""], ids=["hold", "mode"])
def test_a_service_deleted_by_hand_stays_away_through_a_commit_where_drift_is_ignored(
    world: World, path: str
) -> None:
    name = world.owner.instance
    drift = CORRECT if path else IGNORE
    commit(world, tea(world, drift))
    if path:
        hold_put(world, f"Exposure/{name}/tea", path, "2026-11-23")
    take_away(world, "Service", "tea")
    commit(world, tea(world, drift, selector={"app": "git"}))
    assert "tea" not in objects(world.sandbox, "Service", name)
    assert drifted(world, tea(world, drift, selector={"app": "git"})) == set()
    desired = owned(world, tea(world, CORRECT, selector={"app": "git"}))
    assert world.apply(desired, now=LATER).ok  # the hold is over, and the mode is taken out
    assert "tea" in objects(world.sandbox, "Service", name)


def test_an_ignored_service_whose_deletion_waits_for_a_finalizer_is_not_made_again(
    world: World,
) -> None:
    name = world.owner.instance
    commit(world, tea(world, IGNORE))
    there = live(world)["metadata"].get("finalizers", [])
    kept = {"metadata": {"finalizers": [*there, "example.com/hold"]}}
    edit(world.sandbox, "Service", name, "tea", kept)
    remove(world.sandbox, "Service", name, "tea")
    after = owned(world, tea(world, IGNORE, selector={"app": "git"}))
    assert world.plan(after).empty
    (verdict,) = world.assess(after).verdicts
    assert verdict.state is State.IN_SYNC
    edit(world.sandbox, "Service", name, "tea", {"metadata": {"finalizers": []}})


def test_a_group_deleted_by_hand_stays_away_through_a_commit_where_drift_is_ignored(
    world: World,
) -> None:
    assert world.apply(owned(world, stock(world, A, drift=IGNORE))).ok
    world.sandbox.cloud.groups.delete(the_group(world).id)
    commit(world, stock(world, A, B, drift=IGNORE))
    assert live_groups(world) == []
    commit(world, stock(world, A, B))
    assert weights(world) == {A[0]: A[2], B[0]: B[2]}


def both(world: World, mode: Any, group_mode: Any, weight: int = 80) -> tuple[Any, DesiredGroup]:
    item = stock(world, A, B, drift=DriftPolicy(group_mode))
    front = ingress("menu", world.owner.instance, groups=[item.identity], weight=weight)
    return replace(front, drift=DriftPolicy(mode)), item


def delete_both(world: World) -> None:
    take_away(world, "Ingress", "menu")
    world.sandbox.cloud.groups.delete(the_group(world).id)


@pytest.mark.parametrize("mode", ["Correct", "Report"])
@pytest.mark.parametrize("group_mode", ["Correct", "Report"])
def test_an_ingress_deleted_with_its_group_is_drift_and_follows_the_group(
    world: World, mode: str, group_mode: str
) -> None:
    things = both(world, mode, group_mode)
    commit(world, *things)
    delete_both(world)
    verdicts = world.assess(owned(world, *things)).verdicts
    assert {v.state for v in verdicts} == {State.DRIFTED}
    assert world.apply(owned(world, *things)).ok
    if group_mode == "Report":  # what is left is still somebody's doing after a pass that left it
        verdicts = world.assess(owned(world, *things)).verdicts
        assert {v.state for v in verdicts} == {State.DRIFTED}
    left = "Report" in (mode, group_mode)
    assert ("menu" in objects(world.sandbox, "Ingress", world.owner.instance)) is not left
    assert len(live_groups(world)) == (group_mode == "Correct")
    assert world.apply(owned(world, *things), correct=True).ok
    assert world.plan(owned(world, *things)).empty
    assert drifted(world, *things) == set()


def test_an_ingress_that_git_moved_since_it_was_deleted_with_its_group_is_a_change(
    world: World,
) -> None:
    commit(world, *both(world, "Correct", "Report"))
    delete_both(world)
    front, item = both(world, "Correct", "Report")
    rule = {**front.manifest["spec"]["rules"][0], "host": "git.example.com"}
    spec = {**front.manifest["spec"], "rules": [rule]}
    moved = replace(front, manifest={**front.manifest, "spec": spec})
    outcome = world.apply(owned(world, moved, item))
    (result,) = outcome.results
    assert result.state is StepState.HELD
    assert result.step.hold is not None
    assert result.step.hold.guard is Guard.BACKEND
    assert str(item.identity) in result.step.hold.reason
    assert world.apply(owned(world, moved, item), correct=True).ok
    assert world.plan(owned(world, moved, item)).empty


def test_an_ingress_keeps_naming_a_group_that_is_gone_as_long_as_that_is_only_reported(
    world: World,
) -> None:
    things = both(world, "Correct", "Report")
    commit(world, *things)
    world.sandbox.cloud.groups.delete(the_group(world).id)
    assert world.plan(owned(world, *things)).empty
    assert Identity("ServerGroup", world.owner.instance, "warehouse") in {
        v.subject for v in world.assess(owned(world, *things)).verdicts if v.state is State.DRIFTED
    }
    assert world.apply(owned(world, *things), correct=True).ok
    assert world.plan(owned(world, *things)).empty


def test_an_exception_in_git_lets_gits_own_servers_through(world: World) -> None:
    drift = ignoring("ServerGroup/servers")
    commit(world, stock(world, A, drift=drift))
    by_hand(world, A, 30)
    commit(world, stock(world, A, B, drift=drift))
    assert weights(world) == {A[0]: 30, B[0]: B[2]}
    commit(world, stock(world, B, drift=drift))
    assert weights(world) == {B[0]: B[2]}


def test_a_copy_of_ours_is_somebodys_and_goes_only_when_approved(world: World) -> None:
    name = world.owner.instance
    commit(world, tea(world, CORRECT))
    found = live(world)
    spec = {key: found["spec"][key] for key in ("type", "selector", "ports")}
    ports = [{key: p[key] for key in ("name", "port", "targetPort")} for p in spec["ports"]]
    metadata = {"name": "tea-copy", "namespace": name, "labels": found["metadata"]["labels"]}
    copy = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    make_object(world.sandbox, copy | {"spec": spec | {"ports": ports}})
    desired = owned(world, tea(world, CORRECT))
    (verdict,) = world.assess(desired).verdicts
    (difference,) = verdict.differences
    assert (verdict.state, difference.reason) == (State.DRIFTED, Reason.COPIED)
    assert difference.note == "a copy that carries our labels, written by somebody"
    plan = world.plan(desired)
    assert [step.hold.guard for step in plan.steps if step.hold] == [Guard.COPY]
    assert not world.apply(desired).ok
    assert "tea-copy" in objects(world.sandbox, "Service", name)
    assert world.apply(desired, approve=plan.hash).ok
    eventually(lambda: "tea-copy" not in objects(world.sandbox, "Service", name))
    assert world.plan(desired).empty
    assert "tea" in objects(world.sandbox, "Service", name)


def test_a_service_of_ours_goes_with_its_exposure_though_the_record_is_lost(world: World) -> None:
    commit(world, tea(world, CORRECT))
    record = f"gitopsd-{world.owner.instance}-{world.owner.target}"
    remove(world.sandbox, "ConfigMap", "gitopsd-system", record)
    assert world.apply(owned(world)).ok
    eventually(lambda: "tea" not in objects(world.sandbox, "Service", world.owner.instance))


def test_what_git_says_of_a_held_action_is_not_told_as_standing_there(world: World) -> None:
    name = world.owner.instance
    commit(world, ingress("menu", name))
    key = "alb.ingress.kubernetes.io/actions.forward"
    text = live(world, "Ingress", "menu")["metadata"]["annotations"][key]
    edited = {"metadata": {"annotations": {key: text.replace("80", "30", 1)}}}
    edit(world.sandbox, "Ingress", name, "menu", edited)
    hold_put(world, f"Exposure/{name}/menu", f"Ingress/metadata.annotations[{key}]", "2026-11-23")
    after = owned(world, ingress("menu", name, weight=60))
    (verdict,) = world.assess(after).verdicts
    assert verdict.notes[0].startswith("what else differs is left by the drift policy")
    (step,) = world.plan(after).steps
    assert about_marks(step) == (
        "only its marks: what else differs is left as it is by the drift policy"
    )
    assert world.apply(after).ok
    assert world.apply(after, now=LATER).ok
    assert '"Weight":60' in live(world, "Ingress", "menu")["metadata"]["annotations"][key]


def test_a_route_that_git_adds_under_a_hold_on_edited_rules_comes_and_blames_nobody(
    world: World,
) -> None:
    tea_a = ("demo.example.com", "/a", "Prefix", "tea-svc")
    commit(world, placed(world, tea_a))
    rules = [rule("demo.example.com", "/aa", "Prefix", "tea-svc")]
    edit(world.sandbox, "Ingress", world.owner.instance, "menu", {"spec": {"rules": rules}})
    hold = hold_put(
        world, f"Exposure/{world.owner.instance}/menu", "Ingress/spec.rules", "2026-11-23"
    )
    after = placed(world, tea_a, ("alpha.example.com", "/b", "Prefix", "bar-svc"))
    commit(world, after)
    assert {(host, backend["service"]["name"]) for host, backend in backends(world)} == {
        ("demo.example.com", "tea-svc"),
        ("alpha.example.com", "bar-svc"),
    }
    assert "alpha" not in str(drifted(world, after))
    release(world, hold)
    causes = told(world, after)
    assert causes
    assert not [path for path in causes if "alpha" in path]
    commit(world, after)
    assert drifted(world, after) == set()
