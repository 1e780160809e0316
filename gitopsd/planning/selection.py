"""Which differences a pass writes, and which it leaves: the same rule for objects and groups."""

from __future__ import annotations

from collections.abc import Iterable

from gitopsd.model.verdict import Cause, Difference


def written(difference: Difference, *, correct: bool) -> bool:
    """Whether a pass puts this right (design §5, "Modes").

    What Git changed is written, unless its path is ignored. Drift is written in mode Correct, or
    when a person asks for it once; a weight that somebody set to 0 only when a person asks.
    """
    if difference.mode == "Ignore":
        return False
    if difference.cause is Cause.CHANGE:
        return True
    if correct:
        return True
    return difference.mode == "Correct" and not difference.manual


def split(
    differences: Iterable[Difference], *, correct: bool
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Those to write, and those to leave."""
    write: list[Difference] = []
    leave: list[Difference] = []
    for difference in differences:
        (write if written(difference, correct=correct) else leave).append(difference)
    return tuple(write), tuple(leave)
