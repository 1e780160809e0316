"""Server-side apply: laws that hold for any objects, and its well-known cases."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.fieldsets import paths, union
from gitopsd.sandbox.kubernetes.managed import read
from gitopsd.sandbox.kubernetes.ownership import after_apply, after_update
from tests.unit.sandbox.kubernetes.generating import THING, THINGS, scope, thing

Item = dict[str, Any]


def stored(item: Item, managed: list[Item]) -> Item:
    """An object as it is kept: read into its type, with a uid and its managers."""
    kept: Item = Decoder().read(THING, item)
    kept["metadata"]["uid"] = "u"
    if managed:
        kept["metadata"]["managedFields"] = managed
    else:
        kept["metadata"].pop("managedFields", None)
    return kept


def created(item: Item, manager: str) -> Item:
    rules = scope()
    return stored(item, after_update(rules.zero, Decoder().read(THING, item), manager, rules))


def updated(live: Item, item: Item, manager: str) -> Item:
    new: Item = Decoder().read(THING, item)
    return stored(item, after_update(live, new, manager, scope()))


def applied(live: Item | None, item: Item, manager: str, *, force: bool = True) -> Item:
    rules = scope()
    outcome = after_apply(live or rules.zero, item, manager, rules, force=force)
    return stored(outcome.item, outcome.managed_fields)


def owned(item: Item, manager: str) -> set[tuple[str, ...]]:
    managed = read(item["metadata"].get("managedFields"))
    return {p for key, entry in managed.items() if key.name == manager for p in paths(entry.fields)}


@given(THINGS)
def test_applying_twice_is_applying_once(item: Item) -> None:
    once = applied(None, item, "one")
    assert applied(once, item, "one") == once


@given(THINGS, THINGS)
def test_a_forced_apply_makes_the_object_say_what_was_applied(first: Item, second: Item) -> None:
    live = applied(applied(None, first, "one"), second, "two")
    again = applied(live, second, "two", force=False)
    assert again == live


@given(THINGS, THINGS)
def test_the_only_applier_leaves_nothing_of_its_last_apply_behind(
    first: Item, second: Item
) -> None:
    live = applied(applied(None, first, "one"), second, "one")
    fresh = applied(None, second, "one")
    assert _sorted(live) == _sorted(fresh)


def _sorted(item: Item) -> Item:
    """The object with its lists of items and sets in a fixed order, and empty things left out."""
    comparable = copy.deepcopy(item)
    spec = comparable.get("spec") or {}
    for name in ("ports", "tags"):
        if name in spec:
            spec[name] = sorted(spec[name], key=str)
    comparable["spec"] = {name: value for name, value in spec.items() if value not in ({}, [])}
    labels = comparable["metadata"].pop("labels", None)
    comparable["metadata"].pop("managedFields", None)
    return {**comparable, "labels": labels or {}}


@given(THINGS, THINGS)
def test_every_field_has_an_owner_after_an_update(first: Item, second: Item) -> None:
    live = created(first, "one")
    if not live["metadata"].get("managedFields"):
        return  # nothing to own: such an object is not tracked
    live = updated(live, second, "two")
    managed = read(live["metadata"].get("managedFields"))
    everything: Item = {}
    for entry in managed.values():
        everything = union(everything, entry.fields)
    for name in live["metadata"].get("labels") or {}:
        assert ("f:metadata", "f:labels", f"f:{name}") in set(paths(everything))


@given(THINGS, THINGS)
def test_nobody_owns_what_is_not_there(first: Item, second: Item) -> None:
    live = applied(created(first, "one"), second, "two")
    labels = live["metadata"].get("labels") or {}
    for manager in ("one", "two"):
        for path in owned(live, manager):
            if path[:2] == ("f:metadata", "f:labels") and len(path) == 3:
                assert path[2][2:] in labels


@given(THINGS, THINGS)
def test_an_unforced_apply_is_refused_or_takes_nothing_from_others(
    first: Item, second: Item
) -> None:
    live = created(first, "one")
    refusal, after = None, live
    try:
        after = applied(live, second, "two", force=False)
    except ApiError as error:
        refusal = error
    assert owned(after, "one") == owned(live, "one")
    assert refusal is None or refusal.status["details"]["causes"]


def test_a_shared_field_stays_until_its_last_applier_drops_it() -> None:
    live = applied(applied(None, thing({"a": "1"}, {}), "one"), thing({"a": "1"}, {}), "two")
    live = applied(live, thing({}, {}), "one")
    assert live["metadata"]["labels"] == {"a": "1"}
    live = applied(live, thing({}, {}), "two")
    assert "labels" not in live["metadata"]


def test_an_updater_takes_the_field_it_changes_and_only_that() -> None:
    live = applied(None, thing({"a": "1", "b": "1"}, {}), "one")
    live = updated(live, thing({"a": "2", "b": "1"}, {}), "two")
    assert owned(live, "two") == {("f:metadata", "f:labels", "f:a")}
    assert owned(live, "one") == {("f:metadata", "f:labels", "f:b"), ("f:spec",)}


def test_a_field_an_updater_took_over_is_not_removed_by_its_former_applier() -> None:
    live = applied(None, thing({"a": "1"}, {}), "one")
    live = updated(live, thing({"a": "2"}, {}), "two")
    live = applied(live, thing({}, {}), "one")
    assert live["metadata"]["labels"] == {"a": "2"}


def test_an_item_of_a_list_is_found_by_its_keys_with_defaults() -> None:
    live = applied(None, thing({}, {"ports": [{"port": 1, "protocol": "TCP", "to": 1}]}), "one")
    live = applied(live, thing({}, {"ports": [{"port": 1, "to": 2}]}), "one")
    assert live["spec"]["ports"] == [{"port": 1, "protocol": "TCP", "to": 2}]


def test_a_dropped_item_goes_with_what_others_never_owned() -> None:
    live = applied(None, thing({}, {"ports": [{"port": 1}, {"port": 2}]}), "one")
    live["spec"]["ports"][0]["name"] = "given by the server"
    live = applied(live, thing({}, {"ports": [{"port": 2}]}), "one")
    assert [port["port"] for port in live["spec"]["ports"]] == [2]


def test_a_conflict_names_every_field_and_its_manager() -> None:
    live = applied(None, thing({"a": "1"}, {"text": "a", "order": ["a"]}), "one")
    wanted = thing({"a": "2"}, {"text": "b", "order": ["b"]})
    with pytest.raises(ApiError) as refusal:
        applied(live, wanted, "two", force=False)
    causes = refusal.value.status["details"]["causes"]
    assert {cause["field"] for cause in causes} == {
        ".metadata.labels.a",
        ".spec.text",
        ".spec.order",
    }
    assert {cause["message"] for cause in causes} == {'conflict with "one"'}


def test_an_object_without_managers_is_owned_before_its_first_apply() -> None:
    live = stored(thing({"a": "1"}, {}), [])
    live = applied(live, thing({"b": "2"}, {}), "one")
    assert ("f:metadata", "f:labels", "f:a") in owned(live, "before-first-apply")


def test_the_eleventh_updater_folds_the_oldest_two_into_one() -> None:
    live = created(thing({"a": "0"}, {}), "m0")
    for number in range(1, 12):
        labels = {f"l{n}": "x" for n in range(1, number + 1)}
        live = updated(live, thing({"a": "0", **labels}, {}), f"m{number:02}")
    managers = {entry["manager"] for entry in live["metadata"]["managedFields"]}
    assert len(managers) == 10
    assert "ancient-changes" in managers


def test_an_empty_list_of_managers_resets_ownership() -> None:
    live = applied(None, thing({"a": "1"}, {}), "one")
    item = thing({"a": "1"}, {})
    item["metadata"]["managedFields"] = []
    assert after_update(live, item, "two", scope()) == []


def test_unknown_members_and_doubled_keys_are_refused() -> None:
    for spec, why in (
        ({"nope": 1}, ".spec.nope: field not declared in schema"),
        ({"ports": [{"port": 1}, {"port": 1}]}, "duplicate entries for key"),
        ({"text": 3}, "expected string, got &value.valueUnstructured{Value:3}"),
        ({"tags": "x"}, ".spec.tags: expected list, got &{x}"),
    ):
        with pytest.raises(ApiError) as refusal:
            applied(None, thing({}, spec), "one")
        assert refusal.value.code == 500
        assert why in refusal.value.message
