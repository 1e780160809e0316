"""Who owns which field: `metadata.managedFields`, kept by updates and applies.

An apply owns exactly what it says, an update owns what it changes. Conflicts, forced take-over,
shared ownership and the removal of fields that their only applier dropped follow the rules of
server-side apply (kubernetes.io, "Server-Side Apply").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.clashes import LAST_APPLIED, clashes, conflict, still_last_applied
from gitopsd.sandbox.kubernetes.fieldsets import (
    Node,
    difference,
    from_paths,
    intersection,
    union,
    with_named_fields,
    without_below,
)
from gitopsd.sandbox.kubernetes.managed import Entry, Managed, Manager, read, written
from gitopsd.sandbox.kubernetes.merging import Comparison, compare, field_set, merge, remove
from gitopsd.sandbox.kubernetes.schema import Type
from gitopsd.sandbox.kubernetes.structure import StructureError, check

_NEVER_OWNED: Final = from_paths(
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata",),
    *(
        ("f:metadata", "f:" + name)
        for name in (
            "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName",
            "generation", "managedFields", "resourceVersion",
        )
    ),
)  # fmt: skip
_MOST_UPDATE_MANAGERS: Final = 10
_BEFORE_FIRST_APPLY: Final = "before-first-apply"
_CLIENT_SIDE_APPLY: Final = "kubectl"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where ownership is kept: the type, its version, the subresource and what is never owned.

    `ignored` are fields that a write through this endpoint cannot change. `now` is the time of the
    operation as the API writes it. `zero` is the object before creation.
    """

    type: Type
    api_version: str
    subresource: str
    ignored: Node
    zero: Mapping[str, Any]
    now: str
    whole: Type | None = None


