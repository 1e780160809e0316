"""Waiting until the cloud has done what it accepted (facts §6.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitopsd.adapters.alibaba.answers import AVAILABLE
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.reads import groups_by_id, members_of
from gitopsd.ports import Busy, JobFailed, JobPending, Transient

_SUCCEEDED = "succeeded"
_FAILED = "failed"
_AGAIN = "run it again later: it looks first at what the job has done"
_LOOK_UP = "mend what it says, and run it again: it goes on from what the job left"
#: What a group is called that its list does not show (yet).
_ABSENT = "not listed"


@dataclass(frozen=True, slots=True)
class _JobState:
    status: str
    code: str = ""
    message: str = ""


def wait_for_job(api: ProductApi, job_id: str | None, about: str) -> None:
    """Return when a job has succeeded; without an id there is none to wait for.

    Raises JobFailed with the job's own code, and JobPending, with the job's id, when it has no
    end within the budget or can no longer be asked about.
    """
    if not job_id:
        return
    waiting = api.pace.polls()
    state = _JobState("not asked about yet")
    while waiting.wait():
        try:
            state = _ask(api, job_id, about)
        except Transient as error:
            detail = f"job {job_id} was accepted and cannot be asked about: {error.detail}"
            raise JobPending(about, detail, _AGAIN) from error
        status = state.status.lower()
        if status == _SUCCEEDED:
            return
        if status == _FAILED:
            why = f"{state.code or 'no code given'}: {state.message or 'no message given'}"
            raise JobFailed(about, f"job {job_id} failed: {why}", _LOOK_UP)
    detail = f"job {job_id} is {state.status} after {api.pace.job_budget:g} s"
    raise JobPending(about, detail, _AGAIN)


def _ask(api: ProductApi, job_id: str, about: str) -> _JobState:
    """ALB lists jobs, with the reasons of failed ones; NLB answers one job's status only."""
    if api.product == "NLB":
        body = api.call("job", {"JobId": job_id}, about)
        return _JobState(str(body.get("Status") or "unknown"))
    body = api.call("jobs", {"JobIds": [job_id]}, about)
    for job in body.get("Jobs") or ():
        if job.get("Id") == job_id:
            return _JobState(
                str(job.get("Status") or "unknown"),
                str(job.get("ErrorCode") or ""),
                str(job.get("ErrorMessage") or ""),
            )
    return _JobState("not listed")


def wait_for_group(api: ProductApi, group_id: str, about: str) -> None:
    """Return when the group takes changes again. Raises Busy when it does not within the budget."""

    def settled() -> str:
        group = groups_by_id(api, [group_id]).get(group_id)
        status = group.status if group else _ABSENT
        return "" if status == AVAILABLE else f"the group is {status}"

    _until(api, settled, about)


def wait_for_members(api: ProductApi, group_id: str, about: str) -> None:
    """Return when every member of the group is Available. Raises Busy when the budget is over."""

    def settled() -> str:
        moving = [m for m in members_of(api, group_id) if m.status != AVAILABLE]
        return f"member {moving[0].key} is {moving[0].status}" if moving else ""

    _until(api, settled, about)


def _until(api: ProductApi, settled: Callable[[], str], about: str) -> None:
    """Ask at once, then again and again, until `settled` has nothing to complain about."""
    waiting = api.pace.polls()
    while complaint := settled():
        if not waiting.wait():
            raise Busy(about, f"the job is done, but {complaint} after {api.pace.job_budget:g} s")
