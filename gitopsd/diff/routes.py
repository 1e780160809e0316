"""The routes of an Ingress, told apart by host, path and path type instead of by their number.

The API server keeps the rules of an Ingress as one list, and a commit that adds a route in front
moves all the others on. So in a view, and in the paths of differences, exceptions and holds, a
route is `spec.rules[demo.example.com/tea].Prefix`, and what it sends to is one value below it,
`backend`: half of a backend is no backend (`use-annotation` without its action serves nobody). How
rules group their paths says nothing; which route stands before which does (facts §4.6), and is
`spec.rules.order`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitopsd.model.digest import canonical
from gitopsd.model.paths import join, route_place, split

#: Where the rules of an Ingress stand in it, and in its view.
RULES = ("spec", "rules")
#: What a view says of a route.
BACKEND = "backend"
#: The routes by their order; every place of a route holds a slash, so this is none.
ORDER = "order"
_NO_PATH = "no path"
_BETWEEN = ", "

#: What tells a route of an Ingress from all others: host and path, and the path's type.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a rule, as the manifest has it; `entry` is None in a rule that has no paths.

    `number` is the rule's in its manifest, `path` the path's in its rule.
    """

    host: str
    entry: Mapping[str, Any] | None
    number: int = 0
    path: int = 0

    @property
    def key(self) -> Key:
        """`("demo.example.com/tea", "Prefix")`; without a host the place is the path alone."""
        if self.entry is None:
            return route_place(self.host, ""), _NO_PATH
        kind = str(self.entry.get("pathType") or "")
        return route_place(self.host, str(self.entry.get("path") or "")), kind

    @property
    def backend(self) -> str:
        """`tea-svc:80`: the Service and its port, or `forward:use-annotation`."""
        backend = (self.entry or {}).get(BACKEND) or {}
        service = backend.get("service") if isinstance(backend, Mapping) else None
        if not isinstance(service, Mapping):
            return canonical(backend).decode() if backend else ""
        port = service.get("port") or {}
        return f"{service.get('name')}:{port.get('number') or port.get('name') or ''}"

    def rule(self) -> dict[str, Any]:
        """The route as a rule of its own."""
        rule: dict[str, Any] = {"host": self.host} if self.host else {}
        return rule if self.entry is None else {**rule, "http": {"paths": [dict(self.entry)]}}


def routes_of(rules: Any) -> dict[Key, Route]:
    """Every route of a list of rules, in its order. One that is there twice is numbered."""
    found: dict[Key, Route] = {}
    for route in _every(rules or ()):
        place, kind = route.key
        number = 1
        while (key := (place, kind if number == 1 else f"{kind} ({number})")) in found:
            number += 1
        found[key] = route
    return found


def _every(rules: Iterable[Mapping[str, Any]]) -> Iterator[Route]:
    for number, rule in enumerate(rules):
        host = str(rule.get("host") or "")
        paths = (rule.get("http") or {}).get("paths") or (None,)
        for path, entry in enumerate(paths):
            yield Route(host, entry, number, path)


