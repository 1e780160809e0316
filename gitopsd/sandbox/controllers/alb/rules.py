"""The rules of one listener, from the Ingresses that listen there (facts §4.5, §4.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gitopsd.sandbox.controllers.alb import canary
from gitopsd.sandbox.controllers.alb.actions import Own, actions, backend_name
from gitopsd.sandbox.controllers.alb.conditions import conditions, direction
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.listening import SECURE, is_forced, is_secure
from gitopsd.sandbox.controllers.alb.model import ListenerKey, Rule
from gitopsd.sandbox.controllers.objects import Item, key_of

_Part = TypeVar("_Part")


def rules(listener: ListenerKey, ingresses: Sequence[Item], own: Own) -> list[Rule]:
    """Rules in the order of their priorities.

    Raises:
        BuildError: an Ingress is refused.
        Panic: the controller trips over an Ingress.
    """
    canaries = canary.gather(ingresses)
    found: list[Rule] = []
    for ingress in ingresses:
        if canary.is_lost(ingress):
            continue
        for rule, path in canary.paths_of(ingress):
            place = canary.place_of(rule, path)
            if _belongs(listener, ingress, rule.get("host", "")) and canaries.serves(place):
                found.append(_rule(listener, len(found) + 1, ingress, rule, path, canaries, own))
    return found


def _belongs(listener: ListenerKey, ingress: Item, host: str) -> bool:
    if not host or is_forced(ingress):
        return True
    secure = is_secure(ingress, listener.protocol, host)
    if listener.protocol == "HTTPS":
        return secure
    return not (listener.protocol == "HTTP" and secure)


def _rule(
    listener: ListenerKey,
    priority: int,
    ingress: Item,
    rule: Item,
    path: Item,
    canaries: canary.Canaries,
    own: Own,
) -> Rule:
    place = canary.place_of(rule, path)
    backend = backend_name(path)
    acts = _blamed(
        ingress,
        "Actions",
        lambda: actions(
            ingress,
            path,
            lambda: canaries.forward(ingress, path, place, own),
            own,
            on_443=listener.port == SECURE.port,
        ),
    )
    host = rule.get("host", "")
    found = _blamed(ingress, "Conditions", lambda: conditions(ingress, host, path, backend))
    way = _blamed(ingress, "Direction", lambda: direction(ingress, backend))
    return Rule(listener, priority, way, found, acts)


def _blamed(ingress: Item, part: str, make: Callable[[], _Part]) -> _Part:
    """Run `make`; a refusal then names the Ingress and the part of the rule."""
    try:
        return make()
    except BuildError as error:
        place = f"buildListenerRules-{part}(ingress: {key_of(ingress)})"
        raise BuildError(f"{place}: {error.message}", ingress, error.message) from error
