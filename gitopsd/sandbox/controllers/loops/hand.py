"""Writing what controllers write: labels, finalizers, status and events.

Writes that change nothing are left out, and an object that went away meanwhile is no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, Final

from gitopsd.sandbox.controllers.objects import Item, is_leaving, key_of
from gitopsd.sandbox.kubernetes.cluster import ApiError, Cluster

RESOURCES: Final = {
    "Node": "nodes",
    "Secret": "secrets",
    "IngressClass": "ingressclasses.networking.k8s.io",
    "AlbConfig": "albconfigs.alibabacloud.com",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "Service": "services",
    "Ingress": "ingresses.networking.k8s.io",
}
"""What controllers look at, by kind; what others refer to comes before them."""
_VERSIONS: Final = {
    "Service": "v1",
    "Ingress": "networking.k8s.io/v1",
    "AlbConfig": "alibabacloud.com/v1",
}
_EVENTS: Final = "events"
_REMEMBERED: Final = 10_000


class Hand:
    """One controller's access to the cluster, under its own name as field manager.

    wall: the time of day, for events.
    """

    def __init__(self, cluster: Cluster, name: str, wall: Callable[[], float]) -> None:
        self._cluster = cluster
        self._name = name
        self._wall = wall
        self._counts: dict[str, int] = {}

    def read(self, kind: str, key: str) -> Item | None:
        """The object as it is now, or None."""
        namespace, _, name = key.rpartition("/")
        try:
            return self._cluster.get(RESOURCES[kind], namespace, name)
        except KeyError:  # the kind itself is not served
            return None

    def patch(self, kind: str, key: str, patch: Any, *, status: bool = False) -> Item | None:
        """Merge a patch into the object or its status endpoint; None when it is gone."""
        namespace, _, name = key.rpartition("/")
        try:
            return self._cluster.patch(
                RESOURCES[kind],
                namespace,
                name,
                patch,
                subresource="status" if status else "",
                manager=self._name,
            )
        except ApiError as error:
            if error.reason == "NotFound":
                return None
            raise

    def label(
        self, kind: str, item: Item, labels: Mapping[str, str | None], *, status: bool
    ) -> None:
        """Set labels, or remove those given as None."""
        have = item["metadata"].get("labels") or {}
        changed = {key: value for key, value in labels.items() if have.get(key) != value}
        if changed:
            self.patch(kind, key_of(item), {"metadata": {"labels": changed}}, status=status)

    def add_finalizer(self, kind: str, item: Item, finalizer: str) -> None:
        """Hold the object until `remove_finalizer`."""
        found = list(item["metadata"].get("finalizers") or [])
        if finalizer not in found and not is_leaving(item):
            self.patch(kind, key_of(item), {"metadata": {"finalizers": [*found, finalizer]}})

    def remove_finalizer(self, kind: str, item: Item, finalizer: str) -> None:
        """Let the object go."""
        found = list(item["metadata"].get("finalizers") or [])
        if finalizer in found:
            found.remove(finalizer)
            self.patch(kind, key_of(item), {"metadata": {"finalizers": found or None}})

    def publish(
        self,
        kind: str,
        item: Item,
        labels: Mapping[str, str | None],
        addresses: list[dict[str, str]],
    ) -> None:
        """Write labels and `status.loadBalancer.ingress` in one go, if either is another."""
        have = item["metadata"].get("labels") or {}
        changed = {key: value for key, value in labels.items() if have.get(key) != value}
        patch: dict[str, Any] = {"metadata": {"labels": changed}} if changed else {}
        if addresses_of(item) != addresses:
            patch["status"] = {"loadBalancer": {"ingress": addresses or None}}
        if patch:
            self.patch(kind, key_of(item), patch, status=True)

    def tell(self, kind: str, item: Item, type_: str, reason: str, message: str) -> None:
        """Record an event; the same one again raises the count of the first."""
        metadata = item["metadata"]
        namespace = metadata.get("namespace") or "default"
        identity = f"{kind}/{metadata.get('uid')}/{type_}/{reason}/{message}"
        digest = sha1(identity.encode()).hexdigest()[:16]  # noqa: S324 - a name, not a proof
        name = f"{metadata['name']}.{digest}"
        now = datetime.fromtimestamp(self._wall(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        count = self._counts.get(identity, 0) + 1
        if len(self._counts) >= _REMEMBERED:
            self._counts.clear()
        self._counts[identity] = count
        if count > 1 and self._repeat(namespace, name, count, now):
            return
        event = {
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": {
                "apiVersion": _VERSIONS[kind],
                "kind": kind,
                "name": metadata["name"],
                "namespace": metadata.get("namespace", ""),
                "uid": metadata.get("uid", ""),
                "resourceVersion": metadata.get("resourceVersion", ""),
            },
            "type": type_,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "source": {"component": self._name},
            "reportingComponent": self._name,
        }
        self._create(namespace, event)

    def _repeat(self, namespace: str, name: str, count: int, now: str) -> bool:
        patch = {"count": count, "lastTimestamp": now}
        try:
            self._cluster.patch(_EVENTS, namespace, name, patch, manager=self._name)
        except ApiError as error:
            if error.reason == "NotFound":
                return False
            raise
        return True

    def _create(self, namespace: str, event: dict[str, Any]) -> None:
        try:
            self._cluster.create(_EVENTS, event, manager=self._name)
        except ApiError as error:
            # An event of a namespace that ends is lost, as it is in a real cluster; one of the
            # same name is left from an earlier run.
            if error.reason == "AlreadyExists":
                patch = {"lastTimestamp": event["lastTimestamp"]}
                self._cluster.patch(
                    _EVENTS, namespace, event["metadata"]["name"], patch, manager=self._name
                )
            elif error.reason not in ("NotFound", "Forbidden"):
                raise


def addresses_of(item: Item) -> list[dict[str, str]]:
    """The addresses an object shows, without what the server adds to them."""
    have = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return [{key: each[key] for key in each if key in ("ip", "hostname")} for each in have]
