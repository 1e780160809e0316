"""An accepted call is not a finished one: what counts as done, and when waiting ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.jobs import wait_for_group, wait_for_job, wait_for_members
from gitopsd.model.desired import Product
from gitopsd.ports import Busy, JobFailed, JobPending

from .conftest import Script

Make = Callable[[Product], ProductApi]


def jobs(*status: str, **more: Any) -> list[dict[str, Any]]:
    return [{"Jobs": [{"Id": "j", "Status": one, **more}]} for one in status]


def groups(*status: str) -> list[dict[str, Any]]:
    return [{"ServerGroups": [{"ServerGroupId": "g", "ServerGroupStatus": one}]} for one in status]


def members(*status: str) -> list[dict[str, Any]]:
    return [{"Servers": [{"ServerId": "10.0.0.1", "Status": one}]} for one in status]


def test_a_job_is_asked_about_until_it_has_succeeded(script: Script, api: Make) -> None:
    script.says("ListAsynJobs", *jobs("Processing", "Processing", "Succeeded"))
    wait_for_job(api("ALB"), "j", "group g")
    assert script.clock.slept == [0.25, 0.5, 1.0]


def test_a_job_that_is_not_listed_yet_is_waited_for(script: Script, api: Make) -> None:
    script.says("ListAsynJobs", {"Jobs": []}, *jobs("Succeeded"))
    wait_for_job(api("ALB"), "j", "group g")


def test_without_a_job_there_is_nothing_to_wait_for(script: Script, api: Make) -> None:
    wait_for_job(api("ALB"), None, "group g")
    assert script.calls == []


def test_a_failed_job_gives_its_reason(script: Script, api: Make) -> None:
    script.says("ListAsynJobs", *jobs("Failed", ErrorCode="Quota", ErrorMessage="too many"))
    with pytest.raises(JobFailed, match="job j failed: Quota: too many"):
        wait_for_job(api("ALB"), "j", "group g")


def test_a_failed_job_without_a_reason_is_failed(script: Script, api: Make) -> None:
    script.says("GetJobStatus", {"Status": "Failed"})
    with pytest.raises(JobFailed, match="no code given"):
        wait_for_job(api("NLB"), "j", "group g")


def test_a_job_without_an_end_is_given_up_within_the_budget(script: Script, api: Make) -> None:
    script.says("GetJobStatus", {"Status": "Processing"})
    with pytest.raises(JobPending, match="job j is Processing after 60 s"):
        wait_for_job(api("NLB"), "j", "group g")
    assert script.clock.now <= 60


def test_a_job_that_cannot_be_asked_about_has_an_unknown_outcome(script: Script, api: Make) -> None:
    script.says("ListAsynJobs", OSError("cut"))
    with pytest.raises(JobPending, match="job j was accepted"):
        wait_for_job(api("ALB"), "j", "group g")


def test_a_group_is_waited_for_until_it_takes_changes(script: Script, api: Make) -> None:
    script.says("ListServerGroups", {"ServerGroups": []}, *groups("Configuring", "Available"))
    wait_for_group(api("ALB"), "g", "group g")
    assert len(script.calls) == 3


def test_a_group_that_stays_busy_is_busy(script: Script, api: Make) -> None:
    script.says("ListServerGroups", *groups("Configuring"))
    with pytest.raises(Busy, match="the group is Configuring after 60 s"):
        wait_for_group(api("ALB"), "g", "group g")


@pytest.mark.parametrize("moving", ["Adding", "Configuring", "Removing", "SomethingNew"])
def test_members_are_waited_for_until_all_are_available(
    script: Script, api: Make, moving: str
) -> None:
    script.says("ListServerGroupServers", *members(moving, "Available"))
    wait_for_members(api("NLB"), "g", "group g")
    assert len(script.calls) == 2


def test_a_member_that_never_becomes_available_is_named(script: Script, api: Make) -> None:
    script.says("ListServerGroupServers", *members("Adding"))
    with pytest.raises(Busy, match=r"member 10\.0\.0\.1:0 is Adding"):
        wait_for_members(api("ALB"), "g", "group g")
