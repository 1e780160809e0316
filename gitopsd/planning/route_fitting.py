"""What is left and what is written of the routes of one Ingress has to serve together.

An Ingress without a route is refused for ever, and a backend that leads to an action that is not
there takes the requests and answers none of them (facts §4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gitopsd.diff.routes import RULES, composed, routes_of
from gitopsd.model.desired import Manifest
from gitopsd.model.observed import ObservedObject
from gitopsd.model.paths import join, split
from gitopsd.model.verdict import Cause, Difference
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION

#: How paths of actions begin.
_ACTION = join(("metadata", "annotations", ACTIONS))[:-1]

Some = tuple[Difference, ...]


@dataclass(slots=True)
class _Fitting:
    """Differences to write and to leave, while some are moved from one side to the other."""

    write: Some
    leave: Some
    reasons: list[str] = field(default_factory=list)

    def keep(self, some: Some, why: str) -> None:
        """Leave what would have been written."""
        if some:
            self.write, self.leave = _without(self.write, some), (*self.leave, *some)
            self.reasons.append(f"{_names(some)} stays as found: {why}")

    def put(self, some: Some, why: str) -> None:
        """Write what would have been left."""
        if some:
            self.write, self.leave = (*self.write, *some), _without(self.leave, some)
            self.reasons.append(f"{_names(some)} is set: {why}")


def _without(differences: Some, some: Some) -> Some:
    return tuple(item for item in differences if item not in some)


def _names(differences: Some) -> str:
    return ", ".join(item.path for item in differences)


def fit_routes(
    wanted: Manifest, live: ObservedObject, write: Some, leave: Some
) -> tuple[Some, Some, tuple[str, ...]]:
    """The differences to write and to leave of an Ingress, and why these are not just the modes'.

    A route is left with the one of another path type that stands in its place, and all routes where
    none would remain. A backend whose action Git takes away is written, and one that would lead to
    an action which is left away is left as well. So is an action which somebody added, with the
    backend that leads to it.
    """
    fit = _Fitting(write, leave)
    fit.keep(
        tuple(_to_no_action(wanted, fit.write, fit.leave)),
        "the action that it would lead to is left away",
    )
    if not any(map(_of_rules, fit.leave)):
        return write, leave, ()
    fit.put(
        tuple(_without_action(live, fit.write, fit.leave)),
        "Git takes away the action that it was left to lead to",
    )
    stays = tuple(_in_place_of(fit.write, fit.leave))
    if not stays and not _routes(wanted, live, fit.leave):
        stays = tuple(filter(_of_rules, fit.write))
    fit.keep(stays, "nothing else takes requests in its place")
    fit.keep(
        tuple(_in_use(live, fit.write, fit.leave)),
        "what is left of the routes leads to it",
    )
    return fit.write, fit.leave, tuple(fit.reasons)


def _of_rules(difference: Difference) -> bool:
    return split(difference.path)[:2] == RULES


def _below(differences: Iterable[Difference]) -> list[tuple[str, ...]]:
    """The keys below `spec.rules` of those that lead there."""
    return [split(item.path)[len(RULES) :] for item in differences if _of_rules(item)]


def _in_place_of(write: Some, leave: Some) -> Iterator[Difference]:
    """What somebody has put where a route was whose absence is left, and would be taken off."""
    gone = {keys[0] for keys in _below(item for item in leave if item.found is None)}
    for item in filter(_of_rules, write):
        if item.wanted is None and item.cause is Cause.DRIFT and split(item.path)[2] in gone:
            yield item


def _routes(wanted: Manifest, live: ObservedObject, leave: Some) -> list[dict[str, object]]:
    """The rules that stand after the apply."""
    return composed(wanted["spec"].get("rules"), live.manifest["spec"].get("rules"), _below(leave))


def _led(rules: Any, difference: Difference) -> set[str]:
    """The backends of the routes in these rules that a difference is about."""
    keys = split(difference.path)[len(RULES) :]
    return {
        route.backend for key, route in routes_of(rules).items() if key[: len(keys)] == keys[:2]
    }


def _to_actions(differences: Iterable[Difference]) -> set[str]:
    """The backends that lead to the actions among these."""
    keys = (split(item.path)[-1] for item in differences if item.path.startswith(_ACTION))
    return {f"{key.removeprefix(ACTIONS)}:{USE_ANNOTATION}" for key in keys}


def _to_no_action(wanted: Manifest, write: Some, leave: Some) -> Iterator[Difference]:
    """What would be written of the rules and lead to nothing but actions that are left away."""
    away = _to_actions(item for item in leave if item.found is None)
    for item in filter(_of_rules, write if away else ()):
        led = _led(wanted["spec"].get("rules"), item)
        if led and led <= away:
            yield item


def _without_action(live: ObservedObject, write: Some, leave: Some) -> Iterator[Difference]:
    """What is left of the rules and leads to an action that is there, and goes with this apply."""
    gone = _to_actions(item for item in write if _takes_away(item, Cause.CHANGE))
    for item in filter(_of_rules, leave):
        if _led(live.manifest["spec"].get("rules"), item) & gone:
            yield item


def _in_use(live: ObservedObject, write: Some, leave: Some) -> Iterator[Difference]:
    """The actions that somebody added, would be taken off, and are led to by what is left."""
    rules = live.manifest["spec"].get("rules")
    led = {backend for item in filter(_of_rules, leave) for backend in _led(rules, item)}
    for item in write:
        if _takes_away(item, Cause.DRIFT) and _to_actions([item]) & led:
            yield item


def _takes_away(difference: Difference, cause: Cause) -> bool:
    return difference.wanted is None and difference.cause is cause
