"""Where each route of an Ingress leads: straight to a Service, or to what its action names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.actions import weights_in
from gitopsd.diff.routes import RULES, backends_in
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION

Keys = tuple[str | int, ...]
#: Weights by destination. A route that leads straight to a Service gives it everything: None.
Shares = Mapping[str, int | None]

_DECIDES = f":{USE_ANNOTATION}"


@dataclass(frozen=True, slots=True)
class Led:
    """Where a route leads: the annotation of its action, if it has one, and the destinations."""

    action: str | None
    shares: Shares


NOWHERE = Led(None, {})


def led_by(backend: str, annotations: Mapping[str, Any]) -> Led:
    """Where a backend leads, as `diff.routes` writes it, beside these annotations."""
    if not backend.endswith(_DECIDES):
        return Led(None, {backend: None})
    action = ACTIONS + backend.removesuffix(_DECIDES)
    return Led(action, weights_in(annotations.get(action)) or {})


def led_in(view: Mapping[str, Any]) -> dict[Keys, Led]:
    """Where each route of a view leads, by the keys of its backend."""
    backends = backends_in(view["spec"].get(RULES[1]) or {})
    return {route: led_by(to, annotations_of(view)) for route, to in backends}


def backend_of(action: str) -> str:
    """The backend that leads to an action, given by its annotation: `forward:use-annotation`."""
    return action.removeprefix(ACTIONS) + _DECIDES


def annotations_of(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """The annotations in a view of an object (`diff.manifest`)."""
    there: Mapping[str, Any] = view["metadata"]["annotations"]
    return there
