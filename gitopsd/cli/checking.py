"""What the cloud says to a plan before it is applied."""

from __future__ import annotations

import uuid
from dataclasses import replace

from gitopsd.config import Settings
from gitopsd.engine.checking import Refused, refused_by_cloud
from gitopsd.model.plan import Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.notices import notice
from gitopsd.planning.render import action
from gitopsd.ports import Progress
from gitopsd.wiring.sites import Place, connect_trial


def with_refusals(plan: Plan, place: Place, settings: Settings, progress: Progress) -> Plan:
    """The plan with a notice for each step that the cloud would refuse; itself where there is none.

    Raises Misconfigured.
    """
    trial = connect_trial(place, settings)
    if trial is None:
        return plan
    refused = tuple(refused_by_cloud(plan, trial, uuid.uuid4().hex, progress))
    if not refused:
        return plan
    return replace(plan, notices=(*plan.notices, *map(_told, refused)))


def _told(refused: Refused) -> Problem:
    error = refused.error
    return notice(
        "GX1012",
        refused.step.owner,
        step=action(refused.step),
        why=error.detail,
        mend=error.mend or "change the spec, or what the cloud allows this account",
    )
