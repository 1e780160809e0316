"""A plan beside the plan of another revision: what a change of the repository brings about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gitopsd.model.plan import Plan, Step
from gitopsd.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Preview:
    """What is done at one target with a change, and what would be done without it.

    `plan` is the plan of the changed revision and `before` that of the one it is compared with,
    both of the same observation. Where nobody looked at the target, `before` is None and `plan`
    is what leads from one revision to the other; its hash names nothing that could be approved.
    """

    plan: Plan
    before: Plan | None

    @property
    def offline(self) -> bool:
        """Whether two revisions were compared, and nothing else."""
        return self.before is None

    @property
    def brought(self) -> tuple[Step, ...]:
        """The steps that are there because of the change."""
        return _without(self.plan.steps, self.before.steps if self.before else ())

    @property
    def pending(self) -> tuple[Step, ...]:
        """The steps that are due anyway."""
        known = {_what(step) for step in self.before.steps} if self.before else set()
        return tuple(step for step in self.plan.steps if _what(step) in known)

    @property
    def dropped(self) -> tuple[Step, ...]:
        """The steps that were due, and are not any more."""
        return _without(self.before.steps if self.before else (), self.plan.steps)

    @property
    def news(self) -> tuple[Problem, ...]:
        """The notices that come with the change: those that would not be there without it."""
        earlier = self.before.notices if self.before else ()
        known = {replace(notice, position=None) for notice in earlier}
        return tuple(
            notice for notice in self.plan.notices if replace(notice, position=None) not in known
        )


def _without(steps: Iterable[Step], others: Iterable[Step]) -> tuple[Step, ...]:
    known = {_what(step) for step in others}
    return tuple(step for step in steps if _what(step) not in known)


def _what(step: Step) -> tuple[str, str]:
    """What tells steps apart: the key, and what moves from where to where."""
    return step.key, repr([(change.path, change.old, change.new) for change in step.changes])