def by_route(
    wanted: Mapping[str, Any], found: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Two views of an object with their rules, if any, by route.

    Rules that somebody took off as a whole are routes that went, each by itself.
    """
    _, name = RULES
    if name not in wanted["spec"]:
        return wanted, found
    ours = routes_view(wanted["spec"][name])
    theirs = routes_view(found["spec"].get(name), ours)
    for these, those in ((ours, theirs), (theirs, ours)):
        for place in these.keys() - those.keys():
            if len(these[place]) > 1:  # of two routes Git may have moved one, and somebody another
                those[place] = {}
    wanted = {**wanted, "spec": {**wanted["spec"], name: ours}}
    return wanted, {**found, "spec": {**found["spec"], name: theirs}}


def routes_view(rules: Any, wanted: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Rules as places with the backends of each path type, and their order.

    Beside the view that is `wanted` only an order that differs in what both have is another.
    """
    routes = routes_of(rules)
    view: dict[str, Any] = {}
    for (place, kind), route in routes.items():
        view.setdefault(place, {})[kind] = {BACKEND: route.backend}
    order = [f"{place} {kind}" for place, kind in routes]
    asked = order_of(wanted or {})
    if wanted is not None and _common(order, asked) == _common(asked, order):
        return {**view, ORDER: wanted[ORDER]}
    return {**view, ORDER: _BETWEEN.join(order)}


def order_of(rules: Mapping[str, Any]) -> list[str]:
    """The names of the routes in a view of rules, as they stand."""
    return [name for name in str(rules.get(ORDER, "")).split(_BETWEEN) if name]


def backends_in(rules: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The routes of a view of rules, each by the keys of its backend, with where it leads."""
    for place, kinds in rules.items():
        if place != ORDER:
            for kind, route in kinds.items():
                yield (*RULES, place, kind, BACKEND), route[BACKEND]


def _common(these: Sequence[str], those: Iterable[str]) -> list[str]:
    both = set(those)
    return [name for name in these if name in both]


def composed(wanted: Any, found: Any, kept: Iterable[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The wanted rules, with what `kept` leads to below `spec.rules` as it is found.

    A route is kept as a whole, which may be that it is not there, or by its backend.
    """
    ours, theirs, left = routes_of(wanted), routes_of(found), set(kept)
    result: dict[Key, Route] = {}
    for key in (*ours, *theirs):
        place, kind = key
        if left & {(place,), key}:
            route = theirs.get(key)
        else:
            route = ours.get(key)
            if (place, kind, BACKEND) in left and route is not None and key in theirs:
                route = Route(route.host, theirs[key].entry)
        if route is not None:
            result[key] = route
    first, then = (theirs, ours) if (ORDER,) in left else (ours, theirs)
    return [result[key].rule() for key in _ordered(result, list(first), list(then))]


def redirected(rules: Any, backends: Mapping[tuple[str, ...], str]) -> list[dict[str, Any]]:
    """The same rules, with routes led to other backends, by the keys of theirs in a view."""
    result: list[dict[str, Any]] = copy.deepcopy(rules)
    for key, route in routes_of(rules).items():
        to = backends.get((*RULES, *key, BACKEND), route.backend)
        if to != route.backend:
            name, _, port = to.rpartition(":")
            backend = {"service": {"name": name, "port": {"name": port}}}
            result[route.number]["http"]["paths"][route.path][BACKEND] = backend
    return result


def _ordered(result: Mapping[Key, Route], first: list[Key], then: list[Key]) -> list[Key]:
    """The keys of `result` by the order `first`; the others behind what `then` has before them."""
    order = [key for key in first if key in result]
    for at, key in enumerate(then):
        if key in result and key not in order:
            before = (order.index(other) + 1 for other in reversed(then[:at]) if other in order)
            order.insert(next(before, 0), key)
    return order


def origin_of(keys: tuple[str | int, ...], rules: Any) -> tuple[str | int, ...]:
    """What in a manifest with these rules says what `keys` of its view lead to."""
    for key, route in routes_of(rules).items():
        if key[: len(keys) - 2] == keys[2:4]:
            asked = (BACKEND, "service", "name") if len(keys) > 4 else ("path",)
            return (*RULES, route.number, "http", "paths", route.path, *asked)
    return keys


def named(path: str, rules: Any) -> str:
    """A path into an Ingress with these rules, with its routes by their names.

    Numbers (`spec.rules[0].http.paths[0].backend`) count as the rules stand, and what they lead to
    is named: a backend, or else the whole route, since host, path and type are what it is told by.
    What lies below a backend is the backend. What cannot be understood stays as it is.
    """
    keys = split(path)
    if keys[:2] != RULES or len(keys) < 3:
        return path
    place, rest = keys[2], keys[3:]
    routes = routes_of(rules)
    if numbered(path):
        chosen = [key for key, route in routes.items() if route.number == int(place)]
        if rest[:2] == ("http", "paths") and len(rest) > 2:
            chosen = [key for key in chosen if str(routes[key].path) == rest[2]]
            rest = rest[3:]
    elif rest[:1] == (BACKEND,):
        chosen = [key for key in routes if key[0] == place]
    else:
        return join(keys[:5])  # named already
    if len(chosen) == 1 and rest[:1] == (BACKEND,):
        return join((*RULES, *chosen[0], BACKEND))
    places = {key[0] for key in chosen}
    return join((*RULES, *places)) if len(places) == 1 else path


def numbered(path: str) -> bool:
    """Whether a path leads to a rule by its number; the name of a route holds a slash."""
    keys = split(path)
    return keys[:2] == RULES and len(keys) > 2 and keys[2].isdigit()


def around(path: str) -> str:
    """What to leave alone so that a difference stays as it is, and takes no requests with it.

    A route that came or went may be one that somebody gave another type, path or host: then half of
    that would be undone.
    """
    keys = split(path)
    if keys[:2] != RULES or len(keys) > len(RULES) + 2 or keys[2:] == (ORDER,):
        return path
    return join(keys[:-1] if len(keys) > len(RULES) else keys)
