"""Documents with a mistake of form: what else is wrong in them is told, and nothing that is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.compiler import compile_specs
from gitopsd.rules import check
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.document import Path, SpecSet
from gitopsd.spec.reading import read_specs
from tests.unit.rules.repository import IDC, alb, fleet, group, layer4, route, target
from tests.unit.spec.sources import Memory

Document = dict[str, Any]
#: What most examples of the law have in common is read once.
_CACHE = SpecCache()


def read(*documents: Document) -> SpecSet:
    files = {"fleet.yaml": fleet()}
    for number, document in enumerate(documents):
        files["fleet.yaml" if document["kind"] == "Fleet" else f"{number}.yaml"] = document
    texts = {name: json.dumps(item, indent=1) for name, item in files.items()}
    return read_specs(Memory(texts), _CACHE)


def told(*documents: Document) -> list[str]:
    """The ids of everything that is told."""
    specs = read(*documents)
    return sorted(problem.id for problem in (*specs.problems, *check(specs)))


TYPO = {"service": "tea-svc", "port": 80, "weigth": 30}
TEA = {"service": "tea-svc", "port": 80, "weight": 30}
MILK = {"service": "milk", "port": 80, "weight": 70}


def test_what_is_wrong_beside_a_mistake_of_form_is_told_with_it() -> None:
    document = alb(
        route(TYPO, MILK, host="Tea.Example.com"),
        route({"serverGroup": "nowhere"}, name="second", path="/b"),
        targets=["edge", "moon"],
    )
    assert told(document) == ["GX0030", "GX0203", "GX0404", "GX0521"]


def test_what_a_misspelt_field_may_mean_is_not_missed() -> None:
    assert told(alb(route(TYPO, MILK))) == ["GX0030"]  # no weight missing, nor all of them 0
    assert told(alb(route(TYPO, {**MILK, "weight": 0}))) == ["GX0030"]
    assert told(layer4(scheme="Internet", loadBalancer={"type": "CLB"})) == ["GX0030"]
    assert told({**alb(routes=None), "routes": []}) == ["GX0030"]


def test_an_entry_that_is_right_is_judged_beside_one_that_is_not() -> None:
    lone = {"service": "milk", "port": 80}
    document = alb(route(TYPO, MILK), route(TEA, lone, name="second", path="/b"))
    assert told(document) == ["GX0030", "GX0505"]
    servers = [{"ip": "192.168.20.11"}, {"ip": "300.1.1.1", "port": 80}]
    assert told(group(*servers)) == ["GX0032", "GX0701"]


def test_each_need_is_judged_beside_one_in_doubt() -> None:
    both = {"preserveClientIP": "yes", "sessionPersistence": {"timeoutSeconds": 60}}
    assert told(layer4(placement="Edge", **both)) == ["GX0033", "GX0322"]
    local = {**both, "trafficPolicy": "Local"}
    assert told(layer4(placement="Edge", **local)) == ["GX0033", "GX0322", "GX0322"]
    assert told(layer4(**both, trafficPolicy="Cluster")) == ["GX0033", "GX0326"]
    assert told(alb(**local)) == ["GX0033", "GX0309", "GX0309"]


def test_a_field_that_is_like_none_leaves_those_alone_that_take_no_such_value() -> None:
    lone = {"service": "milk", "port": 80}
    assert told(alb(route(lone, TEA), replicas=3)) == ["GX0030", "GX0505"]
    assert told(layer4(replicas=3, loadBalancer={"type": "CLB"})) == ["GX0030", "GX0301"]
    no_class = {"loadBalancer": {"type": "ALB", "ingressClass": "nil"}}
    assert told(alb(**no_class, replicas=3)) == ["GX0030", "GX0411"]
    assert told(alb(**no_class, zzz=["moon"])) == ["GX0030"]  # they may be its targets


def test_an_entry_in_doubt_still_counts_among_the_others() -> None:
    ports = [{"port": 443}, {"port": "80"}]
    assert told(layer4(ports=ports)) == ["GX0033", "GX0305"]


def test_a_clash_with_what_a_refused_document_says_for_sure_is_told_of_both() -> None:
    first, second = alb(name="a"), alb(name="b", trafficPolicy="local")
    specs = read(first, second)
    clashes = [(p.id, str(p.subject)) for p in check(specs)]
    assert clashes == [("GX0811", "Exposure/shop/a"), ("GX0811", "Exposure/shop/b")]
    assert told(first, alb(name="b", targets="edge")) == ["GX0033"]  # nobody knows where it is for


def test_a_refused_server_group_is_not_called_missing() -> None:
    exposure = alb(route({"serverGroup": "warehouse"}))
    assert told(exposure, group(scheduler=3)) == ["GX0033"]


WAREHOUSE = alb(route({"serverGroup": "warehouse"}))


def test_a_backend_is_judged_by_what_its_refused_server_group_says_for_sure() -> None:
    assert told(WAREHOUSE, group(product="NLB", protocol="TCP", zzqq=3)) == ["GX0030", "GX0522"]
    two = fleet(target("a"), target("b", kubeContext="b"))
    there = alb(route({"serverGroup": "warehouse"}), targets=["a", "b"])
    assert told(two, there, group(targets=["a"], scheduler=3)) == ["GX0033", "GX0531"]
    assert told(two, there, group(targets="a")) == ["GX0033"]
    basic = fleet(target(albs=[{"ingressClass": "alb", "edition": "Basic"}]))
    assert told(basic, WAREHOUSE, group(protocol="HTTPS", zzqq=3)) == ["GX0030", "GX0532"]
    assert told(basic, WAREHOUSE, group(protocol="HTTPS", product=3)) == ["GX0034"]


def test_a_server_group_in_doubt_leaves_the_other_backends_alone() -> None:
    names = ("warehouse", "lame", "lame")
    exposure = alb(route(*({"serverGroup": name, "weight": 1} for name in names)))
    groups = group(product="NLB", protocol="TCP"), group(name="lame", product=3)
    assert told(exposure, *groups) == ["GX0034", "GX0508", "GX0522"]


@pytest.mark.parametrize(
    ("metadata", "ids"),
    [
        ({"name": "Warehouse", "namespace": "shop"}, ["GX0024"]),
        ({"name": "warehouse", "namespace": "a.b"}, ["GX0025"]),
        ({"name": "warehouse"}, ["GX0025"]),
        ({}, ["GX0024", "GX0025"]),
        ({"name": "Warehouse", "namespace": "else"}, ["GX0024", "GX0521"]),
        ({"name": "other", "namespace": "a.b"}, ["GX0025", "GX0521"]),
    ],
)
def test_a_server_group_is_not_called_missing_while_one_without_a_name_may_be_it(
    metadata: Document, ids: list[str]
) -> None:
    nameless = {**group(), "metadata": metadata}
    assert told(WAREHOUSE, nameless) == ids
    assert told(WAREHOUSE, {**nameless, "kind": "Exposure"})[-1] == "GX0521"


def test_a_server_group_is_not_called_missing_while_a_file_is_broken_off() -> None:
    files = (fleet(), WAREHOUSE)
    texts = {"fleet.yaml": json.dumps(files[0]), "1.yaml": json.dumps(files[1]), "2.yaml": "a: ["}
    assert check(read_specs(Memory(texts))) == ()


def test_an_exposure_is_held_while_its_server_group_may_be_one_without_a_name() -> None:
    specs = read(WAREHOUSE, {**group(), "metadata": {"namespace": "shop"}})
    state = compile_specs(specs, check(specs))
    assert not state.targets["edge"].objects
    assert {str(identity) for identity in state.targets["edge"].held} == {"Exposure/shop/tea"}


def test_documents_are_judged_at_the_targets_of_a_fleet_with_a_mistake() -> None:
    lame = fleet(
        target("a", albs=[]), target("b", kubeContext="b", region=5), drift={"mode": "correct"}
    )
    ids = told(lame, alb(targets=["a"]), layer4(targets=["b", "moon"]))
    assert ids == ["GX0033", "GX0034", "GX0203", "GX0411"]


def test_what_a_refused_fleet_says_for_sure_is_what_documents_are_judged_by() -> None:
    bare = target("b", kubeContext="b", nodes=None)
    lame = fleet(target("a"), bare, guards={"maxDeletes": "ten"})
    ids = told(lame, layer4(targets=["b", "moon"]), alb(targets=None))
    assert ids == ["GX0033", "GX0201", "GX0203", "GX0329"]
    unnamed = fleet(target("a"), {**bare, "name": 5})
    assert told(unnamed, layer4(targets=["a", "moon"]), alb(targets=None)) == ["GX0033"]


def test_of_a_target_with_a_mistake_the_rest_is_known() -> None:
    second = {"ingressClass": "in", "sheme": "Intranet"}
    lame = fleet(target(region=5, albs=[{"ingressClass": "alb"}, second]))
    inner = {"type": "ALB", "ingressClass": "in", "scheme": "Intranet"}
    none = {"type": "ALB", "ingressClass": "nil"}
    documents = [alb(), alb(name="b"), alb(name="c", loadBalancer=inner)]
    mistakes = ["GX0030", "GX0033"]
    assert told(lame, *documents) == [*mistakes, "GX0811", "GX0811"]
    assert told(lame, alb(loadBalancer=none)) == [*mistakes, "GX0411"]


def test_of_two_fleets_neither_counts() -> None:
    both = "---\n".join(json.dumps(item) + "\n" for item in (fleet(), fleet(target("moon"))))
    texts = {"fleet.yaml": both, "a.yaml": json.dumps(alb(targets=["edge"]))}
    assert check(read_specs(Memory(texts))) == ()


def test_a_document_that_nobody_can_name_is_judged_as_far_as_its_name_does_not_matter() -> None:
    document = alb(route(TEA, {**MILK, "weight": 0}, {"serverGroup": "x", "weight": 0}, host="A"))
    document["metadata"].pop("namespace")
    specs = read(document)
    (problem,) = check(specs)
    assert (problem.id, problem.subject) == ("GX0404", None)


def test_documents_of_one_identity_are_judged_one_by_one() -> None:
    assert told(alb(route(host="A")), alb()) == ["GX0026", "GX0026", "GX0404"]


def test_nothing_is_made_of_a_refused_document() -> None:
    specs = read(alb(trafficPolicy="local"), layer4())
    state = compile_specs(specs, check(specs))
    assert {str(identity) for identity in state.targets["edge"].objects} == {"Service/shop/web"}
    assert {str(identity) for identity in state.targets["edge"].held} == {"Exposure/shop/tea"}


# --- the law: nothing is told of a document with a mistake that would not be told of a right one --

ONE_TARGET: list[Document] = [
    fleet(target("edge", albs=[{"ingressClass": "alb"}, {"ingressClass": "alb"}])),
    alb(
        route(TEA, {**MILK, "weight": 0}, host="A"),
        route({**TEA, "weight": 0}, {**MILK, "weight": 0}, name="forward", path="b"),
        route({"serverGroup": "moon"}, {"serverGroupId": "x"}, name="third", pathType="Exact"),
        drift={"ignore": [{"path": "Service", "mode": "Report"}, {"path": "x"}], "reason": "r"},
    ),
    alb(route(TEA, MILK), route({"pods": {"selector": {"a b": "c"}}, "port": 80}, path="/tea/")),
    alb(name="other", loadBalancer={"type": "ALB", "ingressClass": "nil", "scheme": "Intranet"}),
    layer4("NLB", sessionPersistence={"timeoutSeconds": 60}, ports=[{"port": 1}, {"port": 1}]),
    layer4(name="edge", placement="Edge", preserveClientIP=True, trafficPolicy="Local"),
    group({"ip": "1.2.3.4", "port": 80}, {"instanceId": "i-1", "port": 80, "weight": 0}),
    group(name="local", location="SameVPC", product="NLB", scheduler="qch", protocol="TCP",
          healthCheck={"intervalSeconds": 900, "protocol": "HTTPS", "method": "PUT"}),
]  # fmt: skip
TWO_TARGETS: list[Document] = [
    fleet(
        target("a", albs=[{"ingressClass": "alb", "edition": "Basic"}], nodes=None, networks=[IDC]),
        target("b", albs=[], kubeContext="b", nlb=None, networkPlugin="Flannel", vpc=None),
        target("c", kubeContext="c", state="Retiring"),
        drift={"mode": "Correct", "reason": "r"}, guards={"maxDeletes": 5},
    ),
    layer4(targets=["a", "b", "c", "moon"], placement="Edge", preserveClientIP=True),
    layer4("NLB", name="all"),
    alb(
        route({"serverGroup": "warehouse", "weight": 1}, {"serverGroup": "local", "weight": 1}),
        route({"serverGroup": "other"}, name="second", path="/b"),
        targets=["a", "b"],
    ),
    group({"ip": "192.168.99.1", "port": 80}, {"ip": "172.16.0.9", "port": 80}, targets=["a"],
          protocol="HTTPS", healthCheck={"protocol": "HTTPS"}, serverGroupId="sgp-1"),
    group(name="local", product="NLB", protocol="TCP", targets=["b"], serverGroupId="sgp-1"),
    group({"ip": "1.2.3.4", "port": 80}, name="other", location="CrossRegion", targets=["a", "b"]),
]  # fmt: skip
REPOSITORIES = [ONE_TARGET, TWO_TARGETS]
OTHERS: list[Any] = [None, "other", "alb", "TCP", "Report", 0, 81, True, False]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def at(document: Document, path: Path, value: Any) -> Document:
    """The document with another value there, in the same line."""
    changed = copy.deepcopy(document)
    here: Any = changed
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed


def renamed(document: Document, path: Path, name: str) -> Document:
    """The document with a field whose name is wrong, in the same line."""
    changed = copy.deepcopy(document)
    here: Any = changed
    for key in path[:-1]:
        here = here[key]
    pairs = [(name if key == path[-1] else key, value) for key, value in here.items()]
    here.clear()
    here.update(pairs)
    return changed


PLACES = [
    (repository, number, (part, *path))
    for repository in REPOSITORIES
    for number, document in enumerate(repository)
    for part in ("metadata", "spec")
    for path in leaves(document[part])
]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from([None, "{}q", "zzz"]))
def test_whatever_the_broken_part_was_to_be_all_that_is_told_is_true(
    place: tuple[list[Document], int, Path], misspelt: str | None
) -> None:
    repository, number, path = place
    right = repository[number]
    named = misspelt is not None and isinstance(path[-1], str)
    broken = (
        renamed(right, path, (misspelt or "").format(path[-1])) if named else at(right, path, {})
    )
    found = check(read(*repository[:number], broken, *repository[number + 1 :]))
    meant = [right] if named else [right, *(at(right, path, value) for value in OTHERS)]
    for document in meant:
        specs = read(*repository[:number], document, *repository[number + 1 :])
        if any(problem.is_error for problem in specs.problems if problem.id < "GX0040"):
            continue  # that is no right value there either
        true = {(p.id, str(p.position), p.target) for p in check(specs)}
        places = {(id_, place) for id_, place, _ in true}
        for problem in found:
            here = (problem.id, str(problem.position))
            if problem.target is None or (*here, None) in true:
                assert here in places  # told once for all targets, of which some may be in doubt
            else:
                assert (*here, problem.target) in true


@pytest.mark.parametrize("many", [101, 300])
def test_a_document_of_nothing_but_mistakes_is_not_guessed_at(many: int) -> None:
    document = alb(route(host="A"), **{f"x{number}": 1 for number in range(many)})
    assert set(told(document)) == {"GX0030"}
