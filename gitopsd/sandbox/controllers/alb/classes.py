"""Which Ingresses are this controller's, and which AlbConfig each belongs to (facts §5)."""

from __future__ import annotations

import copy
from typing import Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.objects import (
    Item,
    Objects,
    annotations_of,
    is_leaving,
    key_of,
)

CONTROLLER: Final = "ingress.k8s.alibabacloud/alb"
_DEFAULT_CLASS: Final = "alb"
_DEFAULT_CONFIG: Final = "default"
_DEFAULT_ORDER: Final = 10
_ORDERS: Final = range(1, 1001)


def admitted(objects: Objects, ingress: Item) -> bool:
    """Whether the Ingress's class is one of this controller's."""
    name = ingress["spec"].get("ingressClassName")
    if name is None:
        name = annotations_of(ingress).get(read.CLASS)
        if name is None:
            return False
        if name == _DEFAULT_CLASS:
            return True
    found = objects.get("IngressClass", name)
    return found is not None and found["spec"].get("controller") == CONTROLLER


def ingresses(objects: Objects) -> list[Item]:
    """The admitted Ingresses, oldest first; of equal age the later name comes first.

    A path left out stands as `/` in them.
    """
    found = [_with_paths(each) for each in objects.all("Ingress") if admitted(objects, each)]
    found.sort(key=key_of, reverse=True)
    return sorted(found, key=lambda each: each["metadata"].get("creationTimestamp") or "")


def _with_paths(ingress: Item) -> Item:
    rules = ingress["spec"].get("rules") or []
    paths = [path for rule in rules for path in (rule.get("http") or {}).get("paths") or []]
    if all(path.get("path") for path in paths):
        return ingress
    own = copy.deepcopy(dict(ingress))
    for rule in own["spec"]["rules"]:
        for path in (rule.get("http") or {}).get("paths") or []:
            path["path"] = path.get("path") or "/"
    return own


def config_name(objects: Objects, ingress: Item) -> str:
    """The name of the AlbConfig the Ingress belongs to, whether or not it exists.

    Raises:
        BuildError: the Ingress's class names no AlbConfig.
    """
    explicit = read.raw(ingress, "albconfig.name")
    if explicit is not None:
        return explicit
    found = objects.get("IngressClass", class_name(ingress))
    if found is None:
        return _DEFAULT_CONFIG
    parameters = found["spec"].get("parameters")
    if not parameters:
        name = found["metadata"]["name"]
        raise BuildError(f"albconfig must be referenced in IngressClass {name}", ingress)
    return parameters.get("name") or _DEFAULT_CONFIG


def class_name(ingress: Item) -> str:
    """The class an Ingress names, by field or by the older annotation; "" for none."""
    name = ingress["spec"].get("ingressClassName")
    return annotations_of(ingress).get(read.CLASS, "") if name is None else str(name)


def members(objects: Objects, config: str) -> list[Item]:
    """The Ingresses of an AlbConfig in the order that numbers the rules.

    All admitted Ingresses of the cluster are looked at, so one whose class is broken stops every
    AlbConfig (facts §4.7).

    Raises:
        BuildError: an Ingress's class or order is refused.
    """
    mine = [each for each in ingresses(objects) if config_name(objects, each) == config]
    return _ordered([each for each in mine if not is_leaving(each)])


def _ordered(found: list[Item]) -> list[Item]:
    orders: dict[int, Item] = {}
    ranked: list[tuple[int, str, Item]] = []
    for ingress in found:
        order = _order(ingress)
        if order is not None:
            if order in orders:
                names = f"{orders[order]['metadata']['name']}, {ingress['metadata']['name']}"
                message = f"conflict Ingress group order: {order}, conflict ingress :{names}"
                raise BuildError(message, ingress)
            orders[order] = ingress
        ranked.append((_DEFAULT_ORDER if order is None else order, key_of(ingress), ingress))
    return [ingress for _, _, ingress in sorted(ranked, key=lambda each: each[:2])]


def _order(ingress: Item) -> int | None:
    annotations = annotations_of(ingress)
    text = annotations.get(read.ALB + "albconfig.order", annotations.get(read.ALB + "order", ""))
    if not text:
        return None
    order = read.integer(text)
    if order is None:
        why = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        told = f"failed to load Ingress group order for ingress: {key_of(ingress)}: {why}"
        raise BuildError(told, ingress)
    if order not in _ORDERS:
        within = f"must be within [{_ORDERS[0]}:{_ORDERS[-1]}]"
        message = (
            f"explicit Ingress group order {within}, Ingress: {key_of(ingress)}, order: {order}"
        )
        raise BuildError(message, ingress)
    return order
