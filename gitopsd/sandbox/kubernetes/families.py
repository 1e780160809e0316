"""IP families of a Service on a cluster that serves IPv4 alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import ip_formats
from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value
from gitopsd.sandbox.kubernetes.resources import Item

_SERVED: Final = "IPv4"


def init_families(spec: Item, before: Item | None) -> Iterator[FieldProblem]:
    """Fill in `ipFamilyPolicy` and `ipFamilies`, in place; what this cluster cannot serve."""
    selectorless = spec.get("clusterIP") == "None" and not spec.get("selector")
    if spec.get("ipFamilyPolicy") is None:
        carried = (before or {}).get("ipFamilyPolicy")
        spec["ipFamilyPolicy"] = carried or ("RequireDualStack" if selectorless else "SingleStack")
    policy = spec["ipFamilyPolicy"]
    if before is None:
        wrong = list(_given_problems(spec))
        yield from wrong
        if wrong:
            return
    families = spec.get("ipFamilies") or (before or {}).get("ipFamilies") or [_SERVED]
    if selectorless:
        if policy != "SingleStack" and len(families) == 1:
            families = [*families, "IPv6" if families[0] == "IPv4" else "IPv4"]
    else:
        if policy == "RequireDualStack":
            why = "this cluster is not configured for dual-stack services"
            yield invalid_value("spec.ipFamilyPolicy", policy, why)
        for index, family in enumerate(families):
            if family != _SERVED:
                why = "not configured on this cluster"
                yield invalid_value(f"spec.ipFamilies[{index}]", family, why)
    spec["ipFamilies"] = list(families)


def _given_problems(spec: Item) -> Iterator[FieldProblem]:
    """What the addresses of a new Service ask for beyond its policy and the cluster's family."""
    given, families = spec.get("clusterIPs") or [], spec.get("ipFamilies") or []
    if spec["ipFamilyPolicy"] == "SingleStack":
        for values, shown in ((given, "cluster IPs"), (families, "IP families")):
            if len(values) > 1:
                why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple "
                why += f"{shown} are specified"
                yield invalid_value("spec.ipFamilyPolicy", "SingleStack", why)
    if given[:1] == ["None"]:
        return
    for index in range(len(families), len(given)):
        family = ip_formats.ip_family(given[index])
        if family != _SERVED:
            why = f"{family} is not configured on this cluster"
            yield invalid_value(f"spec.clusterIPs[{index}]", given, why)
