"""Whether a plan has been approved, and if not, why what was said does not count.

An approval comes with the command (`--approve HASH`) or stands on the target's record in the
annotation `gitopsd.io/approve`, beside those of other plans. It names one plan, counts for 24
hours, and is used once: the record keeps those that were.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gitopsd.model.approval import APPROVE, Approval, instant, option, request, scope, stamp
from gitopsd.model.observed import Record
from gitopsd.model.plan import Plan
from gitopsd.model.wording import in_chinese, said
from gitopsd.planning.options import PlanOptions


def with_approval(plan: Plan, record: Record | None, options: PlanOptions) -> Plan:
    """The plan with what an approval covers let go, or with the way to approve it on each hold."""
    if not any(step.hold and step.hold.guard.approvable for step in plan.steps):
        return plan
    approval, notes = _approval(plan.hash, record, options)
    if approval is not None:
        freed = (
            replace(step, hold=None, waived=step.hold)
            if step.hold and step.hold.guard.approvable
            else step
            for step in plan.steps
        )
        return replace(plan.with_steps(freed), approval=approval)
    way, notes = _way(plan, record, options, notes)
    english, chinese = f"({'; '.join(notes)})", f"（{'；'.join(map(in_chinese, notes))}）"
    both = (f"{way} {english}", f"{way}{chinese}") if notes else (way, way)
    return plan.with_steps(
        replace(step, hold=step.hold.released_also_by(*both))
        if step.hold and step.hold.guard.approvable
        else step
        for step in plan.steps
    )


def _way(
    plan: Plan, record: Record | None, options: PlanOptions, notes: list[str]
) -> tuple[str, list[str]]:
    """How to give an approval that counts, and what is to be said beside it."""
    spent = _spent(plan.hash, record)
    if spent is None:
        return option(plan.hash), notes
    if options.approve in (None, plan.hash):
        notes = [said("approve-used", what=said("approve-past"), used=spent.used)]
    # Said on a command line it has no time that would tell it from the one that was used.
    return request(plan.hash, scope(plan.target, options.again)), notes


def objection_to(approval: Approval, record: Record | None, now: datetime | None, what: str) -> str:
    """Why an approval, called `what`, does not count any more; "" when it does."""
    if now is None or not approval.counts_at(now):
        if approval.given:
            return said("approve-stale", what=what, given=approval.given)
        return said("approve-untimed", what=what)
    for past in reversed(record.approvals if record else ()):
        same = past.plan_hash == approval.plan_hash and past.used
        if same and not _later(approval.given, past.used):
            return said("approve-used", what=what, used=past.used)
    return ""


def _approval(
    plan_hash: str, record: Record | None, options: PlanOptions
) -> tuple[Approval | None, list[str]]:
    """The approval that holds; or None and what is wrong with those that were given."""
    notes: list[str] = []
    if options.approve == plan_hash:
        if _spent(plan_hash, record) is None:
            return Approval(plan_hash, stamp(options.now) if options.now else ""), []
    elif options.approve:
        notes.append(said("approve-other", what=f"--approve {options.approve[:12]}…"))
    others = ""
    for approval in reversed(record.requested_approvals if record else ()):
        what = said("approve-note", key=APPROVE, hash=approval.plan_hash[:12])
        objection = objection_to(approval, record, options.now, what)
        if approval.plan_hash == plan_hash:
            if not objection:
                return approval, []
            notes.append(objection)
        elif not objection:  # that of another plan which is done with says nothing here
            others = others or said("approve-other", what=what)
    return None, [*notes, others] if others else notes


def _spent(plan_hash: str, record: Record | None) -> Approval | None:
    """The latest approval of a plan that was used."""
    history = record.approvals if record else ()
    return next((p for p in reversed(history) if p.plan_hash == plan_hash and p.used), None)


def _later(given: str, used: str) -> bool:
    """Whether something was given after a use; no when either time is unknown."""
    first, second = instant(used), instant(given)
    return first is not None and second is not None and second > first
