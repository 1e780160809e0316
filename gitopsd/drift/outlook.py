"""What happens next to everything that differs, read off the plan of the same look.

`plan`, `apply` and the operator do what the plan says, guards included, so what people are told
comes out of it too. There is no second rule that could promise something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.paths import within
from gitopsd.model.plan import Guard, Operation, Plan, Step
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Assessment, Cause, Difference

#: Operations that make or take over a thing as a whole.
_WHOLE = frozenset({Operation.CREATE, Operation.ADOPT, Operation.REPLACE})
#: Operations by which a thing as a whole is ours no more.
_AWAY = frozenset({Operation.DELETE, Operation.RELEASE})
#: What no step puts right: its cause stands elsewhere.
_ELSEWHERE = frozenset({Reason.MEMBER_SILENT, Reason.SHADOWED, Reason.EXPIRED})
#: What a step that makes or takes over the whole thing leaves there.
_BESIDE = _ELSEWHERE | {Reason.MEMBER_FOREIGN}


def with_outlook(assessment: Assessment, plan: Plan, *, withheld: str = "") -> Assessment:
    """The assessment, with what the plan does about each field that differs.

    `withheld` says why nothing at all is written at the target for now; "" when it may be.
    """
    steps: dict[Identity, list[Step]] = {}
    for step in plan.steps:
        steps.setdefault(step.identity, []).append(step)
    known = {step.key: step for step in plan.steps}
    verdicts = []
    for verdict in assessment.verdicts:
        found = []
        for item in verdict.differences:
            outlook = _outlook(item, steps.get(item.resource, ()), known, plan, withheld)
            found.append(replace(item, outlook=outlook))
        verdicts.append(replace(verdict, differences=tuple(found)))
    return replace(assessment, verdicts=tuple(verdicts))


def with_obstacles(assessment: Assessment, corrected: Plan) -> Assessment:
    """The assessment, with what would hold a correction of drift that is left alone.

    `corrected` is the plan that puts all drift right (`apply --correct`). What an option or an
    approval of that plan lets go is told there; here is told what has to be mended first.
    """
    held = {step.identity: step for step in corrected.holds if _mended_elsewhere(step)}
    if not held:
        return assessment

    def told(item: Difference) -> Difference:
        step, outlook = held.get(item.resource), item.outlook
        if step is None or outlook is None or not mends(step, item):
            return item
        return replace(item, outlook=replace(outlook, hold=step.hold)) if outlook.left else item

    verdicts = (
        replace(verdict, differences=tuple(map(told, verdict.differences)))
        for verdict in assessment.verdicts
    )
    return replace(assessment, verdicts=tuple(verdicts))


def _mended_elsewhere(step: Step) -> bool:
    return step.hold is not None and step.hold.guard in (Guard.BACKEND, Guard.NAMESPACE)


def mends(step: Step, item: Difference) -> bool:
    """Whether a step moves the very field, a part of it, or the whole that it belongs to."""
    if item.reason in _ELSEWHERE:
        return False
    if step.operation in _AWAY and step.kind != "Members":
        return not item.path and (item.cause is Cause.CHANGE or item.reason is Reason.COPIED)
    whole = step.operation in _WHOLE and step.kind != "Members" and item.reason not in _BESIDE
    return whole or any(
        bool(change.path and item.path)
        and (within(item.path, change.path) or within(change.path, item.path))
        for change in step.changes
    )


def _outlook(
    item: Difference,
    steps: Iterable[Step],
    known: Mapping[str, Step],
    plan: Plan,
    withheld: str,
) -> Outlook:
    mending = [step for step in steps if mends(step, item)]
    if not mending:
        left = item.mode != "Correct" and not item.manual and not item.theirs
        return Outlook(Action.LEAVE if left else Action.DECIDE)
    held = [_behind(step, known) for step in mending if step.hold]
    if not held:
        if item.kept is not None and not any(_gives(step, item) for step in mending):
            return Outlook(Action.DECIDE)  # what else differs of the action is put right around it
        return Outlook(Action.WITHHOLD, withheld=withheld) if withheld else Outlook(Action.CORRECT)
    hold = held[0].hold
    if hold is not None and hold.guard is Guard.WINDOW:
        return Outlook(Action.WITHHOLD, withheld=hold.reason)
    offered = hold is not None and plan.hash in hold.release
    return Outlook(Action.HOLD, hold, plan.hash if offered else "")


def _gives(step: Step, item: Difference) -> bool:
    """Whether a step writes just what Git wants, a weight set to 0 by hand included."""
    return step.operation in _WHOLE or any(
        (change.path, change.new) == (item.path, item.wanted) for change in step.changes
    )


def _behind(step: Step, known: Mapping[str, Step]) -> Step:
    """The held step that this one waits for, which is where a person can do something."""
    while step.hold and step.hold.guard is Guard.DEPENDENCY:
        needed = (known[key] for key in step.needs if key in known)
        cause = next((one for one in needed if one.hold), None)
        if cause is None:
            return step
        step = cause
    return step
