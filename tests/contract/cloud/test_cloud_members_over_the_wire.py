"""Members of server groups through the real SDK clients."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_nlb20220430 import models as nlb_models

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


@pytest.fixture
def alb_id(alb: Any, clock: HandClock) -> str:
    group_id = create_alb_group(alb)
    clock.advance()
    return group_id


@pytest.fixture
def nlb_id(nlb: Any, clock: HandClock) -> str:
    group_id = create_nlb_group(nlb)
    clock.advance()
    return group_id


def alb_members(client: Any, group_id: str, **fields: Any) -> list[Any]:
    request = alb_models.ListServerGroupServersRequest(server_group_id=group_id, **fields)
    return list(client.list_server_group_servers(request).body.servers)


def nlb_members(client: Any, group_id: str, **fields: Any) -> list[Any]:
    request = nlb_models.ListServerGroupServersRequest(server_group_id=group_id, **fields)
    return list(client.list_server_group_servers(request).body.servers)


def test_an_added_member_is_adding_then_available_and_reads_back_with_defaults(
    alb: Any, alb_id: str, clock: HandClock
) -> None:
    add_to_alb(alb, alb_id, alb_server("10.0.0.1", description="gitopsd/acme"))
    (member,) = alb_members(alb, alb_id)
    assert member.status == "Adding"
    clock.advance()
    (member,) = alb_members(alb, alb_id)
    assert member.to_map() == {
        "Description": "gitopsd/acme",
        "Port": 80,
        "RemoteIpEnabled": False,
        "ServerGroupId": alb_id,
        "ServerId": "10.0.0.1",
        "ServerIp": "10.0.0.1",
        "ServerType": "Ip",
        "Status": "Available",
        "Weight": 100,
    }


def test_an_nlb_member_reads_back_with_its_zone_and_without_remote_ip(
    nlb: Any, nlb_id: str, clock: HandClock
) -> None:
    add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1"), nlb_server("10.0.0.2"))
    clock.advance()
    first, _ = nlb_members(nlb, nlb_id)
    assert first.zone_id == ""
    (second,) = nlb_members(nlb, nlb_id, server_ips=["10.0.0.2"])
    assert second.server_id == "10.0.0.2"


def test_a_removed_member_is_removing_then_gone(alb: Any, alb_id: str, clock: HandClock) -> None:
    add_to_alb(alb, alb_id, alb_server("10.0.0.1"), alb_server("10.0.0.2"))
    clock.advance()
    server = alb_models.RemoveServersFromServerGroupRequestServers(
        server_id="10.0.0.1", server_type="Ip", port=80
    )
    request = alb_models.RemoveServersFromServerGroupRequest(
        server_group_id=alb_id, servers=[server]
    )
    alb.remove_servers_from_server_group(request)
    statuses = {each.server_id: each.status for each in alb_members(alb, alb_id)}
    assert statuses == {"10.0.0.1": "Removing", "10.0.0.2": "Available"}
    clock.advance()
    assert [each.server_id for each in alb_members(alb, alb_id)] == ["10.0.0.2"]
    missing = (404, "ResourceNotFound.BackendServer")
    assert refused_code(lambda: alb.remove_servers_from_server_group(request)) == missing


def test_two_hundred_alb_members_are_removed_through_a_url_longer_than_8_kb(
    alb: Any, alb_id: str, clock: HandClock
) -> None:
    addresses = [f"10.0.{high}.{low}" for high in range(2) for low in range(100)]
    add_to_alb(alb, alb_id, *(alb_server(each) for each in addresses))
    clock.advance()
    leaving = [
        alb_models.RemoveServersFromServerGroupRequestServers(
            server_id=each, server_ip=each, server_type="Ip", port=80
        )
        for each in addresses
    ]
    alb.remove_servers_from_server_group(
        alb_models.RemoveServersFromServerGroupRequest(server_group_id=alb_id, servers=leaving)
    )
    clock.advance()
    assert alb_members(alb, alb_id) == []


def test_an_update_changes_weight_and_description_only(
    nlb: Any, nlb_id: str, clock: HandClock
) -> None:
    add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1", description="gitopsd/acme"))
    clock.advance()
    server = nlb_models.UpdateServerGroupServersAttributeRequestServers(
        server_id="10.0.0.1", server_type="Ip", port=80, weight=0
    )
    nlb.update_server_group_servers_attribute(
        nlb_models.UpdateServerGroupServersAttributeRequest(
            server_group_id=nlb_id, servers=[server]
        )
    )
    (member,) = nlb_members(nlb, nlb_id)
    assert (member.status, member.weight) == ("Configuring", 0)
    clock.advance()
    (member,) = nlb_members(nlb, nlb_id)
    assert (member.status, member.description) == ("Available", "gitopsd/acme")


def test_a_swap_removes_and_adds_in_one_job(alb: Any, alb_id: str, clock: HandClock) -> None:
    add_to_alb(alb, alb_id, alb_server("10.0.0.1"))
    clock.advance()
    old = alb_models.ReplaceServersInServerGroupRequestRemovedServers(
        server_id="10.0.0.1", server_ip="10.0.0.1", server_type="Ip", port=80
    )
    new = alb_models.ReplaceServersInServerGroupRequestAddedServers(
        server_id="10.0.0.2", server_ip="10.0.0.2", server_type="Ip", port=80
    )
    request = alb_models.ReplaceServersInServerGroupRequest(
        server_group_id=alb_id, added_servers=[new], removed_servers=[old]
    )
    alb.replace_servers_in_server_group(request)
    clock.advance()
    assert [each.server_id for each in alb_members(alb, alb_id)] == ["10.0.0.2"]


def test_at_most_40_alb_members_are_changed_in_one_call(alb: Any, alb_id: str) -> None:
    servers = [
        alb_models.UpdateServerGroupServersAttributeRequestServers(
            server_id=f"10.0.0.{low}", server_type="Ip", port=80, weight=1
        )
        for low in range(41)
    ]
    request = alb_models.UpdateServerGroupServersAttributeRequest(
        server_group_id=alb_id, servers=servers
    )
    code = refused_code(lambda: alb.update_server_group_servers_attribute(request))
    assert code == (400, "IllegalParam.Servers")


@pytest.mark.parametrize(
    ("server", "code"),
    [
        (alb_server("10.0.0.1", remote_ip_enabled=True), "IllegalParam.RemoteIpEnabled"),
        (alb_server("172.20.0.1"), "IllegalParam.IP"),
        (alb_server("8.8.8.8", remote_ip_enabled=True), "IllegalParam.IP"),
        (alb_server("not-an-ip"), "IllegalParam.IP"),
        (alb_server("fd00::1"), "OperationDenied.ServerGroupNotSupportIpv6"),
        (alb_server("10.0.0.1", port=0), "IllegalParam.Servers.1.Port"),
        (alb_server("10.0.0.1", port=None), "MissingParam.Servers.Port"),
        (alb_server("10.0.0.1", weight=101), "IllegalParam.Servers.1.Weight"),
        (alb_server("10.0.0.1", description="x"), "IllegalParam.Servers.1.Description"),
        (
            alb_server("10.0.0.1", description="http://x"),
            "IllegalParam.Servers.1.Description",
        ),
        (
            alb_models.AddServersToServerGroupRequestServers(
                server_id="10.0.0.1", server_type="Ip", port=80
            ),
            "MissingParam.IP",
        ),
        (
            alb_models.AddServersToServerGroupRequestServers(
                server_id="i-1", server_type="Ecs", port=80
            ),
            "Mismatch.ServerType",
        ),
    ],
)
def test_a_wrong_alb_member_is_refused(
    alb: Any, cloud: Cloud, alb_id: str, server: Any, code: str
) -> None:
    cloud.settings.vpcs[VPC] = ("10.0.0.0/16",)
    assert refused_code(lambda: add_to_alb(alb, alb_id, server)) == (400, code)


def test_a_remote_member_outside_the_vpc_is_taken(
    alb: Any, cloud: Cloud, alb_id: str, clock: HandClock
) -> None:
    cloud.settings.vpcs[VPC] = ("10.0.0.0/16",)
    add_to_alb(alb, alb_id, alb_server("192.168.20.11", remote_ip_enabled=True))
    clock.advance()
    (member,) = alb_members(alb, alb_id)
    assert member.remote_ip_enabled is True


def test_nlb_takes_private_addresses_from_anywhere_and_no_public_ones(
    nlb: Any, cloud: Cloud, nlb_id: str, clock: HandClock
) -> None:
    cloud.settings.vpcs[VPC] = ("10.0.0.0/16",)
    add_to_nlb(nlb, nlb_id, nlb_server("192.168.20.11"))
    clock.advance()
    code = refused_code(lambda: add_to_nlb(nlb, nlb_id, nlb_server("8.8.8.8")))
    assert code == (400, "IllegalParam.IP")


def test_port_0_is_for_nlb_groups_with_any_port_only(nlb: Any, nlb_id: str) -> None:
    code = refused_code(lambda: add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1", port=0)))
    assert code == (400, "IllegalParam.RSPortConflictWithServerGroup")


def test_a_member_is_not_added_twice(alb: Any, alb_id: str, clock: HandClock) -> None:
    twice = (400, "DuplicatedParam.Server")
    server = alb_server("10.0.0.1")
    assert refused_code(lambda: add_to_alb(alb, alb_id, server, server)) == twice
    add_to_alb(alb, alb_id, server, alb_server("10.0.0.1", port=81))
    clock.advance()
    assert refused_code(lambda: add_to_alb(alb, alb_id, server)) == twice


def test_an_nlb_group_holds_as_many_members_as_its_quota(
    nlb: Any, cloud: Cloud, nlb_id: str, clock: HandClock
) -> None:
    cloud.settings.quotas["nlb.servers_per_group"] = 1
    add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1"))
    clock.advance()
    code = refused_code(lambda: add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.2")))
    assert code == (400, "QuotaExceeded.QuotaInsufficient")


def test_instance_groups_take_instances_and_fill_in_their_address(
    alb: Any, cloud: Cloud, clock: HandClock
) -> None:
    group_id = create_alb_group(alb, server_group_type="Instance")
    clock.advance()
    cloud.settings.instances["i-1"] = "10.0.0.7"
    known, unknown = (
        alb_models.AddServersToServerGroupRequestServers(server_id=each, server_type="Ecs", port=80)
        for each in ("i-1", "i-2")
    )
    assert refused_code(lambda: add_to_alb(alb, group_id, unknown)) == (
        404,
        "ResourceNotFound.Ecs",
    )
    add_to_alb(alb, group_id, known)
    clock.advance()
    (member,) = alb_members(alb, group_id)
    assert member.server_ip == "10.0.0.7"


def test_alb_lists_members_of_all_groups_that_a_tag_selects(
    alb: Any, clock: HandClock, cloud: Cloud
) -> None:
    for number in (1, 2, 3):
        group_id = cloud.groups.create(
            "alb", f"g{number}", tags={"odd": str(number % 2)}, ServerGroupType="Ip", VpcId=VPC
        )
        cloud.groups.add_member(group_id, f"10.0.0.{number}", 80)
    tag = alb_models.ListServerGroupServersRequestTag(key="odd", value="1")
    request = alb_models.ListServerGroupServersRequest(tag=[tag])
    body = alb.list_server_group_servers(request).body
    assert [each.server_id for each in body.servers] == ["10.0.0.1", "10.0.0.3"]
    assert len({each.server_group_id for each in body.servers}) == 2


def test_members_of_an_unknown_group_are_not_found(alb: Any, nlb: Any) -> None:
    assert refused_code(lambda: alb_members(alb, "sgp-x")) == (404, "ResourceNotFound.ServerGroup")
    assert refused_code(lambda: nlb_members(nlb, "sgp-x")) == (404, "ResourceNotFound.serverGroup")
