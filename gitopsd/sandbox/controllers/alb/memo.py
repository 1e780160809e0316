"""Remembering what was worked out of an Ingress for as long as its content stays the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from gitopsd.sandbox.controllers.objects import Item, annotations_of, key_of

_Found = TypeVar("_Found")


class Memo:
    """Results by Ingress and question; another spec or annotation starts afresh.

    Only results are kept: a question that ends in an exception is asked again.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[Item, dict[Hashable, Any]]] = {}

    def once(self, ingress: Item, question: Hashable, answer: Callable[[], _Found]) -> _Found:
        """The answer to a question about an Ingress, worked out the first time."""
        key = key_of(ingress)
        known = self._held.get(key)
        if known is None or known[0] is not ingress:
            answers = known[1] if known is not None and _alike(known[0], ingress) else {}
            known = self._held[key] = (ingress, answers)
        if question not in known[1]:
            known[1][question] = answer()
        found: _Found = known[1][question]
        return found

    def forget(self, key: str) -> None:
        """The Ingress of a key is gone."""
        self._held.pop(key, None)


def _alike(one: Item, other: Item) -> bool:
    """Whether two states of an Ingress differ in labels and status at most."""
    return one["spec"] == other["spec"] and annotations_of(one) == annotations_of(other)
