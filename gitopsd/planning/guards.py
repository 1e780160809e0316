"""Guards: functions that take steps out of a plan and say why (design §4, "Guards").

They never add or change a step, so the plan's hash stays what was approved. What they say stands
in `holds`; which of them an approval overrides is told by `Guard.approvable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gitopsd.diff.naming import named_groups
from gitopsd.model.comparison import Comparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Hold, Operation, Plan, Step
from gitopsd.model.wording import said
from gitopsd.planning.alike import alike_drift
from gitopsd.planning.approvals import with_approval
from gitopsd.planning.capacity import capacity_guard
from gitopsd.planning.holds import hold
from gitopsd.planning.notices import ANOTHER_CLUSTER, notice
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.renumbering import renumbering_guard, with_services_of_held
from gitopsd.planning.replaced_zeros import with_drained_told
from gitopsd.planning.routing import routed_services, services_after
from gitopsd.planning.windows import outside_windows

#: Below so many deletions the percentage says nothing: 1 of 3 is not a catastrophe.
PERCENT_FLOOR = 5


def guarded(
    plan: Plan,
    comparison: Comparison,
    desired: DesiredTarget,
    observed: ObservedTarget,
    options: PlanOptions,
) -> Plan:
    """The plan with everything held that must not happen by itself."""
    plan = _wrong_cluster(plan, desired, observed)
    plan = _incomplete(plan, observed)
    plan = _doubtful_repository(plan, desired)
    plan = _still_routed(plan, desired, observed)
    plan = _still_named(plan, observed)
    plan = _shared_groups(plan, observed)
    plan = _keeps_serving(plan, desired, observed)
    plan = _hold_each(plan, renumbering_guard(plan, comparison, observed, options))
    plan = with_drained_told(plan, comparison, observed)
    plan = _drifted_alike(plan, comparison, options)
    plan = _too_many_deletions(plan, desired, observed)
    plan = with_dependents_held(plan, firm=True)
    plan = with_approval(plan, observed.record, options)
    if options.closed:
        plan = outside_windows(plan, comparison, options.closed)
        judge = capacity_guard(plan, desired, observed)  # without what is postponed
        plan = _hold_each(plan, lambda step: None if step.hold or step.waived else judge(step))
    plan = with_services_of_held(with_dependents_held(plan), comparison)
    return with_dependents_held(plan)


def deletes(step: Step) -> bool:
    """Whether a step takes a whole Service, Ingress or group away."""
    return step.kind != "Members" and step.operation in (Operation.DELETE, Operation.RELEASE)


def _hold(plan: Plan, which: Callable[[Step], bool], reason: Hold) -> Plan:
    return _hold_each(plan, lambda step: reason if which(step) else None)


def _hold_each(plan: Plan, judge: Callable[[Step], Hold | None]) -> Plan:
    """The plan with every step held for which `judge` has a reason."""
    judged = ((step, judge(step)) for step in plan.steps)
    return plan.with_steps(step.held(reason) if reason else step for step, reason in judged)


def _wrong_cluster(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    pinned, found = desired.cluster_uid, observed.cluster_uid
    if pinned is None or pinned == found:
        return plan
    what = said("uid-found", uid=found) if found else said("uid-untold")
    plan = replace(plan, wrong_cluster=True, complete=False)
    if plan.empty:  # no step that would tell it
        told = notice(ANOTHER_CLUSTER, target=desired.name, pinned=pinned, found=what)
        return replace(plan, notices=(*plan.notices, told))
    reason = hold("wrong-cluster", target=desired.name, pinned=pinned, found=what)
    return _hold(plan, lambda _: True, reason)


def _incomplete(plan: Plan, observed: ObservedTarget) -> Plan:
    """Nothing goes while we may not have seen everything."""
    if observed.complete:
        return plan
    gaps = ", ".join(gap.what for gap in observed.gaps)
    return _hold(
        plan,
        lambda step: deletes(step) or step.operation is Operation.REPLACE,
        hold("incomplete", gaps=gaps),
    )


def _doubtful_repository(plan: Plan, desired: DesiredTarget) -> Plan:
    """Nothing goes while we cannot be sure that it is unwanted."""
    if desired.retiring:
        return plan
    if desired.emptied:
        plan = _hold(plan, deletes, hold("emptied"))
    if desired.hold_deletions:
        reasons = "; ".join(desired.hold_deletions)
        plan = _hold(plan, deletes, hold("unreadable", reasons=reasons))
    return plan


def _still_routed(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """A Service stays while an Ingress that stays sends traffic to it (facts §4.7)."""
    if not any(step.kind == SERVICE and deletes(step) for step in plan.steps):
        return plan
    going = {  # with one that waits for an approval, its Service waits by its need of it
        step.identity: step
        for step in plan.steps
        if step.kind == INGRESS and (not step.hold or step.hold.guard.approvable)
    }
    routed: dict[Identity, Identity] = {}
    for identity, live in (*observed.objects.items(), *_unmarked_ingresses(observed)):
        services = services_after(going.get(identity), live.manifest)
        routed |= dict.fromkeys(services, identity)
    for item in desired.objects.values():
        for reference in item.services:
            routed[Identity(SERVICE, reference.namespace, reference.name)] = item.identity

    moving = {step.identity for step in plan.steps} - going.keys()

    def judge(step: Step) -> Hold | None:
        by = routed.get(step.identity) if step.kind == SERVICE and deletes(step) else None
        if by is None:
            return None
        left = by in observed.objects and by in desired.objects and by not in moving
        asked = left and step.identity in routed_services(desired.objects[by].manifest)
        return hold("left-routed" if left and not asked else "routed", ingress=by)

    return _hold_each(plan, judge)


def _still_named(plan: Plan, observed: ObservedTarget) -> Plan:
    """A group stays while an Ingress sends traffic to it that has lost our marks, and so stays."""
    named = {
        group: identity
        for identity, live in _unmarked_ingresses(observed)
        for group in named_groups(live.manifest)
    }

    def judge(step: Step) -> Hold | None:
        by = named.get(step.group_id or "") if deletes(step) else None
        return hold("routed", ingress=by) if by else None

    return _hold_each(plan, judge) if named else plan


def _unmarked_ingresses(observed: ObservedTarget) -> Iterator[tuple[Identity, ObservedObject]]:
    for identity, thing in observed.unmarked.items():
        if isinstance(thing, ObservedObject) and identity.kind == INGRESS:
            yield identity, thing


def _shared_groups(plan: Plan, observed: ObservedTarget) -> Plan:
    """A group with members that others added is not deleted under their feet."""
    mark = Owner(plan.instance, plan.target).member_description
    known = {group.id: group for group in (*observed.adoptable.values(), *observed.groups)}

    def judge(step: Step) -> Hold | None:
        group = known.get(step.group_id or "")
        if step.kind != "ServerGroup" or step.operation is not Operation.DELETE or group is None:
            return None
        others = [str(m.key) for m in group.members if m.description != mark]
        return hold("shared", id=group.id, members=", ".join(others)) if others else None

    return _hold_each(plan, judge)


def _keeps_serving(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """Nothing that is in use is left without a serving member."""
    if plan.empty:
        return plan
    return _hold_each(plan, capacity_guard(plan, desired, observed))


def _drifted_alike(plan: Plan, comparison: Comparison, options: PlanOptions) -> Plan:
    """More than half of a target that drifts alike is more likely us than them."""
    found = alike_drift(comparison, correct=options.correct)
    if found is None:
        return plan
    reason = hold("alike", count=found.count, total=found.total, what=found.what, who=found.who)
    return _hold(plan, lambda step: step.identity in found.things and not deletes(step), reason)


def _too_many_deletions(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """A pass that takes much away at once waits for a person."""
    going = [step for step in plan.steps if deletes(step) and not step.hold]
    count = len(going)
    total = len(observed.objects) + len(observed.groups)
    limits = desired.limits
    percent = 100 * count / total if total else 0
    if count > limits.max_deletes:
        reason = hold("max-deletes", deletions=_counted(going), limit=limits.max_deletes)
    elif count >= PERCENT_FLOOR and percent > limits.max_delete_percent:
        reason = hold(
            "max-delete-percent",
            deletions=_counted(going),
            percent=f"{percent:.0f}",
            total=total,
            limit=limits.max_delete_percent,
        )
    else:
        return plan
    return _hold(plan, deletes, reason)


def _counted(going: Sequence[Step]) -> str:
    """`14 deletions`, `13 to delete and 1 to release`: what leaves, by what becomes of it."""
    gone = sum(step.operation is Operation.DELETE for step in going)
    if left := len(going) - gone:
        both = said("deletions-and-releases", gone=gone, left=left)
        return both if gone else said("releases", count=left)
    return said("deletion" if gone == 1 else "deletions", count=f"{gone:,}")


def with_dependents_held(plan: Plan, *, firm: bool = False) -> Plan:
    """Hold every step that needs a held one; steps stand in an order that makes one pass enough.

    With `firm` only those count that no approval lets go: to approve what needs one of them would
    let nothing go either, so it is not offered.
    """
    held: set[str] = set()
    result = []
    for step in plan.steps:
        need = next((key for key in step.needs if key in held), None)
        if need is not None and (firm or not step.hold):
            step = step.held(hold("dependency", step=need))  # noqa: PLW2901
        if step.hold and not (firm and step.hold.guard.approvable):
            held.add(step.key)
        result.append(step)
    return plan.with_steps(result)
