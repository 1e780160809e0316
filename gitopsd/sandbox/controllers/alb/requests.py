"""What the controller checks by itself while it writes its requests (facts §4.1, §4.6).

The cloud's own refusals are not here: they come from the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitopsd.sandbox.controllers.alb.listening import PROTOCOLS
from gitopsd.sandbox.controllers.alb.model import Listener, Rule, ServerGroup

_RANGES: Final = {
    "HealthCheckConnectPort": range(65536),
    "HealthCheckInterval": range(1, 51),
    "HealthCheckTimeout": range(1, 301),
    "HealthyThreshold": range(2, 11),
    "UnhealthyThreshold": range(2, 11),
}
_CHOICES: Final = {
    "HealthCheckMethod": ("GET", "HEAD"),
    "HealthCheckProtocol": ("HTTP", "HTTPS", "TCP"),
}
_CHECKED: Final = (
    "HealthCheckConnectPort",
    "HealthCheckInterval",
    "HealthCheckMethod",
    "HealthCheckProtocol",
    "HealthCheckTimeout",
    "HealthyThreshold",
    "UnhealthyThreshold",
)
_COOKIE_SECONDS: Final = range(1, 86401)
_BALANCER: Final = (
    ("addressType", "address type", ("internet", "intranet")),
    ("addressIpVersion", "address ip version", ("ipv4", "dualstack")),
    ("addressAllocatedMode", "address allocate mode", ("fixed", "dynamic")),
    ("edition", "edition", ("basic", "standard", "standardwithwaf")),
)
_TIMEOUTS: Final = ("RequestTimeout", "IdleTimeout")
_PORTS: Final = range(1, 65536)


def balancer_problem(config: Mapping[str, Any]) -> str:
    """Why no request to create the load balancer can be written, "" when it can.

    config: `spec.config` of an AlbConfig; one that reuses a load balancer creates none.
    """
    if config.get("id"):
        return ""
    for field, name, known in _BALANCER:
        value = config.get(field)
        if value and value.lower() not in known:
            return f"invalid load balancer {name}: {value}"
    pay = (config.get("billingConfig") or {}).get("payType")
    return f"invalid load balancer paytype: {pay}" if pay and pay.lower() != "postpay" else ""


def group_problem(group: ServerGroup) -> str:
    """Why no request to create the group can be written, "" when it can."""
    spec = group.spec
    if spec["Scheduler"] == "Uch" and not spec["UchConfig"]["Value"]:
        return "invalid server group UchConfigValue: "
    return _probe_problem(spec["HealthCheckConfig"]) or _cookie_problem(spec["StickySessionConfig"])


def _probe_problem(probe: Mapping[str, Any]) -> str:
    if not probe["HealthCheckEnabled"]:
        return ""
    for name in _CHECKED:
        value = probe[name]
        fits = value in _RANGES[name] if name in _RANGES else value.upper() in _CHOICES[name]
        if not fits:
            return f"invalid server group {name}: {value}"
    return ""


def _cookie_problem(sticky: Mapping[str, Any]) -> str:
    if not sticky["StickySessionEnabled"]:
        return ""
    kind = sticky["StickySessionType"].lower()
    if kind not in ("insert", "server"):
        return f"invalid server group StickySessionType: {sticky['StickySessionType']}"
    if kind == "insert" and sticky["CookieTimeout"] not in _COOKIE_SECONDS:
        return f"invalid server group CookieTimeout: {sticky['CookieTimeout']}"
    if kind == "server" and not sticky["Cookie"]:
        return f"invalid server group Cookie: {sticky['Cookie']}"
    return ""


def listener_problem(listener: Listener) -> str:
    """Why no request to create the listener can be written, "" when it can."""
    key = listener.key
    if key.protocol.upper() not in PROTOCOLS:
        return f"invalid listener protocol: {key.protocol}"
    if key.port not in _PORTS:
        return f"invalid listener port: {key.port}"
    for name in _TIMEOUTS:
        value = listener.attributes.get(name, 0)
        if value < 0:
            return f"invalid listener {name}: {value}"
    if key.protocol.upper() == "HTTP":
        return ""
    defaults = sum(each.default for each in listener.certificates)
    if defaults == 1:
        return ""
    return "empty https listener default certs" + ("" if listener.certificates else " ")


def trips(rule: Rule) -> bool:
    """Whether writing the request for a rule kills the controller (facts §4.7)."""
    return any(each.type == "Redirect" and each.config is None for each in rule.actions)
