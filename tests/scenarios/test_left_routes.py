"""One route of an Ingress is sent elsewhere by hand; what gitopsd writes leaves just that route."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitopsd.drift.findings import findings
from gitopsd.drift.remedies import remedies
from gitopsd.model.desired import DesiredObject, DriftPolicy, ModeSpan
from gitopsd.model.identity import Identity
from gitopsd.model.report import RemedyKind
from gitopsd.model.verdict import State
from tests.scenarios.test_convergence import owned
from tests.scenarios.test_modes import by_hand, commit, drifted, forget, hold_put, live, makers
from tests.scenarios.world import World
from tests.unit.planning.test_left_routes import ACTIONS, DEMO, Row, menu, rule

CORRECT = DriftPolicy()
ALPHA: Row = ("alpha.example.com", "/", "Prefix", "tea-svc")
COFFEE = {"service": {"name": "coffee-svc", "port": {"number": 80}}}
FORWARD = {"service": {"name": "forward", "port": {"name": "use-annotation"}}}
FIXED = (
    '[{"type": "FixedResponse", "FixedResponseConfig": {"httpCode": "503", "content": "later"}}]'
)
BACKEND = "spec.rules[demo.example.com/].Prefix.backend"
OLD = "Ingress/spec.rules[0].http.paths[0].backend"


def placed(world: World, *rows: Row, drift: DriftPolicy = CORRECT) -> DesiredObject:
    """The Ingress in the namespace of this world."""
    item, name = menu(*rows, drift=drift), world.owner.instance
    metadata = {**item.manifest["metadata"], "namespace": name}
    return replace(
        item,
        identity=Identity("Ingress", name, "menu"),
        exposure=Identity("Exposure", name, "menu"),
        manifest={**item.manifest, "metadata": metadata},
    )


def backends(world: World) -> list[tuple[str, Any]]:
    rules = live(world, "Ingress", "menu")["spec"]["rules"]
    return [(one["host"], path["backend"]) for one in rules for path in one["http"]["paths"]]


def send_to_coffee(world: World) -> None:
    """Somebody sends the one route that there is to a Service, as one does in an incident."""
    by_hand(world, {"spec": {"rules": [rule(*DEMO[:3], "coffee-svc")]}}, "Ingress", "menu")


def suggested(world: World, item: DesiredObject) -> list[str]:
    """The paths of the holds that reports on what drifted offer, as one would type them."""
    reports = findings(world.assess(owned(world, item)), world.owner).reports.values()
    every = (remedy for report in reports for remedy in remedies(report))
    offered = [shlex.split(one.command) for one in every if one.kind is RemedyKind.HOLD]
    return [words[words.index("--path") + 1] for words in offered]


def held(world: World, item: DesiredObject, path: str) -> None:
    hold_put(world, str(item.exposure), path, "2026-11-23")


def test_the_hold_that_a_report_offers_leaves_the_whole_backend(world: World) -> None:
    item = placed(world, DEMO)
    commit(world, item)
    send_to_coffee(world)
    (path,) = suggested(world, item)
    held(world, item, path)
    commit(world, item)
    assert backends(world) == [("demo.example.com", COFFEE)]
    assert drifted(world, item) == set()


@pytest.mark.parametrize("part", ["", ".service.name", ".service.port.number"])
def test_an_exception_for_a_part_of_a_backend_is_one_for_the_backend(
    world: World, part: str
) -> None:
    drift = DriftPolicy("Correct", (ModeSpan(OLD + part, "Ignore", "2026-11-23"),))
    item = placed(world, DEMO, drift=drift)
    commit(world, item)
    send_to_coffee(world)
    commit(world, item)
    assert backends(world) == [("demo.example.com", COFFEE)]


def test_a_route_that_got_another_host_is_held_with_the_one_that_went(world: World) -> None:
    item = placed(world, DEMO)
    commit(world, item)
    by_hand(world, {"spec": {"rules": [rule("other.example.com", *DEMO[1:])]}}, "Ingress", "menu")
    assert set(suggested(world, item)) == {"Ingress/spec.rules"}
    held(world, item, "Ingress/spec.rules")
    commit(world, placed(world, DEMO))
    assert backends(world) == [("other.example.com", FORWARD)]


@pytest.mark.parametrize("how", ["hold", "report"])
def test_a_commit_in_front_of_a_route_that_is_left_takes_nothing_from_it(
    world: World, how: str
) -> None:
    drift = DriftPolicy("Report") if how == "report" else CORRECT
    item = placed(world, DEMO, drift=drift)
    commit(world, item)
    send_to_coffee(world)
    told = drifted(world, item)
    if how == "hold":
        (path,) = suggested(world, item)
        held(world, item, path)
        told = set()
    tea = {"service": {"name": "tea-svc", "port": {"number": 80}}}
    after = placed(world, ALPHA, DEMO, drift=drift)
    commit(world, after)
    assert backends(world) == [("alpha.example.com", tea), ("demo.example.com", COFFEE)]
    assert drifted(world, after) == told
    turned = placed(world, DEMO, ALPHA, drift=drift)
    commit(world, turned)
    assert backends(world) == [("demo.example.com", COFFEE), ("alpha.example.com", tea)]
    assert world.apply(owned(world, turned), correct=True).ok
    assert backends(world) == [("demo.example.com", FORWARD), ("alpha.example.com", tea)]


def test_an_edit_that_an_apply_carries_along_stays_its_authors(world: World) -> None:
    report = DriftPolicy("Report")
    tea: Row = ("demo.example.com", "/tea", "Prefix", "tea-svc")
    item = placed(world, tea, DEMO, drift=report)
    commit(world, item)
    rules = [rule(*DEMO[:3], "coffee-svc"), rule(*tea)]
    by_hand(world, {"spec": {"rules": rules}}, "Ingress", "menu")
    before = makers(world, item)
    assert all(who.startswith("kubectl-edit 20") for who in before.values())
    assert set(before) == {BACKEND, "spec.rules.order"}
    for rows in ((ALPHA, tea, DEMO), (ALPHA, tea, ("x.example.com", "/", "Prefix", "b-svc"), DEMO)):
        item = placed(world, *rows, drift=report)
        commit(world, item)
        assert makers(world, item) == before
    forget(world)
    assert set(makers(world, item).values()) == {""}  # nobody knows any more: it was not us


def test_a_commit_about_the_very_backend_wins_over_what_somebody_made_of_it(world: World) -> None:
    report = DriftPolicy("Report")
    commit(world, placed(world, ALPHA, DEMO, drift=report))
    rules = [rule(*ALPHA[:3], "x-svc"), rule(*DEMO[:3], "coffee-svc")]
    by_hand(world, {"spec": {"rules": rules}}, "Ingress", "menu")
    commit(world, placed(world, ALPHA, (*DEMO[:3], "bar-svc"), drift=report))
    names = [backend["service"]["name"] for _, backend in backends(world)]
    assert names == ["x-svc", "bar-svc"]


def test_a_hold_on_an_action_that_was_taken_off_keeps_the_route_where_it_was_sent(
    world: World,
) -> None:
    item = placed(world, DEMO)
    commit(world, item)
    send_to_coffee(world)
    action = f"{ACTIONS}forward"
    by_hand(world, {"metadata": {"annotations": {action: None}}}, "Ingress", "menu")
    path = f"Ingress/metadata.annotations[{action}]"
    assert path in suggested(world, item)
    held(world, item, path)
    commit(world, item)
    assert backends(world) == [("demo.example.com", COFFEE)]
    commit(world, placed(world, ALPHA, DEMO))
    assert backends(world)[1] == ("demo.example.com", COFFEE)
    assert world.apply(owned(world, item), correct=True).ok
    assert backends(world) == [("demo.example.com", FORWARD)]
    assert action in live(world, "Ingress", "menu")["metadata"]["annotations"]


def test_a_held_backend_keeps_the_action_that_somebody_added_for_it(world: World) -> None:
    item, emergency = placed(world, DEMO), f"{ACTIONS}emergency"
    commit(world, item)
    patch = {
        "metadata": {"annotations": {emergency: FIXED}},
        "spec": {"rules": [rule(*DEMO[:3], "emergency")]},
    }
    by_hand(world, patch, "Ingress", "menu")
    (path,) = (path for path in suggested(world, item) if path.endswith("backend"))
    held(world, item, path)
    for rows in ((DEMO,), (ALPHA, DEMO)):
        commit(world, placed(world, *rows))
        assert backends(world)[-1][1]["service"]["name"] == "emergency"
        assert emergency in live(world, "Ingress", "menu")["metadata"]["annotations"]
    assert world.apply(owned(world, item), correct=True).ok
    assert backends(world) == [("demo.example.com", FORWARD)]
    assert emergency not in live(world, "Ingress", "menu")["metadata"]["annotations"]


def test_a_hold_on_a_route_that_git_renamed_is_told_to_hold_nothing(world: World) -> None:
    item = placed(world, ALPHA, DEMO)
    commit(world, item)
    send = [rule(*ALPHA), rule(*DEMO[:3], "coffee-svc")]
    by_hand(world, {"spec": {"rules": send}}, "Ingress", "menu")
    held(world, item, f"Ingress/{BACKEND}")
    desired = owned(world, item)
    assert "GX1020" not in {notice.id for notice in world.plan(desired).notices}
    renamed = owned(world, placed(world, ALPHA, ("new.example.com", "/", "Prefix", "forward")))
    assert world.apply(renamed).ok
    (told,) = (notice for notice in world.plan(renamed).notices if notice.id == "GX1020")
    assert (told.subject, BACKEND in told.what) == (item.exposure, True)
    (verdict,) = world.assess(renamed).verdicts
    assert [note for note in verdict.notes if "hold" in note] == [told.what]
    (told,) = (notice for notice in world.plan(owned(world)).notices if notice.id == "GX1020")
    assert told.subject == item.exposure


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"Ingress/metadata.annotations[{ACTIONS}gone]", True),
        ("Ingress/metadata.annotations[alb.ingress.kubernetes.io/may-come]", False),
        ("Ingress/spec.rules[gone.example.com/]", True),
        ("Ingress/spec.rules[demo.example.com/].Prefix.backend", False),
    ],
)
def test_an_exception_in_git_for_what_is_not_there_is_told_unless_it_may_come(
    world: World, path: str, told: bool
) -> None:
    drift = DriftPolicy("Correct", (ModeSpan(path, "Ignore", "2026-11-23"),))
    plan = world.plan(owned(world, placed(world, DEMO, drift=drift)))
    assert ("GX1020" in {notice.id for notice in plan.notices}) is told


@pytest.mark.parametrize("how", ["report", "hold"])
def test_without_a_memory_a_part_of_the_rules_is_in_doubt_and_comes_as_a_change(
    world: World, how: str
) -> None:
    drift = DriftPolicy("Report") if how == "report" else CORRECT
    item = placed(world, DEMO, drift=drift)
    commit(world, item)
    send_to_coffee(world)
    if how == "hold":
        held(world, item, f"Ingress/{BACKEND}")
    forget(world)
    after = owned(
        world, placed(world, DEMO, ALPHA, ("b.example.com", "/", "Prefix", "b"), drift=drift)
    )
    for _ in range(2):
        assert world.apply(after).ok
        assert world.plan(after).empty
        assert backends(world)[0] == ("demo.example.com", COFFEE)
        assert len(backends(world)) == (1 if how == "report" else 3)
        assert f"{ACTIONS}b" in live(world, "Ingress", "menu")["metadata"]["annotations"]
        (verdict,) = world.assess(after).verdicts
        assert verdict.state is State.CHANGED
        assert {d.doubtful for d in verdict.differences} == {True, False}  # the digest is behind
        assert "GX1021" in {notice.id for notice in world.plan(after).notices}
    now = replace(after, objects={i: replace(o, drift=CORRECT) for i, o in after.objects.items()})
    assert world.apply(now, now=datetime(2026, 11, 24, tzinfo=UTC)).ok
    assert backends(world)[0] == ("demo.example.com", FORWARD)
    assert len(backends(world)) == 3
    (verdict,) = world.assess(now).verdicts
    assert verdict.differences == ()
