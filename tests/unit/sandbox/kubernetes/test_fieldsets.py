"""Field sets are sets: the laws of union, intersection and difference."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes import fieldsets
from gitopsd.sandbox.kubernetes.fieldsets import (
    difference,
    from_paths,
    intersection,
    ordered,
    paths,
    shown,
    union,
    with_named_fields,
    without_below,
)
from tests.unit.sandbox.kubernetes.generating import THING

ELEMENTS = st.sampled_from(["f:a", "f:b", 'k:{"port":80}', 'k:{"port":443}', 'v:"x"'])
PATHS = st.lists(ELEMENTS, min_size=1, max_size=3).map(tuple)
SETS = st.frozensets(PATHS, max_size=6)


def built(members: frozenset[tuple[str, ...]]) -> dict[str, Any]:
    return from_paths(*members)


def members(node: dict[str, Any]) -> frozenset[tuple[str, ...]]:
    return frozenset(paths(node))


@given(SETS)
def test_a_set_holds_exactly_the_paths_it_was_built_from(one: frozenset[Any]) -> None:
    assert members(built(one)) == one


@given(SETS, SETS)
def test_operations_agree_with_those_of_plain_sets(
    one: frozenset[Any], other: frozenset[Any]
) -> None:
    left, right = built(one), built(other)
    assert members(union(left, right)) == one | other
    assert members(intersection(left, right)) == one & other
    assert members(difference(left, right)) == one - other


@given(SETS, SETS)
def test_operations_leave_their_arguments_alone(one: frozenset[Any], other: frozenset[Any]) -> None:
    left, right = built(one), built(other)
    union(left, right)
    intersection(left, right)
    difference(left, right)
    without_below(left, right)
    assert (members(left), members(right)) == (one, other)


@given(SETS, SETS)
def test_equal_sets_have_equal_forms(one: frozenset[Any], other: frozenset[Any]) -> None:
    left, right = built(one), built(other)
    assert union(left, right) == union(right, left)
    assert union(difference(left, right), intersection(left, right)) == left


@given(SETS, SETS)
def test_without_below_drops_paths_and_what_is_under_them(
    one: frozenset[Any], other: frozenset[Any]
) -> None:
    kept = {path for path in one if not any(path[: len(p)] == p for p in other)}
    assert members(without_below(built(one), built(other))) == kept


def test_a_leaf_and_a_member_with_children_read_as_in_managed_fields() -> None:
    node = from_paths(("f:a",), ("f:a", "f:b"), ("f:c", "f:d"))
    assert node == {"f:a": {".": {}, "f:b": {}}, "f:c": {"f:d": {}}}


def test_named_fields_on_the_way_become_members() -> None:
    key = 'k:{"port":80,"protocol":"TCP"}'
    node = from_paths(("f:spec", "f:ports", key, "f:name"), ("f:metadata", "f:labels", "f:x"))
    assert members(with_named_fields(node, THING)) == {
        ("f:spec",),
        ("f:spec", "f:ports"),
        ("f:spec", "f:ports", key, "f:name"),
        ("f:metadata",),
        ("f:metadata", "f:labels"),
        ("f:metadata", "f:labels", "f:x"),
    }


def test_paths_are_shown_as_conflicts_show_them() -> None:
    path = ("f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:targetPort")
    assert shown(path) == '.spec.ports[port=80,protocol="TCP"].targetPort'
    assert shown(("f:metadata", "f:finalizers", 'v:"x/y"')) == '.metadata.finalizers[="x/y"]'


def test_members_come_before_what_is_below_their_siblings() -> None:
    node = from_paths(("f:b",), ("f:a", "f:c"))
    assert list(paths(node)) == [("f:b",), ("f:a", "f:c")]


def test_written_sets_put_numbers_in_numeric_order() -> None:
    node = from_paths(('k:{"port":443}',), ('k:{"port":80}',), ("f:a",))
    assert list(ordered(node)) == ["f:a", 'k:{"port":80}', 'k:{"port":443}']
    assert fieldsets.key_element({"b": 1, "a": "x"}) == 'k:{"a":"x","b":1}'
