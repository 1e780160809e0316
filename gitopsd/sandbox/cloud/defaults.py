"""What the products fill in where a request is silent, so that reads return complete objects.

Values follow facts §6.2. `complete` merges a request onto the defaults; `merge` applies a partial
update to what is stored.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from gitopsd.sandbox.cloud.errors import Product

RESOURCE_GROUP = "rg-default"

_ALB: Mapping[str, Any] = {
    "ServerGroupType": "Instance",
    "Protocol": "HTTP",
    "Scheduler": "Wrr",
    "Ipv6Enabled": False,
    "CrossZoneEnabled": True,
    "UpstreamKeepaliveEnabled": False,
    "ResourceGroupId": RESOURCE_GROUP,
    "HealthCheckConfig": {
        "HealthCheckEnabled": True,
        "HealthCheckConnectPort": 0,
        "HealthCheckInterval": 2,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckTimeout": 5,
        "HealthyThreshold": 3,
        "UnhealthyThreshold": 3,
    },
    "StickySessionConfig": {"StickySessionEnabled": False},
    "ConnectionDrainConfig": {"ConnectionDrainEnabled": False, "ConnectionDrainTimeout": 300},
    "SlowStartConfig": {"SlowStartEnabled": False, "SlowStartDuration": 30},
}
_NLB: Mapping[str, Any] = {
    "ServerGroupType": "Instance",
    "Protocol": "TCP",
    "Scheduler": "Wrr",
    "AddressIPVersion": "ipv4",
    "AnyPortEnabled": False,
    "ConnectionDrainEnabled": False,
    "ConnectionDrainTimeout": 300,
    "PreserveClientIpEnabled": True,
    "ResourceGroupId": RESOURCE_GROUP,
    "HealthCheckConfig": {
        "HealthCheckEnabled": True,
        "HealthCheckType": "TCP",
        "HealthCheckConnectPort": 0,
        "HealthCheckConnectTimeout": 5,
        "HealthCheckInterval": 5,
        "HealthyThreshold": 2,
        "UnhealthyThreshold": 2,
    },
}
_DEFAULTS: Mapping[Product, Mapping[str, Any]] = {"alb": _ALB, "nlb": _NLB}

_ALB_HTTP_PROBE: Mapping[str, Any] = {
    "HealthCheckCodes": ["http_2xx"],
    "HealthCheckHost": "$SERVER_IP",
    "HealthCheckHttpVersion": "HTTP1.1",
    "HealthCheckMethod": "HEAD",
    "HealthCheckPath": "/",
}
_ALB_GRPC_PROBE: Mapping[str, Any] = {
    "HealthCheckCodes": ["0"],
    "HealthCheckHost": "$SERVER_IP",
    "HealthCheckMethod": "POST",
    "HealthCheckPath": "/",
}
_ALB_PROBES: Mapping[str, Mapping[str, Any]] = {
    "HTTP": _ALB_HTTP_PROBE,
    "HTTPS": _ALB_HTTP_PROBE,
    "gRPC": _ALB_GRPC_PROBE,
}
_NLB_HTTP_PROBE: Mapping[str, Any] = {
    "HealthCheckDomain": "$SERVER_IP",
    "HealthCheckHttpCode": ["http_2xx"],
    "HealthCheckHttpVersion": "HTTP1.0",
    "HealthCheckUrl": "/",
    "HttpCheckMethod": "GET",
}


def complete(product: Product, given: Mapping[str, Any]) -> dict[str, Any]:
    """The whole object for a create request's own fields."""
    return fill_dependent(product, merge(_DEFAULTS[product], given))


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`changes` over `base`, member by member for nested objects; neither is altered."""
    merged = copy.deepcopy(dict(base))
    for name, value in changes.items():
        old = merged.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            merged[name] = merge(old, value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def fill_dependent(product: Product, attributes: dict[str, Any]) -> dict[str, Any]:
    """Defaults that depend on other fields: the probe's protocol, IP versions, stickiness."""
    probe = attributes["HealthCheckConfig"]
    if product == "nlb":
        if attributes["AddressIPVersion"] == "DualStack":
            attributes.setdefault("IpVersionAffinityMode", "NonAffinity")
        extra = _NLB_HTTP_PROBE if probe["HealthCheckType"] == "HTTP" else {}
        return {**attributes, "HealthCheckConfig": merge(extra, probe)}
    attributes["Protocol"] = _documented(attributes["Protocol"])
    probe["HealthCheckProtocol"] = _documented(probe["HealthCheckProtocol"])
    extra = _ALB_PROBES.get(probe["HealthCheckProtocol"], {})
    attributes["HealthCheckConfig"] = merge(extra, probe)
    sticky = attributes["StickySessionConfig"]
    if sticky["StickySessionEnabled"]:
        sticky.setdefault("StickySessionType", "Insert")
        if sticky["StickySessionType"] == "Insert":
            sticky.setdefault("CookieTimeout", 1000)
    return attributes


def _documented(protocol: str) -> str:
    return "gRPC" if protocol == "GRPC" else protocol
