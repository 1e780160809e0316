"""Drift that is reported or ignored stays; a commit does what it says and nothing else."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitopsd.diff.actions import weights_in
from gitopsd.engine.execution import Execution, execute
from gitopsd.model.desired import DesiredObject, DriftPolicy, ModeSpan
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.identity import Identity
from gitopsd.model.plan import Guard
from gitopsd.model.verdict import Cause, State
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import Crash, World, crashing, edit, make_object, objects, remove
from tests.unit.build import group, ingress, service, wanted

REPORT, IGNORE = DriftPolicy("Report"), DriftPolicy("Ignore")
ZONES = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps"
SCHEDULER = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-scheduler"
RULES: list[Any] = [
    {
        "host": "by-hand.example.com",
        "http": {
            "paths": [
                {
                    "path": "/",
                    "pathType": "Prefix",
                    "backend": {"service": {"name": "forward", "port": {"name": "use-annotation"}}},
                }
            ]
        },
    }
]


def tea(world: World, drift: DriftPolicy = REPORT, **more: Any) -> DesiredObject:
    return service("tea", world.owner.instance, drift=drift, **more)


def live(world: World, kind: str = "Service", name: str = "tea") -> Any:
    return objects(world.sandbox, kind, world.owner.instance)[name]


def by_hand(world: World, patch: Any, kind: str = "Service", name: str = "tea") -> None:
    edit(world.sandbox, kind, world.owner.instance, name, patch)


def commit(world: World, *things: DesiredObject) -> None:
    """A commit arrives, and one pass is all it takes."""
    desired = owned(world, *things)
    outcome = world.apply(desired)
    assert outcome.ok, outcome.to_json()
    again = world.plan(desired)
    assert again.empty, again.to_json()


def drifted(world: World, *things: DesiredObject) -> set[str]:
    """The paths that are told as drift."""
    verdicts = world.assess(owned(world, *things)).verdicts
    return {d.path for v in verdicts for d in v.differences if d.cause is Cause.DRIFT}


def makers(world: World, *things: DesiredObject) -> dict[str, str]:
    """Who made what is told as drift, by its path; "" where nobody is named."""
    verdicts = world.assess(owned(world, *things)).verdicts
    every = (d for v in verdicts for d in v.differences if d.cause is Cause.DRIFT)
    return {d.path: f"{d.who.manager} {d.who.time}" if d.who else "" for d in every}


def forget(world: World) -> None:
    """The record keeps its requests and loses what it remembers."""
    name = f"gitopsd-{world.owner.instance}-{world.owner.target}"
    edit(world.sandbox, "ConfigMap", "gitopsd-system", name, {"data": {"fields.json": None}})


def holders(found: Any, name: str) -> set[str]:
    """The managers that hold a field of the spec."""
    entries = found["metadata"]["managedFields"]
    return {e["manager"] for e in entries if f"f:{name}" in e["fieldsV1"].get("f:spec", {})}


def with_drift(item: DesiredObject, policy: DriftPolicy) -> DesiredObject:
    return replace(item, drift=policy)


def with_host(item: DesiredObject, host: str) -> DesiredObject:
    (rule,) = item.manifest["spec"]["rules"]
    spec = {**item.manifest["spec"], "rules": [{**rule, "host": host}]}
    return replace(item, manifest={**item.manifest, "spec": spec})


@pytest.mark.parametrize(
    ("before", "patch", "after", "field", "expected"),
    [
        ({}, {"selector": {"app": "hand"}}, {"selector": {"app": "git"}}, "selector",
         {"app": "git"}),
        ({}, {"externalTrafficPolicy": "Local"}, {"type": "NodePort"}, "externalTrafficPolicy",
         "Local"),
        ({"ports": [{"name": "http", "port": 80, "targetPort": 1}]},
         {"ports": [{"name": "http", "port": 80, "targetPort": 2}]},
         {"ports": [{"name": "http", "port": 80, "targetPort": 3}]}, "ports", 3),
        ({"ports": [{"name": "http", "port": 80, "targetPort": 1}]},
         {"ports": [{"name": "hand", "port": 80, "targetPort": 1}]},
         {"ports": [{"name": "http", "port": 80, "targetPort": 3}]}, "ports", 3),
    ],
    ids=["selector", "another-field", "target-port", "name-stays"],
)  # fmt: skip
def test_a_commit_wins_over_an_edit_of_the_very_field_and_of_no_other(
    world: World, before: Any, patch: Any, after: Any, field: str, expected: Any
) -> None:
    commit(world, tea(world, **before))
    by_hand(world, {"spec": patch})
    commit(world, tea(world, **{**before, **after}))
    found = live(world)["spec"][field]
    if field == "ports":
        assert found[0]["targetPort"] == expected
        assert found[0]["name"] == patch["ports"][0]["name"]
    else:
        assert found == expected


def test_a_commit_wins_over_edited_rules_and_actions_of_an_ingress(world: World) -> None:
    name = world.owner.instance
    before, key = ingress("menu", name), "alb.ingress.kubernetes.io/actions.forward"
    before = with_drift(before, REPORT)
    commit(world, before)
    by_hand(world, {"spec": {"rules": RULES}}, "Ingress", "menu")
    by_hand(world, {"metadata": {"annotations": {key: "[]"}}}, "Ingress", "menu")
    moved = with_drift(ingress("menu", name, weight=60), REPORT)
    commit(world, moved)
    found = live(world, "Ingress", "menu")
    assert '"Weight":60' in found["metadata"]["annotations"][key]
    assert found["spec"]["rules"] == RULES
    other = with_drift(with_host(moved, "git.example.com"), REPORT)
    commit(world, other)
    hosts = [rule["host"] for rule in live(world, "Ingress", "menu")["spec"]["rules"]]
    assert hosts == ["by-hand.example.com", "git.example.com"]
    assert drifted(world, other) == {"spec.rules[by-hand.example.com/]"}


def test_an_annotation_removed_by_hand_stays_away_until_git_changes_it(world: World) -> None:
    commit(world, tea(world, annotations={SCHEDULER: "wrr", ZONES: "a:b"}))
    by_hand(world, {"metadata": {"annotations": {SCHEDULER: None}}})
    commit(world, tea(world, annotations={SCHEDULER: "wrr", ZONES: "a:c"}))
    assert live(world)["metadata"]["annotations"] == {ZONES: "a:c"}
    commit(world, tea(world, annotations={SCHEDULER: "sch", ZONES: "a:c"}))
    assert live(world)["metadata"]["annotations"] == {SCHEDULER: "sch", ZONES: "a:c"}


def test_an_edited_annotation_goes_when_git_drops_it(world: World) -> None:
    commit(world, tea(world, annotations={ZONES: "a:b"}))
    by_hand(world, {"metadata": {"annotations": {ZONES: "a:x", SCHEDULER: "wlc"}}})
    commit(world, tea(world))
    assert live(world)["metadata"]["annotations"] == {SCHEDULER: "wlc"}


@pytest.mark.parametrize(
    ("after", "ports"),
    [
        ({"type": "NodePort"}, {(8080, "http", 8080)}),
        ({"ports": [{"name": "http", "port": 80, "targetPort": 9}]}, {(80, "http", 9)}),
        ({"ports": [{"name": "http", "port": 80, "targetPort": 8080},
                    {"name": "more", "port": 81, "targetPort": 81}]},
         {(8080, "http", 8080), (81, "more", 81)}),
        ({"ports": [{"name": "web", "port": 80, "targetPort": 8080},
                    {"name": "http", "port": 81, "targetPort": 81}]},
         {(80, "web", 8080), (81, "http", 81)}),
    ],
    ids=["another-field", "that-port", "another-port", "a-clash"],
)  # fmt: skip
def test_a_commit_meets_a_port_renumbered_by_hand(world: World, after: Any, ports: Any) -> None:
    commit(world, tea(world))
    by_hand(world, {"spec": {"ports": [{"name": "http", "port": 8080, "targetPort": 8080}]}})
    commit(world, tea(world, **after))
    found = live(world)["spec"]["ports"]
    assert {(p["port"], p["name"], p["targetPort"]) for p in found} == ports


def test_an_unnamed_port_renumbered_by_hand_gives_way_to_a_commit_about_it(world: World) -> None:
    commit(world, tea(world, ports=[{"port": 80, "targetPort": 8080}]))
    by_hand(world, {"spec": {"ports": [{"port": 8080}]}})
    commit(world, tea(world, ports=[{"port": 80, "targetPort": 8081}]))
    assert [p["port"] for p in live(world)["spec"]["ports"]] == [80]


def test_a_commit_meets_a_type_changed_by_hand_and_leaves_what_hangs_on_it(world: World) -> None:
    nlb = {"loadBalancerClass": "alibabacloud.com/nlb"}
    commit(world, tea(world, **nlb))
    by_hand(
        world,
        {"spec": {"type": "ClusterIP", "externalTrafficPolicy": None, "loadBalancerClass": None}},
    )
    moved = tea(world, externalTrafficPolicy="Local", selector={"app": "git"}, **nlb)
    plan = world.plan(owned(world, moved))
    assert "spec.externalTrafficPolicy stays as found" in plan.steps[0].why
    commit(world, moved)
    spec = live(world)["spec"]
    assert (spec["type"], spec["selector"]) == ("ClusterIP", {"app": "git"})
    assert drifted(world, moved) == {
        "spec.type", "spec.externalTrafficPolicy", "spec.loadBalancerClass"
    }  # fmt: skip
    assert world.apply(owned(world, moved), correct=True).ok
    assert live(world)["spec"]["externalTrafficPolicy"] == "Local"
    assert drifted(world, moved) == set()


def test_an_ignored_edit_is_neither_told_nor_written_whatever_git_says(world: World) -> None:
    commit(world, tea(world, IGNORE))
    by_hand(world, {"spec": {"selector": {"app": "hand"}}})
    moved = tea(world, IGNORE, externalTrafficPolicy="Local", selector={"app": "git"})
    commit(world, moved)
    assert drifted(world, moved) == set()
    spec = live(world)["spec"]
    assert (spec["externalTrafficPolicy"], spec["selector"]) == ("Local", {"app": "hand"})


def test_what_is_ignored_below_one_value_is_kept_within_what_is_written(world: World) -> None:
    name = world.owner.instance
    path = "Ingress/spec.rules[demo.example.com/]"
    item = with_drift(ingress("menu", name), DriftPolicy("Correct", (ModeSpan(path, "Ignore"),)))
    commit(world, item)
    (rule,) = item.manifest["spec"]["rules"]
    (entry,) = rule["http"]["paths"]
    elsewhere = {"service": {"name": "tea-svc", "port": {"number": 80}}}
    edited = {**rule, "http": {"paths": [{**entry, "backend": elsewhere}]}}
    by_hand(world, {"spec": {"rules": [*RULES, edited]}}, "Ingress", "menu")
    commit(world, item)
    assert live(world, "Ingress", "menu")["spec"]["rules"] == [edited]
    assert "gitopsd" in holders(live(world, "Ingress", "menu"), "rules")
    commit(world, replace(item, manifest=ingress("menu", name, weight=60).manifest))
    # ours now: left out, it would have vanished
    assert live(world, "Ingress", "menu")["spec"]["rules"] == [edited]


def test_a_field_that_another_manager_owns_is_left_out_of_the_apply(world: World) -> None:
    commit(world, tea(world))
    by_hand(world, {"spec": {"externalTrafficPolicy": "Local"}})
    commit(world, tea(world, selector={"app": "git"}))
    assert live(world)["spec"]["externalTrafficPolicy"] == "Local"
    assert holders(live(world), "externalTrafficPolicy") == {"kubectl-edit"}
    assert holders(live(world), "selector") == {"gitopsd"}


def test_without_a_record_what_others_hold_is_left_and_the_next_pass_remembers(
    world: World,
) -> None:
    commit(world, tea(world))
    record = f"gitopsd-{world.owner.instance}-edge"
    remove(world.sandbox, "ConfigMap", "gitopsd-system", record)
    by_hand(world, {"spec": {"externalTrafficPolicy": "Local"}})
    moved = tea(world, selector={"app": "git"})
    commit(world, moved)
    spec = live(world)["spec"]
    assert (spec["externalTrafficPolicy"], spec["selector"]) == ("Local", {"app": "git"})
    commit(world, tea(world, selector={"app": "git"}, type="NodePort"))
    assert live(world)["spec"]["externalTrafficPolicy"] == "Local"


def test_a_pass_with_nothing_to_do_does_not_write_the_record(world: World) -> None:
    desired = owned(world, tea(world))
    world.apply(desired)
    record = f"gitopsd-{world.owner.instance}-edge"
    before = objects(world.sandbox, "ConfigMap", "gitopsd-system")[record]["metadata"]
    by_hand(world, {"spec": {"externalTrafficPolicy": "Local"}})
    assert world.apply(desired).ok
    after = objects(world.sandbox, "ConfigMap", "gitopsd-system")[record]["metadata"]
    assert before["resourceVersion"] == after["resourceVersion"]


@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
def test_killed_at_any_write_a_commit_still_wins_and_drift_still_stays(
    world: World, after: bool
) -> None:
    commit(world, tea(world, annotations={ZONES: "a:b"}))
    by_hand(world, {"metadata": {"annotations": {ZONES: None}}})
    by_hand(world, {"spec": {"externalTrafficPolicy": "Local", "selector": {"app": "hand"}}})
    moved = tea(world, annotations={ZONES: "a:b"}, selector={"app": "git"})
    at = 1
    while True:
        try:
            world.apply(owned(world, moved), site=crashing(world.site, at, after=after))
        except Crash:
            at += 1
            continue
        break
    commit(world, moved)
    found = live(world)
    assert found["spec"]["selector"] == {"app": "git"}
    assert found["spec"]["externalTrafficPolicy"] == "Local"
    assert ZONES not in found["metadata"].get("annotations", {})


def test_a_gitopsd_that_compiles_differently_shows_changes_and_no_drift(world: World) -> None:
    commit(world, tea(world, DriftPolicy()), ingress("menu", world.owner.instance))
    newer = [
        tea(world, DriftPolicy(), annotations={ZONES: "a:b"}, internalTrafficPolicy="Cluster"),
        with_host(ingress("menu", world.owner.instance), "other.example.com"),
    ]
    verdicts = world.assess(owned(world, *newer)).verdicts
    assert {v.state for v in verdicts} == {State.CHANGED}
    assert drifted(world, *newer) == set()
    commit(world, *newer)


def test_a_name_put_on_a_port_by_hand_is_told_and_taken_off(world: World) -> None:
    unnamed = {"ports": [{"port": 80, "targetPort": 8080}]}
    commit(world, tea(world, DriftPolicy(), **unnamed))
    (port,) = live(world)["spec"]["ports"]
    by_hand(world, {"spec": {"ports": [{**port, "name": "http"}]}})
    assert drifted(world, tea(world, **unnamed)) == {"spec.ports[80/TCP].name"}
    commit(world, tea(world, DriftPolicy(), **unnamed))
    assert live(world)["spec"]["ports"] == [port]


def test_adopting_a_headless_service_is_a_replacement_that_the_plan_tells(world: World) -> None:
    name = world.owner.instance
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "tea", "namespace": name},
        "spec": {"clusterIP": "None", "selector": {"app": "tea"}, "ports": [{"port": 80}]},
    }
    make_object(world.sandbox, theirs)
    desired, this = owned(world, tea(world)), frozenset({tea(world).identity})
    (step,) = world.plan(desired, adopt=this).steps
    assert step.hold is not None
    assert (step.hold.guard, "headless" in step.hold.reason) == (Guard.REPLACEMENT, True)
    assert world.apply(desired, adopt=this, replace=this).ok
    assert live(world)["spec"]["type"] == "LoadBalancer"
    assert world.plan(desired).empty


def test_nothing_is_remembered_of_what_is_always_corrected(world: World) -> None:
    commit(world, tea(world, DriftPolicy()))
    record = world.observe(wanted()).record
    assert record is not None
    assert record.entries
    assert record.fields == {}


PORTS = [{"name": "http", "port": 80, "targetPort": 8080}]
STRICT = DriftPolicy("Report", (ModeSpan("Service/spec.ports", "Correct", None, "contract"),))


def test_a_corrected_path_is_put_right_while_an_edit_beside_it_is_only_told(
    world: World,
) -> None:
    item = tea(world, STRICT, ports=PORTS)
    commit(world, item)
    by_hand(world, {"spec": {"selector": {"app": "hand"}}})
    by_hand(world, {"spec": {"ports": [{**PORTS[0], "targetPort": 1}]}})
    told = {"spec.selector.app", "spec.ports[80/TCP].targetPort"}
    assert drifted(world, item) == told
    commit(world, item)
    found = live(world)["spec"]
    assert (found["selector"], found["ports"][0]["targetPort"]) == ({"app": "hand"}, 8080)
    assert drifted(world, item) == {"spec.selector.app"}


ACTION = "alb.ingress.kubernetes.io/actions.forward"


def drain(world: World) -> str:
    """Somebody takes all requests off a backend of the Ingress, as one does in an incident."""
    text: str = live(world, "Ingress", "menu")["metadata"]["annotations"][ACTION]
    text = text.replace('"Weight":80', '"Weight":0')
    by_hand(world, {"metadata": {"annotations": {ACTION: text}}}, "Ingress", "menu")
    return text


def action(world: World) -> str:
    return str(live(world, "Ingress", "menu")["metadata"]["annotations"][ACTION])


def test_a_drained_action_is_told_and_only_a_commit_or_a_person_fills_it_again(
    world: World,
) -> None:
    name = world.owner.instance
    commit(world, ingress("menu", name))
    drained = drain(world)
    assert len(drifted(world, ingress("menu", name))) == 1
    commit(world, ingress("menu", name))
    assert action(world) == drained
    other = with_host(ingress("menu", name), "other.example.com")
    (who,) = makers(world, ingress("menu", name)).values()
    commit(world, other)  # a commit about something else: the action stays in the apply
    assert action(world) == drained
    assert list(makers(world, other).values()) == [who]
    assert live(world, "Ingress", "menu")["spec"]["rules"][0]["host"] == "other.example.com"
    commit(world, with_host(ingress("menu", name, weight=60), "other.example.com"))
    assert '"Weight":60' in action(world)


def test_a_commit_about_another_destination_or_the_routes_name_leaves_one_that_was_drained(
    world: World,
) -> None:
    def menu(weight: int, route: str = "forward") -> DesiredObject:
        item = ingress("menu", world.owner.instance, services=[("tea-svc", 80), ("b-svc", 80)])
        text = json.dumps(item.manifest).replace("forward", route)
        text = text.replace('Weight\\":80', f'Weight\\":{weight}', 1)
        return replace(item, manifest=json.loads(text), services=())

    def alone(item: DesiredObject) -> DesiredObject:
        spec = copy.deepcopy(item.manifest["spec"])
        backend = {"service": {"name": "b-svc", "port": {"number": 80}}}
        spec["rules"][0]["http"]["paths"][0]["backend"] = backend
        metadata = {**item.manifest["metadata"], "annotations": {}}
        return replace(item, manifest={**item.manifest, "metadata": metadata, "spec": spec})

    def shares(route: str = "forward") -> dict[str, int] | None:
        notes = live(world, "Ingress", "menu")["metadata"]["annotations"]
        return weights_in(notes[ACTION.replace("forward", route)])

    commit(world, menu(30))
    drain(world)  # the b-svc
    (who,) = makers(world, menu(30)).values()
    commit(world, menu(31))
    assert shares() == {"tea-svc:80": 31, "b-svc:80": 0}
    assert list(makers(world, menu(31)).values()) == [who]
    commit(world, menu(32, "other"))
    assert shares("other") == {"tea-svc:80": 32, "b-svc:80": 0}
    commit(world, alone(menu(32, "other")))  # Git drops the tea-svc
    assert shares("other") == {"tea-svc:80": 32, "b-svc:80": 0}
    commit(world, menu(33, "other"))
    assert shares("other") == {"tea-svc:80": 33, "b-svc:80": 0}
    commit(world, alone(menu(33, "other")))
    assert world.apply(owned(world, alone(menu(33, "other"))), correct=True).ok
    assert drifted(world, alone(menu(33, "other"))) == set()
    assert "annotations" not in live(world, "Ingress", "menu")["metadata"]


def test_a_drained_route_that_moves_and_loses_its_neighbour_keeps_its_0_wherever_a_pass_is_killed(
    world: World,
) -> None:
    menu = ingress("menu", world.owner.instance, services=[("tea-svc", 80), ("b-svc", 80)])
    text = json.dumps(menu.manifest).replace('Weight\\":80', 'Weight\\":30', 1)
    menu = replace(menu, manifest=json.loads(text), services=())
    metadata, spec = menu.manifest["metadata"], copy.deepcopy(menu.manifest["spec"])
    (entry,) = spec["rules"][0]["http"]["paths"]
    entry |= {"path": "/new", "backend": {"service": {"name": "b-svc", "port": {"number": 80}}}}
    manifest = {**menu.manifest, "metadata": {**metadata, "annotations": {}}, "spec": spec}
    moved = owned(world, replace(menu, manifest=manifest))
    for at in (2, 3):  # writes: what is about to be done, the Ingress, the record
        assert world.apply(owned(world, menu), correct=True).ok
        drain(world)  # the b-svc
        with pytest.raises(Crash):
            world.apply(moved, site=crashing(world.site, at, after=False))
        assert world.apply(moved).ok
        assert world.plan(moved).empty
        assert weights_in(action(world)) == {"tea-svc:80": 30, "b-svc:80": 0}
        (rule,) = live(world, "Ingress", "menu")["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        assert path["path"] == "/new"
        assert path["backend"]["service"]["port"] == {"name": "use-annotation"}
    assert world.apply(moved, correct=True).ok
    assert world.assess(moved).verdicts[0].state is State.IN_SYNC


def test_a_person_raises_a_drained_action_with_correct(world: World) -> None:
    menu = ingress("menu", world.owner.instance)
    commit(world, menu)
    drain(world)
    plan = world.plan(owned(world, menu), correct=True)
    assert [notice.id for notice in plan.notices] == ["GX1013"]
    assert world.apply(owned(world, menu), correct=True).ok
    assert '"Weight":80' in action(world)


def hold_put(world: World, subject: str, path: str, until: str) -> DriftHold:
    hold = DriftHold(Identity.parse(subject), path, until, "incident 4711")
    assert world.site.cluster_writer is not None
    world.site.cluster_writer.write_request(world.owner, hold.key, None, hold.text)
    return hold


def held(world: World) -> dict[str, str]:
    record = world.observe(wanted()).record
    assert record is not None
    return dict(record.annotations)


def test_a_held_weight_of_a_member_stays_while_a_commit_moves_another(world: World) -> None:
    name, a, b = world.owner.instance, ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100)
    stock = group("warehouse", a, b, namespace=name)
    assert world.apply(owned(world, stock)).ok
    (made,) = world.observe(wanted()).groups
    world.sandbox.cloud.groups.change_member(made.id, a[0], a[1], weight=7)
    hold_put(world, f"ServerGroup/{name}/warehouse", f"ServerGroup/servers[{a[0]}:8080].weight",
             "2026-11-23")  # fmt: skip
    moved = owned(world, group("warehouse", a, (b[0], 8080, 50), namespace=name))
    assert world.apply(moved).ok
    assert world.plan(moved).empty
    (made,) = world.observe(wanted()).groups
    assert {m.key.server_id: m.weight for m in made.members} == {a[0]: 7, b[0]: 50}


@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
def test_a_hold_outlives_a_kill_and_goes_once_it_is_over(world: World, after: bool) -> None:
    name = world.owner.instance
    commit(world, tea(world, DriftPolicy()))
    hold = hold_put(world, f"Exposure/{name}/tea", "Service/spec.type", "2026-11-22T12:00:00Z")
    by_hand(world, {"spec": {"type": "NodePort"}})
    moved = owned(world, tea(world, DriftPolicy(), selector={"app": "git"}))
    at = 1
    while True:
        try:
            world.apply(moved, site=crashing(world.site, at, after=after))
        except Crash:
            assert held(world) == {hold.key: hold.text}
            at += 1
            continue
        break
    assert live(world)["spec"]["type"] == "NodePort"
    assert world.plan(moved).empty
    later = datetime(2026, 11, 22, 12, tzinfo=UTC)
    plan, observed = world.plan(moved, now=later), world.observe(moved)
    assert [n.id for n in plan.notices if n.subject] == ["GX1008"]
    context = Execution(world.site, world.owner, "2026-11-22T12:00:00Z", times=world.times)
    assert execute(plan, observed, context).ok
    assert live(world)["spec"]["type"] == "LoadBalancer"
    assert held(world) == {}
    assert world.plan(moved).empty


@pytest.mark.parametrize("value", [None, "sch"], ids=["taken-off", "edited"])
def test_a_hold_keeps_what_somebody_did_through_a_commit_that_nobody_passed_before(
    world: World, value: str | None
) -> None:
    name = world.owner.instance
    before = tea(world, DriftPolicy(), annotations={SCHEDULER: "wrr", ZONES: "a:b"})
    commit(world, before)
    by_hand(world, {"metadata": {"annotations": {SCHEDULER: value}}})
    path = f"Service/metadata.annotations[{SCHEDULER}]"
    hold_put(world, f"Exposure/{name}/tea", path, "2026-11-23")
    commit(world, tea(world, DriftPolicy(), annotations={SCHEDULER: "wrr", ZONES: "a:c"}))
    found = live(world)["metadata"]["annotations"]
    assert (found.get(SCHEDULER), found[ZONES]) == (value, "a:c")
    commit(world, tea(world, DriftPolicy(), annotations={SCHEDULER: "wlc", ZONES: "a:c"}))
    assert live(world)["metadata"]["annotations"].get(SCHEDULER) == value
