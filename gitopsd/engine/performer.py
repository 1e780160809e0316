"""Doing one step: its precondition compared once more, its write, and what it answers."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass

from gitopsd.engine.cluster_steps import ClusterSteps
from gitopsd.engine.group_steps import GroupSteps
from gitopsd.engine.waiting import Times, Waiting
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import StepResult, StepState
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Step
from gitopsd.ports import Busy, JobPending, OutcomeUnknown, Overtaken, Site, TermEnded, WorldError


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of a step; the digest that was written for its thing, if one was, and the
    memory of its fields, if it is to be kept (`diff.fields`)."""

    result: StepResult
    digest: str = ""
    fields: str = ""


class Performer:
    """Does steps, from several threads at once; steps of one group never run side by side."""

    def __init__(
        self,
        site: Site,
        owner: Owner,
        observed: ObservedTarget,
        times: Times,
    ) -> None:
        self._locks: defaultdict[Identity, threading.Lock] = defaultdict(threading.Lock)
        ids = {group.identity: group.id for group in observed.groups if group.identity}
        self._groups = GroupSteps(site, owner, times, ids)
        self._objects = ClusterSteps(site, observed, times, self._groups.ids)

    def perform(self, step: Step) -> Performed:
        """Do one step; a failure of the world is a result, never an exception."""
        try:
            with self._locks[step.identity]:
                if step.kind in ("ServerGroup", "Members"):
                    written = self._groups.do(step)
                    fields = step.payload.get("fields", "")
                    return Performed(StepResult(step, StepState.DONE), written, fields)
                return Performed(StepResult(step, StepState.DONE), *self._objects.do(step))
        except (Waiting, WorldError) as error:
            return Performed(_undone(step, error))


def _undone(step: Step, error: Waiting | WorldError) -> StepResult:
    """What became of a step that could not be done, and what to do about it."""
    match error:
        case Overtaken():
            mend = "plan again: the next pass takes what is there now into account"
            return StepResult(step, StepState.OVERTAKEN, str(error), mend)
        case TermEnded():
            mend = "whoever may write now goes on from what it finds"
            return StepResult(step, StepState.INTERRUPTED, str(error), mend)
        case Waiting():
            return StepResult(step, StepState.WAITING, str(error), error.mend)
        case Busy():
            return StepResult(step, StepState.FAILED, str(error), "run it again later")
    unanswered = isinstance(error, OutcomeUnknown) and not isinstance(error, JobPending)
    detail = f"{error.about}: {error.detail}"
    return StepResult(step, StepState.FAILED, detail, error.mend, unanswered)
