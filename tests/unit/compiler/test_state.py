from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitopsd.compiler import compile_specs
from gitopsd.model.desired import Limits
from gitopsd.model.identity import Identity
from gitopsd.model.problem import Problem, Severity
from gitopsd.rules import check
from gitopsd.spec.reading import read_specs
from tests.unit.rules.repository import alb, fleet, group, layer4, route, specs, state, target
from tests.unit.spec.sources import FLEET, Memory, exposure

USER = alb(route({"serverGroup": "warehouse"}))
TEA = Identity("Exposure", "shop", "tea")
WEB = Identity("Exposure", "shop", "web")
WAREHOUSE = Identity("ServerGroup", "shop", "warehouse")
BOTH = fleet(target("a"), target("b", kubeContext="b", networks=[]))


def names(*documents: dict[str, Any], at: str = "edge", **options: Any) -> list[str]:
    held = state(*documents, **options).targets[at]
    return sorted(str(identity) for identity in [*held.objects, *held.groups])


def test_a_document_with_an_error_is_held_and_the_others_are_compiled() -> None:
    broken = layer4(ports=[])
    assert names(broken, alb()) == ["Ingress/shop/tea"]
    assert state(broken, alb()).targets["edge"].held == {WEB}


def test_a_warning_holds_nothing() -> None:
    assert names(layer4(placement="Hybrid")) == ["Service/shop/web"]


def test_an_exposure_is_held_with_the_group_it_refers_to() -> None:
    made = state(USER, group(protocol="FTP"), layer4())
    assert made.targets["edge"].held == {WAREHOUSE, TEA}
    assert names(USER, group(protocol="FTP"), layer4()) == ["Service/shop/web"]


def test_an_error_at_one_target_holds_the_document_there_only() -> None:
    documents = (BOTH, alb(route({"serverGroup": "warehouse"}), targets=["a", "b"]),
                 group(targets=["a", "b"]))  # fmt: skip
    made = state(*documents)
    assert made.targets["a"].held == frozenset()
    assert made.targets["b"].held == {WAREHOUSE, TEA}
    assert names(*documents, at="a") == ["Ingress/shop/tea", "ServerGroup/shop/warehouse"]
    assert names(*documents, at="b") == []


def test_what_reading_holds_is_held_with_its_users() -> None:
    read = replace(specs(USER, layer4()), held=frozenset({WAREHOUSE}))
    made = compile_specs(read, ()).targets["edge"]
    assert made.held == {WAREHOUSE, TEA}
    assert [str(identity) for identity in made.objects] == ["Service/shop/web"]


def test_a_problem_without_a_subject_holds_nothing() -> None:
    problem = Problem("GX0001", Severity.ERROR, "not YAML")
    assert compile_specs(specs(layer4()), [problem]).targets["edge"].held == frozenset()


def test_a_bad_fleet_stops_everything() -> None:
    made = state(fleet(target(vpc={"id": "vpc-1", "cidrs": ["x"]})), layer4())
    assert (made.fleet, made.targets) == ("acme", {})
    assert [problem.id for problem in made.problems] == ["GX0105"]


def test_a_missing_fleet_stops_everything_and_is_told() -> None:
    read = read_specs(Memory({"a.yaml": exposure()}))
    made = compile_specs(read, ())
    assert (made.fleet, made.targets) == ("", {})
    assert made.problems == read.problems != ()


def test_problems_of_reading_and_of_checks_are_told_once() -> None:
    read = read_specs(Memory({"fleet.yaml": FLEET, "a.yaml": "{"}))
    made = compile_specs(read, read.problems)
    assert len(made.problems) == len(set(made.problems)) == len(read.problems)


def test_an_unreadable_file_keeps_everything_from_being_deleted() -> None:
    read = read_specs(Memory({"fleet.yaml": FLEET, "a.yaml": "{", "b.yaml": exposure()}))
    (reason,) = compile_specs(read, check(read)).targets["edge"].hold_deletions
    assert "a.yaml" in reason


def test_an_entry_that_may_hide_documents_keeps_everything_from_being_deleted() -> None:
    skipped = (("apps", "it is a symbolic link"), ("v1.2", "it is a repository of its own"))
    read = read_specs(Memory({"fleet.yaml": FLEET, "b.yaml": exposure()}, skipped))
    made = compile_specs(read, check(read)).targets["edge"]
    assert [reason.split()[0] for reason in made.hold_deletions] == ["apps", "v1.2"]


def test_a_fleet_in_another_place_stops_nothing() -> None:
    files = {"fleet.yaml": FLEET, "old/fleet.yaml": FLEET, "a.yaml": exposure()}
    read = read_specs(Memory(files))
    made = compile_specs(read, check(read))
    assert list(made.targets) == ["edge"]
    assert [(p.id, p.position.file) for p in made.problems if p.is_error and p.position][-1:] == [
        ("GX0042", "old/fleet.yaml")
    ]
    worse = FLEET.replace("region", "regio")
    read = read_specs(Memory({**files, "old/fleet.yaml": worse}))
    assert list(compile_specs(read, check(read)).targets) == ["edge"]


