"""Paths and places within documents, shared between documents that look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitopsd.spec.document import Path

#: Line and column, from 1.
Place = tuple[int, int]

#: Distinct paths that are remembered between documents.
_MAX_PATHS = 200_000


class PathNode:
    """A path within a document, and the paths below it that were met so far."""

    __slots__ = ("children", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.children: dict[str | int, PathNode] = {}


class PathTable:
    """Paths and places that documents share: ten thousand specs hold each of them once."""

    def __init__(self) -> None:
        self._root = PathNode(())
        self._places: dict[Place, Place] = {}
        self._size = 0

    def root(self) -> PathNode:
        """Where a document starts; a table that grew too large starts anew."""
        if self._size > _MAX_PATHS:
            self._root, self._places, self._size = PathNode(()), {}, 0
        return self._root

    def child(self, node: PathNode, key: str | int) -> PathNode:
        """The path one step below `node`."""
        below = node.children.get(key)
        if below is None:
            below = node.children[key] = PathNode((*node.path, key))
            self._size += 1
        return below

    def place(self, mark: Any) -> Place:
        """Line and column of a parser's mark, from 1."""
        place = (mark.line + 1, mark.column + 1)
        return self._places.setdefault(place, place)


class FoldedPlaces(Mapping[Path, Place]):
    """Where each path of a document stands, with the paths kept once for documents that look alike.

    `order` counts the paths of such documents from 0; `numbers` are the line and column of each,
    one after another.
    """

    __slots__ = ("_numbers", "_order")

    def __init__(self, order: Mapping[Path, int], numbers: Sequence[int]) -> None:
        self._order = order
        self._numbers = numbers

    def __getitem__(self, path: Path) -> Place:
        at = 2 * self._order[path]
        return self._numbers[at], self._numbers[at + 1]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)
