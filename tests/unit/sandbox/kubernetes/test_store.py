"""The store: revisions, order, history and snapshots of the past."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.reading import ListQuery, list_page
from gitopsd.sandbox.kubernetes.resources import Registry
from gitopsd.sandbox.kubernetes.store import Event, HistoryGoneError, Store

MAPS = "configmaps"
RESOURCE = Registry(builtin()).named(MAPS)
NAMES = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "remove"]), NAMES), max_size=12)


def item(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "n"}, "data": data}


def walked(store: Store, steps: list[tuple[str, str]]) -> list[tuple[int, list[tuple[str, int]]]]:
    """Take steps; the revision and the listed (name, revision) pairs after each."""
    states = [(store.revision, listed(store))]
    for what, name in steps:
        if what == "put":
            store.put(MAPS, item(name, at=str(store.revision)))
        elif store.get(MAPS, f"n/{name}") is not None:
            store.remove(MAPS, f"n/{name}")
        states.append((store.revision, listed(store)))
    return states


def listed(store: Store, at: int | None = None) -> list[tuple[str, int]]:
    return [(one.name, one.revision) for one in store.records(MAPS, at=at)]


@given(STEPS)
def test_every_past_state_can_be_listed_again(steps: list[tuple[str, str]]) -> None:
    store = Store()
    for revision, state in walked(store, steps):
        assert listed(store, at=revision) == state


@given(STEPS)
def test_events_since_a_revision_lead_from_that_state_to_the_present(
    steps: list[tuple[str, str]],
) -> None:
    store = Store()
    for revision, state in walked(store, steps):
        present = dict(state)
        for event in store.events_after(MAPS, revision):
            if event.change == "DELETED":
                del present[event.record.name]
            else:
                present[event.record.name] = event.record.revision
        assert sorted(present.items()) == listed(store)


@given(STEPS, st.integers(1, 3))
def test_pages_of_one_list_show_one_state_whatever_is_written_between(
    steps: list[tuple[str, str]], limit: int
) -> None:
    store = Store()
    for name in "abcd":
        store.put(MAPS, item(name))
    wanted = listed(store)
    page = list_page(store, RESOURCE, ListQuery("n", limit=limit))
    found = list(page.records)
    walked(store, steps)
    while "continue" in page.metadata:
        assert page.metadata["remainingItemCount"] == len(wanted) - len(found)
        page = list_page(
            store, RESOURCE, ListQuery("n", limit=limit, token=page.metadata["continue"])
        )
        found += page.records
    assert [(one.name, one.revision) for one in found] == wanted


def test_lists_of_a_namespace_hold_nothing_of_one_with_a_longer_name() -> None:
    store = Store()
    for namespace in ("n", "n-1", "n.1", "n1", "m"):
        store.put(MAPS, {"metadata": {"name": "x", "namespace": namespace}})
    assert [one.namespace for one in store.records(MAPS, namespace="n")] == ["n"]


def test_forgotten_history_is_said_to_be_gone() -> None:
    store = Store(history=2)
    for number in range(6):
        store.put(MAPS, item("a", at=str(number)))
    with pytest.raises(HistoryGoneError):
        store.events_after(MAPS, 1)
    assert [event.revision for event in store.events_after(MAPS, store.revision - 1)] == [7]


def test_a_continue_token_outlives_its_history_only_with_a_warning() -> None:
    store = Store(history=2)
    for name in "abcd":
        store.put(MAPS, item(name))
    token = list_page(store, RESOURCE, ListQuery("n", limit=1)).metadata["continue"]
    for number in range(6):
        store.put(MAPS, item("a", at=str(number)))
    with pytest.raises(ApiError) as refusal:
        list_page(store, RESOURCE, ListQuery("n", limit=1, token=token))
    assert (refusal.value.code, refusal.value.reason) == (410, "Expired")
    fresh = refusal.value.status["metadata"]["continue"]
    page = list_page(store, RESOURCE, ListQuery("n", limit=1, token=fresh))
    assert [one.name for one in page.records] == ["b"]


def test_a_subscriber_that_writes_does_not_upset_the_order_of_events() -> None:
    store = Store()
    seen: list[int] = []

    def writes(event: Event) -> None:
        if event.record.name == "a":
            store.put(MAPS, item("b"))

    store.subscribe(writes)
    store.subscribe(lambda event: seen.append(event.revision))
    store.put(MAPS, item("a"))
    assert seen == sorted(seen)
    assert len(seen) == 2


@pytest.mark.parametrize("token", ["x", "e30", "!!!", "eyJ2IjoidjAiLCJydiI6MX0"])
def test_a_token_nobody_gave_out_is_refused(token: str) -> None:
    with pytest.raises(ApiError, match="continue key is not valid"):
        list_page(Store(), RESOURCE, ListQuery(limit=1, token=token))
