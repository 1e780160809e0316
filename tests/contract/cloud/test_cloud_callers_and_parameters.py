"""Signatures, rights, and the names, places and types of parameters, for every operation."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig
from alibabacloud_nlb20220430 import models as nlb_models

from gitopsd.sandbox.cloud import Cloud

from .cloud_calls import (
    VPC,
    create_alb_group,
    create_nlb_group,
    refusal,
    refused_code,
)

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
    value = "名 a&b~c=d+e*f%" if product == "alb" else "名:a/b=c+d@e-f"
    tag = models.CreateServerGroupRequestTag(key="team:name", value=value)
    create = create_alb_group if product == "alb" else create_nlb_group
    group_id = create(client, tag=[tag])
    assert cloud.groups.get(group_id)["Tags"] == [{"Key": "team:name", "Value": value}]


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


GROUP = {
    "ServerGroupName": "web",
    "VpcId": VPC,
    "HealthCheckConfig.HealthCheckEnabled": "true",
}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"HealthCheckConfig.HealthCheckCodes.1": "12"}, "IllegalParam"),
        ({"HealthCheckConfig.HealthCheckCodes.1": "http_1xx"}, "IllegalParam"),
        ({"HealthCheckConfig.HealthCheckHost": "localhost"}, "IllegalParam"),
        ({"HealthCheckConfig.HealthCheckHost": "10.0.0.1"}, "IllegalParam"),
        ({"Scheduler": "Uch", "UchConfig.Value": "session"}, "MissingParam"),
        ({"Tag.1.Key": "team", "Tag.2.Key": "team"}, "IllegalParam"),
    ],
)
def test_a_value_that_fits_its_type_and_not_its_description_is_refused(
    raw: Raw, parameters: dict[str, str], code: str
) -> None:
    status, found = refused_code(lambda: raw("alb", "CreateServerGroup", {**GROUP, **parameters}))
    assert (status, found.split(".")[0]) == (400, code)


def test_codes_of_a_grpc_probe_are_numbers(raw: Raw) -> None:
    probe = {"HealthCheckConfig.HealthCheckProtocol": "gRPC"}
    codes = {"HealthCheckConfig.HealthCheckCodes.1": "0-14"}
    assert raw("alb", "CreateServerGroup", {**GROUP, **probe, **codes})["ServerGroupId"]
    http = {"HealthCheckConfig.HealthCheckCodes.1": "http_2xx"}
    code = refused_code(lambda: raw("alb", "CreateServerGroup", {**GROUP, **probe, **http}))
    assert code == (400, "IllegalParam.HealthCheckConfig.HealthCheckCodes")


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_a_state_that_no_load_balancer_has_is_no_filter(raw: Raw, product: str) -> None:
    code = refused_code(lambda: raw(product, "ListLoadBalancers", {"LoadBalancerStatus": "Up"}))
    assert code == (400, "IllegalParam.LoadBalancerStatus")


def test_what_may_be_called_with_get_is(raw: Raw) -> None:
    assert raw("alb", "CreateServerGroup", GROUP, method="GET")["ServerGroupId"]
    code = refused_code(lambda: raw("nlb", "CreateServerGroup", method="GET"))
    assert code == (400, "UnsupportedHTTPMethod")


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


# Rights


@pytest.mark.parametrize(
    ("product", "code"), [("alb", "Forbidden.ServerGroup"), ("nlb", "Forbidden.NoPermission")]
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
    assert refused_code(lambda: create_alb_group(client)) == (403, "Forbidden.ServerGroup")
