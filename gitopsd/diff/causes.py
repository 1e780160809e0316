"""Change or drift: whose doing a difference of an object is (design §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.fields import AppliedFields, Keys, recall
from gitopsd.diff.ownership import Entry, applied, holders
from gitopsd.diff.routes import RULES
from gitopsd.diff.write_ahead import memories
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.ownership import DIGEST, LABELS
from gitopsd.model.verdict import Attribution, Cause, Mode

_DIGEST_KEYS = ("metadata", "labels", DIGEST)


@dataclass(frozen=True, slots=True)
class Causes:
    """What is known of when an object was applied, and as what.

    `settled` says that what is wanted now has been applied, so that whatever differs is drift.
    `fields` is what was applied before, where the record remembers just that. `wanted` and `found`
    are the views that are compared.
    """

    settled: bool
    fields: AppliedFields | None
    wanted: Mapping[str, Any]
    found: Mapping[str, Any]

    def of(
        self,
        keys: Keys,
        held: Sequence[Attribution],
        mode: Mode,
        *,
        added: bool,
        singled_out: bool = False,
    ) -> Cause:
        """The cause of the difference at `keys`.

        Where Git and reality both moved a field, Git wins (design §5), but for a field that is
        ignored: there nothing is written. Without a memory of the fields managedFields decide: a
        field that our apply still holds has the value that we gave it, whoever shares it. A field
        that nobody holds was taken off by somebody, or is new in Git; where an exception that is
        about this field (`singled_out`) ignores it, it counts as taken off. So does a mark of ours
        that is not there, the digest excepted, which moves with Git: every apply writes it.
        """
        if self.settled or self._unmarked(keys):
            return Cause.DRIFT
        if self.fields is not None and keys != _DIGEST_KEYS:
            moved = self.fields.moved(keys, self.wanted, self.found)
            drift = moved.reality and (mode == "Ignore" or not moved.git)
        else:
            ours = any(applied(holder) for holder in held)
            drift = not ours and (added or singled_out or bool(held))
        return Cause.DRIFT if drift else Cause.CHANGE

    def in_doubt(
        self, keys: Keys, held: Sequence[Attribution], mode: Mode, *, singled_out: bool
    ) -> bool:
        """Whether Git or somebody moved a part of the rules, and nothing tells who.

        They are one field for managedFields: who has edited one route holds all of them, those that
        Git moves among them. Only the memory tells; without one such a part is left where drift is.
        """
        if self.settled or self.fields is not None or keys[:2] != RULES or mode == "Correct":
            return False
        return singled_out or not any(applied(holder) for holder in held)

    def _unmarked(self, keys: Keys) -> bool:
        """Whether `keys` lead to a label that marks an object as ours, and it was taken off."""
        *parents, key = keys
        marks = parents == ["metadata", "labels"] and key in LABELS and key != DIGEST
        return marks and key not in self.found["metadata"]["labels"]


def applied_digest(
    live: ObservedObject, owned: Sequence[Entry], recorded: str | None
) -> str | None:
    """The digest of what was last applied to a live object; None where nothing tells.

    The label says it while our apply holds it: it was written with the fields themselves, and the
    record after them. A label that somebody took off, edited or restored from a backup says less
    than the record.
    """
    label = live.labels.get(DIGEST)
    ours = any(applied(holder) for holder in holders(owned, _DIGEST_KEYS))
    return label if ours else recorded or label


def causes_of(
    live: ObservedObject,
    owned: Sequence[Entry],
    record: Record | None,
    expected: str | None,
    views: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> tuple[Causes, str | None]:
    """What is known of when a live object was applied, and what is remembered of that.

    `expected` is the digest that it would have, had what is wanted now been applied; `views` are
    what is wanted and what is found.
    """
    recorded = record.entries.get(live.identity) if record else None
    before = applied_digest(live, owned, recorded)
    memory = memories(record, live.identity).get(before or "")
    return Causes(expected is not None and expected == before, recall(memory), *views), memory
