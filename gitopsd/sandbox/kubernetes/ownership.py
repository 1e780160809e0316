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
from gitopsd.sandbox.kubernetes.merging import Comparison, field_set, merge, remove
from gitopsd.sandbox.kubernetes.schema import Type
from gitopsd.sandbox.kubernetes.scopes import Scope
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
    scope.check_typed(new, "failed to convert new object ({}) to smd typed: ")
    scope.check_typed(live, "failed to convert live object ({}) to smd typed: ")
    managed = scope.told(live, managed)
    changes = scope.changes(live, new, managed, key)
    kept = _shrunk(managed, changes, except_for=None)
    change = changes[scope.api_version]
    taken = difference(_overlaid(change), _NEVER_OWNED)
    if taken:
        before = kept.get(key)
        fields = union(taken, before.fields) if before else taken
        kept[key] = Entry(scope.api_version, fields, scope.now)
    return kept


def _of_group(managed: Managed, scope: Scope) -> Managed:
    """The entries that a write can follow: an object has no form in another group's versions."""
    if scope.siblings:
        return managed
    group = scope.api_version.rpartition("/")[0]
    return {k: one for k, one in managed.items() if one.version.rpartition("/")[0] == group}


def _overlaid(change: Comparison) -> Node:
    return union(change.modified or {}, change.added or {})


def _shrunk(
    managed: Managed, changes: Mapping[str, Comparison], *, except_for: Manager | None
) -> Managed:
    """The entries without what changed; that of `except_for` stays as it is."""
    kept: Managed = {}
    for key, entry in managed.items():
        if key == except_for:
            kept[key] = entry
            continue
        change = changes[entry.version]
        fields = difference(entry.fields, union(_overlaid(change), change.removed or {}))
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
    """An apply's outcome: the merged object, not yet defaulted, and its managedFields.

    An object that is `same` as it was stays so: nothing is filled in anew.
    """

    item: dict[str, Any]
    managed_fields: list[dict[str, Any]]
    same: bool = False


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
    managed = managed or _begun(bare, scope)
    _check_applied(applied, scope)
    managed = _of_group(managed, scope)
    key = Manager(manager, "Apply", "", scope.subresource)
    try:
        scope.check_typed(bare, "failed to create typed live object ({}): ")
        managed = scope.told(bare, managed)
        merged, wanted = _merged(bare, applied, managed, key, scope)
        changes = scope.changes(bare, merged, managed, key)
    except StructureError as error:
        raise errors.internal(str(error)) from error
    if not force:
        _refuse_clashes(bare, managed, changes, key, scope)
    kept = _shrunk(managed, changes, except_for=key)
    kept.pop(key, None)
    same = merged == bare
    fields = difference(wanted, _NEVER_OWNED)
    if fields:
        before = managed.get(key)
        # An apply that changes nothing does not stamp a time, not even on a new entry.
        unchanged_at = before.time if before is not None else None
        time = unchanged_at if same else scope.now
        kept[key] = Entry(scope.api_version, fields, time)
    if manager == _CLIENT_SIDE_APPLY:
        _note_last_applied(merged, applied)
    return Applied(merged, written(kept), same)


def _begun(bare: Mapping[str, Any], scope: Scope) -> Managed:
    """Who manages an object that nobody tracked, at its first apply."""
    earlier = Manager(_BEFORE_FIRST_APPLY, "Update", scope.api_version, scope.subresource)
    try:
        return _updated(scope.zero, bare, {}, earlier, scope)
    except StructureError as error:
        why = f"failed to create manager for existing fields: {error}"
        raise errors.internal(why) from error


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
    live: Mapping[str, Any],
    managed: Managed,
    changes: Mapping[str, Comparison],
    key: Manager,
    scope: Scope,
) -> None:
    overlaid = {version: _overlaid(change) for version, change in changes.items()}
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
        what = f"failed to create typed patch object ({scope.about(applied)})"
        raise errors.internal(f"{what}: {error}") from error


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
    if last is None or (last.fields == wanted and last.version == scope.api_version):
        return merged, wanted
    scope.check_last(merged, managed, key)
    owned = _owned_by_version(managed, key, wanted, scope)
    return _pruned(merged, managed[key], owned, scope), wanted


def _owned_by_version(
    managed: Managed, key: Manager, wanted: Node, scope: Scope
) -> dict[str, Node]:
    """What is owned once `key` has applied, by version; without siblings all are as one."""
    mine = Entry(scope.api_version, wanted, None)
    owned: dict[str, Node] = {}
    for entry in ({**managed, key: mine}).values():
        version = entry.version if scope.siblings else managed[key].version
        owned[version] = union(owned.get(version, {}), entry.fields)
    return owned


def _pruned(
    merged: dict[str, Any], last: Entry, owned: Mapping[str, Node], scope: Scope
) -> dict[str, Any]:
    """Drop what the applier set last time and nobody owns now, with what only it held together."""
    type_ = scope.type_of(last.version)
    last_named = with_named_fields(last.fields, type_)
    if not difference(last_named, with_named_fields(owned.get(last.version, {}), type_)):
        return merged
    bare = remove(type_, merged, last_named) or {}
    for version in sorted(owned, key=lambda one: (one != last.version, one)):
        bare = _with_owned(merged, bare, owned[version], scope.type_of(version))
    left = with_named_fields(field_set(type_, bare) or {}, type_)
    everything = with_named_fields(field_set(type_, merged) or {}, type_)
    dropped = intersection(difference(everything, left), last_named)
    return remove(type_, merged, dropped) or {}


def _with_owned(
    merged: dict[str, Any], bare: dict[str, Any], owned: Node, type_: Type
) -> dict[str, Any]:
    """What is left of the object, with what is owned in a version put back."""
    everything = with_named_fields(field_set(type_, merged) or {}, type_)
    stays = union(
        with_named_fields(field_set(type_, bare) or {}, type_), with_named_fields(owned, type_)
    )
    return remove(type_, merged, difference(everything, stays)) or {}
