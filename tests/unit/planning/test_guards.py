"""Each guard: when it holds, what it says, and what lets its steps go on."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredObject, DesiredTarget, DriftPolicy, Limits
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedObject, ObservedTarget, Record
from gitopsd.model.ownership import DIGEST, Owner
from gitopsd.model.plan import Guard, Hold, Operation, Plan
from gitopsd.planning import PlanOptions
from tests.unit.build import (
    OWNER,
    found,
    group,
    ignoring,
    ingress,
    live,
    live_group,
    member,
    service,
    wanted,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SERVER = ("192.168.20.11", 8080, 100)
LOCAL = {"spec.externalTrafficPolicy": "Local"}


def plan(desired: DesiredTarget, observed: ObservedTarget, **options: Any) -> Plan:
    return plan_target(
        desired, observed, OWNER, PlanOptions(date(2026, 11, 22), now=NOW, **options)
    )


def held_by(result: Plan) -> set[Guard]:
    return {step.hold.guard for step in result.steps if step.hold}


def the_hold(result: Plan) -> Hold:
    (hold,) = {step.hold for step in result.steps if step.hold}
    return hold


def assert_approvable(desired: DesiredTarget, observed: ObservedTarget, guard: Guard) -> None:
    """Held, with the hash in the way on; let go by that hash and by no other."""
    held = plan(desired, observed)
    assert held_by(held) - {Guard.DEPENDENCY} == {guard}
    first = next(step.hold for step in held.steps if step.hold)
    assert f"--approve {held.hash}" in first.release
    assert len(plan(desired, observed, approve="f" * 64).holds) == len(held.holds)
    approved = plan(desired, observed, approve=held.hash)
    assert approved.holds == ()
    assert {s.waived.guard for s in approved.steps if s.waived} == {guard}


def services(count: int, **more: Any) -> list[DesiredObject]:
    return [service(f"s{number}", **more) for number in range(count)]


def alive(items: Iterable[DesiredObject], **more: Any) -> list[ObservedObject]:
    return [live(item, **more) for item in items]


# --- deletions -----------------------------------------------------------------------------------


def test_a_repository_that_turned_empty_deletes_nothing_unasked() -> None:
    stock = group("warehouse", SERVER)
    menu = ingress(groups=[stock.identity])
    seen = found(live(menu, {stock.identity: "sgp-one"}), live_group(stock), live(service()))
    assert_approvable(wanted(emptied=True), seen, Guard.EMPTIED)
    assert "wrong folder or branch" in the_hold(plan(wanted(emptied=True), seen)).reason


def test_a_file_that_could_not_be_read_keeps_everything_from_being_deleted() -> None:
    desired = wanted(hold_deletions=["broken.yaml has documents that cannot be identified"])
    assert_approvable(desired, found(live(service())), Guard.UNREADABLE)
    hold = the_hold(plan(desired, found(live(service()))))
    assert hold.reason.startswith("broken.yaml")
    assert hold.release.startswith("mend")


def test_a_retiring_target_is_emptied_whatever_the_repository_holds() -> None:
    desired = wanted(emptied=True, retiring=True, hold_deletions=["x is not read"])
    result = plan(desired, found(live(service())))
    assert result.holds == ()
    assert "Retiring" in result.steps[0].why


def test_a_retiring_target_with_much_in_it_waits_for_a_person_too() -> None:
    assert_approvable(wanted(retiring=True), found(*alive(services(11))), Guard.MAX_DELETES)


def test_more_deletions_than_the_fleet_allows_wait() -> None:
    items = services(60)
    limits = Limits(max_deletes=10, max_delete_percent=50)
    ten = found(*alive(items[:10] + items[20:]))
    assert plan(wanted(*items[20:], limits=limits), ten).holds == ()
    assert_approvable(wanted(*items[11:], limits=limits), found(*alive(items)), Guard.MAX_DELETES)
    hold = the_hold(plan(wanted(*items[11:], limits=limits), found(*alive(items))))
    assert hold.reason == "11 deletions in one pass: maxDeletes allows 10"


def test_a_large_part_of_a_target_waits_and_a_few_things_never_count_as_one() -> None:
    items = services(9)
    limits = Limits(max_deletes=10, max_delete_percent=20)
    assert plan(wanted(*items[4:], limits=limits), found(*alive(items))).holds == ()
    assert_approvable(
        wanted(*items[5:], limits=limits), found(*alive(items)), Guard.MAX_DELETE_PERCENT
    )
    hold = the_hold(plan(wanted(*items[5:], limits=limits), found(*alive(items))))
    assert "5 deletions in one pass: that is 56 % of the 9 things" in hold.reason


def test_what_is_only_released_is_not_told_as_deleted() -> None:
    kept = live_group(replace(group("warehouse"), retain=True))
    limits = Limits(max_deletes=2, max_delete_percent=50)
    hold = the_hold(plan(wanted(limits=limits), found(*alive(services(3)), kept)))
    assert hold.reason == "3 to delete and 1 to release in one pass: maxDeletes allows 2"
    assert hold.chinese is not None
    assert "删除 3 项、解除管理 1 项" in hold.chinese.reason


def test_nothing_goes_on_an_incomplete_observation_and_nobody_can_approve_it() -> None:
    gaps = (Gap("the ALB server groups", "throttled", frozenset({"ALB"})),)
    seen = found(live(service()), gaps=gaps)
    held = plan(wanted(), seen)
    assert held_by(held) == {Guard.INCOMPLETE}
    assert "the ALB server groups" in the_hold(held).reason
    assert "approve" not in the_hold(held).release
    assert held_by(plan(wanted(), seen, approve=held.hash)) == {Guard.INCOMPLETE}


def test_a_group_with_members_of_others_waits() -> None:
    stock = group("warehouse", SERVER)
    seen = live_group(stock, members=[member(*SERVER), member("192.168.20.9", 80, 5, "by hand")])
    assert_approvable(wanted(), found(seen), Guard.SHARED)
    assert "192.168.20.9:80" in the_hold(plan(wanted(), found(seen))).reason


def test_an_old_group_waits_with_the_one_that_replaces_it_and_no_approval_is_offered() -> None:
    before, after = group("warehouse", SERVER), group("warehouse", SERVER, protocol="HTTPS")
    route = ingress(groups=[before.identity])
    old = live_group(before)
    seen = found(live(route, {before.identity: old.id}), old)
    held = plan(wanted(after, route), seen)
    (farewell,) = [step for step in held.steps if step.operation is Operation.DELETE]
    assert farewell.hold
    assert farewell.hold.guard is Guard.DEPENDENCY
    assert held_by(held) == {Guard.REPLACEMENT, Guard.DEPENDENCY}
    assert "approve" not in str(held.to_json())
    assert plan(wanted(after, route), seen, approve=held.hash).active == held.active
    assert plan(wanted(after, route), seen, replace=frozenset({after.identity})).holds == ()


# --- the cluster and its documents ----------------------------------------------------------------


@pytest.mark.parametrize("uid", ["uid-b", None])
def test_another_cluster_than_the_pinned_one_gets_nothing_and_nobody_can_approve_it(
    uid: str | None,
) -> None:
    before, after = group("warehouse", SERVER), group("warehouse")
    desired = wanted(after, service(), cluster_uid="uid-a")
    seen = found(live_group(before), cluster_uid=uid)
    held = plan(desired, seen)
    assert held_by(held) == {Guard.TARGET}
    assert "pinned to cluster uid-a" in the_hold(held).reason
    assert plan(desired, seen, approve=held.hash).active == ()


def test_what_a_document_with_errors_made_is_named_and_gets_no_step() -> None:
    exposure = Identity("Exposure", "shop", "tea")
    result = plan(wanted(held=[exposure]), found(live(service()), live(service("bar"))))
    assert [step.identity.name for step in result.steps] == ["bar"]
    (told,) = [notice for notice in result.notices if notice.id == "GX1010"]
    assert told.what.startswith("Exposure/shop/tea has errors")
    assert "Service/shop/tea" in told.what
    nothing_made = Identity("Exposure", "shop", "new")
    assert not [n for n in plan(wanted(held=[nothing_made]), found()).notices if n.id == "GX1010"]


# --- routes --------------------------------------------------------------------------------------


def test_a_group_that_would_lose_its_last_serving_member_waits() -> None:
    before, after = group("warehouse", SERVER), group("warehouse")
    assert_approvable(wanted(after), found(live_group(before)), Guard.CAPACITY)


def test_a_route_that_would_lead_nowhere_waits() -> None:
    before, empty = ingress(), group("warehouse")
    after = ingress(services=[], groups=[empty.identity])
    seen = found(live(before))
    held = plan(wanted(after, empty), seen)
    assert held_by(held) == {Guard.CAPACITY}
    assert "route" in the_hold(held).reason
    assert plan(wanted(after, empty), seen, approve=held.hash).holds == ()


def sent_to(name: str) -> list[Any]:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return [{"host": "demo.example.com", "http": {"paths": [path]}}]


@pytest.mark.parametrize("mode", ["Ignore", "Report"])
@pytest.mark.parametrize("moved", ["nothing", "an annotation", "a route"])
def test_a_service_stays_while_a_route_that_is_left_as_found_leads_to_it(
    mode: str, moved: str
) -> None:
    policy, front = ignoring("Ingress/spec.rules[demo.example.com/]", mode), service("front")
    menu = replace(ingress(), drift=policy)
    seen = live(menu, edits={"spec.rules": sent_to("front")})
    record = Record(
        entries={menu.identity: seen.labels[DIGEST]},
        fields={menu.identity: remember(menu.manifest)},
    )
    observed = found(seen, live(front), record=record)
    after = copy.deepcopy(menu.manifest)
    if moved == "an annotation":
        after["metadata"]["annotations"]["alb.ingress.kubernetes.io/order"] = "7"
    if moved == "a route":
        after["spec"]["rules"] += [{**sent_to("tea-svc")[0], "host": "x.example.com"}]
    result = plan(wanted(replace(menu, manifest=after)), observed)
    assert the_hold(result).guard is Guard.BACKEND
    why = "Ingress/shop/menu is left as somebody made it, and sends traffic to it"
    assert the_hold(result).reason == why
    assert plan(wanted(replace(menu, manifest=after, drift=DriftPolicy())), observed).holds == ()


def test_a_service_stays_while_an_action_that_is_left_as_found_names_it() -> None:
    menu = replace(ingress(), drift=DriftPolicy("Report"))
    (key,) = menu.manifest["metadata"]["annotations"]
    action = next(
        iter(ingress(services=[("front", 80)]).manifest["metadata"]["annotations"].values())
    )
    seen = found(live(menu, edits={f"metadata.annotations@{key}": action}), live(service("front")))
    assert held_by(plan(wanted(menu), seen)) == {Guard.BACKEND}
    assert plan(wanted(replace(menu, drift=DriftPolicy())), seen).holds == ()


# --- what is not ours ----------------------------------------------------------------------------


def of(owner: Owner, item: DesiredObject) -> ObservedObject:
    return live(
        item,
        edits={
            "metadata.labels@gitopsd.io/instance": owner.instance,
            "metadata.labels@gitopsd.io/target": owner.target,
        },
    )


@pytest.mark.parametrize("other", [Owner("beta", "edge"), Owner("acme", "old-edge")])
def test_what_another_gitopsd_holds_is_taken_only_from_it_by_name(other: Owner) -> None:
    item = service()
    seen, name = found(foreign=[of(other, item)]), frozenset({item.identity})
    for options in ({}, {"adopt": name}, {"adopt_from": frozenset({other})}):
        held = plan(wanted(item), seen, **options)
        assert held_by(held) == {Guard.ADOPTION}
        assert f"instance {other.instance}, target {other.target}" in the_hold(held).reason
        assert f"--adopt Service/shop/tea --adopt-from {other}" in the_hold(held).release
    wrong = plan(wanted(item), seen, adopt=name, adopt_from=frozenset({Owner("x", "y")}))
    assert held_by(wrong) == {Guard.ADOPTION}
    free = plan(wanted(item), seen, adopt=name, adopt_from=frozenset({other}))
    assert free.holds == ()
    assert f"taken over from another gitopsd, {other}" in free.steps[0].why
    assert free.hash == plan(wanted(item), seen).hash
    only = plan(wanted(item), seen, adopt_from=frozenset({other}))
    assert only.steps[0].why == ""


def test_labels_taken_off_ours_are_told_from_a_thing_of_others() -> None:
    item = service()
    stripped = live(item, edits={"metadata.labels@gitopsd.io/instance": None})
    assert "labels were taken off" in the_hold(plan(wanted(item), found(foreign=[stripped]))).reason
    theirs = replace(stripped, managed_fields=b'[{"manager":"helm","operation":"Update"}]')
    hold = the_hold(plan(wanted(item), found(foreign=[theirs])))
    assert hold.reason == "Service/shop/tea exists, and is not ours: it was written by helm"


# --- drift that most of a target shares -----------------------------------------------------------


def drifted(items: list[DesiredObject], number: int, **edits: Any) -> ObservedTarget:
    """The first `number` of the items edited by somebody, the rest as they were applied."""
    return found(*alive(items[:number], edits=edits or LOCAL), *alive(items[number:]))


def test_drift_that_more_than_half_of_a_target_shares_waits() -> None:
    items = services(9)
    assert_approvable(wanted(*items), drifted(items, 5), Guard.ALIKE)
    hold = the_hold(plan(wanted(*items), drifted(items, 5)))
    assert hold.reason.startswith(
        "5 of the 9 things of ours at this target drifted alike"
        " (spec.externalTrafficPolicy changed, written by kubectl-edit)"
    )


@pytest.mark.parametrize(("total", "number"), [(4, 4), (10, 5), (9, 4)])
def test_fewer_than_half_or_than_five_things_are_put_right(total: int, number: int) -> None:
    items = services(total)
    result = plan(wanted(*items), drifted(items, number))
    assert (len(result.active), result.holds) == (number, ())


def test_what_git_changed_everywhere_goes_on() -> None:
    before, after = services(9), services(9, type="NodePort")
    assert plan(wanted(*after), found(*alive(before))).holds == ()


def test_a_field_of_another_name_in_each_thing_is_alike_and_another_direction_is_not() -> None:
    items = [
        service(f"s{n}", annotations={f"service.beta.kubernetes.io/x{n}": "1"}) for n in range(8)
    ]
    gone = [
        live(item, edits={f"metadata.annotations@service.beta.kubernetes.io/x{n}": None})
        for n, item in enumerate(items)
    ]
    assert held_by(plan(wanted(*items), found(*gone))) == {Guard.ALIKE}
    moved = [
        live(item, edits={f"metadata.annotations@service.beta.kubernetes.io/x{n}": "2"})
        for n, item in enumerate(items)
    ]
    assert held_by(plan(wanted(*items), found(*gone[:4], *moved[4:]))) == set()


def test_things_of_all_kinds_deleted_at_once_wait() -> None:
    stock = group("warehouse", SERVER)
    items: list[Any] = [*services(4), ingress(), stock, service("kept")]
    entries = {
        thing.identity: thing.digest if thing is stock else live(thing).labels["gitopsd.io/digest"]
        for thing in items
    }
    seen = found(live(service("kept")), record=Record(entries=entries))
    assert_approvable(wanted(*items), seen, Guard.ALIKE)
    assert "(deleted)" in the_hold_of(plan(wanted(*items), seen), Guard.ALIKE).reason


def the_hold_of(result: Plan, guard: Guard) -> Hold:
    return next(s.hold for s in result.steps if s.hold and s.hold.guard is guard)


def test_a_first_apply_is_never_taken_for_drift() -> None:
    assert plan(wanted(*services(20)), found()).holds == ()
    items = services(9)
    new = [service(f"new{n}") for n in range(30)]
    assert held_by(plan(wanted(*items, *new), drifted(items, 5))) == {Guard.ALIKE}


def test_drift_that_a_mode_leaves_alone_does_not_count_until_a_person_asks() -> None:
    policy = ignoring("Service/spec", "Report")
    items = services(9, drift=policy)
    assert plan(wanted(*items), drifted(items, 9)).empty
    assert held_by(plan(wanted(*items), drifted(items, 9), correct=True)) == {Guard.ALIKE}


def test_other_steps_go_on_beside_drift_that_waits() -> None:
    items = services(9)
    moved = service("other", type="NodePort")
    seen = found(*alive(items[:6], edits=LOCAL), *alive(items[6:]), live(service("other")))
    result = plan(wanted(*items, moved), seen)
    assert [step.identity.name for step in result.active] == ["other"]


@pytest.mark.parametrize(
    ("others", "told"), [(0, "servers[192.168.20.11:8080].weight"), (1, "servers[…].weight")]
)
def test_members_moved_in_most_groups_wait(others: int, told: str) -> None:
    servers = [(f"192.168.20.{11 + others * n}", 8080, 100) for n in range(6)]
    stocks = [group(f"g{n}", one, drift=DriftPolicy("Correct")) for n, one in enumerate(servers)]
    edited = [
        live_group(stock, f"sgp-{n}", members=[member(servers[n][0], 8080, 7)])
        for n, stock in enumerate(stocks)
    ]
    held = plan(wanted(*stocks), found(*edited))
    assert Guard.ALIKE in held_by(held)
    assert f"drifted alike ({told} changed" in the_hold_of(held, Guard.ALIKE).reason


# --- what a load balancer keeps -------------------------------------------------------------------

_LB = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"


def test_an_option_taken_away_says_what_the_load_balancer_keeps() -> None:
    before = service(annotations={_LB + "persistence-timeout": "900", _LB + "backend-label": "a=b"})
    result = plan(wanted(service()), found(live(before)))
    (told,) = [notice for notice in result.notices if notice.id == "GX1011"]
    assert "Service/shop/tea" in told.what
    assert told.mend.endswith("persistence-timeout: 0")
    inside = service(type="ClusterIP")
    assert not [n for n in plan(wanted(inside), found(live(before))).notices if n.id == "GX1011"]
