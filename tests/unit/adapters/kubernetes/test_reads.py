"""Lists come in pages of one snapshot; when it is gone, the list begins again."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.adapters.kubernetes import Connection
from gitopsd.adapters.kubernetes.errors import ListExpired
from gitopsd.adapters.kubernetes.reads import collect, get
from gitopsd.adapters.kubernetes.resources import INGRESSES, SERVICES
from gitopsd.ports import Missing

from .conftest import Call, Reply, Script, status

NAMES = [f"s{number}" for number in range(5)]


def name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])


def paged(call: Call) -> Reply:
    """Two names a page; the token says where the next page begins."""
    start = int(call.query.get("continue", "0"))
    items = [{"metadata": {"name": one}} for one in NAMES[start : start + 2]]
    more = {"continue": str(start + 2)} if start + 2 < len(NAMES) else {}
    return Reply(200, {"metadata": more, "items": items})


def test_all_pages_are_read(api: Script, connection: Connection) -> None:
    api.answer = paged
    assert collect(connection, SERVICES, name) == NAMES


def test_every_page_carries_the_selector_and_the_limit(api: Script, connection: Connection) -> None:
    api.answer = paged
    collect(connection, SERVICES, name, selector="a=b")
    assert {(c.query["labelSelector"], c.query["limit"]) for c in api.calls} == {("a=b", "500")}


def test_an_expired_token_begins_the_list_again(api: Script, connection: Connection) -> None:
    expired = [status(410, "the provided continue parameter is too old", "Expired")]

    def answer(call: Call) -> Reply:
        return expired.pop() if expired and call.query.get("continue") == "4" else paged(call)

    api.answer = answer
    assert collect(connection, SERVICES, name) == NAMES


def test_a_list_that_expires_again_and_again_is_given_up(
    api: Script, connection: Connection
) -> None:
    api.answer = lambda call: status(410, "too old", "Expired")
    with pytest.raises(ListExpired):
        collect(connection, SERVICES, name)


def test_a_list_without_items_is_empty(api: Script, connection: Connection) -> None:
    api.replies(Reply(200, {"metadata": {}, "items": None}))
    assert collect(connection, SERVICES, name) == []


def test_metadata_is_all_that_is_asked_for_when_names_suffice(
    api: Script, connection: Connection
) -> None:
    api.answer = paged
    collect(connection, INGRESSES, name, namespace="shop", metadata_only=True)
    assert "as=PartialObjectMetadataList" in api.calls[0].headers["Accept"]
    assert api.calls[0].path == "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"


def test_an_object_that_does_not_exist_is_none(api: Script, connection: Connection) -> None:
    api.replies(status(404, 'services "tea" not found', "NotFound", name="tea", kind="services"))
    assert get(connection, SERVICES, name, "shop", "tea") is None


def test_a_kind_that_is_not_served_is_not_an_object_that_does_not_exist(
    api: Script, connection: Connection
) -> None:
    api.replies(status(404, "the server could not find the requested resource", "NotFound"))
    with pytest.raises(Missing, match="does not serve ingresses"):
        get(connection, INGRESSES, name, "shop", "tea")


def test_an_odd_name_cannot_leave_its_place_in_the_path() -> None:
    assert SERVICES.item("shop", "../x?y") == "/api/v1/namespaces/shop/services/..%2Fx%3Fy"


def test_a_served_object_is_told_apart_from_its_managed_fields() -> None:
    raw = {
        "metadata": {
            "name": "tea",
            "namespace": "shop",
            "uid": "u",
            "resourceVersion": "7",
            "managedFields": [{"manager": "kubectl"}],
        },
        "spec": {},
    }
    found = INGRESSES.observed(raw)
    assert found.manifest["kind"] == "Ingress"
    assert found.manifest["apiVersion"] == "networking.k8s.io/v1"
    assert "managedFields" not in found.manifest["metadata"]
    assert found.managed_fields == b'[{"manager":"kubectl"}]'
    assert (found.uid, found.resource_version) == ("u", "7")
