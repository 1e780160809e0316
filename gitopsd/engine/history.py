"""How a pass reads among the last ones of its target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from gitopsd.model.history import PassEntry, PassState, brief
from gitopsd.model.observed import Gap
from gitopsd.model.outcome import StepResult, StepState
from gitopsd.model.plan import Plan

#: How a pass ended that had a step like that, the worst first.
_WORST = (
    (StepState.FAILED, PassState.FAILED),
    (StepState.OVERTAKEN, PassState.FAILED),
    (StepState.BLOCKED, PassState.FAILED),
    (StepState.INTERRUPTED, PassState.INTERRUPTED),
    (StepState.HELD, PassState.HELD),
)


def pass_entry(
    plan: Plan,
    results: Sequence[StepResult],
    now: str,
    gaps: Iterable[Gap] = (),
    withheld: str = "",
) -> PassEntry:
    """The entry of a pass; `withheld` says why nothing of the plan was begun."""
    unseen = [f"{gap.what} could not be read: {gap.why}" for gap in gaps]
    failed = [
        f"{result.step.key} {result.state}: {result.detail}"
        for result in results
        if result.state not in (StepState.DONE, StepState.WAITING)
    ]
    troubles = [*filter(None, [withheld]), *unseen, *failed]
    return PassEntry(
        now,
        plan.revision,
        _state(results, unseen=bool(unseen), withheld=bool(withheld)),
        plan.hash if plan.steps else "",
        plan.approval.given if plan.approval else "",
        tuple(sorted(Counter(str(result.state) for result in results).items())),
        brief(troubles[0]) if troubles else "",
    )


def _state(results: Sequence[StepResult], *, unseen: bool, withheld: bool) -> PassState:
    if withheld:
        return PassState.WITHHELD
    if unseen:
        return PassState.FAILED
    there = {result.state for result in results}
    for state, meaning in _WORST:
        if state in there:
            return meaning
    return PassState.DONE if results else PassState.IN_SYNC
