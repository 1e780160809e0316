"""A pass, read as design §1 draws it."""

from __future__ import annotations

from gitopsd.diff import compare_target
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.planning import PlanOptions, make_plan


def plan_target(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, options: PlanOptions
) -> Plan:
    """What to do so that the target becomes what is wanted."""
    comparison = compare_target(
        desired,
        observed,
        owner,
        today=options.now or options.today,
        replacing=options.replace,
    )
    return make_plan(comparison, desired, observed, owner, options)
