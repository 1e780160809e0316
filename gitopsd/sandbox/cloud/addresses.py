"""Which addresses and instances a server group takes as members (facts §6.3, §7)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gitopsd.sandbox.cloud.errors import (
    ApiError,
    denied,
    illegal,
    mismatch,
    missing,
    not_found,
)
from gitopsd.sandbox.cloud.state import Group
from gitopsd.sandbox.cloud.world import World

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PRIVATE = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
)
"""The ranges in which a member outside the group's VPC may lie."""

_TYPES: Mapping[str, tuple[str, ...]] = {
    "Instance": ("Ecs", "Eni", "Eci"),
    "Ip": ("Ip",),
    "Fc": ("Fc",),
}


def check_server(world: World, group: Group, server: Mapping[str, Any]) -> None:
    """Refuse a server that cannot become a member of the group. Raises ApiError."""
    kind = group.attributes["ServerGroupType"]
    if server["ServerType"] not in _TYPES[kind]:
        raise mismatch("ServerType", server["ServerId"], group.group_id)
    if server.get("RemoteIpEnabled") and kind != "Ip":
        raise illegal("RemoteIpEnabled", "only servers of type Ip take it")
    _check_port(world, group, server)
    if kind == "Ip":
        _check_address(world, group, server)
    elif kind == "Instance":
        _check_instance(world, server)


def _check_port(world: World, group: Group, server: Mapping[str, Any]) -> None:
    if group.attributes["ServerGroupType"] == "Fc":
        return
    if world.product == "alb":
        if "Port" not in server:
            raise missing("Servers.Port")
        return
    any_port = group.attributes["AnyPortEnabled"]
    if any_port != (server.get("Port", 0) == 0):
        raise illegal(
            "RSPortConflictWithServerGroup",
            "port 0 is for groups with AnyPortEnabled, and only 0 is for those",
        )


def _check_instance(world: World, server: Mapping[str, Any]) -> None:
    instances = world.settings.instances
    if instances and server["ServerId"] not in instances:
        raise not_found(server["ServerType"])


def _check_address(world: World, group: Group, server: Mapping[str, Any]) -> None:
    text = server["ServerId"]
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise illegal("IP", f"{text} is not an address") from error
    if not server.get("ServerIp"):
        raise ApiError("MissingParam.IP", "The param of IP is missing.")
    if server["ServerIp"] != text:
        raise illegal("IP", "ServerIp and ServerId of a server of type Ip are the same address")
    if address.version == 6 and not _takes_ipv6(group):
        raise denied("ServerGroupNotSupportIpv6")
    inside = _inside_vpc(world, group, address)
    if world.product == "nlb":
        _check_reachable(address, inside)
    else:
        _check_remote(group, server, address, inside)


def _check_reachable(address: Address, inside: bool | None) -> None:
    if not inside and address.version == 4 and not is_private(address):
        raise illegal("IP", f"{address} is a public address")


def _check_remote(
    group: Group, server: Mapping[str, Any], address: Address, inside: bool | None
) -> None:
    remote = server.get("RemoteIpEnabled", False)
    if not remote:
        if inside is False:
            raise illegal("IP", f"{address} is outside the group's VPC and not a remote IP")
        _check_reachable(address, inside)
        return
    if not is_private(address):
        raise illegal("IP", f"{address} is not in a range that remote IPs may have")
    if inside:
        raise illegal("RemoteIpEnabled", f"{address} is inside the group's VPC")
    if not group.attributes["CrossZoneEnabled"]:
        raise denied("CrossZoneDisabledNotSupportRemoteIp")


def is_private(address: Address) -> bool:
    """Whether the address lies in one of the four private IPv4 ranges."""
    return any(address in network for network in PRIVATE)


def _takes_ipv6(group: Group) -> bool:
    attributes = group.attributes
    return bool(attributes.get("Ipv6Enabled") or attributes.get("AddressIPVersion") == "DualStack")


def _inside_vpc(world: World, group: Group, address: Address) -> bool | None:
    """None: the VPC's CIDRs are not known here, so nothing can be said."""
    cidrs = world.settings.vpcs.get(group.attributes.get("VpcId", ""))
    if cidrs is None:
        return None
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)
