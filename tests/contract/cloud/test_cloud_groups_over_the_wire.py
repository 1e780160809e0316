"""Server groups through the real SDK clients: create, read back, change, delete."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_nlb20220430 import models as nlb_models

from gitopsd.sandbox.cloud import SEEDED_ALB, Cloud

from .cloud_calls import (
    VPC,
    HandClock,
    add_to_alb,
    add_to_nlb,
    alb_server,
    create_alb_group,
    create_nlb_group,
    nlb_server,
    refused_code,
)


def alb_group(client: Any, group_id: str) -> Any:
    request = alb_models.ListServerGroupsRequest(server_group_ids=[group_id])
    (group,) = client.list_server_groups(request).body.server_groups
    return group


def nlb_group(client: Any, group_id: str) -> Any:
    request = nlb_models.ListServerGroupsRequest(server_group_ids=[group_id])
    (group,) = client.list_server_groups(request).body.server_groups
    return group


def test_an_alb_group_reads_back_complete_with_the_documented_defaults(alb: Any) -> None:
    group = alb_group(alb, create_alb_group(alb, name="web"))
    assert group.server_group_name == "web"
    assert (group.protocol, group.scheduler, group.vpc_id) == ("HTTP", "Wrr", VPC)
    assert group.cross_zone_enabled is True
    assert group.health_check_config.to_map() == {
        "HealthCheckCodes": ["http_2xx"],
        "HealthCheckConnectPort": 0,
        "HealthCheckEnabled": True,
        "HealthCheckHost": "$SERVER_IP",
        "HealthCheckHttpVersion": "HTTP1.1",
        "HealthCheckInterval": 2,
        "HealthCheckMethod": "HEAD",
        "HealthCheckPath": "/",
        "HealthCheckProtocol": "HTTP",
        "HealthCheckTimeout": 5,
        "HealthyThreshold": 3,
        "UnhealthyThreshold": 3,
    }
    assert group.sticky_session_config.sticky_session_enabled is False
    assert group.connection_drain_config.connection_drain_timeout == 300
    assert group.related_load_balancer_ids == []


def test_an_nlb_group_reads_back_complete_with_the_documented_defaults(nlb: Any) -> None:
    group = nlb_group(nlb, create_nlb_group(nlb, name="tcp"))
    assert (group.protocol, group.scheduler, group.address_ipversion) == ("TCP", "Wrr", "ipv4")
    assert group.preserve_client_ip_enabled is True
    assert group.health_check.to_map() == {
        "HealthCheckConnectPort": 0,
        "HealthCheckConnectTimeout": 5,
        "HealthCheckEnabled": True,
        "HealthCheckInterval": 5,
        "HealthCheckType": "TCP",
        "HealthyThreshold": 2,
        "UnhealthyThreshold": 2,
    }


def test_a_new_group_is_creating_and_busy_until_its_job_is_done(
    alb: Any, nlb: Any, clock: HandClock
) -> None:
    alb_id, nlb_id = create_alb_group(alb), create_nlb_group(nlb)
    assert alb_group(alb, alb_id).server_group_status == "Creating"
    busy = (400, "IncorrectStatus.ServerGroup")
    assert refused_code(lambda: add_to_alb(alb, alb_id, alb_server("10.0.0.1"))) == busy
    busy = (400, "IncorrectStatus.serverGroup")
    assert refused_code(lambda: add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1"))) == busy
    clock.advance()
    assert alb_group(alb, alb_id).server_group_status == "Available"
    assert nlb_group(nlb, nlb_id).server_group_status == "Available"


def test_an_update_changes_what_is_sent_and_nothing_else(alb: Any, clock: HandClock) -> None:
    group_id = create_alb_group(alb)
    clock.advance()
    config = alb_models.UpdateServerGroupAttributeRequestHealthCheckConfig(
        health_check_path="/healthz"
    )
    alb.update_server_group_attribute(
        alb_models.UpdateServerGroupAttributeRequest(
            server_group_id=group_id, scheduler="Wlc", health_check_config=config
        )
    )
    group = alb_group(alb, group_id)
    assert group.server_group_status == "Configuring"
    assert (group.scheduler, group.server_group_name) == ("Wlc", "group")
    assert group.health_check_config.health_check_path == "/healthz"
    assert group.health_check_config.health_check_interval == 2


def test_a_group_that_a_load_balancer_uses_cannot_be_deleted(
    alb: Any, cloud: Cloud, clock: HandClock
) -> None:
    group_id = create_alb_group(alb)
    clock.advance()
    listener = cloud.balancers.add_listener(SEEDED_ALB, 80, "HTTP", group_ids=[group_id])
    assert alb_group(alb, group_id).related_load_balancer_ids == [SEEDED_ALB]
    request = alb_models.DeleteServerGroupRequest(server_group_id=group_id)
    in_use = (400, "ResourceInUse.ServerGroup")
    assert refused_code(lambda: alb.delete_server_group(request)) == in_use
    cloud.balancers.remove_listener(listener)
    alb.delete_server_group(request)
    clock.advance()
    gone = (404, "ResourceNotFound.ServerGroup")
    assert refused_code(lambda: alb.delete_server_group(request)) == gone


def test_a_deleted_nlb_group_is_gone_once_its_job_is_done(nlb: Any, clock: HandClock) -> None:
    group_id = create_nlb_group(nlb)
    clock.advance()
    request = nlb_models.DeleteServerGroupRequest(server_group_id=group_id)
    nlb.delete_server_group(request)
    assert nlb_group(nlb, group_id).server_group_status == "Configuring"
    clock.advance()
    gone = (404, "ResourceNotFound.serverGroup")
    assert refused_code(lambda: nlb.delete_server_group(request)) == gone


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "x"}, "IllegalParam.ServerGroupName"),
        ({"name": "1abc"}, "IllegalParam.ServerGroupName"),
        ({"scheduler": "wrr"}, "IllegalParam.Scheduler"),
        ({"protocol": "TCP"}, "IllegalParam.Protocol"),
        ({"vpc_id": None}, "MissingParam.VpcId"),
        ({"health_check_config": None}, None),
        ({"scheduler": "Uch"}, "MissingParam.UchConfig.Value"),
        ({"client_token": "x" * 65}, "IllegalParam.ClientToken"),
        (
            {
                "scheduler": "Wlc",
                "slow_start_config": alb_models.CreateServerGroupRequestSlowStartConfig(
                    slow_start_enabled=True
                ),
            },
            "OperationDenied.SlowStartOnlySupportWrr",
        ),
        (
            {
                "cross_zone_enabled": False,
                "sticky_session_config": alb_models.CreateServerGroupRequestStickySessionConfig(
                    sticky_session_enabled=True
                ),
            },
            "OperationDenied.CrossZoneDisabledNotSupported",
        ),
        (
            {"tag": [alb_models.CreateServerGroupRequestTag(key="acs:owner", value="me")]},
            "IllegalParam.Tag.1.Key",
        ),
    ],
)
def test_a_wrong_alb_group_is_refused(alb: Any, fields: dict[str, Any], code: str | None) -> None:
    expected = (400, code or "MissingParam.HealthCheckConfig")
    assert refused_code(lambda: create_alb_group(alb, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"vpc_id": None}, "MissingParam.VpcId"),
        ({"scheduler": "qch"}, "OperationDenied.QchOnlySupportUdp"),
        ({"protocol": "HTTP"}, "IllegalParam.Protocol"),
        (
            {"any_port_enabled": True},
            "IllegalParam.AnyPortServerGroupConflictWithHealthCheckConfig",
        ),
        (
            {
                "health_check_config": nlb_models.CreateServerGroupRequestHealthCheckConfig(
                    health_check_type="UDP",
                    health_check_interval=3,
                    health_check_connect_timeout=4,
                )
            },
            "IllegalParam.HealthCheckConfig.HealthCheckInterval",
        ),
        ({"connection_drain_timeout": 901}, "IllegalParam.ConnectionDrainTimeout"),
        (
            {
                "health_check_config": nlb_models.CreateServerGroupRequestHealthCheckConfig(
                    health_check_interval=60
                )
            },
            "IllegalParam.HealthCheckConfig.HealthCheckInterval",
        ),
        (
            {"tag": [nlb_models.CreateServerGroupRequestTag(key="k" * 65, value="v")]},
            "IllegalParam.Tag.1.Key",
        ),
    ],
)
def test_a_wrong_nlb_group_is_refused(nlb: Any, fields: dict[str, Any], code: str) -> None:
    assert refused_code(lambda: create_nlb_group(nlb, **fields)) == (400, code)


def test_the_quota_of_groups_is_kept(alb: Any, cloud: Cloud) -> None:
    cloud.settings.quotas["alb.groups"] = 1
    create_alb_group(alb)
    assert refused_code(lambda: create_alb_group(alb)) == (400, "QuotaExceeded.ServerGroup")


def test_a_group_that_ack_manages_refuses_changes(alb: Any, cloud: Cloud, clock: HandClock) -> None:
    group_id = create_alb_group(alb)
    clock.advance()
    cloud.groups.set_managed(group_id)
    code = refused_code(lambda: add_to_alb(alb, group_id, alb_server("10.0.0.1")))
    assert code == (400, "OperationDenied.ServiceManagedResource")
