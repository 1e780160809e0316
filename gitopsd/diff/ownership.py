"""Who wrote a field, out of managedFields (FieldsV1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from gitopsd.diff.fields import field_of
from gitopsd.model.observed import ObservedObject
from gitopsd.model.ownership import MANAGER
from gitopsd.model.paths import split
from gitopsd.model.verdict import Attribution, Cause, Difference

Entry = Mapping[str, Any]


def entries(live: ObservedObject) -> tuple[Entry, ...]:
    """The entries of managedFields; those of the status subresource left out."""
    return tuple(
        entry
        for entry in orjson.loads(live.managed_fields or b"[]")
        if entry.get("subresource") != "status"
    )


def holds(entry: Entry, keys: Sequence[str | int]) -> bool:
    """Whether an entry owns the field at `keys`, or something above it that is one value.

    A Service port is keyed `443/TCP` in our paths and by its JSON key in FieldsV1.
    """
    node: Any = entry.get("fieldsV1")
    if not node:
        return False  # an entry of no fields
    for key in keys:
        if not node:
            return True  # an atomic value above: it is owned as a whole
        node = _child(node, key)
        if node is None:
            return False
    return True


def _child(node: Mapping[str, Any], key: str | int) -> Any:
    plain = node.get(f"f:{key}")
    if plain is not None:
        return plain
    port, slash, protocol = str(key).partition("/")
    if slash and port.isdigit():
        wanted = {"port": int(port), "protocol": protocol}
        for name, child in node.items():
            if name.startswith("k:") and json.loads(name[2:]) == wanted:
                return child
    return None


def applied(who: Attribution | None) -> bool:
    """Whether a field is held by our own apply, so that leaving it out next time removes it."""
    return who is not None and (who.manager, who.operation) == (MANAGER, "Apply")


def holders(found: Sequence[Entry], keys: Sequence[str | int]) -> tuple[Attribution, ...]:
    """All who hold a field: our own apply last, the others before it, the latest of them first."""
    held = [_attribution(entry) for entry in found if holds(entry, keys)]
    return tuple(sorted(held, key=lambda who: (not applied(who), who.time), reverse=True))


def _attribution(last: Entry) -> Attribution:
    return Attribution(last.get("manager", ""), last.get("operation", ""), last.get("time", ""))


def writer_of(live: ObservedObject | None, path: str) -> Attribution | None:
    """Who wrote what stands at a path, if others did; None where we hold it, too, or nobody does.

    Of a part of a value it is who wrote the value.
    """
    held = holders(entries(live), split(path)) if live is not None and path else ()
    if any(who.manager == MANAGER for who in held):
        return None
    return max(held, key=lambda who: who.time, default=None)


def managers(found: Iterable[Entry]) -> tuple[str, ...]:
    """The names of all managers, for "this object belongs to …" messages."""
    return tuple(sorted({entry.get("manager", "") for entry in found} - {""}))


def without_false_blame(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """The differences of an object, with nothing that is gone laid at the door of our own apply.

    The API server drops fields that do not fit what somebody else set (another type of a Service),
    and leaves them with whom they were: managedFields name us for what we never removed. A field
    that is gone so went with the latest thing that others did to the object; where they left no
    trace, nobody is named. A part of a value that we hold names nobody either, nor does a weight of
    0: we sent along what somebody had made of them, and the record may know who (`diff.authors`).
    """
    every = tuple(found)
    others = [d.who for d in every if d.who is not None and not applied(d.who)]
    latest = max(others, key=lambda who: who.time, default=None)
    return tuple(
        replace(d, who=latest if d.found is None and whole(d) else None)
        if d.cause is Cause.DRIFT
        and applied(d.who)
        and (d.found is None or d.manual or not whole(d))
        else d
        for d in every
    )


def whole(difference: Difference) -> bool:
    """Whether a difference is about a field as the API server merges it, not a part of its value.

    Who holds a field decides whether it is sent, so nobody else is named for a part of ours.
    """
    keys = split(difference.path)
    return tuple(keys) == field_of(tuple(keys))
