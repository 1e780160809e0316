"""Routes that would stay without anything that serves (design §4, "Guards")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gitopsd.model.desired import DesiredTarget, Manifest
from gitopsd.model.observed import ObservedTarget

_ACTION = "alb.ingress.kubernetes.io/actions."


def serving_groups(desired: DesiredTarget, observed: ObservedTarget, mark: str) -> dict[str, bool]:
    """Whether a group will have a serving member, by its id and by its placeholder.

    `mark` is the description of our members: those of others stay and go on serving. Groups that
    others own are not in it: what they hold is not known here.
    """
    ours = {
        identity: any(member.weight > 0 for member in group.members)
        for identity, group in desired.groups.items()
    }
    serving = {f"<{identity.key}>": serves for identity, serves in ours.items()}
    for live in observed.groups:
        if live.identity in ours:
            theirs = any(m.weight > 0 for m in live.members if m.description != mark)
            serving[live.id] = ours[live.identity] or theirs
    return serving


def starving_routes(
    wanted: Manifest, live: Manifest, serving: Mapping[str, bool]
) -> tuple[str, ...]:
    """The routes of an Ingress that are there now and would send all traffic to nowhere."""
    now = {place for _, place in _routes(live)}
    annotations = wanted.get("metadata", {}).get("annotations") or {}
    return tuple(
        name
        for name, place in _routes(wanted)
        if place in now and _starves(annotations.get(_ACTION + name), serving)
    )


def _starves(action: str | None, serving: Mapping[str, bool]) -> bool:
    if action is None:
        return False  # an ordinary backend: the Service is looked at elsewhere
    shares = [
        share for part in json.loads(action) for share in part["ForwardConfig"]["ServerGroups"]
    ]
    return not any(
        share["Weight"] > 0 and serving.get(share.get("ServerGroupID", ""), True)
        for share in shares
    )


def _routes(manifest: Manifest) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name of the backend, and host and path, of every path of an Ingress."""
    rules: list[dict[str, Any]] = manifest.get("spec", {}).get("rules") or []
    for rule in rules:
        for path in (rule.get("http") or {}).get("paths") or []:
            name = ((path.get("backend") or {}).get("service") or {}).get("name", "")
            yield name, (rule.get("host", ""), path.get("path", ""))
