"""What the edition of a load balancer allows, seen by who changes a group behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models

from gitopsd.sandbox.cloud import Cloud

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

FULL = (400, "QuotaExceeded.QuotaInsufficient")


def behind(cloud: Cloud, edition: str, *group_ids: str) -> str:
    """A listener of an ALB of an edition that forwards to groups."""
    balancer = cloud.balancers.add("alb", edition, VPC, LoadBalancerEdition=edition)
    return cloud.balancers.add_listener(balancer, 80, "HTTP", group_ids=group_ids)


def addresses(count: int, network: int) -> Iterable[str]:
    return (f"10.{network}.{each // 250}.{each % 250 + 1}" for each in range(count))


@pytest.fixture
def group(alb: Any, clock: HandClock) -> str:
    made = create_alb_group(alb)
    clock.advance()
    return made


@pytest.mark.parametrize(("edition", "limit"), [("Basic", 200), ("Standard", 1000)])
def test_an_alb_takes_as_many_backends_as_its_edition(
    alb: Any, cloud: Cloud, clock: HandClock, edition: str, limit: int
) -> None:
    groups = [create_alb_group(alb) for _ in range(6)]
    behind(cloud, edition, *groups)
    for number in range(limit // 200):
        clock.advance()
        add_to_alb(alb, groups[number], *(alb_server(each) for each in addresses(200, number)))
    clock.advance()
    assert refused_code(lambda: add_to_alb(alb, groups[5], alb_server("10.9.0.1"))) == FULL


def test_a_backend_counts_once_for_every_listener_and_rule(
    alb: Any, cloud: Cloud, clock: HandClock, group: str
) -> None:
    cloud.settings.quotas["alb.servers_per_balancer.Basic"] = 2
    listener = behind(cloud, "Basic", group)
    add_to_alb(alb, group, alb_server("10.0.0.1"))
    clock.advance()
    cloud.balancers.add_rule(listener, 1, {group: 100})
    assert refused_code(lambda: add_to_alb(alb, group, alb_server("10.0.0.2"))) == FULL


def test_a_swap_behind_a_full_load_balancer_is_taken(
    alb: Any, cloud: Cloud, clock: HandClock, group: str
) -> None:
    cloud.settings.quotas["alb.servers_per_balancer.Basic"] = 1
    behind(cloud, "Basic", group)
    add_to_alb(alb, group, alb_server("10.0.0.1"))
    clock.advance()
    server = {"server_type": "Ip", "port": 80}
    leaving = alb_models.ReplaceServersInServerGroupRequestRemovedServers(
        server_id="10.0.0.1", server_ip="10.0.0.1", **server
    )
    coming = alb_models.ReplaceServersInServerGroupRequestAddedServers(
        server_id="10.0.0.2", server_ip="10.0.0.2", **server
    )
    alb.replace_servers_in_server_group(
        alb_models.ReplaceServersInServerGroupRequest(
            server_group_id=group, removed_servers=[leaving], added_servers=[coming]
        )
    )
    clock.advance()
    assert [each["ServerId"] for each in cloud.groups.members(group)] == ["10.0.0.2"]


def test_an_nlb_counts_all_its_groups_together(nlb: Any, cloud: Cloud, clock: HandClock) -> None:
    groups = [create_nlb_group(nlb) for _ in range(3)]
    balancer = cloud.balancers.add("nlb", "edge", VPC)
    for number, group_id in enumerate(groups):
        cloud.balancers.add_listener(balancer, 80 + number, "TCP", group_ids=[group_id])
    for number in range(2):
        clock.advance()
        add_to_nlb(nlb, groups[number], *(nlb_server(each) for each in addresses(200, number)))
    clock.advance()
    assert refused_code(lambda: add_to_nlb(nlb, groups[2], nlb_server("10.9.0.1"))) == FULL


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        (
            {
                "connection_drain_config": (
                    alb_models.UpdateServerGroupAttributeRequestConnectionDrainConfig(
                        connection_drain_enabled=True
                    )
                )
            },
            "ConnectionDrain",
        ),
        (
            {
                "slow_start_config": alb_models.UpdateServerGroupAttributeRequestSlowStartConfig(
                    slow_start_enabled=True
                )
            },
            "SlowStart",
        ),
        ({"cross_zone_enabled": False}, "CrossZoneDisabled"),
        (
            {
                "health_check_config": (
                    alb_models.UpdateServerGroupAttributeRequestHealthCheckConfig(
                        health_check_protocol="HTTPS"
                    )
                )
            },
            "HttpsHealthCheck",
        ),
    ],
)
def test_a_group_behind_a_basic_alb_gets_none_of_what_others_have(
    alb: Any, cloud: Cloud, clock: HandClock, group: str, fields: dict[str, Any], missing: str
) -> None:
    request = alb_models.UpdateServerGroupAttributeRequest(server_group_id=group, **fields)
    behind(cloud, "Standard", group)
    alb.update_server_group_attribute(request)
    clock.advance()
    behind(cloud, "Basic", group)
    code = refused_code(lambda: alb.update_server_group_attribute(request))
    assert code == (400, f"OperationDenied.BasicLoadBalancerNotSupport{missing}")
