"""Explaining how two normalised values differ, path by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitopsd.diff.actions import weights_in
from gitopsd.model.ownership import LABELS, TAGS
from gitopsd.model.paths import join
from gitopsd.model.verdict import Cause
from gitopsd.model.wording import said
from gitopsd.profiles.annotations import ACTIONS

_MARKS = frozenset(
    {join(("metadata", "labels", key)) for key in LABELS} | {join(("tags", key)) for key in TAGS}
)


@dataclass(frozen=True, slots=True)
class Delta:
    """One place where two values differ; None stands for "absent". `keys` leads to it."""

    keys: tuple[str | int, ...]
    found: Any
    wanted: Any

    @property
    def path(self) -> str:
        """The keys as people read them."""
        return join(self.keys)


def deltas(found: Any, wanted: Any) -> tuple[Delta, ...]:
    """Every path at which the values differ, sorted; empty when they are equal.

    Both must be normalised already: keyed lists turned into mappings, defaults filled in. What is
    still a list is atomic, and compares by position.
    """
    if found == wanted:
        return ()
    from deepdiff import DeepDiff  # dear to import; only paid when something differs

    # By default it calls two mappings with few common keys one change; we want every key.
    tree = DeepDiff(found, wanted, view="tree", threshold_to_diff_deeper=0)
    result = [
        Delta(tuple(level.path(output_format="list")), _value(level.t1), _value(level.t2))
        for kind in tree
        for level in tree[kind]
    ]
    return tuple(sorted(result, key=lambda delta: delta.path))


def _value(value: Any) -> Any:
    """deepdiff marks "not there" with an object of its own."""
    return None if type(value).__name__ in ("NotPresent", "ListItemRemovedOrAdded") else value


def mark_note(path: str, found: Any, cause: Cause, *, marked: bool = True) -> str:
    """What became of a mark of ours that others touched; "" for another path, or for Git's doing.

    Drift and plans say the same of it. Not `marked` is what others made in the place of ours, and
    bears no trace of us: nobody took a mark off that.
    """
    if path not in _MARKS or cause is not Cause.DRIFT:
        return ""
    if found is None and not marked:
        return said("mark-never")
    return said("mark-off" if found is None else "mark-edited")


def note(path: str, found: Any, wanted: Any) -> str:
    """What a change inside a JSON annotation means: the entries of `ServerGroups` that move.

    Empty when there is nothing to add to the values themselves.
    """
    if ACTIONS not in path:
        return ""
    before, after = weights_in(found), weights_in(wanted)
    if before is None or after is None:
        return ""
    moves = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None:
            moves.append(f"{name} weight {new} added")
        elif new is None:
            moves.append(f"{name} weight {old} gone")
        elif old != new:
            moves.append(f"{name} weight {old} → {new}")
    return ", ".join(moves)
