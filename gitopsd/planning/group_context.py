"""What all steps of one server group share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitopsd.diff.groups import group_fingerprint
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Change, Operation, Step, StepKind
from gitopsd.model.verdict import Difference
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.selection import written


@dataclass(frozen=True)
class GroupContext:
    """One wanted group beside what was found, whose it is, and what a person allowed."""

    item: GroupComparison
    desired: DesiredGroup
    owner: Owner
    options: PlanOptions

    @cached_property
    def written(self) -> tuple[Difference, ...]:
        """The differences that this pass puts right."""
        correct = self.options.correct
        return tuple(d for d in self.item.differences if written(d, correct=correct))

    @cached_property
    def paths(self) -> frozenset[str]:
        """Their paths."""
        return frozenset(difference.path for difference in self.written)

    @property
    def in_doubt(self) -> bool:
        """Whether something is left of which nobody knows whether Git moved it."""
        return any(d.doubtful and d not in self.written for d in self.item.differences)

    @property
    def tags(self) -> dict[str, str]:
        """The tags that make it ours; the digest is not among them."""
        item = self.desired
        return self.owner.tags(item.identity, item.shape, retain=item.retain, adopted=item.adopted)

    def step(
        self,
        operation: Operation,
        kind: StepKind,
        changes: tuple[Change, ...],
        *,
        payload: dict[str, Any],
        needs: Sequence[str] = (),
        why: str = "",
    ) -> Step:
        """A step on this group that expects it as it was found."""
        current, identity = self.item.current, self.desired.identity
        return Step(
            operation,
            kind,
            identity,
            identity,
            changes,
            expects=group_fingerprint(current),
            group_id=current.id if current else None,
            payload={"product": self.desired.product, **payload},
            needs=tuple(needs),
            why=why,
        )
