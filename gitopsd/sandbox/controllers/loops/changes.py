"""Which changes of objects concern the controllers at all."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.controllers.objects import Item, annotations_of, is_leaving, labels_of

_OWNER: Final = "kubernetes.io/service-name"


def differ(before: Item | None, after: Item | None) -> bool:
    """Whether spec, annotations or deletion changed; labels and status do not count."""
    if before is None or after is None:
        return True
    return (
        before["metadata"].get("uid") != after["metadata"].get("uid")
        or before["spec"] != after["spec"]
        or annotations_of(before) != annotations_of(after)
        or is_leaving(before) != is_leaving(after)
    )


def nodes_differ(before: Item | None, after: Item | None) -> bool:
    """Whether a node may have become another backend, or none."""
    if before is None or after is None or differ(before, after):
        return True
    return (
        labels_of(before) != labels_of(after)
        or _state(before, "conditions") != _state(after, "conditions")
        or _state(before, "addresses") != _state(after, "addresses")
    )


def service_of(part: Item) -> str:
    """The `namespace/name` of the Service that an EndpointSlice belongs to."""
    return f"{part['metadata']['namespace']}/{labels_of(part).get(_OWNER, '')}"


def _state(node: Item, field: str) -> object:
    found = (node.get("status") or {}).get(field) or []
    if field == "conditions":
        return [(each.get("type"), each.get("status")) for each in found]
    return found
