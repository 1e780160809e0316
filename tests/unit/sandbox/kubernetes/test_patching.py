"""The three kinds of patches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.patching import (
    PatchBrokenError,
    PatchError,
    PatchFailedError,
    json_patch,
    merge_patch,
    strategic_merge,
)
from gitopsd.sandbox.kubernetes.schema import INT32, STRING, map_list, set_list, struct

KIND = struct(
    "Kind",
    {
        "ports": map_list(
            struct("Port", {"port!": INT32, "name": STRING}), "port", patch_key="port"
        ),
        "finalizers": set_list(STRING, patch_merge=True),
        "text": STRING,
        "inner": struct("Inner", {"a": STRING, "b": STRING}),
    },
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@given(OBJECTS, OBJECTS)
def test_a_merge_patch_applied_twice_is_applied_once(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once


@given(OBJECTS)
def test_an_empty_merge_patch_changes_nothing(target: dict[str, Any]) -> None:
    assert merge_patch(target, {}) == target


def test_null_removes_in_a_merge_patch_and_lists_are_replaced() -> None:
    target = {"a": {"b": 1, "c": [1, 2]}}
    assert merge_patch(target, {"a": {"b": None, "c": [3]}}) == {"a": {"c": [3]}}


def test_json_patch_operations_apply_in_order() -> None:
    operations = [
        {"op": "add", "path": "/list/1", "value": "x"},
        {"op": "add", "path": "/list/-", "value": "z"},
        {"op": "remove", "path": "/gone"},
        {"op": "replace", "path": "/a~1b", "value": 2},
        {"op": "copy", "from": "/a~1b", "path": "/copied"},
        {"op": "move", "from": "/moved", "path": "/here"},
        {"op": "test", "path": "/here", "value": 9},
    ]
    target = {"list": [1, 2], "gone": 1, "a/b": 1, "moved": 9}
    assert json_patch(target, operations) == {
        "list": [1, "x", 2, "z"],
        "a/b": 2,
        "copied": 2,
        "here": 9,
    }
    assert target == {"list": [1, 2], "gone": 1, "a/b": 1, "moved": 9}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a", "value": 2},
        {"op": "remove", "path": "/nope"},
        {"op": "replace", "path": "/nope/deeper", "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "/nope/deeper", "value": 1},
        {"op": "add", "path": "/list/7", "value": 1},
        {"op": "fly", "path": "/a"},
        {"op": "add", "path": "a", "value": 1},
    ],
)
def test_an_operation_that_does_not_apply_fails_the_patch(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchFailedError):
        json_patch({"a": 1, "list": []}, [operation])


def test_a_json_patch_is_a_list() -> None:
    with pytest.raises(PatchError):
        json_patch({}, {"op": "add"})


def test_a_strategic_merge_patch_merges_items_by_their_key() -> None:
    target = {"ports": [{"port": 80, "name": "http"}], "text": "x"}
    patch = {"ports": [{"port": 443, "name": "https"}, {"port": 80, "name": "web"}]}
    assert strategic_merge(KIND, target, patch)["ports"] == [
        {"port": 443, "name": "https"},
        {"port": 80, "name": "web"},
    ]


def test_directives_delete_replace_and_order_items() -> None:
    target = {"ports": [{"port": 1}, {"port": 2}, {"port": 3}]}
    deleted = strategic_merge(KIND, target, {"ports": [{"port": 2, "$patch": "delete"}]})
    assert [one["port"] for one in deleted["ports"]] == [1, 3]
    replaced = strategic_merge(KIND, target, {"ports": [{"port": 9}, {"$patch": "replace"}]})
    assert replaced["ports"] == [{"port": 9}]
    ordered = strategic_merge(
        KIND, target, {"$setElementOrder/ports": [{"port": 3}, {"port": 2}, {"port": 1}]}
    )
    assert [one["port"] for one in ordered["ports"]] == [3, 2, 1]


def test_scalars_with_a_merge_strategy_are_joined_and_deleted_one_by_one() -> None:
    target = {"finalizers": ["a", "b"]}
    assert strategic_merge(KIND, target, {"finalizers": ["c"]})["finalizers"] == ["c", "a", "b"]
    patch = {"$deleteFromPrimitiveList/finalizers": ["a"]}
    assert strategic_merge(KIND, target, patch)["finalizers"] == ["b"]


def test_null_and_retain_keys_remove_members() -> None:
    target = {"inner": {"a": "1", "b": "2"}, "text": "x"}
    assert strategic_merge(KIND, target, {"text": None}) == {"inner": {"a": "1", "b": "2"}}
    retained = strategic_merge(KIND, target, {"inner": {"$retainKeys": ["a"], "a": "3"}})
    assert retained["inner"] == {"a": "3"}


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(
        PatchBrokenError, match=r"map\[name:x\] does not contain declared merge key: port"
    ):
        strategic_merge(KIND, {"ports": []}, {"ports": [{"name": "x"}]})


def test_replacing_a_member_that_was_not_there_makes_it_as_on_the_server() -> None:
    assert json_patch({"a": 1}, [{"op": "replace", "path": "/b", "value": 2}]) == {"a": 1, "b": 2}
