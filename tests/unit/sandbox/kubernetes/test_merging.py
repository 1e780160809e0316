"""Merging, comparing and removing by structure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gitopsd.sandbox.kubernetes.fieldsets import from_paths
from gitopsd.sandbox.kubernetes.merging import compare, field_set, merge, remove
from gitopsd.sandbox.kubernetes.schema import ANY, STRING, map_list, set_list, struct
from gitopsd.sandbox.kubernetes.structure import MISSING
from tests.unit.sandbox.kubernetes.generating import THING, THINGS

ITEM = struct("Item", {"k!": STRING, "v": STRING})
ITEMS = map_list(ITEM, "k")


def keys(items: list[Any]) -> list[str]:
    return [item["k"] for item in items]


@given(THINGS)
def test_merging_a_value_into_itself_changes_nothing(item: dict[str, Any]) -> None:
    assert merge(THING, item, item) == item


@given(THINGS, THINGS)
def test_what_was_merged_in_can_be_read_back(live: dict[str, Any], new: dict[str, Any]) -> None:
    merged = merge(THING, live, new)
    change = compare(THING, merged, merge(THING, merged, new))
    assert change == (None, None, None)


@given(THINGS)
def test_an_absent_value_compares_as_added_or_removed_as_a_whole(item: dict[str, Any]) -> None:
    assert compare(THING, MISSING, item).removed is None
    assert compare(THING, item, MISSING).added is None


@pytest.mark.parametrize(
    ("live", "applied", "merged"),
    [
        ("ab", "ba", "ba"),
        ("xa", "ba", "xba"),
        ("axb", "bac", "xbac"),
        ("ab", "", "ab"),
        ("", "ab", "ab"),
        ("abc", "b", "abc"),
        ("xay", "a", "xay"),
        ("abc", "ca", "bca"),
    ],
)
def test_shared_items_come_in_the_applied_order(live: str, applied: str, merged: str) -> None:
    left = [{"k": letter} for letter in live]
    right = [{"k": letter} for letter in applied]
    assert "".join(keys(merge(ITEMS, left, right))) == merged


def test_an_item_is_merged_with_its_like() -> None:
    assert merge(ITEMS, [{"k": "a", "v": "1"}], [{"k": "a"}]) == [{"k": "a", "v": "1"}]


def test_a_set_keeps_each_value_once() -> None:
    assert merge(set_list(STRING), ["a", "b"], ["b", "c"]) == ["a", "b", "c"]


def test_free_form_values_merge_as_maps_and_replace_as_lists() -> None:
    assert merge(ANY, {"a": 1, "b": [1, 2]}, {"b": [3]}) == {"a": 1, "b": [3]}
    assert merge(ANY, {"a": {"b": 1}}, {"a": "text"}) == {"a": "text"}


def test_a_free_form_value_that_becomes_an_object_counts_as_changed() -> None:
    change = compare(ANY, {"a": 1}, {"a": {"b": 1}})
    assert change.modified == {"f:a": {}}
    assert change.added == {"f:a": {"f:b": {}}}


def test_removing_the_last_member_leaves_nothing_in_it() -> None:
    assert remove(ANY, {"a": {"b": 1}}, from_paths(("f:a", "f:b"))) == {"a": {}}


def test_the_set_of_a_value_has_items_and_map_keys_but_no_struct_on_the_way() -> None:
    value = {"metadata": {"labels": {"x": "1"}}, "spec": {"ports": [{"port": 1}], "tags": ["t"]}}
    assert field_set(THING, value) == {
        "f:metadata": {"f:labels": {"f:x": {}}},
        "f:spec": {
            "f:ports": {'k:{"port":1,"protocol":"TCP"}': {".": {}, "f:port": {}}},
            "f:tags": {'v:"t"': {}},
        },
    }
