"""What became of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gitopsd.model.plan import Plan, Step


class StepState(StrEnum):
    """What became of a step."""

    DONE = "done"
    FAILED = "failed"
    WAITING = "waiting"  # not now, without a fault: the next pass goes on (a group still in use)
    OVERTAKEN = "overtaken"  # somebody changed the thing since it was planned
    BLOCKED = "blocked"  # a step it needs was not done
    HELD = "held"  # a guard took it out
    INTERRUPTED = "interrupted"  # the pass was stopped before it


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step and what became of it; `detail` and `mend` are sentences for people.

    `unanswered` tells that a write was sent and its answer did not come in time, or at all.
    """

    step: Step
    state: StepState
    detail: str = ""
    mend: str = ""
    unanswered: bool = False

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd apply -o json`."""
        out = {"key": self.step.key, "state": str(self.state)}
        if self.detail:
            out["detail"] = self.detail
        if self.mend:
            out["mend"] = self.mend
        return out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan at one target; `notes` are things that went wrong beside the steps."""

    plan: Plan
    results: tuple[StepResult, ...]
    notes: tuple[str, ...] = ()

    def count(self, state: StepState) -> int:
        """How many steps ended so."""
        return sum(result.state is state for result in self.results)

    @property
    def ok(self) -> bool:
        """Whether all that was planned is done, and nothing was held."""
        return all(result.state is StepState.DONE for result in self.results)

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd apply -o json`."""
        return {
            "target": self.plan.target,
            "hash": self.plan.hash,
            "results": [result.to_json() for result in self.results],
            "notes": list(self.notes),
        }
