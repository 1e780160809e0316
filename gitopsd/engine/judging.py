"""How a target stands: changed or drifted, and what that means for traffic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gitopsd.diff import compare_target
from gitopsd.drift import assess
from gitopsd.drift.traffic import traffic
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.model.traffic import Route
from gitopsd.model.verdict import Assessment
from gitopsd.planning import PlanOptions, make_plan


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a target stands, and where the requests of its routes go."""

    assessment: Assessment
    routes: tuple[Route, ...]


def judge_target(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> Judgement:
    """As `assess_target`, and what it means for traffic."""
    comparison = compare_target(desired, observed, owner, today=today)
    assessment = assess(comparison, desired, observed, today=today)
    return Judgement(assessment, traffic(comparison, desired, observed, today=today))


def plan_and_assess(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, options: PlanOptions
) -> tuple[Plan, Assessment]:
    """The plan, and how the target stood before it, out of one comparison."""
    today = options.now or options.today
    comparison = compare_target(desired, observed, owner, today=today, replacing=options.replace)
    plan = make_plan(comparison, desired, observed, owner, options)
    return plan, assess(comparison, desired, observed, today=today)


def assess_target(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> Assessment:
    """How the target stands to what is wanted, told as change or drift.

    `today` is the day, or the exact time: holds may end within a day.
    """
    comparison = compare_target(desired, observed, owner, today=today)
    return assess(comparison, desired, observed, today=today)
