"""Groups that somebody has drained in an Ingress, and that would be made anew.

The new group has another id, so the 0 that names the old one says nothing about it: it gets what
Git says. A replacement waits for a person anyway, who is told so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitopsd.diff.leading import led_by
from gitopsd.diff.routes import routes_of
from gitopsd.model.comparison import Comparison
from gitopsd.model.identity import INGRESS, SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.plan import Guard, Hold, Operation, Plan, Step
from gitopsd.planning.by_hand import ByHand
from gitopsd.planning.holds import hold


def with_drained_told(plan: Plan, comparison: Comparison, observed: ObservedTarget) -> Plan:
    """The plan, with what somebody has set to 0 said where a group waits to be replaced."""
    former = {item.identity: item.outdated for item in comparison.groups}

    def told(step: Step) -> Step:
        if not _waits(step) or step.hold is None:
            return step
        why = step.hold
        for group in former.get(step.identity, ()):
            for more in _zeros(group.id, step.identity, observed):
                why = why.beside(more)
        return replace(step, hold=why)

    return plan.with_steps(map(told, plan.steps))


def _waits(step: Step) -> bool:
    """Whether a step makes a group anew, and is held for that."""
    anew = step.kind == SERVER_GROUP and step.operation is Operation.CREATE
    return anew and step.hold is not None and step.hold.guard is Guard.REPLACEMENT


def _zeros(group_id: str, identity: Identity, observed: ObservedTarget) -> Iterator[Hold]:
    """What to say of each Ingress of ours in which somebody has set a group to 0."""
    for live in observed.objects.values():
        if live.identity.kind != INGRESS or live.deleting:
            continue
        by_hand = ByHand.of(live, observed.record)
        annotations = live.manifest.get("metadata", {}).get("annotations") or {}
        for key, route in routes_of(live.manifest.get("spec", {}).get("rules")).items():
            led = led_by(route.backend, annotations)
            if led.action is None or led.shares.get(group_id) != 0:
                continue
            if by_hand.drained(led.action, group_id, key):
                yield hold(
                    "replaced-drained",
                    id=group_id,
                    by=by_hand.who(led.action),
                    ingress=live.identity,
                    identity=identity,
                )
