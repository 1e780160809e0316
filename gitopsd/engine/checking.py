"""Asking the cloud whether it would take a plan's steps, by the dry run that its calls know.

The cloud checks permission, form and limits of a single call as things are now (facts §6.4). So
what depends on an earlier step of the same plan is not asked: members of a group that is yet to be
made, and the deletion of a group that its Ingresses still use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitopsd.model.plan import Operation, Plan, Step
from gitopsd.ports import CloudWriter, Progress, WorldError


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that the cloud would not take, or could not be asked about, in its own words."""

    step: Step
    error: WorldError


def refused_by_cloud(
    plan: Plan, trial: CloudWriter, token: str, progress: Progress
) -> Iterator[Refused]:
    """The steps of the plan that the cloud would refuse; `trial` writes as dry runs.

    Held steps are not asked about: they will not be done.
    """
    steps = [step for step in plan.active if _can_be_asked(step)]
    for number, step in enumerate(steps, 1):
        progress(f"{plan.target}: asking the cloud, {number} of {len(steps)}")
        try:
            _ask(step, trial, f"{token}-{number}")
        except WorldError as error:
            yield Refused(step, error)


def _can_be_asked(step: Step) -> bool:
    if step.kind == "ServerGroup":
        return step.operation is Operation.CREATE or bool(step.payload.get("update"))
    return step.kind == "Members" and step.group_id is not None


def _ask(step: Step, trial: CloudWriter, token: str) -> None:
    payload, group_id = step.payload, step.group_id or ""
    product = payload["product"]
    if step.kind == "ServerGroup":
        if step.operation is Operation.CREATE:
            trial.create_group(product, payload["create"], payload["tags"], token)
        else:
            trial.update_group(product, group_id, payload["update"], token)
    elif step.operation is Operation.CREATE:
        trial.add_servers(product, group_id, payload["servers"], token)
    elif step.operation in (Operation.DELETE, Operation.REPLACE):
        # What is replaced is there now: adding it could only be refused as a double.
        trial.remove_servers(product, group_id, payload["servers"], token)
    else:
        trial.update_servers(product, group_id, payload["servers"], token)
