"""What becomes of a drifted field by itself, as the plan of the same look has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gitopsd.model.plan import Hold


class Action(StrEnum):
    """What gitopsd will do about a difference."""

    CORRECT = "correct"  # the next pass puts it right
    HOLD = "hold"  # a pass would put it right, and a guard holds the step
    WITHHOLD = "withhold"  # a pass would put it right, and nothing may be written now
    LEAVE = "leave"  # mode Report, or a hold of an incident: told, and left as it is
    DECIDE = "decide"  # never touched by itself: a person decides


@dataclass(frozen=True, slots=True)
class Outlook:
    """The action; with HOLD the guard's word and the plan to approve; with WITHHOLD why.

    With LEAVE, the word is of the guard that would hold `apply --correct`.

    `approve` is the hash of the plan whose approval lets the step go, "" where none does.
    """

    action: Action
    hold: Hold | None = None
    approve: str = ""
    withheld: str = ""

    @property
    def left(self) -> bool:
        """Whether the drift policy leaves it as it is."""
        return self.action is Action.LEAVE

    def to_json(self) -> dict[str, Any]:
        """The members that it adds to a difference."""
        out: dict[str, Any] = {"action": str(self.action)}
        if self.hold:
            out["hold"] = self.hold.to_json()
        if self.approve:
            out["approve"] = self.approve
        if self.withheld:
            out["withheld"] = self.withheld
        return out
