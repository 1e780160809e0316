"""`metadata.managedFields` on the wire and as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsd.sandbox.kubernetes.fieldsets import Node, ordered


class Manager(NamedTuple):
    """The identity of an entry; an applier is the same whatever version it applies in."""

    name: str
    operation: str
    api_version: str
    subresource: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one manager owns: the set, the version its paths are in, and when it last changed."""

    version: str
    fields: Node
    time: str | None


Managed = dict[Manager, Entry]


def read(entries: Iterable[Mapping[str, Any]] | None) -> Managed:
    """Decode `metadata.managedFields`.

    Raises:
        ValueError: an entry is malformed.
    """
    managed: Managed = {}
    for entry in entries or ():
        operation = entry.get("operation", "")
        version = entry.get("apiVersion", "")
        if operation not in ("Apply", "Update") or not version:
            raise ValueError("operation must be `Apply` or `Update`, apiVersion must not be empty")
        if entry.get("fieldsType") != "FieldsV1":
            raise ValueError("missing or invalid fieldsType in managed fields")
        key = Manager(
            entry.get("manager", ""),
            operation,
            version if operation == "Update" else "",
            entry.get("subresource", ""),
        )
        managed[key] = Entry(version, entry.get("fieldsV1") or {}, entry.get("time"))
    return managed


def written(*managed: Managed) -> list[dict[str, Any]]:
    """Encode for `metadata.managedFields`: applies first, older first, then by name.

    Of what is given in parts one manager may have an entry in each.
    """
    listed = []
    for key, entry in (one for part in managed for one in part.items()):
        item: dict[str, Any] = {"manager": key.name, "operation": key.operation}
        item["apiVersion"] = entry.version
        if entry.time is not None:
            item["time"] = entry.time
        item["fieldsType"] = "FieldsV1"
        item["fieldsV1"] = ordered(entry.fields)
        if key.subresource:
            item["subresource"] = key.subresource
        listed.append(item)
    listed.sort(
        key=lambda item: (
            item["operation"],
            item.get("time", ""),
            item["manager"],
            item["apiVersion"],
            item.get("subresource", ""),
        )
    )
    return listed
