"""Asking the cloud whether it would take a plan's steps, by the dry run that its calls know.

The cloud checks permission, form and limits of a single call as things are now (facts §6.4). So
what depends on an earlier step of the same plan is not asked: members of a group that is yet to be
made, and the deletion of a group that its Ingresses still use. Nor are tags: ALB's calls for them
know no dry run (facts §6.1). What was not asked is told.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from gitopsd.model.observed import ObservedTarget
from gitopsd.model.plan import Operation, Plan, Step
from gitopsd.ports import CloudWriter, Progress, WorldError


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that the cloud would not take, or could not be asked about, in its own words."""

    step: Step
    error: WorldError


@dataclass(frozen=True, slots=True)
class CloudCheck:
    """What the cloud says to a plan: `asked` of the steps were put to it.

    `unasked` says about what it was not asked, with the number of steps.
    """

    refused: tuple[Refused, ...]
    asked: int
    unasked: Mapping[str, int]


def ask_about(
    plan: Plan, observed: ObservedTarget, trial: CloudWriter | None, token: str, progress: Progress
) -> CloudCheck:
    """Ask the cloud about the steps of a plan; `trial` writes as dry runs.

    Without a `trial` there is nobody to ask. Held steps do not count: they will not be done.
    """
    unasked: dict[str, int] = {}
    steps: list[Step] = []
    used = {group.id for group in observed.groups if group.related}
    for step in plan.active:
        why = _why_not(step, used)
        if trial is None and not why:
            why = "anything, for want of access to it"
        if why:
            unasked[why] = unasked.get(why, 0) + 1
        else:
            steps.append(step)
    refused: list[Refused] = []
    if trial is not None:
        for number, step in enumerate(steps, 1):
            progress(f"{plan.target}: asking the cloud, {number} of {len(steps)}")
            try:
                _ask(step, trial, f"{token}-{number}")
            except WorldError as error:
                refused.append(Refused(step, error))
    return CloudCheck(tuple(refused), len(steps), unasked)


def _why_not(step: Step, used: Container[str]) -> str:
    """About what the cloud cannot be asked; "" where it can, and the step is put to it."""
    if step.kind == "Members":
        return "" if step.group_id is not None else "members of groups that are yet to be made"
    if step.kind != "ServerGroup":
        return "Services and Ingresses, which are the cluster's"
    if step.operation is Operation.DELETE:
        in_use = step.group_id in used
        return "deletion of groups that a load balancer still uses" if in_use else ""
    if step.operation is Operation.CREATE or step.payload.get("update"):
        return ""
    return "tags, by which groups are marked, taken over and let go"


def _ask(step: Step, trial: CloudWriter, token: str) -> None:
    payload, group_id = step.payload, step.group_id or ""
    product = payload["product"]
    if step.kind == "ServerGroup":
        if step.operation is Operation.CREATE:
            trial.create_group(product, payload["create"], payload["tags"], token)
        elif step.operation is Operation.DELETE:
            trial.delete_group(product, group_id, token)
        else:
            trial.update_group(product, group_id, payload["update"], token)
    elif step.operation is Operation.CREATE:
        trial.add_servers(product, group_id, payload["servers"], token)
    elif step.operation in (Operation.DELETE, Operation.REPLACE):
        # What is replaced is there now: adding it could only be refused as a double.
        trial.remove_servers(product, group_id, payload["servers"], token)
    else:
        trial.update_servers(product, group_id, payload["servers"], token)
