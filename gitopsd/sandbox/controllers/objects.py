"""The Kubernetes objects a controller looks at, indexed as its informers index them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Item = Mapping[str, Any]
"""A Kubernetes object as JSON."""

_OWNER: Final = "kubernetes.io/service-name"
"""The label by which an EndpointSlice names its Service."""


def key_of(item: Item) -> str:
    """`namespace/name`, or the name alone for cluster-scoped objects."""
    metadata = item["metadata"]
    namespace = metadata.get("namespace", "")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def annotations_of(item: Item) -> Mapping[str, str]:
    """The annotations, none as an empty mapping."""
    return item["metadata"].get("annotations") or {}


def labels_of(item: Item) -> Mapping[str, str]:
    """The labels, none as an empty mapping."""
    return item["metadata"].get("labels") or {}


def is_leaving(item: Item) -> bool:
    """Whether the object is being deleted and only finalizers hold it."""
    return bool(item["metadata"].get("deletionTimestamp"))


class Objects:
    """Objects by kind and key; EndpointSlices also by the Service they belong to."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._kinds: dict[str, dict[str, Item]] = {}
        self._slices: dict[str, dict[str, Item]] = {}
        for item in items:
            self.put(item["kind"], item)

    def put(self, kind: str, item: Item) -> Item | None:
        """Enter an object; answers the one it replaces."""
        held = self._kinds.setdefault(kind, {})
        key = key_of(item)
        before = held.get(key)
        held[key] = item
        if kind == "EndpointSlice":
            self._forget_slice(before)
            self._slices.setdefault(_service_of(item), {})[key] = item
        return before

    def remove(self, kind: str, key: str) -> Item | None:
        """Take an object out; answers it, or None if it was not there."""
        before = self._kinds.get(kind, {}).pop(key, None)
        if kind == "EndpointSlice":
            self._forget_slice(before)
        return before

    def get(self, kind: str, key: str) -> Item | None:
        """The object of a kind at `namespace/name` (or name), or None."""
        return self._kinds.get(kind, {}).get(key)

    def all(self, kind: str) -> list[Item]:
        """Every object of a kind, by namespace and name."""
        held = self._kinds.get(kind, {})
        return [held[key] for key in sorted(held)]

    def slices(self, service_key: str) -> list[Item]:
        """The EndpointSlices of a Service, by name."""
        held = self._slices.get(service_key, {})
        return [held[key] for key in sorted(held)]

    def _forget_slice(self, item: Item | None) -> None:
        if item is None:
            return
        owner = _service_of(item)
        held = self._slices.get(owner, {})
        held.pop(key_of(item), None)
        if not held:
            self._slices.pop(owner, None)


def _service_of(item: Item) -> str:
    return f"{item['metadata'].get('namespace', '')}/{labels_of(item).get(_OWNER, '')}"
