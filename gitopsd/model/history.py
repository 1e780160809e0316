"""The last passes of a target, as its record keeps them for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: How many passes are remembered.
KEPT = 50
#: How much is kept of what went wrong; the log has all of it.
LONGEST = 240


class PassState(StrEnum):
    """How a pass ended, the best first."""

    IN_SYNC = "in sync"  # there was nothing to do
    DONE = "done"
    HELD = "held"  # all but what waits for a person
    WITHHELD = "withheld"  # nothing was written: suspended, cluster not pinned
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PassEntry:
    """One pass, and as many after it that ended in the same way and changed nothing.

    `time` is when it began (RFC 3339), `plan` the hash of its plan ("" without steps), `approval`
    when the approval that it rests on was given, `steps` how many steps ended in which state,
    `trouble` what went wrong first.
    """

    time: str
    revision: str
    state: PassState
    plan: str = ""
    approval: str = ""
    steps: tuple[tuple[str, int], ...] = ()
    trouble: str = ""

    @property
    def says(self) -> tuple[Any, ...]:
        """What makes it another entry than the one before, the time apart."""
        return (self.revision, self.state, self.plan, self.approval, self.steps)

    @property
    def wrote(self) -> bool:
        """Whether anything was written."""
        return any(state == "done" for state, _ in self.steps)

    @property
    def outcome(self) -> str:
        """`done: 3 done`, `held: 2 done, 1 held`, `nothing to do`.

        Whether there is drift that is left alone, a pass that did nothing does not say.
        """
        if self.state is PassState.IN_SYNC:
            return "nothing to do"
        steps = ", ".join(f"{number:,} {state}" for state, number in self.steps)
        return f"{self.state}: {steps}" if steps else str(self.state)

    def to_json(self) -> dict[str, Any]:
        """The form in the record and in `gitopsd history -o json`."""
        return {
            "time": self.time,
            "revision": self.revision,
            "state": str(self.state),
            "plan": self.plan,
            "approval": self.approval,
            "steps": dict(self.steps),
            "trouble": self.trouble,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> PassEntry:
        """Read what `to_json` wrote; raises KeyError, ValueError or TypeError for anything else."""
        steps = content.get("steps") or {}
        return cls(
            str(content["time"]),
            str(content["revision"]),
            PassState(content["state"]),
            str(content.get("plan", "")),
            str(content.get("approval", "")),
            tuple(sorted((str(state), int(number)) for state, number in steps.items())),
            str(content.get("trouble", ""))[:LONGEST],
        )


def brief(trouble: str) -> str:
    """What went wrong as it is kept: what is too long ends after a word, and says so."""
    if len(trouble) <= LONGEST:
        return trouble
    head = trouble[: LONGEST - 2]
    whole = trouble[LONGEST - 2].isspace()
    return f"{head if whole else head.rpartition(' ')[0] or head} …"


def with_pass(history: tuple[PassEntry, ...], entry: PassEntry) -> tuple[PassEntry, ...]:
    """The history after one more pass; the same where the pass is no news.

    A pass that wrote is news. Otherwise it is told once, however often it ends like that, and
    finding everything in order after a pass that put it there is no news either.
    """
    last = history[-1] if history else None
    if last is not None and not entry.wrote:
        settled = entry.state is PassState.IN_SYNC and last.state is PassState.DONE
        if last.says == entry.says or (settled and last.revision == entry.revision):
            return history
    return (*history, entry)[-KEPT:]
