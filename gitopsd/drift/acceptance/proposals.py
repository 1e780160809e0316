"""What could be written into a document so that differences end: bundles of them, with edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gitopsd.model.verdict import Difference
from gitopsd.spec.editing import Edit

#: From what the document says now to the edits that may be tried, the most likely first.
Proposals = Callable[[Any], Iterable[Sequence[Edit]]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Differences that are brought to an end together, if at all.

    `guessed` proposals were not read off what was found: that one of them fails says nothing.
    """

    differences: tuple[Difference, ...]
    propose: Proposals
    guessed: bool = False


def sorted_out(
    differences: Iterable[Difference], belongs: Callable[[Difference], bool]
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Those that belong together, and the others."""
    mine: list[Difference] = []
    others: list[Difference] = []
    for difference in differences:
        (mine if belongs(difference) else others).append(difference)
    return tuple(mine), tuple(others)


def nothing(_: Any) -> Iterator[Sequence[Edit]]:
    """For differences that no field of a spec has a say in."""
    yield from ()
