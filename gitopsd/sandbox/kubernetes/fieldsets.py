"""Sets of field paths, held in the shape of FieldsV1, and their algebra.

A node is a dict from path elements (`f:name`, `k:{"port":80}`, `v:"x"`) to nodes. The path that
leads to a node is a member of the set when the node is empty (a leaf) or holds the key `"."`. The
root stands for the object itself and is never a member, so an empty root is the empty set. Nodes
are never changed in place: every operation returns new ones and may share parts.

This is the wire format of `metadata.managedFields[].fieldsV1`, so nothing is converted to read
or write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import orjson

from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.schema import Type

Node = dict[str, Any]
LEAF: Final[Node] = {}
_SELF: Final = "."


def is_member(node: Node) -> bool:
    """Whether the path to this (non-root) node belongs to the set."""
    return not node or _SELF in node


def make(member: bool, children: Node) -> Node | None:
    """A non-root node; None when it would hold nothing."""
    if not children:
        return LEAF if member else None
    return {_SELF: LEAF, **children} if member else children


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The path elements below a node with their nodes."""
    return ((element, child) for element, child in node.items() if element != _SELF)


def union(left: Node, right: Node) -> Node:
    """Paths in either set."""
    if not left or not right:
        return left or right
    return _joined(left, right)


def _joined(left: Node, right: Node) -> Node:
    merged = dict(left)
    for element, node in right.items():
        mine = merged.get(element)
        merged[element] = node if mine is None else _both(mine, node)
    return merged


def _both(left: Node, right: Node) -> Node:
    if left == right:
        return left
    merged = _joined(left, right)
    if (is_member(left) or is_member(right)) and any(element != _SELF for element in merged):
        merged[_SELF] = LEAF
    return merged


Keep = Callable[[bool, bool], bool]


def difference(left: Node, right: Node) -> Node:
    """Paths in `left` and not in `right`."""
    if not right:
        return left
    return _without(left, right, root=True) or {}


def _without(left: Node, right: Node, *, root: bool = False) -> Node | None:
    kept: Node = {}
    for element, node in children(left):
        other = right.get(element)
        rest = node if other is None else _without(node, other)
        if rest is not None:
            kept[element] = rest
    return make(not root and is_member(left) and not is_member(right), kept)


def intersection(left: Node, right: Node) -> Node:
    """Paths in both sets."""
    return _shared(left, right, root=True) or {}


def _shared(left: Node, right: Node, *, root: bool = False) -> Node | None:
    kept: Node = {}
    for element, node in children(left):
        other = right.get(element)
        common = _shared(node, other) if other is not None else None
        if common is not None:
            kept[element] = common
    return make(not root and is_member(left) and is_member(right), kept)


def without_below(left: Node, right: Node) -> Node:
    """Paths in `left` that are neither in `right` nor below a path in `right`."""
    return _pruned(left, right) or {}


def _pruned(left: Node, right: Node) -> Node | None:
    kept: Node = {}
    for element, node in children(left):
        other = right.get(element)
        if other is None:
            kept[element] = node
        elif not is_member(other):
            rest = _pruned(node, other)
            if rest is not None:
                kept[element] = rest
            elif is_member(node):
                kept[element] = LEAF
    return make(_SELF in left, kept)


def with_named_fields(node: Node, type_: Type | None) -> Node:
    """The set with every declared field that leads to a member made a member itself."""
    grown: Node = {_SELF: LEAF} if _SELF in node else {}
    for element, child in children(node):
        below = _type_below(type_, element)
        lower = with_named_fields(child, below)
        if child and element.startswith("f:") and type_ is not None and element[2:] in type_.fields:
            lower = {_SELF: LEAF, **lower}
        grown[element] = lower
    return grown


def _type_below(type_: Type | None, element: str) -> Type | None:
    if type_ is None:
        return None
    return type_.child(element[2:]) if element.startswith("f:") else type_.element


def paths(root: Node) -> Iterator[tuple[str, ...]]:
    """Every member as a tuple of path elements: at each level members first, then what is below."""
    yield from _paths(root, ())


def _paths(node: Node, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = sorted(children(node), key=lambda pair: element_order(pair[0]))
    for element, child in below:
        if is_member(child):
            yield (*prefix, element)
    for element, child in below:
        yield from _paths(child, (*prefix, element))


def from_paths(*members: tuple[str, ...]) -> Node:
    """The set of the given paths, each a tuple of path elements."""
    root: Node = {}
    for path in members:
        below: Node = LEAF
        for element in reversed(path):
            below = {element: below}
        root = union(root, below)
    return root


def element_order(element: str) -> tuple[int, Any]:
    """A sort key: fields by name, keyed items by their keys, set items by value."""
    if element.startswith("f:"):
        return (0, element)
    content = orjson.loads(element[2:])
    if element.startswith("k:"):
        return (1, [(name, _scalar_order(content[name])) for name in sorted(content)])
    return (2, _scalar_order(content))


def _scalar_order(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, (int, float)):
        return (0, value)
    return (1, str(value))


def key_element(values: dict[str, Any]) -> str:
    """The element of a list item identified by key fields."""
    whole = {name: _whole(value) for name, value in values.items()}
    return "k:" + orjson.dumps(whole, option=orjson.OPT_SORT_KEYS).decode()


def value_element(value: Any) -> str:
    """The element of a set item."""
    return "v:" + orjson.dumps(_whole(value)).decode()


def _whole(value: Any) -> Any:
    """A number without a fraction is written without one, however the client wrote it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown(path: tuple[str, ...]) -> str:
    """A path as messages show it: `.spec.ports[port=80,protocol="TCP"].targetPort`."""
    return "".join(shown_element(element) for element in path)


def shown_element(element: str) -> str:
    """One path element as messages show it."""
    if element.startswith("f:"):
        return "." + element[2:]
    content = orjson.loads(element[2:])
    if element.startswith("k:"):
        fields = cast(dict[str, Any], content)
        return "[" + ",".join(f"{name}={_text(fields[name])}" for name in sorted(fields)) + "]"
    return f"[={_text(content)}]"


def _text(value: Any) -> str:
    return quote(value) if isinstance(value, str) else orjson.dumps(value).decode()


def ordered(node: Node) -> Node:
    """The same set with its elements in their natural order, for writing out."""
    inner = sorted(children(node), key=lambda pair: element_order(pair[0]))
    head: Node = {_SELF: LEAF} if _SELF in node else {}
    return {**head, **{element: ordered(child) for element, child in inner}}
