"""What a cluster's own controllers do that an API server alone does not: ending what is deleted."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from gitopsd.sandbox.kubernetes.cluster import Changed, Cluster
from gitopsd.sandbox.kubernetes.deleting import COLLECTED, DeleteOptions
from gitopsd.sandbox.kubernetes.errors import ApiError

_DELAY: Final = 0.05
_RETRY: Final = 0.25
_FINALIZER: Final = "kubernetes"


class NamespaceCleaner:
    """Deletes what is in a namespace that is being deleted, then lets the namespace go."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Work until cancelled; namespaces found terminating at the start are taken too."""
        unsubscribe = self._cluster.subscribe(self._told)
        try:
            for item in self._cluster.list("namespaces"):
                self._look_at(item)
            while True:
                name = await self._waiting.get()
                await asyncio.sleep(_DELAY)
                if not self._finish(name):
                    self._loop.call_later(_RETRY, self._waiting.put_nowait, name)
        finally:
            unsubscribe()

    def _told(self, changed: Changed) -> None:
        if changed.resource == "namespaces" and changed.change == "MODIFIED":
            self._loop.call_soon_threadsafe(self._look_at, changed.item)

    def _look_at(self, item: dict[str, Any]) -> None:
        held = item["spec"].get("finalizers") or []
        if item["metadata"].get("deletionTimestamp") and _FINALIZER in held:
            self._waiting.put_nowait(item["metadata"]["name"])

    def _finish(self, name: str) -> bool:
        """Delete the content; whether nothing is left and the namespace was let go."""
        cluster = self._cluster
        with cluster.lock:
            item = cluster.get("namespaces", "", name)
            if item is None or _FINALIZER not in (item["spec"].get("finalizers") or []):
                return True
            if self._content_left(name):
                return False
            item["spec"]["finalizers"].remove(_FINALIZER)
            cluster.put("namespaces", item, subresource="finalize", manager="kube-controller")
            return True

    def _content_left(self, namespace: str) -> bool:
        cluster, left = self._cluster, False
        for resource in cluster.registry.all():
            if not resource.namespaced or resource.is_alias:
                continue
            for record in cluster.store.records(resource.collection, namespace=namespace):
                try:
                    gone = cluster.erase(resource, namespace, record.name, DeleteOptions()).gone
                except ApiError as error:
                    gone = error.reason == "NotFound"
                left = left or not gone
        return left


class GarbageCollector:
    """Lets objects go that were deleted with a propagation policy, their dependents before them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[Changed] = asyncio.Queue()

    async def run(self) -> None:
        """Work until cancelled."""
        unsubscribe = self._cluster.subscribe(self._told)
        try:
            while True:
                changed = await self._waiting.get()
                await asyncio.sleep(_DELAY)
                self._collect(changed.resource, changed.item["metadata"])
        finally:
            unsubscribe()

    def _told(self, changed: Changed) -> None:
        metadata = changed.item["metadata"]
        held = set(metadata.get("finalizers") or ()) & set(COLLECTED.values())
        if held and metadata.get("deletionTimestamp") and changed.change == "MODIFIED":
            self._loop.call_soon_threadsafe(self._waiting.put_nowait, changed)

    def _collect(self, resource: str, about: dict[str, Any]) -> None:
        cluster, where = self._cluster, (about.get("namespace", ""), about["name"])
        with cluster.lock:
            item = cluster.get(resource, *where)
            if item is None or item["metadata"]["uid"] != about["uid"]:
                return
            held = item["metadata"].get("finalizers") or []
            if COLLECTED["Foreground"] in held:
                self._delete_dependents(about["uid"])
            left = [one for one in held if one not in COLLECTED.values()]
            cluster.patch(
                resource, *where, {"metadata": {"finalizers": left}}, manager="kube-controller"
            )

    def _delete_dependents(self, uid: str) -> None:
        cluster = self._cluster
        for resource in cluster.registry.all():
            if resource.is_alias:
                continue
            for record in cluster.store.records(resource.collection):
                owners = record.item()["metadata"].get("ownerReferences") or ()
                if any(owner["uid"] == uid for owner in owners):
                    cluster.erase(resource, record.namespace, record.name, DeleteOptions())
