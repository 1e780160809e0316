"""Which differences a pass writes, and which it leaves: the same rule for objects and groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitopsd.diff.explain import note
from gitopsd.diff.modes import treatment
from gitopsd.model.plan import Change
from gitopsd.model.verdict import Difference


def written(difference: Difference, *, correct: bool) -> bool:
    """Whether a pass puts this right: `diff.modes.treatment` decides."""
    return treatment(difference, correct=correct).written


def split(
    differences: Iterable[Difference], *, correct: bool
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Those to write, each with the value to write as the one wanted; and those to leave."""
    write: list[Difference] = []
    leave: list[Difference] = []
    for difference in differences:
        if not written(difference, correct=correct):
            leave.append(difference)
        elif difference.kept is not None and not correct:
            write.append(replace(difference, wanted=difference.kept))
        else:
            write.append(difference)
    return tuple(write), tuple(leave)


def changes_of(differences: Iterable[Difference]) -> tuple[Change, ...]:
    """The differences as a step's changes: from what is found to what is wanted."""
    return tuple(
        Change(d.path, d.found, d.wanted, note(d.path, d.found, d.wanted) or d.note)
        for d in differences
    )
