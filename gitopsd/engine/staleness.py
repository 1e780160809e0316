"""Has reality moved since a plan was made? Asked for all steps before the first write."""

from __future__ import annotations

from gitopsd.diff.groups import group_fingerprint
from gitopsd.diff.manifest import fingerprint
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.ownership import SHAPE
from gitopsd.model.plan import Operation, Plan, Step


def moved_since(plan: Plan, observed: ObservedTarget) -> tuple[str, ...]:
    """One sentence for each step that would not find what it was planned for; empty: go on.

    A plan that knows its cluster is for no other, and not for one that does not say which it is.
    What could not be observed looks here as if it were gone: ask for the gaps first.
    """
    moved = []
    if plan.cluster_uid and plan.cluster_uid != observed.cluster_uid:
        found = f"is {observed.cluster_uid}" if observed.cluster_uid else "does not tell its uid"
        moved.append(f"the plan was made for cluster {plan.cluster_uid}, this {found}")
    for step in plan.active:
        if found_now(step, observed) != step.expects:
            moved.append(f"{step.identity} has changed since the plan was made ({step.key})")
    return tuple(dict.fromkeys(moved))


def found_now(step: Step, observed: ObservedTarget) -> str:
    """The fingerprint of what a step finds now, to be laid beside `step.expects`."""
    if step.kind in ("ServerGroup", "Members"):
        return group_fingerprint(_group(step, observed))
    live = observed.there(step.identity)
    wanted = None if step.operation is Operation.DELETE else step.payload["manifest"]
    return fingerprint(wanted, live.manifest if live else None)


def _group(step: Step, observed: ObservedTarget) -> ObservedGroup | None:
    if step.group_id is None:
        shape = step.payload.get("tags", {}).get(SHAPE)
        made = (group for group in observed.groups if not group.adopted)
        same = (g for g in made if g.identity == step.identity and g.shape == shape)
        return next(same, None)
    seen = (*observed.strays, *observed.adoptable.values(), *observed.groups)
    known = {group.id: group for group in seen}
    return known.get(step.group_id)
