"""The rules of one listener, from the Ingresses that listen there (facts §4.5, §4.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from gitopsd.sandbox.controllers.alb import canary
from gitopsd.sandbox.controllers.alb.actions import actions, backend_name
from gitopsd.sandbox.controllers.alb.conditions import conditions, direction
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.groups import server_group
from gitopsd.sandbox.controllers.alb.listening import SECURE, is_forced, is_secure
from gitopsd.sandbox.controllers.alb.memo import Memo
from gitopsd.sandbox.controllers.alb.model import (
    Action,
    Condition,
    ListenerKey,
    Rule,
    ServerGroup,
)
from gitopsd.sandbox.controllers.objects import Item, key_of

_Part = TypeVar("_Part")


class _Place(NamedTuple):
    """One path of a rule of an Ingress; `number` tells places of one Ingress apart."""

    ingress: Item
    rule: Item
    path: Item
    number: int


class _Parts(NamedTuple):
    """What a rule is made of, and the groups that are made for it."""

    direction: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    groups: tuple[ServerGroup, ...]


def rules(
    listener: ListenerKey, ingresses: Sequence[Item], memo: Memo
) -> tuple[list[Rule], list[ServerGroup]]:
    """Rules in the order of their priorities, and the groups they need, some more than once.

    Raises:
        BuildError: an Ingress is refused.
        Panic: the controller trips over an Ingress.
    """
    canaries = canary.gather(ingresses)
    found: list[Rule] = []
    groups: list[ServerGroup] = []
    for ingress in ingresses:
        if canary.is_lost(ingress):
            continue
        for index, (rule, path) in enumerate(canary.paths_of(ingress)):
            name = canary.place_of(rule, path)
            if _belongs(listener, ingress, rule.get("host", "")) and canaries.serves(name):
                parts = _parts(listener, _Place(ingress, rule, path, index), canaries, memo)
                groups += parts.groups
                found.append(Rule(listener, len(found) + 1, *parts[:3]))
    return found, groups


def _belongs(listener: ListenerKey, ingress: Item, host: str) -> bool:
    if not host or is_forced(ingress):
        return True
    secure = is_secure(ingress, listener.protocol, host)
    if listener.protocol == "HTTPS":
        return secure
    return not (listener.protocol == "HTTP" and secure)


def _parts(listener: ListenerKey, place: _Place, canaries: canary.Canaries, memo: Memo) -> _Parts:
    def make() -> _Parts:
        return _made(listener, place, canaries)

    if canaries.shared(canary.place_of(place.rule, place.path)):
        return make()
    return memo.once(place.ingress, (listener, place.number), make)


def _made(listener: ListenerKey, place: _Place, canaries: canary.Canaries) -> _Parts:
    ingress, rule, path, _ = place
    backend, host = backend_name(path), rule.get("host", "")
    groups: list[ServerGroup] = []

    def own(owner: Item, service: str, port: int) -> str:
        groups.append(server_group(owner, service, port))
        return groups[-1].resource_id

    def forward() -> Action:
        return canaries.forward(ingress, path, canary.place_of(rule, path), own)

    secure = listener.port == SECURE.port
    acts = _blamed(ingress, "Actions", lambda: actions(ingress, path, forward, own, on_443=secure))
    found = _blamed(ingress, "Conditions", lambda: conditions(ingress, host, path, backend))
    way = _blamed(ingress, "Direction", lambda: direction(ingress, backend))
    return _Parts(way, found, acts, tuple(groups))


def _blamed(ingress: Item, part: str, make: Callable[[], _Part]) -> _Part:
    """Run `make`; a refusal then names the Ingress and the part of the rule."""
    try:
        return make()
    except BuildError as error:
        place = f"buildListenerRules-{part}(ingress: {key_of(ingress)})"
        raise BuildError(f"{place}: {error.message}", ingress, error.message) from error
