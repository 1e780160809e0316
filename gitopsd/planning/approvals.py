"""Whether a plan has been approved, and if not, why what was said does not count.

An approval comes with the command (`--approve HASH`) or stands on the target's record as the
annotation `gitopsd.io/approve`. It names one plan, counts for 24 hours, and is used once: the
record keeps those that were.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gitopsd.model.approval import APPROVE, Approval, instant, stamp
from gitopsd.model.observed import Record
from gitopsd.model.plan import Plan
from gitopsd.planning.options import PlanOptions


def with_approval(plan: Plan, record: Record | None, options: PlanOptions) -> Plan:
    """The plan with what an approval covers let go, or with the way to approve it on each hold."""
    if not any(step.hold and step.hold.guard.approvable for step in plan.steps):
        return plan
    approval, release = _approval(plan.hash, record, options)
    if approval is not None:
        freed = (
            replace(step, hold=None, waived=step.hold)
            if step.hold and step.hold.guard.approvable
            else step
            for step in plan.steps
        )
        return replace(plan.with_steps(freed), approval=approval)
    return plan.with_steps(
        replace(step, hold=step.hold.released_also_by(release))
        if step.hold and step.hold.guard.approvable
        else step
        for step in plan.steps
    )


def objection_to(approval: Approval, record: Record | None, now: datetime | None) -> str:
    """Why an approval does not count any more, as what is said of it; "" when it does."""
    if now is None or not approval.counts_at(now):
        given = f"was given {approval.given}" if approval.given else "was given at an unknown time"
        return f"{given}, and counts for 24 hours"
    for past in reversed(record.approvals if record else ()):
        same = past.plan_hash == approval.plan_hash and past.used
        if same and not _later(approval.given, past.used):
            return f"was used {past.used}, and counts once"
    return ""


def _approval(
    plan_hash: str, record: Record | None, options: PlanOptions
) -> tuple[Approval | None, str]:
    """The approval that holds; or None and how to give one, with what is wrong with those given."""
    release, notes = f"--approve {plan_hash}", []
    if options.approve == plan_hash:
        history = record.approvals if record else ()
        spent = next((p for p in history if p.plan_hash == plan_hash and p.used), None)
        if spent is None:
            return Approval(plan_hash, stamp(options.now) if options.now else ""), ""
        # Said on a command line it has no time that would tell it from the one that was used.
        release = f'annotate the record of the target: {APPROVE}="{plan_hash} TIME"'
        notes.append(f"--approve {plan_hash[:12]}… was used {spent.used}, and counts once")
    elif options.approve:
        notes.append(f"--approve names another plan, {options.approve[:12]}…")
    approval = record.requested_approval if record else None
    if approval is not None:
        other = approval.plan_hash != plan_hash
        objection = objection_to(approval, record, options.now)
        if not objection and not other:
            return approval, ""
        if not objection or not other:  # that of another plan which is done with says nothing here
            objection = objection or "names another plan"
            notes.append(f"the annotation {APPROVE} ({approval.plan_hash[:12]}…) {objection}")
    return None, f"{release} ({'; '.join(notes)})" if notes else release


def _later(given: str, used: str) -> bool:
    """Whether something was given after a use; no when either time is unknown."""
    first, second = instant(used), instant(given)
    return first is not None and second is not None and second > first
