"""Guards: functions that take steps out of a plan and say why (design §4, "Guards").

They never add or change a step, so the plan's hash stays what was approved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Guard, Hold, Operation, Plan, Step
from gitopsd.planning.capacity import serving_groups, starving_routes
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.routing import routed_services

#: Below so many deletions the percentage says nothing: 1 of 3 is not a catastrophe.
PERCENT_FLOOR = 5

#: Guards that an approval of the plan's hash overrides.
APPROVABLE = frozenset({Guard.MAX_DELETES, Guard.CAPACITY, Guard.SHARED})


def guarded(
    plan: Plan, desired: DesiredTarget, observed: ObservedTarget, options: PlanOptions
) -> Plan:
    """The plan with everything held that must not happen by itself."""
    plan = _wrong_cluster(plan, desired, observed)
    plan = _no_deletion_on_doubt(plan, desired, observed)
    plan = _still_routed(plan, desired, observed)
    plan = _shared_groups(plan, observed)
    plan = _starving_routes(plan, desired, observed)
    plan = _too_many_deletions(plan, desired, observed)
    plan = _approved(plan, observed, options)
    return with_dependents_held(plan)


def deletes(step: Step) -> bool:
    """Whether a step takes a whole Service, Ingress or group away."""
    return step.kind != "Members" and step.operation in (Operation.DELETE, Operation.RELEASE)


def _hold(plan: Plan, which: Callable[[Step], bool], hold: Hold) -> Plan:
    return _hold_each(plan, lambda step: hold if which(step) else None)


def _hold_each(plan: Plan, judge: Callable[[Step], Hold | None]) -> Plan:
    """The plan with every step held for which `judge` has a reason."""
    judged = ((step, judge(step)) for step in plan.steps)
    return plan.with_steps(step.held(hold) if hold else step for step, hold in judged)


def _wrong_cluster(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    pinned, found = desired.cluster_uid, observed.cluster_uid
    if pinned is None or pinned == found:
        return plan
    what = f"has uid {found}" if found else "did not tell its uid"
    reason = f"target {desired.name} is pinned to cluster {pinned}, but this cluster {what}"
    release = "use the right context, or correct clusterUid in fleet.yaml"
    plan = replace(plan, wrong_cluster=True, complete=False)
    return _hold(plan, lambda _: True, Hold(Guard.TARGET, reason, release))


def _no_deletion_on_doubt(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """Nothing goes while we cannot be sure that it is unwanted, or that we saw everything."""

    def removes(step: Step) -> bool:
        return deletes(step) or step.operation is Operation.REPLACE

    if not observed.complete:
        gaps = "; ".join(f"{gap.what}: {gap.why}" for gap in observed.gaps)
        hold = Hold(
            Guard.INCOMPLETE,
            f"nothing is deleted on an incomplete observation ({gaps})",
            "mend what could not be read, and plan again",
        )
        plan = _hold(plan, removes, hold)
    if desired.hold_deletions and not desired.retiring:
        reason = "nothing is deleted: " + "; ".join(desired.hold_deletions)
        emptied = any("empty" in text or "no Exposure" in text for text in desired.hold_deletions)
        guard = Guard.EMPTIED if emptied else Guard.UNREADABLE
        plan = _hold(plan, deletes, Hold(guard, reason, "mend the repository"))
    return plan


def _still_routed(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """A Service stays while an Ingress that stays sends traffic to it (facts §4.7)."""
    if not any(step.kind == SERVICE and deletes(step) for step in plan.steps):
        return plan
    leaving = {s.identity for s in plan.steps if s.kind == "Ingress" and deletes(s) and not s.hold}
    routed: dict[Identity, Identity] = {}
    for identity, live in observed.objects.items():
        if identity not in desired.objects and identity not in leaving:
            routed |= dict.fromkeys(routed_services(live.manifest), identity)
    for item in desired.objects.values():
        for reference in item.services:
            routed[Identity(SERVICE, reference.namespace, reference.name)] = item.identity

    def judge(step: Step) -> Hold | None:
        by = routed.get(step.identity) if step.kind == SERVICE and deletes(step) else None
        if by is None:
            return None
        reason = f"{by} stays and sends traffic to it"
        return Hold(Guard.BACKEND, reason, f"take the backend out of {by} as well")

    return _hold_each(plan, judge)


def _shared_groups(plan: Plan, observed: ObservedTarget) -> Plan:
    """A group with members that others added is not deleted under their feet."""
    mark = Owner(plan.instance, plan.target).member_description
    known = {group.id: group for group in (*observed.adoptable.values(), *observed.groups)}

    def judge(step: Step) -> Hold | None:
        group = known.get(step.group_id or "")
        if step.kind != "ServerGroup" or step.operation is not Operation.DELETE or group is None:
            return None
        others = [str(m.key) for m in group.members if m.description != mark]
        if not others:
            return None
        reason = f"group {group.id} has members that others added: {', '.join(others)}"
        return Hold(Guard.SHARED, reason, "--approve the plan's hash")

    return _hold_each(plan, judge)


def _starving_routes(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    """A route that stays is not moved to groups that serve nothing."""
    moving = {
        step.key
        for step in plan.steps
        if step.kind == "Ingress" and step.operation is Operation.UPDATE
    }
    if not moving:
        return plan
    mark = Owner(plan.instance, plan.target).member_description
    serving = serving_groups(desired, observed, mark)

    def judge(step: Step) -> Hold | None:
        live = observed.objects.get(step.identity)
        if step.key not in moving or live is None:
            return None
        names = starving_routes(step.payload["manifest"], live.manifest, serving)
        if not names:
            return None
        reason = f"it would leave route {', '.join(names)} without a serving member"
        return Hold(Guard.CAPACITY, reason, "--approve the plan's hash")

    return _hold_each(plan, judge)


def _too_many_deletions(plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> Plan:
    count = sum(deletes(step) and not step.hold for step in plan.steps)
    ours = len(observed.objects) + len(observed.groups)
    limits = desired.limits
    percent = 100 * count / ours if ours else 0
    reason = ""
    if count > limits.max_deletes:
        reason = f"{count} deletions are more than maxDeletes {limits.max_deletes}"
    elif count >= PERCENT_FLOOR and percent > limits.max_delete_percent:
        reason = (
            f"{count} deletions are {percent:.0f} % of the {ours} things of ours, more than "
            f"maxDeletePercent {limits.max_delete_percent}"
        )
    if not reason:
        return plan
    return _hold(plan, deletes, Hold(Guard.MAX_DELETES, reason, f"--approve {plan.hash}"))


def _approved(plan: Plan, observed: ObservedTarget, options: PlanOptions) -> Plan:
    """Let go what an approval of this very plan covers. An approval is used once."""
    used = observed.record.approvals if observed.record else ()
    covered = [step for step in plan.steps if step.hold and step.hold.guard in APPROVABLE]
    if not covered:
        return plan
    if options.approve == plan.hash and plan.hash not in used:
        return plan.with_steps(
            replace(step, hold=None) if step.hold and step.hold.guard in APPROVABLE else step
            for step in plan.steps
        )
    release = f"--approve {plan.hash}"
    note = ""
    if options.approve == plan.hash:
        note = " (this approval has been used, and counts once)"
        release = "let this plan differ, or raise the Fleet's guards for it"
    elif options.approve:
        note = f" (the approval names another plan, {options.approve[:12]}…)"
    return plan.with_steps(
        replace(step, hold=Hold(step.hold.guard, step.hold.reason + note, release))
        if step.hold and step.hold.guard in APPROVABLE
        else step
        for step in plan.steps
    )


def with_dependents_held(plan: Plan) -> Plan:
    """Hold every step that needs a held one; steps stand in an order that makes one pass enough."""
    held: set[str] = set()
    result = []
    for step in plan.steps:
        need = next((key for key in step.needs if key in held), None)
        if need is not None:
            reason = f"it needs a step that is held: {need}"
            step = step.held(Hold(Guard.DEPENDENCY, reason))  # noqa: PLW2901
        if step.hold:
            held.add(step.key)
        result.append(step)
    return plan.with_steps(result)
