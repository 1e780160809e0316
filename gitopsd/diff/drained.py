"""Destinations of an action that somebody has drained: a weight of 0 is never raised by itself.

An action is one annotation, and one field for managedFields. Its destinations are remembered one
by one all the same (`diff.fields`), so that a commit about one of them leaves the 0 of another: Git
raises a destination by moving just that one. Where Git drops all its neighbours there is no action
any more, and the route itself is left to the one that was found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.actions import is_action, serves, sparing, weights_in, zeros
from gitopsd.diff.causes import Causes
from gitopsd.diff.explain import Delta
from gitopsd.diff.fields import Keys
from gitopsd.diff.routes import BACKEND, RULES, backends_in
from gitopsd.model.verdict import Cause
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION

_ANNOTATIONS = ("metadata", "annotations")
_DECIDES = f":{USE_ANNOTATION}"


@dataclass(frozen=True, slots=True)
class Drained:
    """What becomes of the difference of an action: `manual` and `kept` as in `Difference`."""

    cause: Cause
    manual: bool = False
    kept: str | None = None


def drained(delta: Delta, cause: Cause, causes: Causes) -> Drained:
    """Whether somebody has drained a destination of what `delta` is about, if that is an action.

    Around the zeros all the rest is put right. Where nothing else differs, and where nobody would
    get anything any more, what is found is left as a whole, as drift: unless Git has renamed the
    route, whose action is another annotation then.
    """
    if _left_alone(delta, causes):
        return Drained(Cause.DRIFT, manual=True)
    if delta.keys[:2] != _ANNOTATIONS or not is_action(str(delta.keys[2])) or not delta.wanted:
        return Drained(cause)
    key, found = str(delta.keys[2]), delta.found
    if cause is Cause.DRIFT:
        spared = zeros(delta.wanted, found)
    else:
        key = _former(key, causes)
        found = causes.found["metadata"]["annotations"].get(key)
        spared = _unmoved(delta.wanted, found, key, causes)
    if not spared:
        return Drained(cause)
    kept = sparing(delta.wanted, spared)
    if delta.found is None:
        silenced = serves(found) and not serves(kept)
        return Drained(cause) if silenced else Drained(cause, manual=True, kept=kept)
    if not serves(kept) or json.loads(kept) == json.loads(found):
        return Drained(Cause.DRIFT, manual=True)
    return Drained(cause, manual=True, kept=kept)


def _unmoved(wanted: str, found: Any, key: str, causes: Causes) -> frozenset[str]:
    """The destinations with a 0 that Git did not move: asked for as they were before.

    Without a memory Git has raised them where they are all that differs, as in a server group;
    where anything else explains that the action moved, they count as a person's doing.
    """
    zero, asked = zeros(wanted, found), weights_in(wanted) or {}
    if causes.fields is None:
        there = weights_in(found) or {}
        others = any(
            asked.get(name) != there.get(name) for name in {*asked, *there} if name not in zero
        )
        return zero if others else frozenset()
    return frozenset(name for name in zero if not _moved(name, asked[name], key, causes))


def _left_alone(delta: Delta, causes: Causes) -> bool:
    """Whether `delta` is what Git makes of a route whose last destination somebody has drained.

    That is where the route leads, and the action that it led to.
    """
    if delta.keys[:2] == RULES and delta.keys[-1] == BACKEND:
        return _drains(delta.found, delta.wanted, causes)
    if delta.keys[:2] != _ANNOTATIONS or delta.wanted is not None:
        return False
    wanted = _backends(causes.wanted)
    return any(
        _names(to, str(delta.keys[2])) and _drains(to, wanted.get(route), causes)
        for route, to in _backends(causes.found).items()
    )


def _drains(found: str | None, wanted: str | None, causes: Causes) -> bool:
    """Whether a route leads to an action with a 0, by hand, for all that Git wants it to lead to.

    An action that Git gives to another route is no place to leave this one.
    """
    if not (found and wanted) or not found.endswith(_DECIDES) or wanted.endswith(_DECIDES):
        return False
    key = ACTIONS + found.removesuffix(_DECIDES)
    if key in causes.wanted["metadata"]["annotations"]:
        return False
    there = weights_in(causes.found["metadata"]["annotations"].get(key)) or {}
    return there.get(wanted) == 0 and not _moved(wanted, None, key, causes)


def _moved(name: str, asked: int | None, key: str, causes: Causes) -> bool:
    """Whether Git gives a destination with a 0 another share; `asked` None is a route of its own.

    To get neighbours, or to lose them, is no other share.
    """
    fields = causes.fields
    if causes.settled or fields is None:
        return False
    before = fields.values_of((*_ANNOTATIONS, key, name))
    if before is None:
        led = (route for route, to in _backends(causes.found).items() if _names(to, key))
        return all(fields.differs(fields.values_of(route), name) for route in led)
    return fields.differs(before, asked) if asked is not None else not fields.differs(before, 0)


def _names(backend: str, key: str) -> bool:
    return backend == key.removeprefix(ACTIONS) + _DECIDES


def _former(key: str, causes: Causes) -> str:
    """The annotation that a wanted action stands under, or stood before its route was renamed."""
    if key in causes.found["metadata"]["annotations"]:
        return key
    now = _backends(causes.wanted)
    here = [route for route, to in now.items() if _names(to, key)]
    led = {to for route, to in _backends(causes.found).items() if route in here}
    if len(led) == 1 and (to := led.pop()).endswith(_DECIDES):
        return ACTIONS + to.removesuffix(_DECIDES)
    return key


def _backends(view: Mapping[str, Any]) -> dict[Keys, str]:
    return dict(backends_in(view["spec"].get(RULES[1]) or {}))
