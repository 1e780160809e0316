"""What holds for every operation: signatures, places and types, idempotence, faults, rights."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig
from alibabacloud_nlb20220430 import models as nlb_models
from alibabacloud_tea_openapi.exceptions import ServerException, ThrottlingException
from cloud_calls import (
    VPC,
    HandClock,
    add_to_alb,
    alb_server,
    create_alb_group,
    create_nlb_group,
    refusal,
    refused_code,
)
from darabonba.exceptions import UnretryableException

from gitopsd.sandbox.cloud import Cloud, Fault

Connect = Callable[..., Any]
Raw = Callable[..., dict[str, Any]]


def list_alb(client: Any) -> list[Any]:
    return list(client.list_server_groups(alb_models.ListServerGroupsRequest()).body.server_groups)


# Signatures


@pytest.mark.parametrize("algorithm", [None, "v2"])
@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_both_signature_schemes_are_accepted_with_awkward_values(
    connect: Connect, cloud: Cloud, product: Any, algorithm: str | None
) -> None:
    client = connect(product, signature_algorithm=algorithm)
    models = alb_models if product == "alb" else nlb_models
    tag = models.CreateServerGroupRequestTag(key="team name", value="a b:c/d=e+f")
    create = create_alb_group if product == "alb" else create_nlb_group
    group_id = create(client, tag=[tag])
    assert cloud.groups.get(group_id)["Tags"] == [{"Key": "team name", "Value": "a b:c/d=e+f"}]


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_a_wrong_secret_is_refused(connect: Connect, algorithm: str | None) -> None:
    client = connect("alb", access_key_secret="wrong", signature_algorithm=algorithm)
    assert refused_code(lambda: list_alb(client)) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_an_unknown_key_is_refused(connect: Connect, algorithm: str | None) -> None:
    client = connect("alb", access_key_id="nobody", signature_algorithm=algorithm)
    assert refused_code(lambda: list_alb(client)) == (404, "InvalidAccessKeyId.NotFound")


def test_temporary_credentials_need_their_token(connect: Connect, cloud: Cloud) -> None:
    cloud.add_key("STS.1", "SK1", security_token="TOKEN")

    def client(token: str) -> Any:
        config = CredentialConfig(
            type="sts", access_key_id="STS.1", access_key_secret="SK1", security_token=token
        )
        return connect(
            "alb",
            access_key_id=None,
            access_key_secret=None,
            credential=CredentialClient(config),
        )

    assert list_alb(client("TOKEN")) == []
    wrong = (400, "InvalidSecurityToken.MismatchWithAccessKey")
    assert refused_code(lambda: list_alb(client("OTHER"))) == wrong


def test_an_unsigned_request_is_refused_with_the_documented_body(switchboard: Any) -> None:
    connection = http.client.HTTPConnection(switchboard.endpoints["alb"])
    connection.request("POST", "/", headers={"x-acs-action": "ListServerGroups"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 400
    for part in (b'"RequestId":', b'"HostId":', b'"Code":"MissingAccessKeyId"', b'"Recommend":'):
        assert part in body


def test_a_url_of_60_kb_is_read(raw: Raw) -> None:
    long = {f"ServerGroupIds.{number}": "sgp-" + "x" * 550 for number in range(1, 101)}
    assert raw("alb", "ListServerGroups", long)["ServerGroups"] == []


# Names, places, types


def test_an_action_of_the_other_product_is_not_found(raw: Raw) -> None:
    code = refused_code(lambda: raw("alb", "GetJobStatus", {"JobId": "x"}))
    assert code == (404, "InvalidAction.NotFound")


def test_a_wrong_version_is_refused(raw: Raw) -> None:
    code = refused_code(lambda: raw("alb", "ListServerGroups", version="2022-04-30"))
    assert code == (400, "InvalidVersion")


@pytest.mark.parametrize(
    ("query", "form", "name"),
    [
        ({"Colour": "red"}, None, "Colour"),
        ({}, {"MaxResults": "5"}, "MaxResults"),
        ({"MaxResults": "many"}, None, "MaxResults"),
        ({"MaxResults": "101"}, None, "MaxResults"),
        ({"ServerGroupIds": "sgp-1"}, None, "ServerGroupIds"),
        ({"ServerGroupIds.0": "sgp-1"}, None, "ServerGroupIds"),
        ({"ServerGroupIds.2": "sgp-1"}, None, "ServerGroupIds"),
        ({"Tag.1.Colour": "x"}, None, "Tag.1.Colour"),
        ({"VpcId.1": "x"}, None, "VpcId"),
        ({"NextToken": "made-up"}, None, "NextToken"),
        ({f"ServerGroupNames.{number}": "n" for number in range(1, 12)}, None, "ServerGroupNames"),
    ],
)
def test_a_parameter_that_is_unknown_misplaced_or_mistyped_is_refused(
    raw: Raw, query: dict[str, str], form: dict[str, str] | None, name: str
) -> None:
    code = refused_code(lambda: raw("alb", "ListServerGroups", query, form))
    assert code == (400, f"IllegalParam.{name}")


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "false", "False"])
def test_letter_case_of_a_boolean_does_not_count(raw: Raw, cloud: Cloud, word: str) -> None:
    answer = raw(
        "alb",
        "CreateServerGroup",
        {
            "ServerGroupName": "web",
            "VpcId": VPC,
            "HealthCheckConfig.HealthCheckEnabled": "true",
            "CrossZoneEnabled": word,
        },
    )
    group = cloud.groups.get(answer["ServerGroupId"])
    assert group["CrossZoneEnabled"] is (word.lower() == "true")


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
    cloud.faults.append(Fault("latency", "CreateServerGroup", seconds=1.0))
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
    cloud.faults.append(Fault("latency", "ListServerGroups", seconds=0.5))
    slow = threading.Thread(target=list_alb, args=(alb,))
    slow.start()
    while cloud.faults[0].times:
        time.sleep(0.001)
    begun = time.monotonic()
    list_alb(alb)
    assert time.monotonic() - begun < 0.4
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


# Rights


@pytest.mark.parametrize(
    ("product", "code"), [("alb", "Forbidden.RAM"), ("nlb", "Forbidden.NoPermission")]
)
def test_a_read_only_key_reads_and_does_not_write(
    connect: Connect, cloud: Cloud, product: Any, code: str
) -> None:
    client = connect(product, access_key_id="RO", access_key_secret="ROSK")
    models = alb_models if product == "alb" else nlb_models
    assert client.list_server_groups(models.ListServerGroupsRequest()).body.total_count == 0
    create = create_alb_group if product == "alb" else create_nlb_group
    error = refusal(lambda: create(client))
    assert (error.status_code, error.code) == (403, code)
    assert error.access_denied_detail["AuthAction"] == f"{product}:CreateServerGroup"
    assert cloud.groups.all() == []


def test_a_key_may_be_limited_to_single_actions(connect: Connect, cloud: Cloud) -> None:
    cloud.add_key("TAGGER", "TSK", allow=["alb:List*", "alb:TagResources"])
    client = connect("alb", access_key_id="TAGGER", access_key_secret="TSK")
    assert list_alb(client) == []
    assert refused_code(lambda: create_alb_group(client)) == (403, "Forbidden.RAM")
