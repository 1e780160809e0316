"""Edits of one document, and what they make of plain values."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitopsd.spec.document import Path


@dataclass(frozen=True, slots=True)
class Put:
    """Set the value at `path`. A key that its mapping does not have yet is added to it."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the key or list item at `path` away."""

    path: Path


@dataclass(frozen=True, slots=True)
class Insert:
    """Add an item to the list at `path`: before the one at `index`, or at its end."""

    path: Path
    value: Any
    index: int | None = None


Edit = Put | Remove | Insert


def applied(value: Any, edits: Sequence[Edit]) -> Any:
    """The value after the edits, one after another; `value` itself stays as it is.

    Raises LookupError for a path that does not lead anywhere.
    """
    result = copy.deepcopy(value)
    for edit in edits:
        _apply(result, edit)
    return result


def _apply(value: Any, edit: Edit) -> None:
    if isinstance(edit, Insert):
        items = at(value, edit.path)
        items.insert(len(items) if edit.index is None else edit.index, copy.deepcopy(edit.value))
        return
    holder, last = at(value, edit.path[:-1]), edit.path[-1]
    if isinstance(edit, Put):
        holder[last] = copy.deepcopy(edit.value)
    else:
        del holder[last]


def at(value: Any, path: Path) -> Any:
    """The part of a value that `path` leads to. Raises LookupError."""
    for key in path:
        value = value[key]
    return value
