"""What a client is told about a Service that is taken and yet not as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import ip_formats
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.resources import Item

_HINTS: Final = "service.kubernetes.io/topology-aware-hints"
_MODE: Final = "service.kubernetes.io/topology-mode"


def service_warnings(new: Item, _old: Item | None) -> Iterator[str]:
    """Warnings about the main endpoint's state, in the server's order."""
    spec = new["spec"]
    if _HINTS in (new["metadata"].get("annotations") or {}):
        yield f"annotation {_HINTS} is deprecated, please use {_MODE} instead"
    external = spec.get("externalIPs") or []
    headless = spec.get("clusterIP") == "None"
    if headless:
        yield from _ignored(spec)
    else:
        if spec.get("loadBalancerIP"):
            yield from _address("spec.loadBalancerIP", spec["loadBalancerIP"])
        for index, text in enumerate(external):
            yield from _address(f"spec.externalIPs[{index}]", text)
    if external and spec.get("type") == "ExternalName":
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    elif external and not headless:
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if spec.get("externalName") and spec.get("type") != "ExternalName":
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _ignored(spec: Item) -> Iterator[str]:
    for member in ("loadBalancerIP", "externalIPs"):
        if spec.get(member):
            yield f"spec.{member} is ignored for headless services"
    if spec.get("sessionAffinity") != "None":
        yield "spec.SessionAffinity is ignored for headless services"


def _address(field: str, text: str) -> Iterator[str]:
    address = ip_formats.parsed(text)
    if address is None or str(address) == text:
        return
    shown, right = quote(text), quote(str(address))
    if address.version == 6:
        yield f"{field}: IPv6 address {shown} should be in RFC 5952 canonical format ({right})"
    else:
        yield f"{field}: non-standard IP address {shown} is invalid: use {right}"
