"""JSON patch (RFC 6902), merge patch (RFC 7396) and strategic merge patch."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from gitopsd.sandbox.kubernetes.gotext import json_kind, plain, quote, type_name
from gitopsd.sandbox.kubernetes.schema import ANY, Type
from gitopsd.sandbox.kubernetes.structure import MISSING

_DIRECTIVE: Final = "$patch"
_RETAIN: Final = "$retainKeys"
_DELETE_PREFIX: Final = "$deleteFromPrimitiveList/"
_ORDER_PREFIX: Final = "$setElementOrder/"
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")


class PatchError(Exception):
    """The patch is malformed: the client's mistake whatever the object is."""


class PatchBrokenError(Exception):
    """The patch cannot be carried out, and the server takes that for a failure of its own."""


class PatchFailedError(Exception):
    """The patch is well formed and does not apply to this object."""


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` patched as RFC 7396 says: null removes, objects merge, all else replaces.

    Members of objects that the patch touches come out sorted, as the server's library writes them.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return {name: merged[name] for name in sorted(merged)}


def json_patch(target: Any, operations: Any) -> Any:
    """`target` after the operations of RFC 6902, in order.

    Raises:
        PatchError: the patch is not a list of operations.
        PatchFailedError: a test failed or a path does not exist.
    """
    if not isinstance(operations, list):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    for index, one in enumerate(operations):
        if not isinstance(one, dict):
            kind = json_kind(one)
            why = f"cannot unmarshal {kind} into Patch.{index} of type jsonpatch.Operation"
            raise PatchError(f"json: {why}")
    document = copy.deepcopy(target)
    for operation in operations:
        document = _operated(document, operation)
    return document


def _operated(document: Any, operation: dict[str, Any]) -> Any:
    kind = operation.get("op")
    path = _pointer(operation.get("path"))
    if kind == "test":
        if _held(document, path) != operation.get("value"):
            raise PatchFailedError(f"testing value {operation.get('path')} failed")
        return document
    if kind == "add":
        return _added(document, path, operation.get("value"))
    if kind == "replace":
        return _replaced(document, path, operation.get("value"))
    if kind == "remove":
        return _removed(document, path)
    if kind in ("copy", "move"):
        source = _pointer(operation.get("from"))
        value = copy.deepcopy(_held(document, source))
        if kind == "move":
            document = _removed(document, source)
        return _added(document, path, value)
    raise PatchFailedError(f"Unexpected kind: {kind}")


def _pointer(text: Any) -> list[str]:
    """The steps of a path; what stands before its first slash counts for nothing."""
    if not isinstance(text, str) or (text and "/" not in text):
        raise PatchFailedError(f"invalid path {text}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _index(items: list[Any], part: str, *, end: bool = False) -> int:
    """A place in a list; negative numbers count from the end, beyond it when adding."""
    places = len(items) + (1 if end else 0)
    if end and part == "-":
        return len(items)
    if not _NUMBER.fullmatch(part) or not -places <= int(part) < places:
        raise PatchFailedError(f"Unable to access invalid index: {part}")
    return int(part) % places


def _at(document: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list):
            document = document[_index(document, part)]
        else:
            raise PatchFailedError(f"missing value at {part}")
    return document


def _held(document: Any, path: list[str]) -> Any:
    """The value at a path; a member that is missing from an object that is there counts as null."""
    parent = _at(document, path[:-1])
    if path and isinstance(parent, dict):
        return parent.get(path[-1])
    return _at(document, path)


def _added(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        raise PatchFailedError("add operation does not apply: missing container")
    parent = _at(document, path[:-1])
    if isinstance(parent, list):
        parent.insert(_index(parent, path[-1], end=True), value)
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise PatchFailedError("add operation does not apply: missing container")
    return document


def _replaced(document: Any, path: list[str], value: Any) -> Any:
    """As the server's library does it: a member that was not there is made."""
    if not path:
        return value
    parent = _at(document, path[:-1])
    if isinstance(parent, list):
        parent[_index(parent, path[-1])] = value
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise PatchFailedError("replace operation does not apply: missing container")
    return document


def _removed(document: Any, path: list[str]) -> Any:
    if not path:
        raise PatchFailedError("remove operation does not apply: missing container")
    _at(document, path)
    parent = _at(document, path[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, path[-1])]
    else:
        del parent[path[-1]]
    return document


def strategic_merge(type_: Type, target: Any, patch: Any) -> dict[str, Any]:
    """`target` with a strategic merge patch: lists with a merge key are merged item by item.

    Raises:
        PatchError: the patch does not fit the type or a directive is wrong.
        PatchBrokenError: an item of a list lacks what the list is merged by.
    """
    if not isinstance(patch, dict):
        raise PatchError("invalid JSON document")
    return _merged_map(type_, dict(target or {}), patch)


def _merged_map(type_: Type, target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch.get(_DIRECTIVE, MISSING)
    if directive is not MISSING and directive not in ("replace", "delete"):
        shown = directive if isinstance(directive, str) else f"%!s({_typed(directive)})"
        raise PatchBrokenError(f"unknown patch type: {shown} in map: {plain(patch)}")
    patch.pop(_DIRECTIVE, None)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    target = _retained(target, patch)
    orders = _orders(type_, target, patch)
    for name, value in patch.items():
        if name.startswith(_DELETE_PREFIX):
            member = name.removeprefix(_DELETE_PREFIX)
            target[member] = [one for one in target.get(member) or () if one not in value]
        elif value is None:
            target.pop(name, None)
        else:
            below = type_.child(name) or ANY
            if isinstance(value, list) and orders.get(name):
                _check_order(below, value, orders[name])
            held = target.get(name, MISSING)
            target[name] = _merged_value(below, held, value, orders.pop(name, None))
            if target[name] is MISSING:
                del target[name]
    for name, order in orders.items():
        below = type_.child(name) or ANY
        if target.get(name):
            target[name] = _ordered(below, target[name], order, target[name])
    return target


def _retained(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """What stays of the target where the patch says which members do."""
    retained = patch.pop(_RETAIN, MISSING)
    if retained is MISSING:
        return target
    plainly = [name for name in patch if not name.startswith("$")]
    if not isinstance(retained, list) or any(name not in retained for name in plainly):
        raise PatchError("invalid patch format of retainKeys")
    return {name: value for name, value in target.items() if name in retained}


def _orders(type_: Type, target: dict[str, Any], patch: dict[str, Any]) -> dict[str, list[Any]]:
    """The orders of lists that a patch gives, by member."""
    orders = {
        name.removeprefix(_ORDER_PREFIX): patch.pop(name)
        for name in list(patch)
        if name.startswith(_ORDER_PREFIX)
    }
    for name, order in orders.items():
        if type_.form == "object" and type_.child(name) is None:
            why = f"unable to find api field in struct {type_.go} for the json field {quote(name)}"
            raise PatchBrokenError(why)
        for one in (order, target.get(name, [])):
            if not isinstance(one, list):
                why = f"expected a []interface {{}}, but received a {type_name(one)}"
                raise PatchBrokenError(why)
    return orders


def _typed(value: Any) -> str:
    return plain(value) if value is None else f"{type_name(value)}={plain(value)}"


def _merged_value(type_: Type, held: Any, value: Any, order: list[Any] | None) -> Any:
    if isinstance(value, dict):
        if isinstance(held, dict):
            return _merged_map(type_, dict(held), value)
        return _plain(value)
    if isinstance(value, list) and isinstance(held, list):
        if type_.patch_key:
            return _merged_items(type_, held, value, order)
        if type_.patch_merge:
            joined = list(dict.fromkeys([*held, *value]))
            return _ordered(type_, joined, value if order is None else order, held)
        return value
    return _plain(value)


def _plain(value: Any) -> Any:
    """A new value without directives and nulls; MISSING when it is nothing but a directive."""
    if isinstance(value, dict):
        if _DIRECTIVE in value:
            return MISSING
        cleaned = {name: _plain(member) for name, member in value.items() if member is not None}
        return {name: member for name, member in cleaned.items() if member is not MISSING}
    if isinstance(value, list):
        return [one for one in map(_plain, value) if one is not MISSING]
    return value


def _key_of(type_: Type, item: Any) -> Any:
    if not isinstance(item, dict) or type_.patch_key not in item:
        why = f"does not contain declared merge key: {type_.patch_key}"
        raise PatchBrokenError(f"map: {plain(item)} {why}")
    return item[type_.patch_key]


def _merged_items(
    type_: Type, held: list[Any], patch: list[Any], order: list[Any] | None
) -> list[Any]:
    element = type_.element or ANY
    if any(isinstance(one, dict) and one.get(_DIRECTIVE) == "replace" for one in patch):
        return [one for one in patch if _DIRECTIVE not in one]
    merged = {_key_of(type_, one): one for one in held}
    changes: list[Any] = []
    for item in patch:
        if isinstance(item, dict) and item.get(_DIRECTIVE) == "merge":
            raise PatchBrokenError("merging lists cannot yet be specified in the patch")
        key = _key_of(type_, item)
        if item.get(_DIRECTIVE) == "delete":
            merged.pop(key, None)
            continue
        changes.append(item)
        merged[key] = _merged_map(element, dict(merged.get(key) or {}), dict(item))
    return _ordered(type_, list(merged.values()), changes if order is None else order, held)


def _check_order(type_: Type, patch: list[Any], order: list[Any]) -> None:
    """Refuse a list whose items are not all named by an order, one after the other.

    Raises:
        PatchBrokenError: they are not.
    """
    kept = [one for one in patch if not (isinstance(one, dict) and one.get(_DIRECTIVE) == "delete")]
    left = iter(order)
    if all(any(_is_same(type_, one, named) for named in left) for one in kept):
        return
    raise PatchBrokenError(
        f"The order in patch list:\n{plain(patch)}\n doesn't match {_ORDER_PREFIX[:-1]} list:\n"
        f"{plain(order)}\n"
    )


def _is_same(type_: Type, item: Any, named: Any) -> bool:
    if type_.patch_key and isinstance(item, dict) and isinstance(named, dict):
        return bool(item.get(type_.patch_key) == named.get(type_.patch_key))
    return bool(item == named)


def _ordered(type_: Type, items: list[Any], order: list[Any], held: list[Any]) -> list[Any]:
    """Items named by the order come in that order, the others stay where they were around them."""

    def identity(item: Any) -> Any:
        return item[type_.patch_key] if type_.patch_key else item

    wanted = [identity(one) for one in order]
    places = {identity(one): index for index, one in enumerate(held)}
    named = sorted(
        (one for one in items if identity(one) in wanted),
        key=lambda one: wanted.index(identity(one)),
    )
    others = [one for one in items if identity(one) not in wanted]
    result: list[Any] = []
    while named and others:
        left, right = places.get(identity(named[0])), places.get(identity(others[0]))
        takes_named = left is None or right is None or left < right
        result.append(named.pop(0) if takes_named else others.pop(0))
    return result + named + others
