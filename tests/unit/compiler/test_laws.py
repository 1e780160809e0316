"""What holds for every repository: order means nothing, and compiling is a function."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitopsd.compiler.rendering import render
from gitopsd.compiler.yaml_text import yaml_lines
from gitopsd.model.compiled import dump, load
from tests.unit.rules.repository import alb, fleet, group, layer4, route, specs, state, target

NAMES = st.sampled_from(["a", "b", "c"])
TARGETS = st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2, unique=True)
FLEET = fleet(target("x"), target("y", kubeContext="y", networkPlugin="FlannelVXLAN", networks=[]))

backends = st.lists(
    st.one_of(
        st.just({"service": "tea-svc", "port": 80}),
        st.just({"pods": {"selector": {"app": "tea"}}, "port": 80}),
        st.builds(lambda name: {"serverGroup": name}, NAMES),
        st.just({"serverGroupId": "sgp-abc"}),
    ),
    min_size=1,
    max_size=4,
).map(lambda found: [{**item, "weight": 10 * n} for n, item in enumerate(found, 1)])

documents = st.one_of(
    st.builds(
        lambda kind, name, placement, keep, where: layer4(
            kind, name=name, placement=placement, preserveClientIP=keep, targets=where
        ),
        st.sampled_from(["CLB", "NLB"]),
        NAMES,
        st.sampled_from(["Cloud", "Edge", "Hybrid"]),
        st.booleans(),
        TARGETS,
    ),
    st.builds(
        lambda found, name, where: alb(route(*found), name=f"alb-{name}", targets=where),
        backends,
        NAMES,
        TARGETS,
    ),
    st.builds(
        lambda name, ip, where: group({"ip": ip, "port": 80}, name=name, targets=where),
        NAMES,
        st.sampled_from(["192.168.20.11", "10.8.0.1", "1.1.1.1"]),
        TARGETS,
    ),
)
repositories = st.lists(
    documents, max_size=6, unique_by=lambda d: (d["kind"], d["metadata"]["name"])
)
LAWS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def without_places(content: Any) -> Any:
    """The rendering without the places of problems, which follow the files."""
    for problem in content["problems"]:
        for key in ("file", "line", "column"):
            problem.pop(key, None)
    content["problems"].sort(key=lambda problem: (problem["id"], str(problem)))
    return content


@LAWS
@given(repositories, st.randoms(use_true_random=False))
def test_the_order_of_documents_means_nothing(found: list[Any], random: Any) -> None:
    shuffled = copy.copy(found)
    random.shuffle(shuffled)
    assert without_places(render(state(FLEET, *found))) == without_places(
        render(state(FLEET, *shuffled))
    )


@LAWS
@given(repositories)
def test_compiling_twice_gives_the_same(found: list[Any]) -> None:
    assert state(FLEET, *found) == state(FLEET, *found)


@LAWS
@given(repositories)
def test_what_is_kept_between_runs_is_what_was_compiled(found: list[Any]) -> None:
    made = state(FLEET, *found)
    kept = load(dump(made, "key"), "key")
    assert kept == made
    assert kept is not None
    assert render(kept) == render(made)


@LAWS
@given(repositories)
def test_a_held_document_makes_nothing_and_every_other_one_something(found: list[Any]) -> None:
    read = specs(FLEET, *found)
    for name, made in state(FLEET, *found).targets.items():
        owners = {item.exposure for item in made.objects.values()} | set(made.groups)
        every = {**read.exposures, **read.server_groups}
        here = {identity for identity, d in every.items() if name in (d.spec.targets or [])}
        assert owners == here - made.held


@LAWS
@given(repositories)
def test_what_is_compiled_refers_only_to_what_is_compiled(found: list[Any]) -> None:
    for made in state(FLEET, *found).targets.values():
        for item in made.objects.values():
            assert set(item.groups) <= set(made.groups)


@LAWS
@given(repositories)
def test_an_error_in_one_document_changes_nothing_of_the_others(found: list[Any]) -> None:
    broken = layer4(name="broken", ports=[], targets=["x", "y"])
    with_it, without = state(FLEET, *found, broken), state(FLEET, *found)
    for name, made in without.targets.items():
        assert with_it.targets[name].objects == made.objects
        assert with_it.targets[name].groups == made.groups


texts = st.text(st.characters(exclude_categories=("Cs",), max_codepoint=0xFFFF), max_size=12)
values = st.recursive(
    st.one_of(st.booleans(), st.none(), st.integers(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


@LAWS
@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_what_is_written_as_yaml_reads_back_the_same(value: Any) -> None:
    assert yaml.safe_load("\n".join(yaml_lines(value))) == value
