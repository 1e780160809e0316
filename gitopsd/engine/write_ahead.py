"""What a pass notes in the record before it writes, and what stays noted of what it left undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitopsd.diff.fields import remember
from gitopsd.diff.write_ahead import begun_as
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.observed import Record
from gitopsd.model.outcome import StepResult, StepState
from gitopsd.model.ownership import DIGEST
from gitopsd.model.plan import Plan, Step

_TRIED = (StepState.DONE, StepState.FAILED, StepState.WAITING)

#: The digest that a thing is to have, and the memory of its fields.
Form = tuple[str, str]


def noted_ahead(plan: Plan, before: Record | None) -> Record | None:
    """The record with what a plan is about to make of things that were applied before.

    None where that is nothing new. What is put back to the form that was applied needs no note, nor
    does what is made, nor an Ingress that names a group that is only about to be made.
    """
    if before is None:
        return None
    active = {step.identity for step in plan.active}
    fields = dict(before.fields)
    for identity, (digest, memory) in _forms(plan.steps).items():
        if identity in active and before.entries.get(identity, digest) != digest:
            fields[identity] = begun_as(fields.get(identity), digest, memory)
    return None if fields == before.fields else replace(before, fields=fields)


def left_undone(results: Iterable[StepResult]) -> dict[Identity, Form]:
    """The things of which something may have been written, and their digest perhaps was not."""
    every = tuple(results)
    tried = {result.step.identity for result in every if result.state in _TRIED}
    open_ = _forms(result.step for result in every if result.state is not StepState.DONE)
    return {identity: form for identity, form in open_.items() if identity in tried}


def _forms(steps: Iterable[Step]) -> dict[Identity, Form]:
    """The forms in which the steps will leave things, where that is known and to be remembered."""
    found: dict[Identity, Form] = {}
    for step in steps:
        payload = step.payload
        if step.kind == SERVER_GROUP and "fields" in payload:
            found[step.identity] = payload["tags"][DIGEST], payload["fields"]
        elif payload.get("remember") and payload["digest"]:
            compiled = payload.get("template", payload["manifest"])
            memory = remember(compiled) + payload.get("authors", "")
            found[step.identity] = payload["digest"], memory
    return found
