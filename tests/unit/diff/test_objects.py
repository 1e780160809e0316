"""What counts as a difference on a live Service or Ingress, and whose doing it was."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gitopsd.diff import compare_target
from gitopsd.diff.modes import treatment
from gitopsd.diff.ownership import writer_of
from gitopsd.drift.fights import movers
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import DesiredObject
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.ownership import DIGEST, LABELS
from gitopsd.model.verdict import Cause
from tests.unit.build import OWNER, found, group, ingress, live, live_group, service, wanted

TODAY = date(2026, 11, 22)
ZONES = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps"


def compare(item: DesiredObject, *seen: ObservedObject, **more: object) -> ObjectComparison:
    comparison = compare_target(wanted(item), found(*seen, **more), OWNER, today=TODAY)
    return comparison.objects[0]


def test_what_was_applied_and_only_defaulted_is_equal() -> None:
    item = service()
    assert compare(item, live(item)).differences == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.labels@team", "shop"),
        ("metadata.annotations@example.com/note", "hello"),
        ("spec.clusterIP", "10.9.9.9"),
        ("metadata.labels@service.beta.kubernetes.io/hash", "abc"),
    ],
)
def test_what_others_write_outside_the_closed_sets_is_not_ours_to_see(
    path: str, value: str
) -> None:
    item = service()
    assert compare(item, live(item, edits={path: value})).differences == ()


@pytest.mark.parametrize(
    ("edit", "value", "path"),
    [
        (f"metadata.annotations@{ZONES}", "a:b", f"metadata.annotations[{ZONES}]"),
        ("spec.externalIPs", ["192.0.2.1"], "spec.externalIPs"),
        ("spec.sessionAffinity", "ClientIP", "spec.sessionAffinity"),
        ("spec.loadBalancerSourceRanges", ["10.0.0.0/8"], "spec.loadBalancerSourceRanges"),
    ],
)
def test_an_addition_to_a_closed_set_is_drift_and_can_be_removed(
    edit: str, value: object, path: str
) -> None:
    item = service()
    result = compare(item, live(item, edits={edit: value}))
    (difference,) = result.differences
    assert (difference.path, difference.wanted, difference.cause) == (path, None, Cause.DRIFT)
    assert difference.who is not None
    assert difference.who.manager == "kubectl-edit"
    assert difference.who.time == "2026-11-02T09:30:00Z"
    assert path in result.additions


def test_an_edited_field_is_drift_and_names_the_editor() -> None:
    item = service()
    result = compare(item, live(item, edits={"spec.externalTrafficPolicy": "Local"}))
    (difference,) = result.differences
    assert difference.path == "spec.externalTrafficPolicy"
    assert (difference.wanted, difference.found) == ("Cluster", "Local")
    assert difference.cause is Cause.DRIFT
    assert difference.who is not None
    assert difference.who.manager == "kubectl-edit"


def test_a_field_that_git_changed_is_a_change() -> None:
    before, after = service(), service(externalTrafficPolicy="Local")
    causes = {d.path: d.cause for d in compare(after, live(before)).differences}
    assert causes == {
        "metadata.labels[gitopsd.io/digest]": Cause.CHANGE,
        "spec.externalTrafficPolicy": Cause.CHANGE,
    }


def test_where_git_and_somebody_both_moved_the_manager_decides_per_field() -> None:
    before, after = service(), service(type="NodePort")
    seen = live(before, edits={"spec.externalTrafficPolicy": "Local"})
    causes = {d.path: d.cause for d in compare(after, seen).differences}
    assert causes["spec.type"] is Cause.CHANGE
    assert causes["spec.externalTrafficPolicy"] is Cause.DRIFT


def test_an_annotation_that_git_dropped_is_a_change_that_the_apply_removes() -> None:
    before = service(annotations={ZONES: "a:b"})
    result = compare(service(), live(before))
    causes = {d.path: d.cause for d in result.differences}
    assert causes[f"metadata.annotations[{ZONES}]"] is Cause.CHANGE
    assert result.additions == {}


def test_a_selector_key_of_somebody_else_is_drift_because_it_changes_our_meaning() -> None:
    item = service()
    seen = live(item, edits={"spec.selector": {"app": "tea", "track": "canary"}})
    assert [d.path for d in compare(item, seen).differences] == ["spec.selector[track]"] or [
        d.path for d in compare(item, seen).differences
    ] == ["spec.selector.track"]


def test_a_missing_object_is_new_without_a_record_and_deleted_with_one() -> None:
    item = service()
    assert compare(item).differences[0].cause is Cause.CHANGE
    applied = live(item).labels["gitopsd.io/digest"]
    record = Record(entries={item.identity: applied})
    assert compare(item, record=record).differences[0].cause is Cause.DRIFT


def test_an_object_without_our_labels_is_foreign_and_never_drift() -> None:
    item = service()
    seen = live(item, edits={"metadata.labels@gitopsd.io/instance": None})
    result = compare(item, foreign=[seen])
    assert result.foreign is seen
    assert {d.cause for d in result.differences} == {Cause.CHANGE}


@pytest.mark.parametrize("mark", [mark for mark in LABELS if mark != DIGEST])
def test_where_git_moved_and_a_mark_was_taken_off_only_the_mark_is_drift(mark: str) -> None:
    before = service()
    ports = [{"name": "http", "port": 8080, "targetPort": 8080}]
    after = service(ports=ports, externalTrafficPolicy="Local")
    record = Record(entries={before.identity: live(before).labels[DIGEST]})
    seen = live(before, edits={f"metadata.labels@{mark}": None})
    strange = not OWNER.owns_labels(seen.labels)
    result = compare(after, *[] if strange else [seen], record=record,
                     foreign=[seen] if strange else [])  # fmt: skip
    drifted = {d.path for d in result.differences if d.cause is Cause.DRIFT}
    assert drifted == {f"metadata.labels[{mark}]"}
    assert len(result.differences) >= 4


def test_of_what_others_made_in_the_place_of_ours_nobody_took_a_mark_off() -> None:
    item = service()
    record = Record(entries={item.identity: live(item).labels[DIGEST]})
    marks = [mark for mark in LABELS if mark != DIGEST]
    stripped = live(item, edits={f"metadata.labels@{mark}": None for mark in marks})
    anew = replace(stripped, managed_fields=b'[{"manager": "kubectl-create", "fieldsV1": {}}]')
    for seen, note in (
        (stripped, "our mark was taken off"),
        (anew, "it was made anew by others, without our mark"),
    ):
        found = compare(item, record=record, foreign=[seen]).differences
        assert {d.path: d.note for d in found} == {f"metadata.labels[{m}]": note for m in marks}


def test_what_was_edited_on_an_object_without_our_marks_is_drift_beside_what_git_moved() -> None:
    before, after = service(), service(type="NodePort")
    record = Record(entries={before.identity: live(before).labels[DIGEST]})
    edits = {"metadata.labels@gitopsd.io/instance": None, "spec.externalTrafficPolicy": "Local"}
    result = compare(after, record=record, foreign=[live(before, edits=edits)])
    causes = {d.path: d.cause for d in result.differences}
    assert causes["spec.type"] is Cause.CHANGE
    assert causes["spec.externalTrafficPolicy"] is Cause.DRIFT


def test_changing_the_load_balancer_class_is_a_replacement() -> None:
    before, after = service(), service(loadBalancerClass="alibabacloud.com/nlb")
    assert "immutable" in compare(after, live(before)).replacement


def test_a_hand_edited_scheme_is_put_back_and_not_replaced() -> None:
    key = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type"
    item = service(annotations={key: "intranet"})
    assert (
        compare(item, live(item, edits={f"metadata.annotations@{key}": "internet"})).replacement
        == ""
    )
    assert compare(service(), live(item)).replacement != ""


def test_a_headless_service_cannot_become_one_with_an_address() -> None:
    seen = live(service(), edits={"spec.clusterIP": "None", "spec.type": "ClusterIP"})
    assert "headless" in compare(service(), foreign=[seen]).replacement
    inside = service(type="ClusterIP")
    assert compare(inside, foreign=[seen]).replacement == ""


@pytest.mark.parametrize(("name", "value"), [("name", "http"), ("appProtocol", "h2c")])
def test_what_somebody_puts_on_a_port_of_ours_is_drift(name: str, value: str) -> None:
    item = service(ports=[{"port": 80, "targetPort": 8080}])
    seen = live(item)
    seen.manifest["spec"]["ports"][0][name] = value
    result = compare(item, seen)
    path = f"spec.ports[80/TCP].{name}"
    assert [(d.path, d.wanted, d.cause) for d in result.differences] == [(path, None, Cause.DRIFT)]
    assert result.additions == {path: (("spec", "ports", "80/TCP", name),)}


def test_a_target_port_that_the_server_filled_in_is_no_drift_and_another_one_is() -> None:
    item = service(ports=[{"name": "http", "port": 80}])
    seen = live(item)
    seen.manifest["spec"]["ports"][0]["targetPort"] = 80
    assert compare(item, seen).differences == ()
    seen.manifest["spec"]["ports"][0]["targetPort"] = 81
    assert [d.path for d in compare(item, seen).differences] == ["spec.ports[80/TCP].targetPort"]


def test_an_ingress_carries_the_ids_of_its_groups_and_a_digest_once_they_are_known() -> None:
    stock = group("warehouse", ("192.168.20.11", 8080, 100))
    item = ingress(groups=[stock.identity])
    unknown = compare_target(wanted(item, stock), found(), OWNER, today=TODAY)
    assert unknown.objects[0].digest is None
    assert "<shop/warehouse>" in str(unknown.objects[0].wanted)
    known = compare_target(
        wanted(item, stock), found(live_group(stock, "sgp-7")), OWNER, today=TODAY
    )
    assert known.objects[0].digest is not None
    assert "sgp-7" in str(known.objects[0].wanted)


def test_a_weight_inside_the_action_is_told_in_words() -> None:
    before, after = ingress(weight=80), ingress(weight=60)
    notes = [d.note for d in compare(after, live(before)).differences]
    assert "tea-svc:80 weight 80 → 60" in notes


ACTION = "alb.ingress.kubernetes.io/actions.forward"


def typed(text: str) -> ObjectComparison:
    return compare(ingress(), live(ingress(), edits={f"metadata.annotations@{ACTION}": text}))


def test_an_action_typed_in_another_order_and_with_blanks_is_the_same_action() -> None:
    value = json.loads(ingress().manifest["metadata"]["annotations"][ACTION])
    assert typed(json.dumps(value, sort_keys=True, indent=2)).differences == ()


@pytest.mark.parametrize("weight", ['"80"', "80.0", "81", '79,"Weight":80', "NaN", "80}"])
def test_an_action_that_the_controller_would_read_otherwise_is_drift(weight: str) -> None:
    text: str = ingress().manifest["metadata"]["annotations"][ACTION]
    (difference,) = typed(text.replace('"Weight":80', f'"Weight": {weight}')).differences
    assert difference.cause is Cause.DRIFT


def test_an_action_whose_keys_and_type_are_in_another_case_is_the_same_action() -> None:
    text: str = ingress().manifest["metadata"]["annotations"][ACTION]
    for word in ("Weight", "ForwardConfig", "ServerGroups", "ServiceName", "ServicePort"):
        text = text.replace(f'"{word}"', f'"{word[0].lower()}{word[1:]}"')
    assert typed(text.replace('"ForwardGroup"', '"forwardgroup"')).differences == ()
    (told,) = typed(text.replace('"weight":80', '"weight":60')).differences
    assert told.note.startswith("tea-svc:80 weight 80 → 60")


@pytest.mark.parametrize("other", ["TEA-SVC", "Tea-svc"])
def test_the_case_of_a_value_in_an_action_counts(other: str) -> None:
    text: str = ingress().manifest["metadata"]["annotations"][ACTION]
    (difference,) = typed(text.replace("tea-svc", other)).differences
    assert difference.cause is Cause.DRIFT


def test_a_key_twice_in_two_cases_is_no_spelling() -> None:
    text: str = ingress().manifest["metadata"]["annotations"][ACTION]
    (difference,) = typed(text.replace('"Weight":80', '"Weight":80,"weight":0')).differences
    assert difference.cause is Cause.DRIFT


@pytest.mark.parametrize(
    ("weight", "manual"),
    [('"Weight":0', True), ('"weight":0', True), ('"Order":1', True), ('"Weight":1', False)],
    ids=["zero", "zero-in-another-case", "left-out", "not-zero"],
)
def test_an_action_that_somebody_drained_is_theirs_to_fill_again(weight: str, manual: bool) -> None:
    text: str = ingress().manifest["metadata"]["annotations"][ACTION]
    (difference,) = typed(text.replace('"Weight":80', weight)).differences
    assert (difference.cause, difference.manual) == (Cause.DRIFT, manual)
    assert treatment(difference).written is not manual
    assert treatment(difference, correct=True).written


def test_a_weight_of_0_that_git_asked_for_is_no_draining() -> None:
    (difference, _) = compare(ingress(weight=80), live(ingress(weight=0))).differences
    assert (difference.cause, difference.manual) == (Cause.CHANGE, False)


def test_an_object_of_ours_that_nobody_wants_is_listed_unless_its_document_is_held() -> None:
    item = service()
    gone = compare_target(wanted(), found(live(item)), OWNER, today=TODAY)
    assert [o.identity for o in gone.objects] == [item.identity]
    held = wanted(held=[Identity("Exposure", "shop", "tea")])
    assert compare_target(held, found(live(item)), OWNER, today=TODAY).objects == ()


def switched() -> ObservedObject:
    """A Service whose type somebody switched: the API server dropped what the type cannot have."""
    seen = live(service(), edits={"spec.type": "ClusterIP"})
    del seen.manifest["spec"]["externalTrafficPolicy"]  # our apply keeps holding it
    return seen


def test_a_field_that_the_api_server_dropped_is_not_said_to_be_our_doing() -> None:
    differences = {item.path: item for item in compare(service(), switched()).differences}
    dropped = differences["spec.externalTrafficPolicy"]
    assert dropped.found is None
    assert dropped.who == differences["spec.type"].who
    assert dropped.who is not None
    assert dropped.who.manager == "kubectl-edit"
    (move,) = movers([dropped], datetime(2026, 11, 22, tzinfo=UTC))
    assert move.by == "kubectl-edit"


def test_a_field_that_went_without_a_trace_is_nobodys_doing() -> None:
    seen = live(service())
    del seen.manifest["spec"]["externalTrafficPolicy"]
    (dropped,) = compare(service(), seen).differences
    assert (dropped.cause, dropped.who) == (Cause.DRIFT, None)


def test_who_put_a_field_right_is_known_unless_it_was_us() -> None:
    edited = live(service(), edits={"spec.externalTrafficPolicy": "Cluster"}, editor="op-a")
    who = writer_of(edited, "spec.externalTrafficPolicy")
    assert who is not None
    assert (who.manager, who.operation) == ("op-a", "Update")
    for path in ("spec.selector.app", "spec.nothing", ""):
        assert writer_of(edited, path) is None
    assert writer_of(None, "spec.type") is None
