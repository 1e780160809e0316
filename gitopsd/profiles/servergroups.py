"""The server group APIs of ALB and NLB: names, defaults, ranges, batch sizes (facts §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gitopsd.model.desired import Product

#: What the API fills in when CreateServerGroup leaves a field out, by API name (facts §6.2). A
#: health check that is on compares as if the rest of it were written out.
DEFAULTS: Mapping[Product, Mapping[str, Any]] = MappingProxyType(
    {
        "ALB": MappingProxyType(
            {
                "ServerGroupType": "Instance",
                "Protocol": "HTTP",
                "Scheduler": "Wrr",
                "Ipv6Enabled": False,
                "CrossZoneEnabled": True,
                "UpstreamKeepaliveEnabled": False,
                "HealthCheckConfig": {
                    "HealthCheckEnabled": True,
                    "HealthCheckProtocol": "HTTP",
                    "HealthCheckConnectPort": 0,
                    "HealthCheckPath": "/",
                    "HealthCheckHost": "$SERVER_IP",
                    "HealthCheckMethod": "HEAD",
                    "HealthCheckHttpVersion": "HTTP1.1",
                    "HealthCheckCodes": ["http_2xx"],
                    "HealthCheckInterval": 2,
                    "HealthCheckTimeout": 5,
                    "HealthyThreshold": 3,
                    "UnhealthyThreshold": 3,
                },
            }
        ),
        "NLB": MappingProxyType(
            {
                "ServerGroupType": "Instance",
                "Protocol": "TCP",
                "Scheduler": "Wrr",
                "AddressIPVersion": "ipv4",
                "AnyPortEnabled": False,
                "PreserveClientIpEnabled": True,
                "ConnectionDrainEnabled": False,
                "HealthCheckConfig": {
                    "HealthCheckEnabled": True,
                    "HealthCheckType": "TCP",
                    "HealthCheckConnectPort": 0,
                    "HealthCheckUrl": "/",
                    "HealthCheckDomain": "$SERVER_IP",
                    "HttpCheckMethod": "GET",
                    "HealthCheckHttpVersion": "HTTP1.0",
                    "HealthCheckHttpCode": ["http_2xx"],
                    "HealthCheckInterval": 5,
                    "HealthCheckConnectTimeout": 5,
                    "HealthyThreshold": 2,
                    "UnhealthyThreshold": 2,
                },
            }
        ),
    }
)

#: Attributes whose values read back in another case than they were written (`gRPC` as `GRPC`, the
#: NLB's health check type): compared without regard to case (facts §6.2, "Differ rule"). Names
#: of leaves, those inside HealthCheckConfig included.
CASELESS: frozenset[str] = frozenset(
    {
        "ServerGroupType",
        "Protocol",
        "Scheduler",
        "HealthCheckProtocol",
        "HealthCheckType",
        "HealthCheckMethod",
        "HttpCheckMethod",
        "HealthCheckHttpVersion",
        "AddressIPVersion",
    }
)

#: Attributes that are sets written as lists: their order says nothing.
UNORDERED: frozenset[str] = frozenset({"HealthCheckCodes", "HealthCheckHttpCode"})

#: Backend protocols, the API's default first (facts §6.2).
PROTOCOLS: Mapping[Product, tuple[str, ...]] = MappingProxyType(
    {"ALB": ("HTTP", "HTTPS", "gRPC"), "NLB": ("TCP", "UDP", "TCP_UDP")}
)

#: Scheduling algorithms in the API's own spelling, the default first (facts §6.2). `Uch` needs a
#: UchConfig, which a ServerGroup cannot say, and is left out for that.
SCHEDULERS: Mapping[Product, tuple[str, ...]] = MappingProxyType(
    {"ALB": ("Wrr", "Wlc", "Sch"), "NLB": ("Wrr", "Wlc", "rr", "sch", "tch", "qch")}
)

#: QUIC ids exist only over UDP (facts §6.2).
UDP_SCHEDULERS: frozenset[str] = frozenset({"qch"})


@dataclass(frozen=True, slots=True)
class HealthCheckFacts:
    """What one product's health check accepts, and what its fields are called.

    `fields` maps the name in a ServerGroup (snake case) to the API name; `http` are the fields
    that only an HTTP-like check has, `http_protocols` the protocols that are HTTP-like.
    """

    fields: Mapping[str, str]
    protocols: tuple[str, ...]
    methods: tuple[str, ...]
    codes: tuple[str, ...]
    path_characters: str
    http_protocols: frozenset[str]
    http: frozenset[str] = frozenset({"host", "path", "method", "codes"})


_HTTP_CODES = ("http_2xx", "http_3xx", "http_4xx", "http_5xx")

#: Inclusive ranges of the numbers of a health check, seconds and counts (facts §6.2).
HEALTH_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "interval_seconds": (1, 50),
        "timeout_seconds": (1, 300),
        "healthy_threshold": (2, 10),
        "unhealthy_threshold": (2, 10),
    }
)
#: An NLB that probes by UDP may wait longer between probes (facts §6.2).
UDP_INTERVAL = (1, 300)
#: Longest path and host of a health check (facts §6.2).
HEALTH_TEXT_LENGTH = 80

HEALTH_CHECKS: Mapping[Product, HealthCheckFacts] = MappingProxyType(
    {
        "ALB": HealthCheckFacts(
            fields=MappingProxyType(
                {
                    "protocol": "HealthCheckProtocol",
                    "port": "HealthCheckConnectPort",
                    "host": "HealthCheckHost",
                    "path": "HealthCheckPath",
                    "method": "HealthCheckMethod",
                    "codes": "HealthCheckCodes",
                    "interval_seconds": "HealthCheckInterval",
                    "timeout_seconds": "HealthCheckTimeout",
                    "healthy_threshold": "HealthyThreshold",
                    "unhealthy_threshold": "UnhealthyThreshold",
                }
            ),
            protocols=("HTTP", "HTTPS", "TCP", "gRPC"),
            methods=("HEAD", "GET", "POST"),
            codes=_HTTP_CODES,
            path_characters=r"-/.%?#&=_;~!()*[]@$^:\",+",
            http_protocols=frozenset({"HTTP", "HTTPS", "gRPC"}),
        ),
        "NLB": HealthCheckFacts(
            fields=MappingProxyType(
                {
                    "protocol": "HealthCheckType",
                    "port": "HealthCheckConnectPort",
                    "host": "HealthCheckDomain",
                    "path": "HealthCheckUrl",
                    "method": "HttpCheckMethod",
                    "codes": "HealthCheckHttpCode",
                    "interval_seconds": "HealthCheckInterval",
                    "timeout_seconds": "HealthCheckConnectTimeout",
                    "healthy_threshold": "HealthyThreshold",
                    "unhealthy_threshold": "UnhealthyThreshold",
                }
            ),
            protocols=("TCP", "HTTP", "UDP"),
            methods=("GET", "HEAD"),
            codes=_HTTP_CODES,
            path_characters="-/.%?#&",
            http_protocols=frozenset({"HTTP"}),
        ),
    }
)

#: Longest name of a group (facts §6.2).
NAME_LENGTH = 128
