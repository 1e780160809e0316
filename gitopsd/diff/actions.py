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


def emptied(wanted: Any, found: Any) -> bool:
    """Whether the action that is found gives nothing to a destination that should get a share.

    Somebody has drained it, by a weight of 0: what it is wanted for is told, and left to them.
    """
    asked, there = weights_in(wanted), weights_in(found)
    if not asked or not there:
        return False
    return any(weight > 0 and there.get(name) == 0 for name, weight in asked.items())


def zeros_kept(wanted: str, found: str) -> str | None:
    """The wanted action with the zeros that are found, so that all the rest of it is put right.

    None where that changes nothing, and where nobody would get anything any more: then what is
    found is left as a whole.
    """
    there = weights_in(found) or {}
    action = json.loads(wanted)
    for forward in action:
        for entry in _get(_get(forward, "ForwardConfig"), "ServerGroups"):
            if any(there.get(name) == 0 for name in weights_in(_alone(entry)) or ()):
                entry["Weight"] = 0
    kept = json.dumps(action, separators=(",", ":"), ensure_ascii=False)
    if action == json.loads(found) or not any((weights_in(kept) or {}).values()):
        return None
    return kept


def _alone(entry: Any) -> str:
    """An action that forwards to one destination."""
    return json.dumps([{"ForwardConfig": {"ServerGroups": [entry]}}])


def _get(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.items() if key.lower() == name.lower()), None)
