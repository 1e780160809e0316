"""Expressions as trees; `at` is where the compiler points when something is wrong with a node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

FoldKind = Literal[
    "all", "exists", "exists_one", "map", "filter", "optMap", "optFlatMap", "transformMap",
    "transformMapEntry",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal value."""

    at: int
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A variable or the name of a type."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """A member of a value; `tested` asks whether it is there, `optional` takes it where it is."""

    at: int
    operand: Node
    field: str
    tested: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator applied; `target` is what a method is called of."""

    at: int
    function: str
    arguments: tuple[Node, ...]
    target: Node | None = None


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list; items at `optional` places are taken where they are there."""

    at: int
    items: tuple[Node, ...]
    optional: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class MapNode:
    """A map; each entry has a key, a value, and whether it is optional."""

    at: int
    entries: tuple[tuple[Node, Node, bool], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a named type: Kubernetes declares none, so the name is all that matters."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A macro that walks a list or the keys of a map, or a value that may be missing.

    `names` are those of the variable for each, or of its place and itself. `condition` is looked
    at for each; `result` is what a `map` or one of the transformations makes of it.
    """

    at: int
    kind: FoldKind
    range: Node
    names: tuple[str, ...]
    condition: Node | None
    result: Node | None = None


Node = Constant | Name | Select | Call | ListNode | MapNode | Message | Fold


def parts_of(node: Node) -> Iterator[Node]:
    """The nodes right below a node."""
    match node:
        case Select():
            yield node.operand
        case Call():
            yield from node.arguments
            if node.target is not None:
                yield node.target
        case ListNode():
            yield from node.items
        case MapNode():
            for key, value, _ in node.entries:
                yield from (key, value)
        case Fold():
            below = (node.range, node.condition, node.result)
            yield from (one for one in below if one is not None)
