"""Canary Ingresses: which share of a stable path's traffic they take (facts §4.1, §4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.actions import (
    Own,
    backend_name,
    backend_port,
    entries_of,
)
from gitopsd.sandbox.controllers.alb.failures import BuildError, Panic
from gitopsd.sandbox.controllers.alb.model import Action, Weighted
from gitopsd.sandbox.controllers.objects import Item, key_of

_TARGETED: Final = ("canary-by-header", "canary-by-header-value", "canary-by-cookie")
_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class _Share:
    """A canary's part of a path: which Service of which Ingress gets which weight."""

    ingress: Item
    service: str
    port: int
    weight: int


@dataclass(slots=True)
class Canaries:
    """Shares by host and path, and the host-and-path pairs that stable Ingresses serve."""

    shares: dict[str, list[_Share]] = field(default_factory=dict)
    stable: set[str] = field(default_factory=set)

    def serves(self, place: str) -> bool:
        """Whether a stable Ingress has the place; a canary of nothing yields no rule."""
        return place in self.stable

    def shared(self, place: str) -> bool:
        """Whether canaries take a part of the place's traffic."""
        return place in self.shares

    def forward(self, ingress: Item, path: Item, place: str, own: Own) -> Action:
        """The forward to a path's own backend, shared with the canaries of the place."""
        shares = [] if read.is_canary(ingress) else self.shares.get(place, [])
        taken = sum(each.weight for each in shares)
        tuples = [
            Weighted(each.weight, owned=own(each.ingress, each.service, each.port))
            for each in shares
        ]
        if not shares or taken != _ALL:
            rest = own(ingress, backend_name(path), backend_port(path))
            tuples.insert(0, Weighted(_ALL - taken, owned=rest))
        return Action("ForwardGroup", groups=tuple(tuples))


def place_of(rule: Item, path: Item) -> str:
    """What tells places apart: the host and the path as written."""
    return f"{rule.get('host', '')}-{path.get('path', '')}"


def paths_of(ingress: Item) -> Iterator[tuple[Item, Item]]:
    """Every rule with each of its paths; rules without an http section have none."""
    for rule in ingress["spec"].get("rules") or []:
        if rule.get("http") is not None:
            for path in rule["http"].get("paths") or []:
                yield rule, path


def is_lost(ingress: Item) -> bool:
    """Whether the Ingress yields no rule of its own: a canary that has a weight."""
    return read.is_canary(ingress) and bool(read.either(ingress, "canary-weight"))


def gather(ingresses: Iterable[Item]) -> Canaries:
    """Look through the Ingresses of a listener.

    Raises:
        BuildError: a canary has conditions, or a weight and a forward action.
        Panic: a canary has a rule without an http section.
    """
    found = Canaries()
    for ingress in ingresses:
        if not read.is_canary(ingress):
            found.stable.update(place_of(rule, path) for rule, path in paths_of(ingress))
            continue
        _check_conditions(ingress)
        weight = _weight(ingress)
        if not weight:
            continue
        if _forwards(ingress):
            message = f"{key_of(ingress)} can't exist CanaryWeight and annotation forwardAction"
            raise BuildError(f"{message} at the same time", ingress)
        for rule, path in paths_of(ingress):
            share = _Share(ingress, backend_name(path), backend_port(path), weight)
            found.shares.setdefault(place_of(rule, path), []).append(share)
    return found


def _weight(ingress: Item) -> int:
    if any(read.either(ingress, name) for name in _TARGETED):
        return 0
    return read.integer(read.either(ingress, "canary-weight")) or 0


def _check_conditions(ingress: Item) -> None:
    for rule in ingress["spec"].get("rules") or []:
        if rule.get("http") is None:
            raise Panic
        for path in rule["http"].get("paths") or []:
            if read.raw(ingress, f"conditions.{backend_name(path)}") is not None:
                message = f"{key_of(ingress)} can't exist Canary and customize condition"
                raise BuildError(f"{message} at the same time", ingress)


def _forwards(ingress: Item) -> bool:
    """Whether an action annotation of the Ingress names at least one group."""
    return bool(list(forwarded(ingress)))


def forwarded(ingress: Item) -> Iterator[str]:
    """Services named in forward actions ("" where a group is named by id).

    Raises:
        Panic: an action has no config, or a backend is no Service.
    """
    for _, path in paths_of(ingress):
        entries, _ = entries_of(ingress, backend_name(path))
        for entry in entries:
            if entry["Type"].lower() == "forwardgroup":
                if entry["forwardConfig"] is None:
                    raise Panic
                for each in entry["forwardConfig"]["serverGroups"]:
                    yield each["serviceName"]
