"""Applies over fields that others own: finding the clashes and telling about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.fieldsets import Node, difference, intersection, paths, shown
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.managed import Entry, Managed, Manager
from gitopsd.sandbox.kubernetes.merging import compare, field_set
from gitopsd.sandbox.kubernetes.schema import Type
from gitopsd.sandbox.kubernetes.structure import StructureError, check

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def clashes(
    managed: Managed, overlaid: Mapping[str, Node], key: Manager
) -> list[tuple[Manager, Node]]:
    """Which other managers own which of the fields that an apply by `key` would change.

    These are told by the version of an entry, in which its fields are named.
    """
    found = []
    for other in sorted(managed):
        if other != key:
            node = intersection(managed[other].fields, overlaid[managed[other].version])
            if node:
                found.append((other, node))
    return found


def still_last_applied(live: Mapping[str, Any], type_: Type, api_version: str) -> Node:
    """Fields of the last client-side apply that still hold: kubectl may take them over."""
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return {}
    try:
        applied = orjson.loads(text)
        check(type_, applied)
    except (orjson.JSONDecodeError, StructureError):
        return {}
    if not isinstance(applied, dict) or applied.get("apiVersion") != api_version:
        return {}
    change = compare(type_, applied, live)
    fields = field_set(type_, applied) or {}
    for node in change:
        fields = difference(fields, node or {})
    return fields


def conflict(managed: Managed, found: list[tuple[Manager, Node]]) -> errors.ApiError:
    """The refusal: 409 with one cause per field and manager."""
    causes: list[dict[str, str]] = []
    lines: list[str] = []
    for key, node in found:
        who = _shown_manager(key, managed[key])
        lines.append(f"conflicts with {who}:")
        for path in paths(node):
            causes.append(
                {
                    "reason": "FieldManagerConflict",
                    "message": f"conflict with {who}",
                    "field": shown(path),
                }
            )
            lines.append(f"- {shown(path)}")
    if len(causes) == 1:
        only = causes[0]
        message = f"Apply failed with 1 conflict: {only['message']}: {only['field']}"
    else:
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    return errors.apply_conflict(causes, message)


def _shown_manager(key: Manager, entry: Entry) -> str:
    shown_name = quote(key.name)
    if key.subresource:
        shown_name += f" with subresource {quote(key.subresource)}"
    if key.operation == "Update":
        shown_name += f" using {entry.version}"
    return shown_name
