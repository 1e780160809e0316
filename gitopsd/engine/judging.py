"""How a target stands: changed or drifted, and what that means for traffic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from gitopsd.diff import compare_target
from gitopsd.diff.ownership import writer_of
from gitopsd.drift import assess, with_obstacles, with_outlook
from gitopsd.drift.traffic import traffic
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.model.traffic import Route
from gitopsd.model.verdict import Assessment, Attribution, Verdict
from gitopsd.planning import PlanOptions, make_plan


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a target stands, where the requests of its routes go, and what is to be done.

    `observed` is what it was judged by.
    """

    assessment: Assessment
    routes: tuple[Route, ...]
    plan: Plan
    observed: ObservedTarget

    def writer(self, resource: Identity, path: str) -> Attribution | None:
        """Who wrote what stands at a path of a Service or Ingress, if it was not us."""
        return writer_of(self.observed.objects.get(resource), path)


def judge_target(
    desired: DesiredTarget,
    observed: ObservedTarget,
    owner: Owner,
    options: PlanOptions,
    *,
    plan: Plan | None = None,
    withheld: str = "",
) -> Judgement:
    """As `assess_target`, and what becomes of the drift by itself, and what it means for traffic.

    What becomes of it is what `plan` does about it: the one that was made of this observation, or
    the one that `plan_target` makes of it. `withheld` says why nothing is written for now.
    """
    today = options.now or options.today
    comparison = compare_target(desired, observed, owner, today=today)
    assessment = assess(comparison, desired, observed, today=today)
    if plan is None:
        plan = plan_target(desired, observed, owner, options)
    told = with_outlook(assessment, plan, withheld=withheld)
    if any(map(_left_route, told.verdicts)):
        asked = replace(options, correct=True)
        told = with_obstacles(told, make_plan(comparison, desired, observed, owner, asked))
    routes = traffic(comparison, desired, observed, today=today)
    return Judgement(told, routes, plan, observed)


def _left_route(verdict: Verdict) -> bool:
    """Whether drift of an Ingress is left alone: a correction of it may not be possible."""
    return any(
        item.resource.kind == INGRESS and item.outlook is not None and item.outlook.left
        for item in verdict.differences
    )


def plan_and_assess(
    desired: DesiredTarget,
    observed: ObservedTarget,
    owner: Owner,
    options: PlanOptions,
    *,
    seen: ObservedTarget | None = None,
) -> tuple[Plan, Assessment]:
    """The plan, and how the target stood before it, out of one comparison.

    `seen` is the observation with what stands around, which a plan does not rest on.
    """
    today = options.now or options.today
    comparison = compare_target(desired, observed, owner, today=today, replacing=options.replace)
    plan = make_plan(comparison, desired, observed, owner, options)
    return plan, assess(comparison, desired, seen or observed, today=today)


def assess_and_trace(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> tuple[Assessment, tuple[Route, ...]]:
    """As `assess_target`, and where the requests of its routes go."""
    comparison = compare_target(desired, observed, owner, today=today)
    assessment = assess(comparison, desired, observed, today=today)
    return assessment, traffic(comparison, desired, observed, today=today)


def assess_target(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> Assessment:
    """How the target stands to what is wanted, told as change or drift.

    `today` is the day, or the exact time: holds may end within a day.
    """
    comparison = compare_target(desired, observed, owner, today=today)
    return assess(comparison, desired, observed, today=today)
