"""What a change of the repository brings about at a target: two revisions, planned side by side."""

from __future__ import annotations

from dataclasses import replace

from gitopsd.diff.applied import as_applied
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Hold, Plan
from gitopsd.planning import PlanOptions
from gitopsd.planning.preview import Preview


def preview_target(
    desired: DesiredTarget,
    before: DesiredTarget | None,
    observed: ObservedTarget,
    owner: Owner,
    options: PlanOptions,
) -> Preview:
    """What either revision would do about the same observation; `before` None: it has no target.

    The plan is what `plan_target` makes, so that its hash is the one that counts later.
    """
    earlier = plan_target(before or _nothing(desired), observed, owner, options)
    return Preview(plan_target(desired, observed, owner, options), earlier)


def preview_offline(
    desired: DesiredTarget, before: DesiredTarget | None, owner: Owner, options: PlanOptions
) -> Preview:
    """What leads from one revision to the other, if the earlier one is all that is out there."""
    observed = as_applied(before or _nothing(desired), desired, owner)
    return Preview(_unapprovable(plan_target(desired, observed, owner, options)), None)


def _unapprovable(plan: Plan) -> Plan:
    """The plan without the offer to approve it: nobody looked, so its hash is not one that counts.

    What lets a step go on otherwise is still told.
    """

    def freed(hold: Hold) -> Hold:
        release = hold.release.removesuffix(f"--approve {plan.hash}").removesuffix(", or ")
        return replace(hold, release=release)

    return plan.with_steps(
        replace(step, hold=freed(step.hold)) if step.hold else step for step in plan.steps
    )


def _nothing(target: DesiredTarget) -> DesiredTarget:
    """The target as a revision has it that asks for nothing there."""
    return replace(target, objects={}, groups={}, held=frozenset(), hold_deletions=())
