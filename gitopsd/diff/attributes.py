"""Attributes of a server group, compared as the API means them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.diff.evidence import Evidence
from gitopsd.model.desired import Product
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.verdict import Difference
from gitopsd.profiles.servergroups import CASELESS, DEFAULTS, UNORDERED

#: Defaults that hold whatever the protocol: with these a health check that a spec leaves out is
#: compared as if they were written (design §2: "left out: on, with the API's defaults").
_STEADY = frozenset(
    {"HealthCheckEnabled", "HealthCheckInterval", "HealthyThreshold", "UnhealthyThreshold"}
)


def compare_attributes(
    evidence: Evidence, current: ObservedGroup
) -> tuple[dict[str, Any], list[Difference]]:
    """The parameters of the update that is needed, and the differences it removes."""
    declared = evidence.item.create
    changed: dict[str, Any] = {}
    moved: list[Difference] = []
    for name, value in _filled(evidence.item.product, declared).items():
        for keys, wanted, found in _leaves(name, value, declared, current.attributes):
            if not equal(keys[-1], wanted, found):
                changed[name] = value
                moved.append(evidence.difference(keys, wanted, found))
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
        if leaf in declared[name] or leaf in inner
    ]


def _filled(product: Product, create: Mapping[str, Any]) -> dict[str, Any]:
    """What the group should read back as: the parameters, with the defaults that always hold."""
    wanted = {name: value for name, value in create.items() if name != "VpcId"}
    wanted.setdefault("Scheduler", DEFAULTS[product]["Scheduler"])
    check = wanted.get("HealthCheckConfig")
    if isinstance(check, Mapping):
        if check.get("HealthCheckEnabled") is False:
            wanted["HealthCheckConfig"] = {"HealthCheckEnabled": False}
        else:
            defaults = DEFAULTS[product]["HealthCheckConfig"]
            steady = {name: value for name, value in defaults.items() if name in _STEADY}
            wanted["HealthCheckConfig"] = {**steady, **check}
    return wanted


def equal(name: str, wanted: Any, found: Any) -> bool:
    """Equal as the API means it: case and the order of sets left aside (facts §6.2)."""
    if wanted == found:
        return True
    if name in CASELESS and isinstance(wanted, str) and isinstance(found, str):
        return wanted.lower() == found.lower()
    if name in UNORDERED and isinstance(wanted, list) and isinstance(found, list):
        return sorted(wanted) == sorted(found)
    return False
