"""What a plan says for each situation, and in which order."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gitopsd.diff.actions import weights_in
from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.approval import APPROVE, Approval
from gitopsd.model.desired import DesiredObject, DesiredTarget, DriftPolicy, Limits
from gitopsd.model.digest import digest
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.identity import Identity
from gitopsd.model.observed import BackendService, Gap, ObservedTarget, Record
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Guard, Operation, Plan
from gitopsd.planning import PlanOptions
from gitopsd.profiles.annotations import ACTIONS
from tests.unit.build import (
    OWNER,
    backend,
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

A, B = ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100)
TODAY = date(2026, 11, 22)
ACTION = "alb.ingress.kubernetes.io/actions.forward"


def plan(desired: DesiredTarget, observed: ObservedTarget, **options: Any) -> Plan:
    return plan_target(desired, observed, OWNER, PlanOptions(TODAY, **options))


def keys(result: Plan) -> list[str]:
    return [step.key for step in result.steps]


def guards(result: Plan) -> dict[str, Guard]:
    return {step.key: step.hold.guard for step in result.steps if step.hold}


def test_nothing_differs_means_no_step() -> None:
    stock = group("warehouse", A)
    item = ingress(groups=[stock.identity])
    ids = {stock.identity: "sgp-one"}
    assert plan(wanted(item, stock), found(live(item, ids), live_group(stock))).empty


def test_things_come_in_the_order_group_members_service_ingress() -> None:
    stock, item, front = group("warehouse", A), None, service("menu")
    item = ingress(groups=[stock.identity])
    result = plan(wanted(item, stock, front), found())
    assert keys(result) == [
        "create ServerGroup shop/warehouse",
        "create Members shop/warehouse",
        "update ServerGroup shop/warehouse tags",
        "create Service shop/menu",
        "create Ingress shop/menu",
    ]
    needs = result.steps[-1].needs
    assert set(needs) == {keys(result)[0], keys(result)[1], keys(result)[3]}
    assert result.active == result.steps


def test_things_go_in_the_reverse_order() -> None:
    stock, front = group("warehouse", A), service("menu")
    item = ingress(groups=[stock.identity])
    seen = found(live(item, {stock.identity: "sgp-one"}), live(front), live_group(stock))
    result = plan(wanted(), seen)
    assert keys(result) == [
        "delete Ingress shop/menu",
        "delete Service shop/menu",
        "delete ServerGroup shop/warehouse sgp-one",
    ]
    assert keys(result)[0] in result.steps[1].needs
    assert keys(result)[0] in result.steps[2].needs


def test_the_order_of_what_is_read_never_matters() -> None:
    things: list[Any] = [service(f"s{n}") for n in range(6)]
    things += [group(f"g{n}", A, B) for n in range(6)]
    hashes = set()
    for seed in range(5):
        random.Random(seed).shuffle(things)
        hashes.add(plan(wanted(*things), found()).hash)
    assert len(hashes) == 1


def test_the_hash_ignores_the_revision_and_holds_and_sees_every_value() -> None:
    desired = wanted(service())
    one = plan(desired, found(), revision="a" * 40)
    assert one.hash == plan(desired, found(), revision="none").hash
    assert one.hash == plan(desired, found(namespaces=[])).hash
    assert one.hash != plan(wanted(service(type="NodePort")), found()).hash


def test_an_object_that_others_made_is_refused_until_it_is_adopted() -> None:
    item = service()
    theirs = live(
        item,
        edits={"metadata.labels@gitopsd.io/instance": None, "spec.type": "NodePort"},
    )
    held = plan(wanted(item), found(foreign=[theirs]))
    assert guards(held) == {"adopt Service shop/tea": Guard.ADOPTION}
    hold = held.steps[0].hold
    assert hold is not None
    assert "kubectl-edit" in hold.reason
    assert hold.release == "--adopt Service/shop/tea"
    free = plan(wanted(item), found(foreign=[theirs]), adopt=frozenset({item.identity}))
    assert guards(free) == {}
    assert {c.path for c in free.steps[0].changes} >= {"spec.type"}
    assert free.hash == held.hash


def test_a_replacement_waits_for_a_word_and_says_that_the_address_changes() -> None:
    before, after = service(), service(loadBalancerClass="alibabacloud.com/nlb")
    held = plan(wanted(after), found(live(before)))
    assert guards(held) == {"replace Service shop/tea": Guard.REPLACEMENT}
    assert "address changes" in held.steps[0].why
    for allowed in (after.identity, after.exposure):
        free = plan(wanted(after), found(live(before)), replace=frozenset({allowed}))
        assert guards(free) == {}


def test_a_group_of_another_shape_serves_until_its_replacement_is_allowed() -> None:
    before, after = group("warehouse", A), group("warehouse", A, protocol="HTTPS")
    item = ingress(groups=[after.identity])
    seen = found(live(item, {after.identity: "sgp-one"}), live_group(before))
    held = plan(wanted(item, after), seen)
    assert not held.active
    assert guards(held)["create ServerGroup shop/warehouse"] is Guard.REPLACEMENT
    free = plan(wanted(item, after), seen, replace=frozenset({after.identity}))
    assert keys(free) == [
        "create ServerGroup shop/warehouse",
        "create Members shop/warehouse",
        "update ServerGroup shop/warehouse tags",
        "update Ingress shop/menu",
        "delete ServerGroup shop/warehouse sgp-one",
    ]
    assert "update Ingress shop/menu" in free.steps[-1].needs


def test_new_members_come_before_old_ones_leave() -> None:
    before, after = group("warehouse", A), group("warehouse", B)
    result = plan(wanted(after), found(live_group(before)))
    assert keys(result) == [
        "create Members shop/warehouse sgp-one",
        "delete Members shop/warehouse sgp-one",
        "update ServerGroup shop/warehouse sgp-one tags",
    ]
    assert keys(result)[0] in result.steps[1].needs


def test_a_weight_that_somebody_set_to_zero_is_left_until_a_person_asks() -> None:
    item = group("warehouse", A, B)
    drained = live_group(item, members=[member(A[0], 8080, 0), member(*B)])
    assert plan(wanted(item), found(drained)).empty
    asked = plan(wanted(item), found(drained), correct=True)
    assert keys(asked) == ["update Members shop/warehouse sgp-one"]
    (told,) = (item for item in asked.notices if item.id == "GX1013")
    assert "weight 0" in told.what
    assert A[0] in told.what


def test_correct_names_the_holds_that_it_overrides_and_no_others() -> None:
    item = service()
    holds = [
        DriftHold(item.exposure, f"Service/spec.{name}", "2026-12-01", f"{name} incident")
        for name in ("externalTrafficPolicy", "selector")
    ]
    record = Record(annotations={hold.key: hold.text for hold in holds})
    seen = found(live(item, edits={"spec.externalTrafficPolicy": "Local"}), record=record)
    assert plan(wanted(item), seen).empty
    asked = plan(wanted(item), seen, correct=True)
    assert keys(asked) == ["update Service shop/tea"]
    (told,) = (item for item in asked.notices if item.id == "GX1013")
    assert "externalTrafficPolicy incident" in told.what
    assert "until 2026-12-01" in told.what


def test_a_member_that_others_added_is_taken_over_only_by_adoption() -> None:
    item = group("warehouse", A)
    seen = found(live_group(item, members=[member(A[0], 8080, 100, "by hand")]))
    held = plan(wanted(item), seen)
    assert guards(held) == {"adopt Members shop/warehouse sgp-one": Guard.ADOPTION}
    hold = held.steps[0].hold
    assert hold is not None
    assert "added by somebody else, or the mark was edited" in hold.reason
    free = plan(wanted(item), seen, adopt=frozenset({item.identity}))
    assert guards(free) == {}


def test_a_stranger_in_our_group_is_told_and_left_alone() -> None:
    item = group("warehouse", A)
    seen = live_group(item, members=[member(*A), member(B[0], 8080, 5, "by hand")])
    result = plan(wanted(item), found(seen), correct=True)
    assert result.empty
    assert [notice.id for notice in result.notices] == ["GX1003"]


def test_retain_takes_our_marks_off_and_leaves_the_group() -> None:
    item = group("warehouse", A, retain=True)
    result = plan(wanted(), found(live_group(item)))
    assert keys(result) == ["release ServerGroup shop/warehouse sgp-one"]


def test_a_leaf_of_a_health_check_that_is_left_is_sent_as_it_was_found() -> None:
    for mode in ("Ignore", "Report"):
        policy = ignoring("ServerGroup/HealthCheckConfig.HealthCheckInterval", mode)
        item = group("warehouse", A, drift=policy)
        check = {**item.create["HealthCheckConfig"], "HealthCheckInterval": 9}
        check["HealthCheckPath"] = "/by-hand"
        seen = found(live_group(item, attributes={"HealthCheckConfig": check}))
        (step,) = plan(wanted(item), seen).steps
        sent = step.payload["update"]["HealthCheckConfig"]
        assert (sent["HealthCheckInterval"], sent["HealthCheckPath"]) == (9, "/healthz")
        (step,) = plan(wanted(item), seen, correct=True).steps
        assert step.payload["update"]["HealthCheckConfig"]["HealthCheckInterval"] == 2


def test_reported_drift_stays_and_git_wins_where_it_moved() -> None:
    edits = {"spec.externalTrafficPolicy": "Local"}
    policy = ignoring("Service/spec", "Report")
    quiet = service(drift=policy)
    assert plan(wanted(quiet), found(live(quiet, edits=edits))).empty
    moved = service(drift=policy, type="NodePort")
    result = plan(wanted(moved), found(live(quiet, edits=edits)))
    assert {c.path for c in result.steps[0].changes} == {
        "spec.type",
        "metadata.labels[gitopsd.io/digest]",
    }
    assert "externalTrafficPolicy" not in result.steps[0].payload["manifest"]["spec"]


def test_correct_overrides_report_once() -> None:
    item = service(drift=ignoring("Service/spec", "Report"))
    seen = found(live(item, edits={"spec.externalTrafficPolicy": "Local"}))
    assert keys(plan(wanted(item), seen, correct=True)) == ["update Service shop/tea"]


def test_an_expired_exception_counts_no_more() -> None:
    item = service(drift=ignoring("Service/spec", until="2026-11-21"))
    seen = found(live(item, edits={"spec.externalTrafficPolicy": "Local"}))
    assert keys(plan(wanted(item), seen)) == ["update Service shop/tea"]
    today = service(drift=ignoring("Service/spec", until="2026-11-22"))
    assert plan(wanted(today), seen).empty


@pytest.mark.parametrize(
    ("services", "words"),
    [
        ({("shop", "tea-svc"): None}, "does not exist"),
        ({("shop", "tea-svc"): backend(8080)}, "has no port 80"),
    ],
)
def test_an_ingress_never_names_a_backend_that_would_stop_the_alb(
    services: Any, words: str
) -> None:
    result = plan(wanted(ingress()), found(services=services))
    assert guards(result) == {"create Ingress shop/menu": Guard.BACKEND}
    hold = result.steps[0].hold
    assert hold is not None
    assert words in hold.reason


def test_every_backend_that_could_not_take_traffic_is_named_at_once() -> None:
    item = ingress(services=[("tea-svc", 80), ("milk", 81), ("tea-svc", 82), ("sugar", 80)])
    services = {("shop", "tea-svc"): backend(8080), ("shop", "milk"): None}
    services[("shop", "sugar")] = backend(80)
    (step,) = plan(wanted(item), found(services=services)).steps
    assert step.hold is not None
    told = step.hold.reason
    assert ("no port 80 " in told, "shop/milk" in told, "no port 82 " in told) == (True,) * 3
    assert "shop/sugar" not in told
    assert step.hold.chinese is not None
    assert step.hold.chinese.reason.count("；") == 2


ENI = {"service.beta.kubernetes.io/backend-type": "eni"}


@pytest.mark.parametrize(
    "service_there",
    [backend(80, type="ClusterIP", annotations=ENI), backend(80, type="LoadBalancer"), backend(80)],
)
def test_a_backend_that_the_alb_can_reach_holds_nothing(service_there: BackendService) -> None:
    result = plan(wanted(ingress()), found(services={("shop", "tea-svc"): service_there}))
    assert guards(result) == {}


INTERNAL = {("shop", "tea-svc"): backend(80, type="ClusterIP")}


def test_a_backend_that_only_the_cluster_reaches_is_held_with_flannel_and_told_with_terway() -> (
    None
):
    terway = wanted(ingress())
    told, held = (
        plan(w, found(services=INTERNAL)) for w in (terway, replace(terway, overlay=True))
    )
    assert guards(told) == {}
    assert "GX1019" in [item.id for item in told.notices]
    assert guards(held) == {"create Ingress shop/menu": Guard.BACKEND}
    assert "GX1019" not in [item.id for item in held.notices]


def test_a_cluster_service_that_the_live_ingress_sends_to_is_not_doubted() -> None:
    before, after = ingress(weight=80), ingress(weight=70)
    result = plan(wanted(after), found(live(before), services=INTERNAL))
    assert keys(result) == ["update Ingress shop/menu"]
    assert guards(result) == {}
    assert "GX1019" not in [item.id for item in result.notices]
    flannel = plan(replace(wanted(after), overlay=True), found(live(before), services=INTERNAL))
    assert guards(flannel) == {"update Ingress shop/menu": Guard.BACKEND}


def test_a_missing_namespace_holds_what_is_in_it_and_nothing_else() -> None:
    result = plan(wanted(service(), service("bar", "other")), found())
    assert guards(result) == {"create Service other/bar": Guard.NAMESPACE}


def test_a_namespace_beyond_those_allowed_is_not_called_missing() -> None:
    result = plan(wanted(service("bar", "other")), found(confined=True))
    hold = result.steps[0].hold
    assert hold is not None
    assert hold.guard is Guard.NAMESPACE
    assert "confined" in hold.reason
    assert "does not exist" not in hold.reason


def test_nothing_is_planned_for_a_kind_that_could_not_be_read() -> None:
    gaps = (Gap("services", "403", frozenset({"Service"})),)
    result = plan(wanted(service()), found(live(service("old")), gaps=gaps))
    assert guards(result) == {"delete Service shop/old": Guard.INCOMPLETE}
    assert not result.active


def test_a_held_step_holds_what_needs_it() -> None:
    before, after = group("warehouse", A), group("warehouse", A, protocol="HTTPS")
    result = plan(wanted(after), found(live_group(before)))
    assert set(guards(result).values()) == {Guard.REPLACEMENT, Guard.DEPENDENCY}


def test_a_percentage_counts_only_from_five_deletions_on() -> None:
    stay = [service(f"stay{n}") for n in range(4)]
    gone = [service(f"gone{n}") for n in range(5)]
    limits = Limits(10, 20)
    four = found(*(live(s) for s in [*stay, *gone[:4]]))
    five = found(*(live(s) for s in [*stay, *gone]))
    assert not guards(plan(wanted(*stay, limits=limits), four))
    held = guards(plan(wanted(*stay, limits=limits), five))
    assert set(held.values()) == {Guard.MAX_DELETE_PERCENT}


def test_nothing_is_deleted_while_a_file_cannot_be_read() -> None:
    desired = wanted(hold_deletions=["broken.yaml could not be read"])
    assert guards(plan(desired, found(live(service())))) == {
        "delete Service shop/tea": Guard.UNREADABLE
    }


def test_a_held_document_keeps_what_it_made() -> None:
    stock = group("warehouse", A)
    held = [stock.identity, Identity("Exposure", "shop", "tea")]
    seen = found(live(service()), live_group(stock))
    result = plan(wanted(held=held), seen)
    assert result.empty
    assert set(result.settled) == {stock.identity, Identity("Service", "shop", "tea")}


def test_a_group_is_not_left_without_a_serving_member_unasked() -> None:
    before, after = group("warehouse", A), group("warehouse")
    held = plan(wanted(after), found(live_group(before)))
    assert guards(held)["delete Members shop/warehouse sgp-one"] is Guard.CAPACITY
    assert plan(wanted(after), found(live_group(before)), approve=held.hash).holds == ()


def test_another_cluster_than_the_pinned_one_is_refused_whole() -> None:
    desired = wanted(service(), cluster_uid="uid-a")
    assert plan(desired, found(cluster_uid="uid-a")).holds == ()
    for uid in ("uid-b", None):
        assert set(guards(plan(desired, found(cluster_uid=uid))).values()) == {Guard.TARGET}


def test_an_object_under_deletion_is_made_again_when_it_has_gone() -> None:
    item = service()
    seen = live(item)
    metadata = {**seen.manifest["metadata"], "deletionTimestamp": "2026-11-22T00:00:00Z"}
    going = replace(seen, manifest={**seen.manifest, "metadata": metadata})
    assert keys(plan(wanted(item), found(going))) == ["replace Service shop/tea"]
    assert plan(wanted(), found(going)).empty


def test_a_group_deleted_by_hand_stays_away_where_drift_is_only_reported() -> None:
    item = group("warehouse", A, drift=DriftPolicy("Report"))
    record = Record(entries={item.identity: item.digest})
    result = plan(wanted(item), found(record=record))
    assert result.empty
    assert result.settled == {item.identity: item.digest}


def test_the_fields_of_an_ingress_are_remembered_in_mode_correct_and_without_actions_too() -> None:
    front, menu = service("front"), ingress()
    plain = {**menu.manifest, "metadata": {**menu.manifest["metadata"], "annotations": {}}}
    menu = replace(menu, manifest=plain)
    assert set(plan(wanted(front, menu), found(live(front), live(menu))).fields) == {menu.identity}


def test_an_ingress_deleted_with_its_group_is_remembered_while_both_are_left() -> None:
    stock = group("warehouse", A, drift=DriftPolicy("Report"))
    menu = ingress(groups=[stock.identity])
    entries = {stock.identity: stock.digest, menu.identity: "of the group that is gone"}
    result = plan(wanted(stock, menu), found(record=Record(entries=entries)))
    assert result.empty
    assert result.settled == entries


def test_what_could_not_be_seen_is_remembered_as_it_was_and_never_as_applied() -> None:
    stock, item = group("warehouse", A), service()
    gaps = (Gap("the ALB server groups", "no credentials", frozenset({"ALB", "Service"})),)
    assert plan(wanted(stock, item), found(gaps=gaps)).settled == {}
    record = Record(entries={stock.identity: "old", item.identity: "older"})
    kept = plan(wanted(stock, item), found(gaps=gaps, record=record)).settled
    assert kept == {stock.identity: "old", item.identity: "older"}


def test_an_ignored_exposure_is_made_and_follows_git() -> None:
    policy = DriftPolicy("Ignore")
    before = service(drift=policy)
    assert keys(plan(wanted(before), found())) == ["create Service shop/tea"]
    moved = service(drift=policy, type="NodePort")
    assert keys(plan(wanted(moved), found(live(before)))) == ["update Service shop/tea"]
    edited = live(before, edits={"spec.externalTrafficPolicy": "Local"})
    assert plan(wanted(before), found(edited)).empty
    stock = replace(group("warehouse", A), drift=policy)
    assert "create Members shop/warehouse" in keys(plan(wanted(stock), found()))


def test_a_service_stays_while_an_ingress_that_stays_routes_to_it() -> None:
    front, menu = service("front"), ingress(services=[("front", 80)])
    seen = found(live(front), live(menu), services={("shop", "front"): backend(80)})
    held = plan(wanted(menu), seen)
    assert guards(held)["delete Service shop/front"] is Guard.BACKEND
    away = plan(wanted(), seen)
    assert away.holds == ()
    (last,) = [s for s in away.steps if s.kind == "Service"]
    assert "delete Ingress shop/menu" in last.needs


def test_a_held_ingress_keeps_the_service_that_it_routes_to() -> None:
    front, menu = service("front"), ingress(services=[("front", 80)])
    desired = wanted(held=[menu.exposure])
    result = plan(desired, found(live(front), live(menu)))
    assert guards(result) == {"delete Service shop/front": Guard.BACKEND}


def test_an_object_without_its_label_is_kept_while_a_document_of_its_namespace_is_held() -> None:
    stray = live(service(), edits={"metadata.labels@gitopsd.io/exposure": None})
    held = wanted(held=[Identity("Exposure", "shop", "other")])
    assert plan(held, found(stray)).empty


@pytest.mark.parametrize("given", [set(), {"adopt"}, {"replace"}])
@pytest.mark.parametrize("rival", [False, True])
def test_what_has_to_be_taken_over_and_made_anew_names_all_options_at_once(
    given: set[str], rival: bool
) -> None:
    item = service()
    edits: dict[str, Any] = {"spec.clusterIP": "None", "spec.type": "ClusterIP"}
    edits["metadata.labels@gitopsd.io/instance"] = "other" if rival else None
    there = found(foreign=[live(item, edits=edits)])
    every: dict[str, Any] = {"adopt": {item.identity}, "replace": {item.identity}}
    every["adopt_from"] = {Owner("other", OWNER.target)}
    named = {option: every[option] for option in given}
    if "adopt" in given:
        named["adopt_from"] = every["adopt_from"]
    (step,) = plan(wanted(item), there, **named).steps
    assert step.hold is not None
    assert step.hold.chinese is not None
    both = {"--adopt Service/shop/tea", "--replace Service/shop/tea"}
    both |= {"--adopt-from other/edge"} if rival else set()
    for text in (step.hold.release, step.hold.chinese.release):
        assert all(option in text for option in both)
    assert not plan(wanted(item), there, **every).holds


def test_an_adoption_that_cannot_become_what_is_wanted_is_a_replacement() -> None:
    nlb = service(loadBalancerClass="alibabacloud.com/nlb")
    theirs = live(service(), edits={"metadata.labels@gitopsd.io/instance": None})
    adopted = plan(wanted(nlb), found(foreign=[theirs]), adopt=frozenset({nlb.identity}))
    assert guards(adopted) == {"replace Service shop/tea": Guard.REPLACEMENT}


ADDRESS_TYPE = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type"
STRIPPED = {"metadata.labels@gitopsd.io/target": None}


def adopted_back(
    item: DesiredObject, edits: dict[str, Any], *, correct: bool = False
) -> tuple[set[str], dict[str, Any]]:
    """What taking back a thing of ours changes that lost a label and was edited, and sends."""
    record = Record(entries={item.identity: digest(item.manifest)},
                    fields={item.identity: remember(item.manifest)})  # fmt: skip
    there = found(foreign=[live(item, edits=STRIPPED | edits)], record=record)
    made = plan(wanted(item), there, adopt=frozenset({item.identity}), correct=correct)
    (step,) = made.active
    assert step.operation is Operation.ADOPT
    return {change.path for change in step.changes}, step.payload["manifest"]


@pytest.mark.parametrize("drift", [DriftPolicy("Report"), ignoring("Service/spec.selector")])
def test_what_is_taken_back_under_our_marks_keeps_the_drift_that_is_left_alone(
    drift: DriftPolicy,
) -> None:
    item = replace(service(), drift=drift)
    label = "metadata.labels[gitopsd.io/target]"
    edits = {"spec.selector.app": "old"}
    changed, sent = adopted_back(item, edits)
    assert changed == {label}
    assert sent["metadata"]["labels"]["gitopsd.io/target"] == OWNER.target
    assert "app" not in sent["spec"].get("selector", {})  # whose it is by now
    changed, sent = adopted_back(item, edits, correct=True)
    assert changed == {label, "spec.selector.app"}
    assert sent["spec"]["selector"]["app"] == "tea"


def test_a_destination_drained_by_hand_stays_drained_when_its_ingress_is_taken_back() -> None:
    item = ingress()
    key = f"metadata.annotations@{ACTIONS}forward"
    action = item.manifest["metadata"]["annotations"][ACTIONS + "forward"]
    drained = re.sub(r'"Weight": ?\d+', '"Weight":0', action, count=1)
    changed, sent = adopted_back(item, {key: drained})
    assert changed == {"metadata.labels[gitopsd.io/target]"}
    assert ACTIONS + "forward" not in sent["metadata"].get("annotations", {})  # it is theirs


@pytest.mark.parametrize("kind", ["ClusterIP", "NodePort"])
def test_what_has_no_load_balancer_is_taken_over_as_it_stands(kind: str) -> None:
    inside = service(annotations={ADDRESS_TYPE: "intranet"})
    edits: dict[str, Any] = {"spec.type": kind, "metadata.labels@gitopsd.io/instance": None}
    edits[f"metadata.annotations@{ADDRESS_TYPE}"] = None
    theirs = found(foreign=[live(inside, edits=edits)])
    (step,) = plan(wanted(inside), theirs, adopt=frozenset({inside.identity})).active
    assert step.operation is Operation.ADOPT


def test_a_group_with_members_of_others_is_not_deleted_unasked() -> None:
    stock = group("warehouse", A)
    seen = live_group(stock, members=[member(*A), member(B[0], 8080, 5, "by hand")])
    held = plan(wanted(), found(seen))
    assert set(guards(held).values()) == {Guard.SHARED}
    assert plan(wanted(), found(seen), approve=held.hash).holds == ()


def test_a_wrong_cluster_makes_the_plan_say_so() -> None:
    result = plan(wanted(cluster_uid="uid-a"), found(cluster_uid="uid-b"))
    assert result.wrong_cluster
    assert not result.complete


def test_a_route_that_stays_is_not_moved_to_a_group_that_serves_nothing() -> None:
    before, empty = ingress(), group("warehouse")
    after = ingress(services=[], groups=[empty.identity])
    held = plan(wanted(after, empty), found(live(before)))
    assert guards(held)["update Ingress shop/menu"] is Guard.CAPACITY
    approved = plan(wanted(after, empty), found(live(before)), approve=held.hash)
    assert approved.holds == ()
    full = group("warehouse", A)
    assert plan(wanted(after, full), found(live(before))).holds == ()
    theirs = live_group(empty, members=[member(B[0], 8080, 5, "by hand")])
    assert plan(wanted(after, empty), found(live(before), theirs)).holds == ()


def test_a_route_that_keeps_a_share_that_serves_may_move() -> None:
    before, drained = ingress(), group("warehouse", (A[0], 8080, 0))
    after = ingress(groups=[drained.identity])
    assert plan(wanted(after, drained), found(live(before))).holds == ()


def test_around_a_zero_that_somebody_set_the_other_weights_are_put_back() -> None:
    item = ingress(services=[("tea-svc", 80), ("coffee-svc", 80)])
    action = item.manifest["metadata"]["annotations"][ACTION]
    edited = action.replace('"Weight":80', '"Weight":77', 1).replace('"Weight":80', '"Weight":0')
    seen = live(item, edits={f"metadata.annotations@{ACTION}": edited})
    (step,) = plan(wanted(item), found(seen)).steps
    sent = step.payload["manifest"]["metadata"]["annotations"][ACTION]
    assert weights_in(sent) == {"tea-svc:80": 80, "coffee-svc:80": 0}
    assert step.changes[0].new == sent
    assert step.payload["digest"] == digest(item.manifest)
    after = live(item, edits={f"metadata.annotations@{ACTION}": sent})
    assert plan(wanted(item), found(after)).empty
    (asked,) = plan(wanted(item), found(seen), correct=True).steps
    assert asked.payload["manifest"]["metadata"]["annotations"][ACTION] == action


def test_a_zero_whose_keeping_would_leave_nobody_to_serve_is_left_with_all_the_action() -> None:
    item = ingress(services=[("tea-svc", 80), ("coffee-svc", 80)])
    action = item.manifest["metadata"]["annotations"][ACTION]
    asked = action.replace('"Weight":80,"ServicePort":80}]', '"Weight":0,"ServicePort":80}]')
    item.manifest["metadata"]["annotations"][ACTION] = asked
    swapped = action.replace('"Weight":80', '"Weight":0', 1)
    seen = live(item, edits={f"metadata.annotations@{ACTION}": swapped})
    assert plan(wanted(item), found(seen)).empty


def test_a_wrong_cluster_is_told_with_both_uids_where_no_step_is_due() -> None:
    item = service()
    pinned = wanted(item, cluster_uid="uid-one")
    result = plan(pinned, replace(found(live(item)), cluster_uid="uid-two"))
    (told,) = (item for item in result.notices if item.id == "GX1017")
    assert "uid-one" in told.what
    assert "uid-two" in told.what
    assert "clusterUid" in told.mend


def test_an_approval_of_another_plan_that_was_used_says_nothing_on_later_holds() -> None:
    pinned = wanted(hold_deletions=("a file",))
    name = "a" * 64
    used = Approval(name, "2026-11-22T08:00:00Z", "2026-11-22T08:05:00Z")
    noted = {APPROVE: f"{name} 2026-11-22T08:00:00Z"}
    record = Record(annotations=noted, approvals=(used,))
    observed = replace(found(live(service())), record=record)
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    result = plan(pinned, observed, now=now)
    assert result.holds
    for step in result.holds:
        assert step.hold is not None
        assert "names another plan" not in step.hold.release
