"""The pieces of server-side apply on values: what is set, what changed, merging, removing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gitopsd.sandbox.kubernetes.fieldsets import LEAF, Node, is_member, make
from gitopsd.sandbox.kubernetes.schema import ANY, Type
from gitopsd.sandbox.kubernetes.structure import (
    MISSING,
    StructureError,
    item_element,
    items_by_element,
    member_type,
    walked_as,
)


class Comparison(NamedTuple):
    """What changed between two values, as non-root nodes; None where nothing did."""

    added: Node | None
    modified: Node | None
    removed: Node | None


NOTHING: Final = Comparison(None, None, None)


def field_set(type_: Type, value: Any) -> Node | None:
    """The node of all fields a value sets, as an applier of this value comes to own them."""
    how = walked_as(type_, value)
    if how == "leaf":
        return LEAF
    below: Node = {}
    if how == "items":
        element_type = type_.element or ANY
        for element, item in items_by_element(type_, value).items():
            below[element] = _as_member(field_set(element_type, item))
        return make(False, below)
    for name, member in (value or {}).items():
        known = name in type_.fields
        node = field_set(member_type(type_, name), member)
        if member is None or member == {} or not known:
            node = _as_member(node)
        if node is not None:
            below["f:" + name] = node
    return make(False, below)


def _as_member(node: Node | None) -> Node:
    if not node:
        return LEAF
    return node if is_member(node) else {".": LEAF, **node}


def compare(type_: Type, old: Any, new: Any) -> Comparison:
    """What a change from `old` to `new` adds, modifies and removes. One may be MISSING."""
    if old is not MISSING and new is not MISSING and old == new and type(old) is type(new):
        return NOTHING
    how = walked_as(type_, old, new)
    if how == "leaf" or not (_filled(old) or _filled(new)):
        change = _leaf_change(old, new)
        if type_.form == "any" and isinstance(old, dict) and new is not MISSING:
            change = change._replace(removed=field_set(type_, old))  # with all that it held
        return change
    if how == "members" and _reshaped(old, new):
        if type_.form != "any" and not _mapped(new):
            raise StructureError(f"expected map, got {new!r}")
        return Comparison(field_set(type_, new), LEAF, None)
    parts = _Parts({}, {}, {})
    if how == "members":
        left, right = _as_map(old), _as_map(new)
        for name in {**left, **right}:
            pair = (left.get(name, MISSING), right.get(name, MISSING))
            parts.take("f:" + name, compare(member_type(type_, name), *pair))
        return parts.ended(old, new)
    before, after = items_by_element(type_, _given(old)), items_by_element(type_, _given(new))
    element_type = type_.element or ANY
    for element in {**before, **after}:
        pair = (before.get(element, MISSING), after.get(element, MISSING))
        parts.take(element, compare(element_type, *pair))
    return parts.ended(old, new)


def _reshaped(old: Any, new: Any) -> bool:
    """A free-form value that was no object before and is one now, or the other way round."""
    return not (_mapped(old) and _mapped(new))


def _mapped(value: Any) -> bool:
    return value is None or value is MISSING or isinstance(value, dict)


def _given(value: Any) -> Any:
    return None if value is MISSING else value


def _as_map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _filled(value: Any) -> bool:
    return value is not MISSING and bool(value)


def _leaf_change(old: Any, new: Any) -> Comparison:
    if old is MISSING:
        return Comparison(LEAF, None, None)
    if new is MISSING:
        return Comparison(None, None, LEAF)
    return Comparison(None, LEAF, None)


@dataclass(slots=True)
class _Parts:
    added: Node
    modified: Node
    removed: Node

    def take(self, element: str, change: Comparison) -> None:
        if change.added is not None:
            self.added[element] = change.added
        if change.modified is not None:
            self.modified[element] = change.modified
        if change.removed is not None:
            self.removed[element] = change.removed

    def ended(self, old: Any, new: Any) -> Comparison:
        return Comparison(
            make(old is MISSING, self.added),
            make(False, self.modified),
            make(new is MISSING, self.removed),
        )


def merge(type_: Type, live: Any, applied: Any) -> Any:
    """`live` with everything `applied` says laid over it; either may be MISSING."""
    if applied is MISSING:
        return live
    if live is MISSING and type_.form not in ("object", "map", "list", "any"):
        return applied
    how = walked_as(type_, live, applied)
    if how == "leaf" or not (_filled(live) or _filled(applied)):
        return applied
    if how == "members":
        left, right = _as_map(live), _as_map(applied)
        if applied is not None and not isinstance(applied, dict):
            return applied
        merged = dict(left)
        for name, value in right.items():
            merged[name] = merge(member_type(type_, name), left.get(name, MISSING), value)
        return merged
    return _merged_items(type_, _given(live) or [], applied or [])


def _merged_items(type_: Type, live: list[Any], applied: list[Any]) -> list[Any]:
    """Items of both lists: shared ones in the applied order, live ones near their neighbours."""
    element_type = type_.element or ANY
    left = [(item_element(type_, item), item) for item in live]
    right = [(item_element(type_, item), item) for item in applied]
    known, wanted = dict(reversed(left)), dict(right)
    shared = [element for element, _ in right if element in known]
    merged: list[Any] = []
    done: set[str] = set()
    at = 0
    for element, item in right:
        while at < len(left) and left[at][0] != element:
            other, other_item = left[at]
            if other in wanted and other not in done and shared and shared[0] != other:
                at += 1
                continue
            if other in wanted:
                break
            merged.append(other_item)
            at += 1
        if at < len(left) and left[at][0] == element:
            at += 1
        merged.append(merge(element_type, known.get(element, MISSING), item))
        done.add(element)
        if shared and shared[0] == element:
            shared.pop(0)
    merged.extend(item for element, item in left[at:] if element not in wanted)
    return merged


def remove(type_: Type, value: Any, unwanted: Node) -> Any:
    """`value` without the members of `unwanted`; a list that becomes empty becomes None."""
    how = walked_as(type_, value)
    if how == "leaf":
        return None if type_.atomic or isinstance(value, list) else value
    if not value:
        return None
    if how == "members":
        kept: dict[str, Any] = {}
        for name, member in value.items():
            node = unwanted.get("f:" + name)
            if node is None:
                kept[name] = member
            elif not is_member(node):
                kept[name] = remove(member_type(type_, name), member, node)
            # a member of the set is dropped together with all below it
        return kept
    element_type = type_.element or ANY
    items: list[Any] = []
    for item in value:
        node = unwanted.get(item_element(type_, item))
        if node is None:
            items.append(item)
        elif not is_member(node):
            items.append(remove(element_type, item, node))
    return items or None
