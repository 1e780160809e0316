"""What a pass remembers of itself, for people and for "was deleted" (design §5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gitopsd.diff.write_ahead import begun_as
from gitopsd.engine.history import pass_entry
from gitopsd.engine.write_ahead import left_undone
from gitopsd.model.approval import Approval
from gitopsd.model.history import with_pass
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import Gap, Record
from gitopsd.model.outcome import StepResult, StepState
from gitopsd.model.plan import Operation, Plan
from gitopsd.model.windows import Window, Windows


@dataclass(frozen=True, slots=True)
class Beside:
    """What the operator says beside a pass: what is wrong, and when it may write. None is what
    nobody knows, such as a person's own apply: what was said stays.
    """

    trouble: str | None = None
    windows: Windows | None = None

    def over(self, old: Record) -> tuple[str, dict[str, Window]]:
        """Both, with what was said before where nothing is."""
        trouble = old.trouble if self.trouble is None else self.trouble
        return trouble, dict(old.windows if self.windows is None else self.windows)


NOBODY = Beside()
#: How many approvals are remembered.
_APPROVALS = 50
_GOING = (Operation.DELETE, Operation.RELEASE)


def next_record(
    plan: Plan,
    before: Record | None,
    results: tuple[StepResult, ...],
    digests: Mapping[str, str],
    fields: Mapping[str, str],
    now: str,
    *,
    gaps: Iterable[Gap] = (),
    beside: Beside = NOBODY,
) -> Record | None:
    """The record after a pass; None when it would say nothing new.

    What is settled counts with its digest, what was done with its new one; what could not be done
    keeps what was remembered of it. `digests` and `fields` are those of the steps done, by key.
    The fields of a thing are always those of its digest. An approval is used when a step that it
    let go was done. `gaps` are what the pass could not see.
    """
    old = before or Record()
    trouble, windows = beside.over(old)
    history = with_pass(old.history, pass_entry(plan, results, now, gaps))
    entries, memory = _entries(plan, old, results, digests, fields)
    approvals = _approvals(plan, old, results, now)
    done_any = any(result.state is StepState.DONE for result in results)
    plan_hash = plan.hash if done_any else old.plan_hash
    after = Record(
        plan.fleet,
        plan.revision,
        plan_hash,
        now,
        entries,
        approvals,
        fields=memory,
        history=history,
        trouble=trouble,
        windows=windows,
    )
    return None if before is not None and _says(before, now) == after else after


def _says(record: Record, now: str) -> Record:
    """What a record says, for the time and people's requests on it are no news.

    What is nonsense in one that stands keeps it from being the same as a new one.
    """
    return replace(record, time=now, annotations={}, annotated={})


def _entries(
    plan: Plan,
    old: Record,
    results: tuple[StepResult, ...],
    digests: Mapping[str, str],
    fields: Mapping[str, str],
) -> tuple[dict[Identity, str], dict[Identity, str]]:
    """The digests of what is there, and the fields of each, as they are to be remembered.

    A group is written in several steps. When it was begun and not completed, each of its fields is
    as it was applied before or as it is wanted now, and both are remembered of it.
    """
    entries: dict[Identity, str] = dict(plan.settled)
    memory: dict[Identity, str] = dict(plan.fields)
    for result in results:
        identity = result.step.identity
        done = result.state is StepState.DONE
        gone = done and result.step.operation in _GOING and result.step.kind != "Members"
        if gone or _going(result):
            continue
        if done and result.step.key in digests:
            entries[identity] = digests[result.step.key]
            if result.step.key in fields:
                memory[identity] = fields[result.step.key]
        elif identity in old.entries and identity not in entries:
            entries[identity] = old.entries[identity]
            if identity in old.fields:
                memory[identity] = old.fields[identity]
    for identity, form in left_undone(results).items():
        if identity in entries:
            memory[identity] = begun_as(memory.get(identity), *form)
    return entries, memory


def _going(result: StepResult) -> bool:
    """Whether we have begun to delete an object, to make it anew, and it is not gone yet.

    One whose deletion somebody else began is still remembered: that it goes is their doing.
    """
    step = result.step
    began = step.operation is Operation.REPLACE and step.kind in (SERVICE, INGRESS)
    return began and result.state is StepState.WAITING and "deleting" not in step.payload


def noted(
    plan: Plan, before: Record, now: str, *, withheld: str, beside: Beside = NOBODY
) -> Record | None:
    """The record after a pass of which nothing was begun; None when it would say nothing new."""
    trouble, windows = beside.over(before)
    history = with_pass(before.history, pass_entry(plan, (), now, withheld=withheld))
    if (history, trouble, windows) == (before.history, before.trouble, dict(before.windows)):
        return None
    return replace(before, history=history, trouble=trouble, windows=windows)


def _approvals(
    plan: Plan, old: Record, results: tuple[StepResult, ...], now: str
) -> tuple[Approval, ...]:
    """The history: one that stands on the record is noted when it is first seen, and when used."""
    asked = old.requested_approvals
    history = tuple(past if _stands(past, asked) else replace(past, bare=False)
                    for past in old.approvals)  # fmt: skip
    known = {replace(past, used="") for past in history}
    history = (*history, *(one for one in dict.fromkeys(asked) if one not in known))
    if plan.approval and any(r.step.waived and r.state is StepState.DONE for r in results):
        history = (*(past for past in history if past != plan.approval),
                   replace(plan.approval, used=now))  # fmt: skip
    return history[-_APPROVALS:]


def _stands(past: Approval, asked: tuple[Approval, ...]) -> bool:
    """Whether a bare approval is one on the record: taken off and put back, it is another."""
    return any(one.bare and one.plan_hash == past.plan_hash for one in asked)
