"""What the cloud says to a plan before it is applied."""

from __future__ import annotations

import uuid
from dataclasses import replace

from gitopsd.cli.targets import Sight
from gitopsd.config import Settings
from gitopsd.engine.checking import CloudCheck, Refused, ask_about
from gitopsd.model.plan import Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.notices import notice
from gitopsd.planning.render import action
from gitopsd.ports import Progress
from gitopsd.typography import count
from gitopsd.wiring.sites import connect_trial


def with_answers(
    plan: Plan, sight: Sight, settings: Settings, progress: Progress
) -> tuple[Plan, bool]:
    """The plan with what the cloud says to it as notices; whether it would refuse anything.

    One notice for each step that it would refuse, and one about what was asked and what was not.
    Raises Misconfigured.
    """
    if not plan.active:
        return plan, False
    trial = connect_trial(sight.place, settings)
    check = ask_about(plan, sight.observed, trial, uuid.uuid4().hex, progress)
    told = (*map(_told, check.refused), _extent(plan, check))
    return replace(plan, notices=(*plan.notices, *told)), bool(check.refused)


def _extent(plan: Plan, check: CloudCheck) -> Problem:
    rest = ", ".join(f"{what} ({number})" for what, number in check.unasked.items())
    return notice(
        "GX1016",
        asked=check.asked,
        total=count(len(plan.active), "step"),
        rest=f"; not asked: {rest}" if rest else "",
    )


def _told(refused: Refused) -> Problem:
    error = refused.error
    return notice(
        "GX1012",
        refused.step.owner,
        step=action(refused.step),
        why=error.detail,
        mend=error.mend or "change the spec, or what the cloud allows this account",
    )
