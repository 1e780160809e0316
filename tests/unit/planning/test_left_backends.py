"""No route is led to a backend of ours that the drift policy leaves gone or as somebody made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredGroup, DesiredObject, DriftPolicy, ModeSpan
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.observed import ObservedObject, ObservedTarget, Record
from gitopsd.model.ownership import DIGEST, LABELS
from gitopsd.model.plan import Guard, Hold, Plan
from gitopsd.planning import PlanOptions
from gitopsd.profiles.annotations import ACTIONS
from tests.unit.build import OWNER, found, group, ingress, live, service, wanted

TODAY = date(2026, 11, 22)
REPORT = DriftPolicy("Report")
FORWARD = f"metadata.annotations@{ACTIONS}forward"
MENU = ingress()
#: Somebody has moved the only port of the Service.
MOVED = {"spec.ports": [{"name": "http", "port": 8080, "targetPort": 8080, "protocol": "TCP"}]}
CREATED = ["create Service shop/tea-svc", "create Ingress shop/menu"]


def tea(drift: DriftPolicy = REPORT, port: int = 80) -> DesiredObject:
    ports = ({"name": "http", "port": port, "targetPort": 8080},)
    return service("tea-svc", type="NodePort", ports=ports, drift=drift)


def plan(*things: Any, seen: ObservedTarget, overlay: bool = False, **options: Any) -> Plan:
    desired = wanted(*things, overlay=overlay)
    return plan_target(desired, seen, OWNER, PlanOptions(TODAY, **options))


def world(*things: ObservedObject, record: Record | None = None, **more: Any) -> ObservedTarget:
    return found(*things, services={}, record=record, **more)


def applied(*items: DesiredObject, holds: tuple[DriftHold, ...] = ()) -> Record:
    """The record after these were applied."""
    return Record(
        entries={item.identity: live(item).labels[DIGEST] for item in items},
        fields={item.identity: remember(item.manifest) for item in items},
        annotations={hold.key: hold.text for hold in holds},
    )


def keys(result: Plan) -> list[str]:
    return [step.key for step in result.steps]


def held(result: Plan) -> Hold:
    """The only hold of the plan: why the Ingress waits."""
    (step,) = result.holds
    assert step.key.split(maxsplit=1)[1] == "Ingress shop/menu"
    assert step.hold is not None
    assert step.hold.guard is Guard.BACKEND
    assert step.hold.chinese is not None
    return step.hold


def test_no_route_is_led_to_a_service_that_was_deleted_by_hand_and_is_left_so() -> None:
    seen = world(record=applied(tea()))
    result = plan(tea(), MENU, seen=seen)
    assert keys(result) == ["create Ingress shop/menu"]
    reason = held(result)
    assert "Service/shop/tea-svc was deleted by hand" in reason.reason
    assert "left so by drift mode Report" in reason.reason
    assert reason.chinese
    assert "因漂移模式 Report" in reason.chinese.reason
    assert "apply --correct, which makes it again; or give it drift mode Correct" in reason.release


@pytest.mark.parametrize(
    ("things", "options", "steps"),
    [
        ((tea(), MENU), {"correct": True}, CREATED),
        ((tea(DriftPolicy()), MENU), {}, CREATED),
        ((tea(), ingress(services=())), {}, ["create Ingress shop/menu"]),
    ],
    ids=["--correct", "drift mode Correct", "the backend taken out"],
)
def test_each_way_out_lets_the_route_go_in_the_same_plan_and_leaves_nothing_for_the_next(
    things: Any, options: dict[str, Any], steps: list[str]
) -> None:
    result = plan(*things, seen=world(record=applied(tea())), **options)
    assert keys(result) == steps
    assert result.holds == ()
    there = [live(item) for item in things if f"create {item.identity}" in told(result)]
    assert plan(*things, seen=world(*there, record=applied(*things))).empty


def told(result: Plan) -> set[str]:
    return {f"{step.operation} {step.identity}" for step in result.steps}


@pytest.mark.parametrize("path", ["Service", "Service/spec"])
def test_a_hold_that_leaves_the_service_is_named_with_its_end_and_the_way_to_lift_it(
    path: str,
) -> None:
    item = tea(DriftPolicy())
    hold = DriftHold(item.exposure, path, "2026-11-30", "migration")
    edits = {} if path == "Service" else MOVED
    there = [live(item, edits=edits)] if edits else []
    record = applied(item, holds=(hold,))
    reason = held(plan(item, MENU, seen=world(*there, record=record)))
    assert f"the hold on {path} (migration), in force until 2026-11-30" in reason.reason
    lift = f"gitopsd drift hold {item.exposure} --release --path {path} --target edge"
    assert f"lift the hold: {lift}" in reason.release
    assert "alone" not in reason.release
    lifted = replace(record, annotations={})
    assert plan(item, MENU, seen=world(*there, record=lifted)).holds == ()


def test_of_a_hold_over_a_mode_that_leaves_drift_too_both_have_to_go() -> None:
    hold = DriftHold(tea().exposure, "Service", "2026-11-30", "migration")
    reason = held(plan(tea(), MENU, seen=world(record=applied(tea(), holds=(hold,)))))
    assert "alone is not enough: give it drift mode Correct too" in reason.release
    assert reason.chinese
    assert "仅此不够，还需将其漂移模式改为 Correct" in reason.chinese.release


def test_an_exception_in_git_is_named() -> None:
    span = ModeSpan("Service/spec.ports", "Ignore", None, "vendor")
    item = tea(DriftPolicy("Correct", (span,)))
    seen = world(live(item, edits=MOVED), record=applied(item))
    reason = held(plan(item, MENU, seen=seen))
    assert "left so by the exception for Service/spec.ports (vendor)" in reason.reason
    assert "take the exception for Service/spec.ports (vendor) out of Git" in reason.release


def test_no_route_is_led_to_a_port_that_somebody_took_away() -> None:
    seen = world(live(tea(), edits=MOVED), record=applied(tea()))
    reason = held(plan(tea(), MENU, seen=seen))
    assert "Service/shop/tea-svc has no port 80 (it declares 8080)" in reason.reason
    assert "have Git ask for a port that it declares" in reason.release
    assert plan(tea(), MENU, seen=seen, correct=True).holds == ()
    followed = plan(tea(port=8080), ingress(services=[("tea-svc", 8080)]), seen=seen)
    assert "create Ingress shop/menu" in keys(followed)
    assert followed.holds == ()


def test_a_port_that_somebody_added_beside_ours_holds_nothing() -> None:
    ports = [*tea().manifest["spec"]["ports"], {**MOVED["spec.ports"][0], "name": "more"}]
    seen = world(live(tea(), edits={"spec.ports": ports}), record=applied(tea()))
    assert plan(tea(), MENU, seen=seen).holds == ()


def test_a_service_taken_back_with_another_port_takes_no_route_to_ours() -> None:
    marks = {f"metadata.labels@{label}": None for label in LABELS}
    there = live(tea(), edits={**MOVED, **marks})
    seen = world(foreign=[there], record=applied(tea()))
    result = plan(tea(), MENU, seen=seen, adopt=frozenset({tea().identity}))
    assert keys(result) == ["adopt Service shop/tea-svc", "create Ingress shop/menu"]
    assert "has no port 80 (it declares 8080)" in held(result).reason


def test_with_flannel_no_route_is_led_to_what_somebody_made_internal() -> None:
    seen = world(live(tea(), edits={"spec.type": "ClusterIP"}), record=applied(tea()))
    assert "of type ClusterIP and is left so" in held(plan(tea(), MENU, seen=seen, overlay=True)
    ).reason  # fmt: skip
    assert plan(tea(), MENU, seen=seen).holds == ()


@pytest.mark.parametrize("edits", [None, MOVED], ids=["gone", "moved"])
def test_what_the_live_ingress_sends_to_already_is_not_doubted(edits: Any) -> None:
    there = [live(tea(), edits=edits)] if edits else []
    seen = world(live(MENU), *there, record=applied(tea(), MENU))
    changed = plan(tea(), ingress(weight=30), seen=seen)
    assert keys(changed) == ["update Ingress shop/menu"]
    assert changed.holds == ()


@pytest.mark.parametrize("edits", [None, MOVED], ids=["gone", "moved"])
def test_a_share_for_what_had_none_is_a_new_one(edits: Any) -> None:
    there = [live(tea(), edits=edits)] if edits else []
    before = ingress(weight=0)
    seen = world(live(before), *there, record=applied(tea(), before))
    held(plan(tea(), ingress(weight=5), seen=seen))


def test_a_route_that_somebody_led_away_is_not_led_back_to_what_is_left_gone() -> None:
    menu = replace(MENU, drift=DriftPolicy())
    away = next(iter(ingress(services=[("x", 80)]).manifest["metadata"]["annotations"].values()))
    seen = world(live(menu, edits={FORWARD: away}), record=applied(tea(), menu))
    held(plan(tea(), menu, seen=seen))
    assert keys(plan(tea(), replace(menu, drift=REPORT), seen=seen)) == []


def test_a_group_that_is_left_gone_is_told_with_the_policy_that_leaves_it() -> None:
    stock: DesiredGroup = group("warehouse", ("192.168.20.11", 80, 100), drift=REPORT)
    menu = ingress(groups=[stock.identity], services=())
    seen = world(record=Record(entries={stock.identity: stock.digest}))
    reason = held(plan(stock, menu, seen=seen))
    assert "ServerGroup/shop/warehouse was deleted by hand and is left so by drift" in reason.reason
    assert plan(stock, menu, seen=seen, correct=True).holds == ()


@given(
    st.permutations([tea(), MENU, service("zeta"), ingress("alpha", services=[("tea-svc", 80)])])
)
def test_the_order_of_what_is_read_never_matters(things: list[DesiredObject]) -> None:
    seen = world(record=applied(tea()))
    result = plan(*things, seen=seen)
    assert {step.identity.name for step in result.holds} == {"menu", "alpha"}
    assert result == plan(*sorted(things, key=lambda item: item.identity), seen=seen)
