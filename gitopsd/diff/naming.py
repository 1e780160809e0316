"""Names of server groups in manifests: placeholders in ours, ids in live ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gitopsd.model.desired import DesiredTarget, Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject

_GROUP_ID = re.compile(r"\bsgp-[A-Za-z0-9]+")


def named_groups(manifest: Manifest) -> frozenset[str]:
    """The ids of server groups that stand in an object's annotations."""
    annotations = manifest.get("metadata", {}).get("annotations") or {}
    return frozenset(found for value in annotations.values() for found in _GROUP_ID.findall(value))


def named_in_place_of(
    groups: Collection[Identity],
    desired: DesiredTarget,
    live: Mapping[Identity, ObservedObject],
) -> frozenset[str]:
    """Ids that live Ingresses of ours name, and their specs do not, where these want the groups.

    Each may be one of `groups`, or another group of the same Ingress.
    """
    ids: set[str] = set()
    for item in desired.objects.values():
        found = live.get(item.identity) if item.groups else None
        if found is not None and any(group in groups for group in item.groups):
            ids |= named_groups(found.manifest) - named_groups(item.manifest)
    return frozenset(ids)


def resolve(value: Any, ids: Mapping[Identity, str], groups: Iterable[Identity]) -> Any:
    """The manifest with the ids that are known in the place of `<namespace/name>`."""
    known = {f"<{group.key}>": ids[group] for group in groups if group in ids}
    return _replace(value, known) if known else value


def _replace(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for placeholder, group_id in known.items():
            value = value.replace(placeholder, group_id)
        return value
    if isinstance(value, dict):
        return {key: _replace(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, known) for item in value]
    return value
