"""What is put together from lists that were taken one after the other."""

from __future__ import annotations

import pytest

from gitopsd.adapters.kubernetes import Connection, KubernetesCluster
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.ports import ClusterScope, Unreachable

from .conftest import Call, Reply, Script, status

OWNER = Owner("acme", "hangzhou")
TEA = Identity("Service", "shop", "tea")
EMPTY = Reply(200, {"metadata": {}, "items": []})


def served(labels: dict[str, str]) -> dict[str, object]:
    metadata = {"name": "tea", "namespace": "shop", "uid": "u", "resourceVersion": "1"}
    return {"metadata": metadata | {"labels": labels}, "spec": {"ports": [{"port": 80}]}}


def test_an_object_of_ours_made_after_our_list_was_taken_is_not_foreign(
    api: Script, connection: Connection
) -> None:
    ours = served(OWNER.labels("tea"))

    def answer(call: Call) -> Reply:
        if call.path.endswith("/services/tea"):
            return Reply(200, ours)
        if call.path.endswith("/shop/services"):
            return Reply(200, {"metadata": {}, "items": [ours]})
        if call.path.endswith("/namespaces"):
            return Reply(
                200, {"metadata": {}, "items": [{"metadata": {"name": "shop", "uid": "n"}}]}
            )
        return EMPTY

    api.answer = answer
    view = KubernetesCluster(connection).observe(ClusterScope(OWNER, frozenset({TEA})))
    assert set(view.objects) == {TEA}
    assert view.foreign == {}


def test_an_object_that_goes_away_between_two_looks_is_not_in_the_way(
    api: Script, connection: Connection
) -> None:
    def answer(call: Call) -> Reply:
        if call.path.endswith("/services/tea"):
            return status(404, "not found", "NotFound", name="tea", kind="services")
        if call.path.endswith("/shop/services"):
            return Reply(200, {"metadata": {}, "items": [served({})]})
        if call.path.endswith("/namespaces"):
            return status(403, "no", "Forbidden")
        return EMPTY

    api.answer = answer
    view = KubernetesCluster(connection).observe(ClusterScope(OWNER, frozenset({TEA})))
    assert (view.objects, view.foreign) == ({}, {})


def test_a_cluster_that_answers_nothing_is_an_error_and_not_an_empty_view(
    api: Script, connection: Connection
) -> None:
    api.replies(Reply(503, b""))
    with pytest.raises(Unreachable):
        KubernetesCluster(connection).observe(ClusterScope(OWNER))


def test_the_steady_state_costs_one_list_of_each_kind_and_three_small_reads(
    api: Script, connection: Connection
) -> None:
    api.answer = lambda call: EMPTY
    KubernetesCluster(connection).observe(ClusterScope(OWNER))
    assert sorted(call.path for call in api.calls) == [
        "/api/v1/namespaces",
        "/api/v1/namespaces/gitopsd-system/configmaps",
        "/api/v1/namespaces/kube-system",
        "/api/v1/services",
        "/apis/networking.k8s.io/v1/ingresses",
    ]
