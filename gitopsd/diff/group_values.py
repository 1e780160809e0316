"""What the fields of a server group read back as, and when two values are the same (facts §6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.model.desired import Member, Product
from gitopsd.model.observed import ObservedMember
from gitopsd.profiles.servergroups import CASELESS, DEFAULTS, HEALTH_CHECKS, UNORDERED

#: Defaults that hold whatever the check's protocol is (facts §6.2).
_STEADY = frozenset(
    {"HealthCheckEnabled", "HealthCheckInterval", "HealthyThreshold", "UnhealthyThreshold"}
)
#: A field of HTTP that has a default and that a ServerGroup cannot say.
_HTTP_VERSION = "HealthCheckHttpVersion"
#: What a check by gRPC has defaults of its own for, which facts §6.2 does not all name.
_NOT_GRPC = frozenset({"HealthCheckMethod", "HealthCheckCodes", _HTTP_VERSION})


def filled(product: Product, create: Mapping[str, Any]) -> dict[str, Any]:
    """What the group should read back as: the parameters, with the defaults that apply."""
    wanted = {name: value for name, value in create.items() if name != "VpcId"}
    wanted.setdefault("Scheduler", DEFAULTS[product]["Scheduler"])
    check = wanted.get("HealthCheckConfig")
    if isinstance(check, Mapping):
        if check.get("HealthCheckEnabled") is False:
            wanted["HealthCheckConfig"] = {"HealthCheckEnabled": False}
        else:
            wanted["HealthCheckConfig"] = {**_check_defaults(product, check), **check}
    return wanted


def _check_defaults(product: Product, check: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of a check that is on, as far as they apply to its protocol (facts §6.2).

    What a spec leaves out, or no longer says, is "on, with the API's defaults" (design §2). Fields
    of HTTP belong to HTTP-like checks only. Defaults that facts §6.2 does not vouch for under the
    protocol are left out: most of UDP's, and gRPC's method, codes and HTTP version.
    """
    facts = HEALTH_CHECKS[product]
    defaults: Mapping[str, Any] = DEFAULTS[product]["HealthCheckConfig"]
    kind = facts.fields["protocol"]
    protocol = str(check.get(kind, defaults[kind])).upper()
    if protocol == "UDP":
        return {name: value for name, value in defaults.items() if name in _STEADY}
    left_out = frozenset[str]()
    if protocol not in {name.upper() for name in facts.http_protocols}:
        left_out = frozenset(facts.fields[name] for name in facts.http) | {_HTTP_VERSION}
    elif protocol == "GRPC":
        left_out = _NOT_GRPC
    return {name: value for name, value in defaults.items() if name not in left_out}


def equal(name: str, wanted: Any, found: Any) -> bool:
    """Equal as the API means it: case and the order of sets left aside (facts §6.2)."""
    return bool(wanted == found or normal(name, wanted) == normal(name, found))


def normal(name: str, value: Any) -> Any:
    """One spelling of all those that the API takes for the same value."""
    if name in CASELESS and isinstance(value, str):
        return value.lower()
    if name in UNORDERED and isinstance(value, list):
        return sorted(value)
    return value


def content(member: Member | ObservedMember, product: Product) -> dict[str, Any]:
    """What can be said of a member beside its name; only an address behind an ALB is remote."""
    told: dict[str, Any] = {"weight": member.weight}
    if product == "ALB" and member.server_type == "Ip":
        told["remote"] = member.remote
    return told
