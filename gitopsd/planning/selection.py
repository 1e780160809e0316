"""Which differences a pass writes, and which it leaves: the same rule for objects and groups."""

from __future__ import annotations

from collections.abc import Iterable

from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.plan import Change
from gitopsd.model.verdict import Cause, Difference


def written(difference: Difference, *, correct: bool) -> bool:
    """Whether a pass puts this right (design §5, "Modes").

    The modes are about drift, so what Git changed is written; only a single path of a group that
    is ignored stays, because there nobody can tell per field who moved. Drift is written in mode
    Correct, or when a person asks for it once; a weight that somebody set to 0 only then.
    """
    if correct:
        return True
    if difference.manual:
        return False
    if difference.cause is Cause.CHANGE:
        per_field = difference.resource.kind != SERVER_GROUP or not difference.path
        return difference.mode != "Ignore" or per_field
    return difference.mode == "Correct"


def split(
    differences: Iterable[Difference], *, correct: bool
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Those to write, and those to leave."""
    write: list[Difference] = []
    leave: list[Difference] = []
    for difference in differences:
        (write if written(difference, correct=correct) else leave).append(difference)
    return tuple(write), tuple(leave)


def changes_of(differences: Iterable[Difference]) -> tuple[Change, ...]:
    """The differences as a step's changes."""
    return tuple(Change(d.path, d.found, d.wanted, d.note) for d in differences)