def _without_owners(item: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {k: v for k, v in item["metadata"].items() if k != "managedFields"}
    return {**item, "metadata": metadata}


def _stated(live: Mapping[str, Any], new: Mapping[str, Any], scope: Scope) -> Managed:
    """The entries an update starts from: those sent along, else the stored ones.

    An empty list or one empty entry resets all ownership.
    """
    sent = new["metadata"].get("managedFields")
    if not scope.subresource and sent is not None:
        if sent in ([], [{}]):
            return {}
        try:
            managed = read(sent)
        except ValueError:
            managed = {}
        if managed:
            return managed
    try:
        return read(live["metadata"].get("managedFields"))
    except ValueError:
        return {}


def after_update(
    live: Mapping[str, Any], new: Mapping[str, Any], manager: str, scope: Scope
) -> list[dict[str, Any]]:
    """The managedFields of `new`, an update of `live` by `manager` (a create: live is `zero`).

    An object that nobody tracks stays untracked until somebody applies to it. One whose lists
    cannot be told apart is not tracked either; validation has the word on it.
    """
    managed = _stated(live, new, scope)
    creates = not live["metadata"].get("uid")
    if not managed and not creates:
        return []
    key = Manager(manager or "unknown", "Update", scope.api_version, scope.subresource)
    try:
        managed = _updated(_without_owners(live), _without_owners(new), managed, key, scope)
    except StructureError:
        return []
    return written(_capped(managed))


def _updated(
    live: Mapping[str, Any], new: Mapping[str, Any], managed: Managed, key: Manager, scope: Scope
) -> Managed:
    managed = _of_group(managed, scope)
    change = _change(live, new, scope)
    lost = union(union(change.added or {}, change.modified or {}), change.removed or {})
    kept = _shrunk(managed, lost, except_for=None)
    taken = union(change.modified or {}, change.added or {})
    taken = difference(taken, _NEVER_OWNED)
    if taken:
        before = kept.get(key)
        fields = union(taken, before.fields) if before else taken
        kept[key] = Entry(scope.api_version, fields, scope.now)
    return kept


def _of_group(managed: Managed, scope: Scope) -> Managed:
    """The entries that a write can follow: an object has no form in another group's versions."""
    group = scope.api_version.rpartition("/")[0]
    return {k: one for k, one in managed.items() if one.version.rpartition("/")[0] == group}


def _change(live: Mapping[str, Any], new: Mapping[str, Any], scope: Scope) -> Comparison:
    change = compare(scope.type, live, new)
    if not scope.ignored:
        return change
    return Comparison(*(without_below(node or {}, scope.ignored) for node in change))


def _shrunk(managed: Managed, lost: Node, *, except_for: Manager | None) -> Managed:
    kept: Managed = {}
    for key, entry in managed.items():
        if key == except_for:
            kept[key] = entry
            continue
        fields = difference(entry.fields, lost)
        if fields:
            kept[key] = entry if fields == entry.fields else replace(entry, fields=fields)
    return kept


def _capped(managed: Managed) -> Managed:
    """At most ten updaters: the oldest are merged into one entry per version."""
    updaters = [key for key in managed if key.operation == "Update"]
    excess = len(updaters) - _MOST_UPDATE_MANAGERS
    if excess <= 0:
        return managed
    updaters.sort(key=lambda key: (managed[key].time or "", key))
    first: dict[str, Manager] = {}
    kept = dict(managed)
    for key in updaters:
        if excess <= 0:
            break
        version = kept[key].version
        if version not in first:
            first[version] = key
            continue
        bucket = Manager("ancient-changes", "Update", version, "")
        if bucket not in kept:
            kept[bucket] = kept.pop(first[version])
        entry = kept.pop(key)
        fields = union(entry.fields, kept[bucket].fields)
        kept[bucket] = Entry(version, fields, entry.time)
        excess -= 1
    return kept


@dataclass(frozen=True, slots=True)
class Applied:
    """An apply's outcome: the merged object, not yet defaulted, and its managedFields."""

    item: dict[str, Any]
    managed_fields: list[dict[str, Any]]


def after_apply(
    live: Mapping[str, Any],
    applied: Mapping[str, Any],
    manager: str,
    scope: Scope,
    *,
    force: bool,
) -> Applied:
    """Lay `applied` over `live` for `manager`.

    Raises:
        errors.ApiError: 409 with one cause per field and manager when others own what changes and
            `force` is not set; 500 when `applied` does not fit the type.
    """
    try:
        managed = read(live["metadata"].get("managedFields"))
    except ValueError as error:
        raise errors.internal(f"failed to decode managed fields: {error}") from error
    bare = _without_owners(live)
    if not managed:
        earlier = Manager(_BEFORE_FIRST_APPLY, "Update", scope.api_version, scope.subresource)
        managed = _updated(scope.zero, bare, managed, earlier, scope)
    _check_applied(applied, scope)
    managed = _of_group(managed, scope)
    key = Manager(manager, "Apply", "", scope.subresource)
    merged, wanted = _merged(bare, applied, managed, key, scope)
    change = _change(bare, merged, scope)
    overlaid = union(change.modified or {}, change.added or {})
    if not force:
        _refuse_clashes(bare, managed, overlaid, key, scope)
    kept = _shrunk(managed, union(overlaid, change.removed or {}), except_for=key)
    kept.pop(key, None)
    fields = difference(wanted, _NEVER_OWNED)
    if fields:
        before = managed.get(key)
        # An apply that changes nothing does not stamp a time, not even on a new entry.
        unchanged_at = before.time if before is not None else None
        time = unchanged_at if merged == bare else scope.now
        kept[key] = Entry(scope.api_version, fields, time)
    if manager == _CLIENT_SIDE_APPLY:
        _note_last_applied(merged, applied)
    return Applied(merged, written(kept))


def _note_last_applied(merged: dict[str, Any], applied: Mapping[str, Any]) -> None:
    """Keep kubectl's note of its last client-side apply true when it applies on the server."""
    annotations = merged["metadata"].get("annotations") or {}
    if LAST_APPLIED not in annotations:
        return
    metadata = dict(applied.get("metadata") or {})
    own = {k: v for k, v in (metadata.get("annotations") or {}).items() if k != LAST_APPLIED}
    if "annotations" in metadata:
        metadata["annotations"] = own
    note = orjson.dumps({**applied, "metadata": metadata}).decode() + "\n"
    merged["metadata"] = {**merged["metadata"], "annotations": {**annotations, LAST_APPLIED: note}}


def _refuse_clashes(
    live: Mapping[str, Any], managed: Managed, overlaid: Node, key: Manager, scope: Scope
) -> None:
    found = clashes(managed, overlaid, key)
    if key.name == _CLIENT_SIDE_APPLY and found:
        own = still_last_applied(live, scope.type, scope.api_version)
        found = [(who, rest) for who, node in found if (rest := difference(node, own))]
    if found:
        raise conflict(managed, found)


def _check_applied(applied: Mapping[str, Any], scope: Scope) -> None:
    try:
        check(scope.whole or scope.type, applied)
    except StructureError as error:
        metadata = applied.get("metadata") or {}
        told = (metadata.get(one) for one in ("name", "namespace"))
        name, namespace = (one if isinstance(one, str) else "" for one in told)
        group, _, version = scope.api_version.rpartition("/")
        about = f"{namespace}/{name}; {group}/{version}, Kind={applied.get('kind', '')}"
        raise errors.internal(f"failed to create typed patch object ({about}): {error}") from error


def _merged(
    live: Mapping[str, Any],
    applied: Mapping[str, Any],
    managed: Managed,
    key: Manager,
    scope: Scope,
) -> tuple[dict[str, Any], Node]:
    """The merged object without what this applier dropped, and the set it now owns."""
    merged = merge(scope.type, live, applied)
    wanted = field_set(scope.type, applied) or {}
    if scope.ignored:
        wanted = without_below(wanted, scope.ignored)
    last = managed.get(key)
    if last is None or last.fields == wanted:
        return merged, wanted
    owned = wanted
    for other, entry in managed.items():
        if other != key:
            owned = union(owned, entry.fields)
    return _pruned(merged, last.fields, owned, scope.type), wanted


def _pruned(merged: dict[str, Any], last: Node, owned: Node, type_: Type) -> dict[str, Any]:
    """Drop what the applier set last time and nobody owns now, with what only it held together."""
    last_named = with_named_fields(last, type_)
    if not difference(last_named, with_named_fields(owned, type_)):
        return merged
    bare = remove(type_, merged, last_named) or {}
    everything = with_named_fields(field_set(type_, merged) or {}, type_)
    stays = union(
        with_named_fields(field_set(type_, bare) or {}, type_), with_named_fields(owned, type_)
    )
    unowned = remove(type_, merged, difference(everything, stays)) or {}
    left = with_named_fields(field_set(type_, unowned) or {}, type_)
    dropped = intersection(difference(everything, left), last_named)
    return remove(type_, merged, dropped) or {}
