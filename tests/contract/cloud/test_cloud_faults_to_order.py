"""Every kind of fault that the cloud plays, ordered in the one syntax and met by the SDK."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_tea_openapi.exceptions import ServerException, ThrottlingException
from darabonba.exceptions import UnretryableException

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.faults import FaultDesk
from gitopsd.sandbox.kubernetes.cluster import Cluster

from .cloud_calls import (
    HandClock,
    add_to_alb,
    alb_server,
    create_alb_group,
    create_nlb_group,
    refusal,
    refused_code,
)


@pytest.fixture
def order(cloud: Cloud) -> Callable[..., FaultDesk]:
    def place(*texts: str, seed: int = 0) -> FaultDesk:
        desk = FaultDesk(Cluster(), cloud, seed)
        desk.add(texts)
        return desk

    return place


Order = Callable[..., FaultDesk]


def list_alb(client: Any) -> list[Any]:
    return list(client.list_server_groups(alb_models.ListServerGroupsRequest()).body.server_groups)


def test_throttling_says_when_to_come_back_or_does_not(alb: Any, order: Order) -> None:
    order("cloud:throttle:ListServerGroups:retry-after=0.25", "cloud:throttle:List*")
    first = refusal(lambda: list_alb(alb))
    assert isinstance(first, ThrottlingException)
    assert first.retry_after == 250
    second = refusal(lambda: list_alb(alb))
    assert (second.name, second.code) == ("ClientException", "Throttling.User")
    assert list_alb(alb) == []


def test_an_error_has_the_status_and_code_it_was_given(alb: Any, order: Order) -> None:
    order("alb:error:status=503,code=ServiceUnavailable,message=not now")
    error = refusal(lambda: list_alb(alb))
    assert isinstance(error, ServerException)
    assert (error.status_code, error.code) == (503, "ServiceUnavailable")
    assert error.data["Message"] == "not now"


def test_a_gateways_page_is_no_json(alb: Any, order: Order) -> None:
    order("cloud:error:status=502,html=true")
    with pytest.raises(UnretryableException):
        list_alb(alb)


@pytest.mark.parametrize(("kind", "groups"), [("drop-before", 0), ("drop-after", 1)])
def test_a_cut_connection_leaves_the_caller_not_knowing(
    alb: Any, cloud: Cloud, order: Order, kind: str, groups: int
) -> None:
    order(f"cloud:{kind}:CreateServerGroup")
    with pytest.raises(UnretryableException):
        create_alb_group(alb)
    assert len(cloud.groups.all()) == groups


def test_forbidden_quota_and_conflict_are_refused_in_each_products_letters(
    alb: Any, nlb: Any, order: Order
) -> None:
    order("cloud:forbidden:Create*", "cloud:quota:Create*:code=ServerGroup", "cloud:conflict")
    assert refused_code(lambda: create_alb_group(alb)) == (403, "Forbidden.ServerGroup")
    assert refused_code(lambda: create_alb_group(alb)) == (400, "QuotaExceeded.ServerGroup")
    assert refused_code(lambda: create_nlb_group(nlb)) == (400, "IncorrectStatus.serverGroup")
    assert create_nlb_group(nlb)


def test_a_job_fails_or_never_ends_until_faults_are_taken_back(
    alb: Any, cloud: Cloud, clock: HandClock, order: Order
) -> None:
    group = create_alb_group(alb)
    clock.advance()
    desk = order("alb:job-fails:AddServers*:code=SystemBusy", "alb:job-stuck:AddServers*")
    failed = add_to_alb(alb, group, alb_server("10.0.0.1"))
    clock.advance()
    stuck = add_to_alb(alb, group, alb_server("10.0.0.2"))
    clock.advance(3600)
    asked = alb_models.ListAsynJobsRequest(job_ids=[failed, stuck])
    jobs = {job.id: job.status for job in alb.list_asyn_jobs(asked).body.jobs}
    assert jobs == {failed: "Failed", stuck: "Processing"}
    desk.clear()
    assert cloud.groups.get(group)["ServerGroupStatus"] == "Available"


def test_latency_delays_the_answer(alb: Any, order: Order) -> None:
    order("cloud:latency:seconds=0.05")
    begun = time.monotonic()
    list_alb(alb)
    assert time.monotonic() - begun >= 0.05


def test_chance_strikes_the_same_calls_under_the_same_seed(alb: Any, order: Order) -> None:
    def answers(seed: int) -> list[bool]:
        desk = order("cloud:throttle:chance=0.5", seed=seed)
        found = []
        for _ in range(16):
            try:
                found.append(list_alb(alb) == [])
            except Exception:  # noqa: BLE001 - any refusal counts
                found.append(False)
        desk.clear()
        return found

    first = answers(1)
    assert set(first) == {True, False}
    assert answers(1) == first
    assert answers(2) != first


@pytest.mark.parametrize("seconds", [1000, -1000])
def test_a_cloud_whose_clock_jumped_far_takes_no_signature_until_it_goes_right(
    alb: Any, order: Order, seconds: int
) -> None:
    desk = order(f"cloud:clock:seconds={seconds}")
    assert refused_code(lambda: list_alb(alb)) == (400, "InvalidTimeStamp.Expired")
    assert refused_code(lambda: list_alb(alb)) == (400, "InvalidTimeStamp.Expired")
    desk.clear()
    assert list_alb(alb) == []


def test_a_clock_that_is_wrong_by_less_than_a_quarter_of_an_hour_is_no_matter(
    alb: Any, order: Order
) -> None:
    order("cloud:clock:seconds=800")
    assert list_alb(alb) == []
    assert list_alb(alb) == []
