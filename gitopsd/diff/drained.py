"""Destinations of an action that somebody has drained: a weight of 0 is never raised by itself.

An action is one annotation, and one field for managedFields. Its destinations are remembered one
by one all the same (`diff.fields`), so that a commit about one of them leaves the 0 of another: Git
raises a destination by moving just that one. Where Git leaves a route nothing but what is drained,
no action could hold the 0: the route leads to the one that was found, which stays, wherever Git
has moved the route to (`diff.zeros`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.actions import is_action, serves, sparing, zeros
from gitopsd.diff.explain import Delta
from gitopsd.diff.fields import Keys
from gitopsd.diff.routes import RULES
from gitopsd.diff.zeros import Refuge, Zeros
from gitopsd.model.verdict import Cause
from gitopsd.model.wording import said


@dataclass(frozen=True, slots=True)
class Drained:
    """What becomes of the difference of an action or route: as in `Difference`."""

    cause: Cause
    manual: bool = False
    kept: Any = None
    note: str = ""


def drained(delta: Delta, cause: Cause, known: Zeros) -> Drained:
    """Whether somebody has drained a destination of what `delta` is about."""
    if delta.keys[:2] == RULES:
        return _route(delta, cause, known)
    if not is_action(str(delta.keys[-1])):
        return Drained(cause)
    if delta.wanted is None:
        left = any(one.action == delta.keys[-1] for one in known.refuges.values() if not one.taken)
        return Drained(Cause.DRIFT, manual=True) if left else Drained(cause)
    return _action(delta, cause, known)


def _action(delta: Delta, cause: Cause, known: Zeros) -> Drained:
    """Around the zeros all the rest is put right.

    Where nothing else differs, and where nobody would get anything any more, what is found is left
    as a whole, as drift.
    """
    spared = known.of_action(str(delta.keys[-1]))
    if cause is Cause.DRIFT:
        spared |= zeros(delta.wanted, delta.found)
    if not spared:
        return Drained(cause)
    kept = sparing(delta.wanted, spared)
    if not serves(kept) or (delta.found and json.loads(kept) == json.loads(delta.found)):
        return Drained(Cause.DRIFT, manual=True)
    return Drained(cause, manual=True, kept=kept)


def _route(delta: Delta, cause: Cause, known: Zeros) -> Drained:
    """Routes to nothing but what is drained lead to the action that was found.

    Where Git uses that one for something else there is nothing to keep: a guard holds the change.
    """
    refuges = {
        route: refuge
        for route, refuge in known.refuges.items()
        if route[: len(delta.keys)] == delta.keys
    }
    if not refuges or delta.wanted is None:
        return Drained(cause)
    names = ", ".join(dict.fromkeys(name for one in refuges.values() for name in one.names))
    note = said("drained", names=names)
    if any(refuge.taken for refuge in refuges.values()):
        return Drained(cause, manual=True, note=note)
    kept = _led(delta.keys, delta.wanted, refuges)
    if kept == delta.found:
        return Drained(Cause.DRIFT, manual=True, note=note)
    return Drained(cause, manual=True, kept=kept, note=note)


def _led(keys: Keys, value: Any, refuges: Mapping[Keys, Refuge]) -> Any:
    """What stands at `keys` of a view, with the routes below it led to their refuges."""
    if isinstance(value, Mapping):
        return {name: _led((*keys, name), below, refuges) for name, below in value.items()}
    return refuges[keys].backend if keys in refuges else value
