"""Attributes of a server group, compared as the API means them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.diff.evidence import Evidence
from gitopsd.diff.group_values import equal, filled
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.verdict import Difference

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
    for name, value in filled(evidence.item.product, declared).items():
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
