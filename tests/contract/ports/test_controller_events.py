"""What controllers tell is read by one list of Events for each kind, whoever else tells things."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.adapters.kubernetes import reads
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ControllerEvent

from .cluster_stage import ClusterSide

FIRST, LAST = "2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z"


def tell(cluster: ClusterSide, about: Identity, number: int, **more: Any) -> None:
    name = f"{about.name}.{number}"
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": cluster.namespace},
        "involvedObject": {
            "kind": about.kind, "name": about.name, "namespace": about.namespace, "uid": "u",
        },
        "type": "Warning",
        "reason": "FailedApplyModel",
        "message": "no certificate",
        "firstTimestamp": FIRST,
        "lastTimestamp": LAST,
        "count": 2,
        **more,
    }  # fmt: skip
    cluster.others("POST", f"/api/v1/namespaces/{cluster.namespace}/events", body)


def test_the_last_word_of_each_failure_and_success_on_what_is_asked_for_is_found(
    cluster: ClusterSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    tea, other = cluster.identity("Ingress", "tea"), cluster.identity("Ingress", "other")
    tell(cluster, tea, 1, lastTimestamp=FIRST)
    tell(cluster, tea, 2)
    tell(cluster, tea, 3, type="Normal", reason="Sync", message="Scheduled for sync")
    tell(cluster, tea, 4, type="Normal", reason="SuccessfullyReconciled", message="done\n now ")
    tell(cluster, tea, 5, reason="DriftCorrected", reportingComponent="gitopsd")
    tell(cluster, other, 6)
    tell(cluster, cluster.identity("Service", "tea"), 7, reason="SyncLoadBalancerFailed")
    found = cluster.adapter.controller_events(frozenset({tea}))
    mine = sorted((one for one in found if one.about.kind == "Ingress"), key=lambda e: e.reason)
    assert mine == [
        ControllerEvent(tea, "u", "FailedApplyModel", "no certificate", LAST, failed=True),
        ControllerEvent(tea, "u", "SuccessfullyReconciled", "done now", LAST, failed=False),
    ]
    (service,) = cluster.adapter.controller_events(frozenset({cluster.identity("Service", "tea")}))
    assert (service.reason, service.failed) == ("SyncLoadBalancerFailed", True)
