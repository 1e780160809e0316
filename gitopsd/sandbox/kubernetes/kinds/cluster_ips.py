"""The rules of a Service's cluster IPs and IP families, among themselves.

They are checked before addresses are given out, and once more after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import ip_formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.resources import Item

_FAMILIES: Final = ("IPv4", "IPv6")
_POLICIES: Final = ("PreferDualStack", "RequireDualStack", "SingleStack")
_FIELD: Final = "spec.clusterIPs"
_NONE: Final = "None"
_MOST: Final = 2


def cluster_ip_problems(spec: Item) -> Iterator[FieldProblem]:
    """Broken rules, in the order in which the real server reports them."""
    if spec.get("type") == "ExternalName":
        return
    yield from _first_problems(spec)
    seen: set[str] = set()
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in _FAMILIES:
            yield unsupported_value(f"spec.ipFamilies[{index}]", family, _FAMILIES)
        if family in seen:
            yield duplicate_value(f"spec.ipFamilies[{index}]", family)
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        yield unsupported_value("spec.ipFamilyPolicy", policy, _POLICIES)
    wrong = list(_address_problems(spec.get("clusterIPs") or []))
    yield from wrong or _family_problems(spec)


def _first_problems(spec: Item) -> Iterator[FieldProblem]:
    first, listed = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    if not first:
        if listed:
            yield invalid_value(_FIELD, listed, "must be empty when `clusterIP` is not specified")
    elif not listed:
        yield required_value(_FIELD)
    elif listed[0] != first:
        yield invalid_value(_FIELD, listed, "first value must match `clusterIP`")


def _address_problems(listed: list[str]) -> Iterator[FieldProblem]:
    for index, address in enumerate(listed):
        if index == 0 and address == _NONE:
            if len(listed) > 1:
                yield invalid_value(_FIELD, listed, "'None' must be the first and only value")
            continue
        for fault in ip_formats.ip_address(address):
            yield invalid_value(f"{_FIELD}[{index}]", address, fault)
    if len(listed) > _MOST:
        yield invalid_value(_FIELD, listed, f"may only hold up to {_MOST} values")


def _family_problems(spec: Item) -> Iterator[FieldProblem]:
    listed = spec.get("clusterIPs") or []
    if listed[:1] == [_NONE]:
        return
    families = [ip_formats.ip_family(address) for address in listed]
    if len(set(families)) < len(families):
        yield invalid_value(_FIELD, listed, "may specify no more than one IP for each IP family")
    pairs = zip(families, spec.get("ipFamilies") or (), strict=False)
    for index, (held, wanted) in enumerate(pairs):
        if held != wanted and wanted in _FAMILIES:
            why = f"expected an {wanted} value as indicated by `ipFamilies[{index}]`"
            yield invalid_value(f"{_FIELD}[{index}]", listed[index], why)
