"""What a write may change: confinement to an endpoint, generations, times, metadata in order."""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.errors import GroupName
from gitopsd.sandbox.kubernetes.resources import Item, Resource, Subresource

NAMESPACES: Final = GroupName("", "namespaces")
DEFINITIONS: Final = GroupName("apiextensions.k8s.io", "customresourcedefinitions")
_NAMESPACE_MISMATCH: Final = (
    "the namespace of the provided object does not match the namespace sent on the request"
)


def set_managed(item: Item, managed: list[dict[str, Any]]) -> None:
    """Write managedFields into an object, in place; none of them leaves the member out."""
    if managed:
        item["metadata"]["managedFields"] = managed
    else:
        item["metadata"].pop("managedFields", None)


def match_namespace(resource: Resource, namespace: str, item: Item) -> None:
    """Fill in the namespace of the request; an object of the whole cluster loses what it names.

    Raises:
        errors.ApiError: 400 when the object names another one.
    """
    metadata = item["metadata"]
    given = metadata.get("namespace", "")
    if not resource.namespaced:
        metadata.pop("namespace", None)
        return
    if not given:
        metadata["namespace"] = namespace
    elif given != namespace:
        raise errors.bad_request(_NAMESPACE_MISMATCH)


def match_name(name: str, item: Item) -> None:
    """Refuse an object that has another name than the request, or none.

    Raises:
        errors.ApiError: 400.
    """
    given = item["metadata"].get("name", "")
    if not given:
        why = "was undeterminable: name must be provided"
        raise errors.bad_request(f"the name of the object ({name} based on URL) {why}")
    if given != name:
        raise errors.bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )


def confined(resource: Resource, sub: Subresource | None, item: Item, live: Item) -> Item:
    """The new state with everything this endpoint does not write taken from the old one."""
    if sub is None:
        result = dict(item)
        for other in resource.subresources.values():
            for member in other.writes if other.exclusive else ():
                if member in live:
                    result[member] = live[member]
                else:
                    result.pop(member, None)
        return result
    result = dict(live)
    for member in sub.writes:
        if item.get(member) is not None:
            result[member] = item[member]
        else:
            result.pop(member, None)
    result["metadata"] = item["metadata"]
    if sub.keeps_metadata:
        managed = item["metadata"].get("managedFields")
        result["metadata"] = {**live["metadata"]}
        set_managed(result, managed or [])
    return result


def changed(resource: Resource, item: Item, live: Item) -> bool:
    """Whether what `metadata.generation` counts has changed; "*" is all but what follows it."""
    counted = resource.generation_of
    if counted[:1] == ("*",):
        names = (set(item) | set(live)) - {"kind", "apiVersion", "metadata", *counted[1:]}
        return any(item.get(name) != live.get(name) for name in names)
    return any(_at(item, name) != _at(live, name) for name in counted)


def _at(item: Item, path: str) -> Any:
    """The member at a path such as `spec` or `metadata.labels`; nothing is as good as empty."""
    found: Any = item
    for name in path.split("."):
        found = (found or {}).get(name)
    return found or None


def in_order(resource: Resource, metadata: Item) -> Item:
    """Metadata with its members as declared (or sorted, for custom resources)."""
    if resource.untyped:
        return {name: metadata[name] for name in sorted(metadata)}
    fields = resource.type.fields["metadata"].type.fields
    return {name: metadata[name] for name in fields if name in metadata}


def keep_times(item: Item, live: Item) -> None:
    """Undo new times of managedFields when nothing but them differs."""
    after = item["metadata"].get("managedFields") or []
    before = live["metadata"].get("managedFields") or []
    if len(after) != len(before):
        return
    timeless = [
        {**entry, "time": old.get("time")} for entry, old in zip(after, before, strict=True)
    ]
    candidates = [
        {name: value for name, value in entry.items() if value is not None} for entry in timeless
    ]
    if candidates != before:
        return
    unchanged = {**item, "metadata": {**item["metadata"], "managedFields": before}}
    if not before:
        unchanged["metadata"].pop("managedFields")
    if unchanged == live:
        item["metadata"] = live["metadata"]


def held(resource: Resource, item: Item) -> bool:
    """Whether finalizers still hold an object that is being deleted."""
    if item["metadata"].get("finalizers"):
        return True
    return resource.named == NAMESPACES and bool(item["spec"].get("finalizers"))
