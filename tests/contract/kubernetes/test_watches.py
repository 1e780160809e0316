"""Watches over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitopsd.sandbox.embedded import Sandbox
from tests.contract.kubernetes.client import CONFIG_MAPS, Client, config_map


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    yield made
    made.send("DELETE", CONFIG_MAPS)
    made.close()


def test_events_arrive_while_the_watch_is_open(client: Client, sandbox: Sandbox) -> None:
    since = client.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    path = f"{CONFIG_MAPS}?watch=true&resourceVersion={since}&timeoutSeconds=60"
    events = client.watch(path)
    item = {"metadata": {"name": "live", "namespace": "default"}}
    sandbox.cluster.create("configmaps", item)
    assert next(events)["type"] == "ADDED"
    sandbox.cluster.patch("configmaps", "default", "live", {"data": {"a": "b"}})
    changed = next(events)
    assert (changed["type"], changed["object"]["data"]) == ("MODIFIED", {"a": "b"})
    sandbox.cluster.delete("configmaps", "default", "live")
    gone = next(events)
    assert (gone["type"], gone["object"]["kind"]) == ("DELETED", "ConfigMap")
    events.close()  # type: ignore[attr-defined]


def test_a_watch_without_a_revision_begins_with_what_there_is(client: Client) -> None:
    client.send("POST", CONFIG_MAPS, config_map("first"))
    events = list(client.watch(f"{CONFIG_MAPS}?watch=1&timeoutSeconds=1"))
    assert [(one["type"], one["object"]["metadata"]["name"]) for one in events] == [
        ("ADDED", "first")
    ]


def test_the_end_of_the_beginning_is_marked_when_asked_for(client: Client) -> None:
    client.send("POST", CONFIG_MAPS, config_map("first"))
    query = "watch=1&timeoutSeconds=3&sendInitialEvents=true&allowWatchBookmarks=true"
    match = "resourceVersionMatch=NotOlderThan"
    events = client.watch(f"{CONFIG_MAPS}?{query}&{match}")
    assert next(events)["object"]["metadata"]["name"] == "first"
    mark = next(events)
    assert mark["type"] == "BOOKMARK"
    annotations = mark["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}
    assert [one["type"] for one in events] == ["BOOKMARK"]


def test_a_bookmark_tells_a_revision_to_go_on_from(client: Client) -> None:
    since = client.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    query = f"watch=1&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion={since}"
    (mark,) = client.watch(f"{CONFIG_MAPS}?{query}")
    assert mark["type"] == "BOOKMARK"
    assert int(mark["object"]["metadata"]["resourceVersion"]) >= int(since)


def test_a_watch_from_a_forgotten_revision_ends_with_an_error(
    client: Client, sandbox: Sandbox
) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    with sandbox.cluster.lock:
        sandbox.cluster.store.forget_history()
    (event,) = client.watch(f"{CONFIG_MAPS}?watch=1&resourceVersion=1&timeoutSeconds=5")
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"].startswith("too old resource version: 1 (")


def test_many_watches_see_every_event_in_order(client: Client, sandbox: Sandbox) -> None:
    since = client.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    path = f"{CONFIG_MAPS}?watch=1&resourceVersion={since}&timeoutSeconds=60"
    watches = [client.watch(path) for _ in range(8)]
    names = [f"w{number}" for number in range(50)]
    for name in names:
        sandbox.cluster.create("configmaps", {"metadata": {"name": name, "namespace": "default"}})
    for events in watches:
        assert [next(events)["object"]["metadata"]["name"] for _ in names] == names
        events.close()  # type: ignore[attr-defined]
