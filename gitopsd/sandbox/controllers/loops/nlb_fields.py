"""Attributes of load balancers, groups and listeners in the spelling of the NLB API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitopsd.sandbox.cloud.documented import documented_group
from gitopsd.sandbox.cloud.state import Listener
from gitopsd.sandbox.cloud.world import World


def update_balancer(nlb: World, identity: str, attributes: Mapping[str, Any]) -> None:
    """Change what may change of a live load balancer; what is no longer said stays."""
    have = nlb.state.load_balancers[identity].attributes
    if "AddressType" in attributes:
        have["AddressType"] = str(attributes["AddressType"]).capitalize()
    if "Name" in attributes:
        have["LoadBalancerName"] = attributes["Name"]
    if "CrossZoneEnabled" in attributes:
        have["CrossZoneEnabled"] = attributes["CrossZoneEnabled"]
    if "SecurityGroupIds" in attributes:
        have["SecurityGroupIds"] = list(attributes["SecurityGroupIds"])
    zones = {(each["ZoneId"], each["VSwitchId"]) for each in have["ZoneMappings"]}
    wanted = {(each["ZoneId"], each["VSwitchId"]) for each in attributes.get("ZoneMappings", ())}
    if not wanted <= zones:
        have["ZoneMappings"] = [
            {"ZoneId": zone, "VSwitchId": switch, "LoadBalancerAddresses": []}
            for zone, switch in sorted(wanted)
        ]


def group_fields(group: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with which a group of the model is created or updated."""
    return documented_group("nlb", group)


def find_listener(
    have: Sequence[Listener], port: int, start: int | None, protocol: str
) -> Listener | None:
    """The listener of that port (or first port of a range) and protocol, or None."""
    for each in have:
        found = each.attributes
        if (found["ListenerPort"], found.get("StartPort"), found["ListenerProtocol"]) == (
            port,
            start,
            protocol,
        ):
            return each
    return None
