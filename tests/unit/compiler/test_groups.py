from __future__ import annotations

from typing import Any

import pytest

from gitopsd.model.desired import DesiredGroup
from gitopsd.model.identity import Identity
from tests.unit.rules.repository import compiled, group, state

IDENTITY = Identity("ServerGroup", "shop", "warehouse")
NLB = {"product": "NLB", "protocol": "TCP"}


def made(*servers: dict[str, Any], **spec: Any) -> DesiredGroup:
    return compiled(group(*servers, **spec)).groups[IDENTITY]


def entries(item: DesiredGroup) -> list[dict[str, Any]]:
    return [m.to_api("gitopsd/acme", product=item.product) for m in item.members]


def test_a_group_sends_what_is_required_and_what_was_asked_for() -> None:
    assert made().create == {
        "ServerGroupName": "gitopsd-acme-shop-warehouse",
        "ServerGroupType": "Ip",
        "VpcId": "vpc-1",
        "Protocol": "HTTP",
        "HealthCheckConfig": {"HealthCheckEnabled": True},
    }


def test_remote_servers_are_members_by_address_and_marked_as_remote() -> None:
    assert entries(made({"ip": "192.168.20.11", "port": 8080, "weight": 30})) == [
        {
            "ServerId": "192.168.20.11",
            "ServerIp": "192.168.20.11",
            "ServerType": "Ip",
            "Port": 8080,
            "Weight": 30,
            "RemoteIpEnabled": True,
            "Description": "gitopsd/acme",
        }
    ]


def test_servers_of_the_vpc_by_address_are_not_remote() -> None:
    item = made({"ip": "172.16.4.4", "port": 80}, location="SameVPC")
    assert item.create["ServerGroupType"] == "Ip"
    assert [entry["RemoteIpEnabled"] for entry in entries(item)] == [False]


@pytest.mark.parametrize(
    ("instance", "kind"), [("i-bp1tea", "Ecs"), ("eci-bp1tea", "Eci"), ("eni-bp1tea", "Eni")]
)
def test_servers_by_instance_make_an_instance_group(instance: str, kind: str) -> None:
    item = made({"instanceId": instance, "port": 80}, location="SameVPC")
    assert item.create["ServerGroupType"] == "Instance"
    assert entries(item) == [
        {
            "ServerId": instance,
            "ServerType": kind,
            "Port": 80,
            "Weight": 100,
            "Description": "gitopsd/acme",
        }
    ]


def test_members_of_an_nlb_group_know_no_remote() -> None:
    assert all("RemoteIpEnabled" not in entry for entry in entries(made(**NLB)))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"healthCheck": {"enabled": False}}, {"HealthCheckEnabled": False}),
        ({"healthCheck": {"enabled": False, "path": "/x"}}, {"HealthCheckEnabled": False}),
        (
            {
                "healthCheck": {
                    "protocol": "HTTPS",
                    "port": 8443,
                    "host": "tea.example.com",
                    "path": "/healthz",
                    "method": "GET",
                    "codes": ["http_2xx", "http_3xx"],
                    "intervalSeconds": 5,
                    "timeoutSeconds": 3,
                    "healthyThreshold": 2,
                    "unhealthyThreshold": 4,
                }
            },
            {
                "HealthCheckEnabled": True,
                "HealthCheckProtocol": "HTTPS",
                "HealthCheckConnectPort": 8443,
                "HealthCheckHost": "tea.example.com",
                "HealthCheckPath": "/healthz",
                "HealthCheckMethod": "GET",
                "HealthCheckCodes": ["http_2xx", "http_3xx"],
                "HealthCheckInterval": 5,
                "HealthCheckTimeout": 3,
                "HealthyThreshold": 2,
                "UnhealthyThreshold": 4,
            },
        ),
        (
            {
                **NLB,
                "healthCheck": {
                    "protocol": "HTTP",
                    "port": 8443,
                    "host": "tea.example.com",
                    "path": "/healthz",
                    "method": "GET",
                    "codes": ["http_2xx"],
                    "intervalSeconds": 5,
                    "timeoutSeconds": 3,
                    "healthyThreshold": 2,
                    "unhealthyThreshold": 4,
                },
            },
            {
                "HealthCheckEnabled": True,
                "HealthCheckType": "HTTP",
                "HealthCheckConnectPort": 8443,
                "HealthCheckDomain": "tea.example.com",
                "HealthCheckUrl": "/healthz",
                "HttpCheckMethod": "GET",
                "HealthCheckHttpCode": ["http_2xx"],
                "HealthCheckInterval": 5,
                "HealthCheckConnectTimeout": 3,
                "HealthyThreshold": 2,
                "UnhealthyThreshold": 4,
            },
        ),
    ],
)
def test_a_health_check_is_sent_by_the_products_names(spec: Any, expected: Any) -> None:
    assert made(**spec).create["HealthCheckConfig"] == expected


def test_a_scheduler_is_sent_when_it_is_given() -> None:
    assert made(scheduler="Wlc").create["Scheduler"] == "Wlc"
    assert made(**NLB, scheduler="sch").create["Scheduler"] == "sch"


def test_adoption_and_retention_are_carried_along() -> None:
    item = made(serverGroupId="sgp-abc", deletionPolicy="Retain")
    assert (item.adopt_id, item.retain) == ("sgp-abc", True)


def test_the_name_is_that_of_the_instance_and_cut_with_a_hash_when_long() -> None:
    documents = group(name="w" * 63)
    documents["metadata"]["namespace"] = "n" * 63
    names = {
        item.create["ServerGroupName"]
        for instance in ("one", "two")
        for item in state(documents, instance=instance).targets["edge"].groups.values()
    }
    assert {len(name) for name in names} == {128}
    assert len(names) == 2
