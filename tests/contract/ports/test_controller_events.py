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


def test_the_last_words_on_what_is_asked_for_are_found(
    cluster: ClusterSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    tea, other = cluster.identity("Ingress", "tea"), cluster.identity("Ingress", "other")
    tell(cluster, tea, 1, lastTimestamp=FIRST)
    tell(cluster, tea, 2)
    tell(cluster, tea, 3, type="Normal", reason="Sync", message="Scheduled for sync")
    tell(cluster, tea, 4, type="Normal", reason="SuccessfullyReconciled", message="done\n now ")
    tell(cluster, other, 5)
    tell(cluster, cluster.identity("Service", "tea"), 6)
    found = cluster.adapter.controller_events(
        ["Ingress"], lambda event: event.about == tea and event.reason != "Sync"
    )
    assert sorted(found, key=lambda event: event.reason) == [
        ControllerEvent(tea, "u", "FailedApplyModel", "no certificate", LAST, failed=True),
        ControllerEvent(tea, "u", "SuccessfullyReconciled", "done now", LAST, failed=False),
    ]
    assert cluster.adapter.controller_events([], lambda _: True) == ()
