"""Client tokens, dry runs, faults and many callers at once, for every operation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_tea_openapi.exceptions import ServerException, ThrottlingException
from darabonba.exceptions import UnretryableException

from gitopsd.sandbox.cloud import Cloud, Fault

from .cloud_calls import (
    VPC,
    HandClock,
    add_to_alb,
    alb_server,
    create_alb_group,
    create_nlb_group,
    refusal,
    refused_code,
)

Connect = Callable[..., Any]
Raw = Callable[..., dict[str, Any]]


def list_alb(client: Any) -> list[Any]:
    return list(client.list_server_groups(alb_models.ListServerGroupsRequest()).body.server_groups)


# Idempotence and dry runs


def test_the_same_token_with_the_same_parameters_takes_effect_once(
    alb: Any, cloud: Cloud, clock: HandClock
) -> None:
    first = create_alb_group(alb, client_token="token-1")
    assert create_alb_group(alb, client_token="token-1") == first
    clock.advance()
    job = add_to_alb(alb, first, alb_server("10.0.0.1"), client_token="token-2")
    clock.advance()
    assert add_to_alb(alb, first, alb_server("10.0.0.1"), client_token="token-2") == job
    assert len(cloud.groups.all()) == 1


def test_the_same_token_with_other_parameters_is_refused(alb: Any) -> None:
    create_alb_group(alb, name="one", client_token="token-1")
    code = refused_code(lambda: create_alb_group(alb, name="two", client_token="token-1"))
    assert code == (400, "IdempotenceSignatureMismatch")


def test_a_refused_call_does_not_use_its_token_up(alb: Any) -> None:
    refused_code(lambda: create_alb_group(alb, vpc_id=None, client_token="token-1"))
    assert create_alb_group(alb, client_token="token-1")


def test_a_token_whose_first_call_is_not_answered_yet_is_being_processed(
    alb: Any, connect: Connect, cloud: Cloud
) -> None:
    cloud.faults.append(Fault("latency", "CreateServerGroup", seconds=10.0))
    impatient = connect("alb", read_timeout=50)
    with pytest.raises(UnretryableException):
        create_alb_group(impatient, client_token="token-1")
    code = refused_code(lambda: create_alb_group(alb, client_token="token-1"))
    assert code == (400, "IdempotenceProcessing")
    assert len(cloud.groups.all()) == 1


def test_a_dry_run_that_passes_is_reported_as_an_error_and_changes_nothing(
    alb: Any, cloud: Cloud
) -> None:
    code = refused_code(lambda: create_alb_group(alb, dry_run=True, client_token="token-1"))
    assert code == (400, "DryRunOperation")
    assert cloud.groups.all() == []
    assert create_alb_group(alb, client_token="token-1")


def test_a_dry_run_finds_what_the_real_call_would_find(
    alb: Any, clock: HandClock, cloud: Cloud
) -> None:
    group_id = create_alb_group(alb)
    busy = (400, "IncorrectStatus.ServerGroup")
    server = alb_server("10.0.0.1")
    assert refused_code(lambda: add_to_alb(alb, group_id, server, dry_run=True)) == busy
    clock.advance()
    passed = (400, "DryRunOperation")
    assert refused_code(lambda: add_to_alb(alb, group_id, server, dry_run=True)) == passed
    assert cloud.groups.members(group_id) == []


# Faults


def test_throttling_without_a_header_is_a_client_exception(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("throttle"))
    error = refusal(lambda: list_alb(alb))
    assert (error.status_code, error.code, error.name) == (
        400,
        "Throttling.User",
        "ClientException",
    )
    assert list_alb(alb) == []


def test_throttling_with_a_header_says_when_to_come_back(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("throttle", retry_after_ms=250))
    error = refusal(lambda: list_alb(alb))
    assert isinstance(error, ThrottlingException)
    assert error.retry_after == 250


def test_a_server_error_carries_its_code(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("http-5xx", status=500, code="InternalError"))
    error = refusal(lambda: list_alb(alb))
    assert isinstance(error, ServerException)
    assert (error.status_code, error.code) == (500, "InternalError")


def test_a_proxys_html_page_is_no_json(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("http-5xx", html=True))
    with pytest.raises(UnretryableException):
        list_alb(alb)


@pytest.mark.parametrize(("kind", "groups"), [("drop-before", 0), ("drop-after", 1)])
def test_a_broken_connection_leaves_the_caller_not_knowing(
    alb: Any, cloud: Cloud, kind: Any, groups: int
) -> None:
    cloud.faults.append(Fault(kind, "CreateServerGroup"))
    with pytest.raises(UnretryableException):
        create_alb_group(alb, client_token="token-1")
    assert len(cloud.groups.all()) == groups
    create_alb_group(alb, client_token="token-1")
    assert len(cloud.groups.all()) == 1


def test_a_fault_hits_only_its_product_and_operation_and_only_so_often(
    alb: Any, nlb: Any, cloud: Cloud
) -> None:
    fault = Fault("error", "Create*", "nlb", times=2, skip=1, code="SystemBusy")
    cloud.faults.append(fault)
    create_alb_group(alb)
    list_alb(alb)
    create_nlb_group(nlb)
    busy = (400, "SystemBusy")
    assert refused_code(lambda: create_nlb_group(nlb)) == busy
    assert refused_code(lambda: create_nlb_group(nlb)) == busy
    create_nlb_group(nlb)
    assert fault.times == 0


def test_a_slow_read_does_not_hold_up_others(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("latency", "ListServerGroups", seconds=1.0))
    slow = threading.Thread(target=list_alb, args=(alb,))
    slow.start()
    other = alb_models.ListLoadBalancersRequest()
    while cloud.faults[0].times:
        alb.list_load_balancers(other)
    alb.list_load_balancers(other)
    assert slow.is_alive()
    slow.join()


def test_a_failed_job_puts_everything_back(alb: Any, cloud: Cloud, clock: HandClock) -> None:
    group_id = create_alb_group(alb)
    clock.advance()
    cloud.faults.append(Fault("job-fails", "AddServers*", code="SystemBusy", message="try later"))
    job_id = add_to_alb(alb, group_id, alb_server("10.0.0.1"))
    clock.advance()
    (job,) = alb.list_asyn_jobs(alb_models.ListAsynJobsRequest(job_ids=[job_id])).body.jobs
    assert (job.status, job.error_code, job.error_message) == ("Failed", "SystemBusy", "try later")
    assert cloud.groups.members(group_id) == []
    assert cloud.groups.get(group_id)["ServerGroupStatus"] == "Available"


def test_a_stuck_job_keeps_its_group_busy_until_it_is_released(
    nlb: Any, cloud: Cloud, clock: HandClock
) -> None:
    cloud.faults.append(Fault("job-stuck"))
    group_id = create_nlb_group(nlb)
    clock.advance(3600)
    assert cloud.groups.get(group_id)["ServerGroupStatus"] == "Creating"
    cloud.release_stuck_jobs()
    assert cloud.groups.get(group_id)["ServerGroupStatus"] == "Available"


def test_a_quota_fault_refuses_like_a_full_quota(alb: Any, cloud: Cloud) -> None:
    cloud.faults.append(Fault("quota", code="ServerGroup"))
    assert refused_code(lambda: create_alb_group(alb)) == (400, "QuotaExceeded.ServerGroup")


def test_calls_beyond_a_set_rate_are_throttled(alb: Any, cloud: Cloud, clock: HandClock) -> None:
    cloud.settings.rates["alb.ListServerGroups"] = 2
    list_alb(alb)
    list_alb(alb)
    assert refused_code(lambda: list_alb(alb)) == (400, "Throttling.User")
    clock.advance(60)
    assert list_alb(alb) == []


# Many callers


def test_callers_and_people_inside_may_work_at_the_same_time(
    alb: Any, cloud: Cloud, clock: HandClock
) -> None:
    ids = [cloud.groups.create("alb", f"g{number}", VpcId=VPC) for number in range(8)]
    for group_id in ids:
        cloud.groups.set_attributes(group_id, ServerGroupType="Ip")

    def call(group_id: str) -> None:
        add_to_alb(alb, group_id, alb_server("10.0.0.1"))
        for low in range(50):
            cloud.groups.add_member(group_id, f"10.0.1.{low}", 80)
            if low % 25 == 0:
                list_alb(alb)

    threads = [threading.Thread(target=call, args=(group_id,)) for group_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance()
    assert [len(cloud.groups.members(group_id)) for group_id in ids] == [51] * 8
    assert {group["ServerGroupStatus"] for group in cloud.groups.all()} == {"Available"}
