"""What may not be written now: changes and drift have windows of their own (design §6)."""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.identity import Identity
from gitopsd.model.plan import Hold, Plan
from gitopsd.model.verdict import Cause
from gitopsd.model.wording import said
from gitopsd.planning.holds import hold
from gitopsd.planning.selection import written


def outside_windows(plan: Plan, comparison: Comparison, closed: Mapping[Cause, str]) -> Plan:
    """The plan with every step held that is of a cause whose window is `closed`, until when is in
    it, and what needs such a step. A hold of another guard stays: it is the one to see to.
    """
    if not closed:
        return plan
    causes = _causes(comparison)
    waiting: dict[str, Hold] = {}
    result = []
    for step in plan.steps:
        if step.hold:
            result.append(step)
            continue
        cause = causes.get(step.identity, Cause.CHANGE)
        reason = next((waiting[need] for need in step.needs if need in waiting), None)
        if cause in closed:
            reason = hold("window", why=said(f"window-{cause}", opens=closed[cause]))
        if reason is not None:
            waiting[step.key] = reason
        result.append(step.held(reason) if reason else step)
    return plan.with_steps(result)


def _causes(comparison: Comparison) -> dict[Identity, Cause]:
    """Why there are steps about a thing: for a change if there is any, or it is wanted no more.

    One request brings both, so a thing that changed and drifted is not kept waiting for two
    windows that may never be open at once.
    """
    causes: dict[Identity, Cause] = {}
    things: tuple[ObjectComparison | GroupComparison, ...]
    things = (*comparison.objects, *comparison.groups)
    for item in things:
        moved = {d.cause for d in item.differences if written(d, correct=False)}
        drift = item.desired is not None and moved == {Cause.DRIFT}
        causes[item.identity] = Cause.DRIFT if drift else Cause.CHANGE
    return causes