def test_a_fleet_file_with_a_part_that_nobody_can_read_stops_everything() -> None:
    for part in ("a: [", "a: 1", exposure("Tea")):
        read = read_specs(Memory({"fleet.yaml": f"{FLEET}---\n{part}", "a.yaml": exposure()}))
        assert compile_specs(read, check(read)).targets == {}


def test_an_emptied_repository_keeps_everything_from_being_deleted() -> None:
    assert state().targets["edge"].emptied
    assert not state(layer4()).targets["edge"].emptied


def test_a_retiring_target_gets_nothing() -> None:
    made = state(fleet(target(state="Retiring")), layer4(), USER, group()).targets["edge"]
    assert (dict(made.objects), dict(made.groups), made.retiring) == ({}, {}, True)


def test_documents_are_made_at_their_own_targets() -> None:
    documents = (BOTH, layer4(targets=["b"]), alb(targets=["a"]))
    assert names(*documents, at="a") == ["Ingress/shop/tea"]
    assert names(*documents, at="b") == ["Service/shop/web"]


def test_one_target_can_be_compiled_alone() -> None:
    documents = (BOTH, layer4(targets=["a", "b"]))
    assert list(state(*documents, target="b").targets) == ["b"]
    assert state(*documents, target="c").targets == {}


def test_the_instance_is_the_fleets_name_unless_given() -> None:
    def label(**options: Any) -> str:
        (item,) = state(layer4(), **options).targets["edge"].objects.values()
        found: str = item.manifest["metadata"]["labels"]["gitopsd.io/instance"]
        return found

    assert (label(), label(instance="blue")) == ("acme", "blue")


def test_the_fleets_guards_pin_and_drift_mode_are_carried_along() -> None:
    document = fleet(
        target(clusterUid="uid-1"),
        guards={"maxDeletes": 3, "maxDeletePercent": 5},
        drift={"mode": "Report"},
    )
    made = state(document, layer4()).targets["edge"]
    assert (made.limits, made.cluster_uid) == (Limits(3, 5), "uid-1")
    (item,) = made.objects.values()
    assert (made.drift.mode, item.drift.mode) == ("Report", "Report")


def test_an_exposures_drift_mode_and_exceptions_reach_what_it_makes() -> None:
    pods = {"pods": {"selector": {"app": "tea"}}, "port": 80}
    entries = [
        {"path": "Service/spec.ports", "until": "2027-01-31", "reason": "migration"},
        {"path": "Ingress/spec.rules", "mode": "Report", "until": "2027-01-31", "reason": "test"},
    ]
    made = state(alb(route(pods), drift={"mode": "Ignore", "ignore": entries}))
    spans = {
        identity.kind: [(s.path, s.mode, s.until, s.reason) for s in item.drift.spans]
        for identity, item in made.targets["edge"].objects.items()
    }
    assert spans == {
        "Service": [("Service/spec.ports", "Ignore", "2027-01-31", "migration")],
        "Ingress": [("Ingress/spec.rules", "Report", "2027-01-31", "test")],
    }
    assert {i.drift.mode for i in made.targets["edge"].objects.values()} == {"Ignore"}


def test_an_exposures_exceptions_reach_the_groups_it_sends_to() -> None:
    def entry(path: str, reason: str) -> dict[str, str]:
        return {"path": path, "until": "2027-01-31", "reason": reason}

    own = {"ignore": [entry("ServerGroup/Scheduler", "own")]}
    theirs = {
        "mode": "Ignore",
        "ignore": [entry("ServerGroup/Scheduler", "user"), entry("Ingress/spec.rules", "other")],
    }
    used = group(drift=own)
    beside = group(name="beside")
    made = state(alb(route({"serverGroup": "warehouse"}), drift=theirs), used, beside)
    policies = {i.name: item.drift for i, item in made.targets["edge"].groups.items()}
    assert [span.reason for span in policies["warehouse"].spans] == ["own", "user"]
    assert policies["warehouse"].mode == "Correct"
    assert policies["beside"].spans == ()


def test_an_exposures_exceptions_hold_at_its_own_targets() -> None:
    whole = fleet(target("a"), target("b", kubeContext="b"))
    entry = {"path": "ServerGroup/Scheduler", "until": "2027-01-31", "reason": "test"}
    user = alb(route({"serverGroup": "warehouse"}), targets=["a"], drift={"ignore": [entry]})
    made = state(whole, user, group(targets=["a", "b"]))
    spans = {name: len(item.groups[WAREHOUSE].drift.spans) for name, item in made.targets.items()}
    assert spans == {"a": 1, "b": 0}
