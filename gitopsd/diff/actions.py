"""Reading the action annotations of an Ingress as the ALB's controller reads them (facts §4.3)."""

from __future__ import annotations

import json
from typing import Any

from gitopsd.profiles.annotations import ACTIONS


def is_action(annotation: str) -> bool:
    """Whether an annotation says what a rule does."""
    return annotation.startswith(ACTIONS)


def weights_in(action: Any) -> dict[str, int] | None:
    """Destination (`sgp-1`, `tea-svc:80`) to weight; {} for no action, None for no forward.

    Keys count in any case, and a weight that is left out is 0. Two entries of one destination add
    up.
    """
    if action is None:
        return {}
    found: dict[str, int] = {}
    try:
        for forward in json.loads(action):
            for entry in _get(_get(forward, "ForwardConfig"), "ServerGroups"):
                service = f"{_get(entry, 'ServiceName')}:{_get(entry, 'ServicePort')}"
                name = str(_get(entry, "ServerGroupID") or service)
                found[name] = found.get(name, 0) + int(_get(entry, "Weight") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return found


def zeros(wanted: Any, found: Any) -> frozenset[str]:
    """The destinations that should get a share, and get nothing by a weight of 0 that is found."""
    asked, there = weights_in(wanted) or {}, weights_in(found) or {}
    return frozenset(name for name, weight in asked.items() if weight > 0 and there.get(name) == 0)


def serves(action: Any) -> bool:
    """Whether an action gives anybody anything."""
    return any((weights_in(action) or {}).values())


def sparing(wanted: str, spared: frozenset[str]) -> str:
    """The wanted action with a 0 for each of the destinations `spared`, and all else as asked."""
    action = json.loads(wanted)
    for forward in action:
        for entry in _get(_get(forward, "ForwardConfig"), "ServerGroups"):
            if spared.intersection(weights_in(_alone(entry)) or ()):
                entry["Weight"] = 0
    return json.dumps(action, separators=(",", ":"), ensure_ascii=False)


def _alone(entry: Any) -> str:
    """An action that forwards to one destination."""
    return json.dumps([{"ForwardConfig": {"ServerGroups": [entry]}}])


def _get(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.items() if key.lower() == name.lower()), None)
