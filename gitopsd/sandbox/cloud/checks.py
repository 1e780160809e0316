"""Rules about a whole server group that no single field can hold (facts §6.2, §7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.sandbox.cloud.errors import ApiError, denied, illegal, incorrect_status, missing
from gitopsd.sandbox.cloud.errors import not_found as resource_not_found
from gitopsd.sandbox.cloud.state import AVAILABLE, Group
from gitopsd.sandbox.cloud.world import World

_NLB_INTERVAL_LIMIT = 50
_BASIC = "Basic"


def existing_group(world: World, group_id: str) -> Group:
    """The group of that id. Raises ApiError (404) in the product's own spelling."""
    group = world.state.groups.get(group_id)
    if group is None:
        raise resource_not_found(world.spelling.group)
    return group


def changeable_group(world: World, group_id: str) -> Group:
    """The group, if the caller may change it now.

    Raises ApiError when it is gone, belongs to a managed service, or is busy with another change.
    """
    group = existing_group(world, group_id)
    if group.managed:
        raise ApiError(
            "OperationDenied.ServiceManagedResource",
            "The operation is not allowed because of ServiceManagedResource.",
        )
    if group.status != AVAILABLE:
        raise incorrect_status(world.spelling.group, group_id, group.status)
    return group


def check_attributes(world: World, attributes: Mapping[str, Any]) -> None:
    """Refuse combinations that the product does not have. Raises ApiError."""
    if world.product == "alb":
        _check_alb(attributes)
    else:
        _check_nlb(attributes)


def check_codes(sent: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Refuse status codes of a request that are not of its probe's protocol. Raises ApiError."""
    probe = attributes["HealthCheckConfig"]
    codes = sent.get("HealthCheckConfig", {}).get("HealthCheckCodes", ())
    protocol = probe.get("HealthCheckProtocol")
    if protocol == "TCP":
        return
    if any(code.startswith("http_") == (protocol == "gRPC") for code in codes):
        raise illegal(
            "HealthCheckConfig.HealthCheckCodes",
            "gRPC probes have codes from 0 to 99, the others http_2xx to http_5xx",
        )


def check_editions(world: World, group_id: str, attributes: Mapping[str, Any]) -> None:
    """Refuse what a Basic ALB that uses the group does not have (facts §4.1, §6.2).

    Raises ApiError.
    """
    balancers = world.state.load_balancers
    editions = {
        balancers[each].attributes.get("LoadBalancerEdition")
        for each in world.state.related(group_id)
        if each in balancers
    }
    if _BASIC not in editions:
        return
    for feature, wanted in {
        "ConnectionDrain": attributes["ConnectionDrainConfig"]["ConnectionDrainEnabled"],
        "SlowStart": attributes["SlowStartConfig"]["SlowStartEnabled"],
        "CrossZoneDisabled": not attributes["CrossZoneEnabled"],
        "HttpsHealthCheck": attributes["HealthCheckConfig"]["HealthCheckProtocol"] == "HTTPS",
    }.items():
        if wanted:
            raise denied(f"BasicLoadBalancerNotSupport{feature}")


def _check_alb(attributes: Mapping[str, Any]) -> None:
    function = attributes["ServerGroupType"] == "Fc"
    if not function and "VpcId" not in attributes:
        raise missing("VpcId")
    if function and attributes["ConnectionDrainConfig"]["ConnectionDrainEnabled"]:
        raise denied("FcServerGroupNotSupportConnectionDrain")
    if attributes["SlowStartConfig"]["SlowStartEnabled"] and (
        function or attributes["Scheduler"] != "Wrr"
    ):
        raise denied("SlowStartOnlySupportWrr")
    wants_hash = attributes["Scheduler"] == "Uch" or "UchConfig" in attributes
    if wants_hash and "Value" not in attributes.get("UchConfig", {}):
        raise missing("UchConfig.Value")
    sticky = attributes["StickySessionConfig"]
    if sticky.get("StickySessionType") == "Server" and "Cookie" not in sticky:
        raise missing("StickySessionConfig.Cookie")
    if not attributes["CrossZoneEnabled"] and (function or sticky["StickySessionEnabled"]):
        raise denied("CrossZoneDisabledNotSupported")


def _check_nlb(attributes: Mapping[str, Any]) -> None:
    if attributes["Scheduler"] == "qch" and attributes["Protocol"] != "UDP":
        raise denied("QchOnlySupportUdp")
    probe = attributes["HealthCheckConfig"]
    own_port = probe["HealthCheckConnectPort"] != 0
    if attributes["AnyPortEnabled"] and probe["HealthCheckEnabled"] and not own_port:
        raise illegal(
            "AnyPortServerGroupConflictWithHealthCheckConfig",
            "health checks of a group with AnyPortEnabled need a port of their own",
        )
    interval, name = probe["HealthCheckInterval"], "HealthCheckConfig.HealthCheckInterval"
    if probe["HealthCheckType"] != "UDP" and interval > _NLB_INTERVAL_LIMIT:
        raise illegal(name, f"at most {_NLB_INTERVAL_LIMIT} is expected unless the probe is UDP")
    if probe["HealthCheckType"] == "UDP" and interval < probe["HealthCheckConnectTimeout"]:
        raise illegal(name, "a UDP probe's interval is at least its timeout")
