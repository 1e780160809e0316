"""Attributes of a server group, compared as the API means them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.diff.evidence import Evidence
from gitopsd.model.desired import Product
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.verdict import Difference
from gitopsd.profiles.servergroups import CASELESS, DEFAULTS, HEALTH_CHECKS, UNORDERED

#: Defaults that hold whatever the check's protocol is (facts §6.2).
_STEADY = frozenset(
    {"HealthCheckEnabled", "HealthCheckInterval", "HealthyThreshold", "UnhealthyThreshold"}
)
#: A field of HTTP that has a default and that a ServerGroup cannot say.
_HTTP_VERSION = "HealthCheckHttpVersion"
#: What a check by gRPC has defaults of its own for, which facts §6.2 does not all name.
_NOT_GRPC = frozenset({"HealthCheckMethod", "HealthCheckCodes", _HTTP_VERSION})
#: How the API says that a field has no value.
_NOTHING: tuple[Any, ...] = (None, "", [])


def compare_attributes(
    evidence: Evidence, current: ObservedGroup
) -> tuple[dict[str, Any], list[Difference]]:
    """The parameters of the update that is needed, and the differences it removes.

    A health check is sent whole, defaults included, since the API keeps what an update leaves out.
    The name of a group that was adopted is its owner's: a ServerGroup cannot say one.
    """
    declared = evidence.item.create
    changed: dict[str, Any] = {}
    moved: list[Difference] = []
    for name, value in _filled(evidence.item.product, declared).items():
        if name == "ServerGroupName" and evidence.item.adopted:
            continue
        for keys, wanted, found in _leaves(name, value, declared, current.attributes):
            if equal(keys[-1], wanted, found):
                continue
            moved.append(evidence.difference(keys, wanted, found))
            changed[name] = value
    return changed, moved


def _leaves(
    name: str, value: Any, declared: Mapping[str, Any], attributes: Mapping[str, Any]
) -> list[tuple[tuple[str, ...], Any, Any]]:
    """What to compare of one attribute: what is declared, and a default where one reads back."""
    found = attributes.get(name)
    if not isinstance(value, dict):
        return [((name,), value, found)] if name in declared or found is not None else []
    inner = found if isinstance(found, dict) else {}
    return [
        ((name, leaf), wanted, inner.get(leaf))
        for leaf, wanted in value.items()
        if leaf in declared[name] or inner.get(leaf) not in _NOTHING
    ]


def _filled(product: Product, create: Mapping[str, Any]) -> dict[str, Any]:
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
    if wanted == found:
        return True
    if name in CASELESS and isinstance(wanted, str) and isinstance(found, str):
        return wanted.lower() == found.lower()
    if name in UNORDERED and isinstance(wanted, list) and isinstance(found, list):
        return sorted(wanted) == sorted(found)
    return False
