"""The destinations of an Ingress that somebody has set to 0, and the routes which that is about.

A 0 stands in an action, and the action goes with its last neighbour, its name or its route. So what
Git wants of a route is held against every action that is found: the one that the route leads to,
or, for a destination that is new to it, that of a route which Git leads there no more. It may be
the same one under another host, path or path type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from gitopsd.diff.actions import weights_in
from gitopsd.diff.causes import Causes
from gitopsd.diff.fields import AppliedFields, Keys
from gitopsd.diff.leading import NOWHERE, Led, Shares, annotations_of, backend_of, led_in
from gitopsd.diff.routes import RULES
from gitopsd.profiles.defaults import SINGLE_WEIGHT

_ANNOTATIONS = ("metadata", "annotations")


@dataclass(frozen=True, slots=True)
class Refuge:
    """The found action, by its annotation, in which the destinations of a route have their 0.

    `taken` says that Git uses its name, or the route that led to it, for something else.
    """

    action: str
    names: tuple[str, ...]
    taken: bool

    @property
    def backend(self) -> str:
        """The backend that leads there: `forward:use-annotation`."""
        return backend_of(self.action)


class Zeros:
    """What Git wants of an Ingress, beside the weights that somebody has set to 0 in it.

    `causes` tells what is wanted and found, and what is remembered of what was applied.
    """

    def __init__(self, causes: Causes) -> None:
        self._causes = causes

    @cached_property
    def _wanted(self) -> Mapping[Keys, Led]:
        return led_in(self._causes.wanted)

    @cached_property
    def _found(self) -> Mapping[Keys, Led]:
        return led_in(self._causes.found)

    @cached_property
    def refuges(self) -> Mapping[Keys, Refuge]:
        """The routes that would lead to nothing but drained destinations, by their keys."""
        return dict(self._refuges())

    def _refuges(self) -> Iterator[tuple[Keys, Refuge]]:
        for route, led in self._wanted.items():
            zeros = self._of_route(route)
            served = [name for name, share in led.shares.items() if share != 0]
            if not zeros or any(name not in zeros for name in served):
                continue
            former = zeros[served[0]]
            action = self._found[former].action
            if action is None or action == led.action:
                continue  # it is left as it is found, wherever its route is
            elsewhere = former != route and former in self._wanted
            taken = elsewhere or action in annotations_of(self._causes.wanted)
            yield route, Refuge(action, tuple(served), taken)

    def of_action(self, action: str) -> frozenset[str]:
        """The destinations of a wanted action, by its annotation, that are to stay at 0."""
        asked = weights_in(annotations_of(self._causes.wanted)[action]) or {}
        routes = (route for route, led in self._wanted.items() if led.action == action)
        return self._in(action, asked).union(*map(self._of_route, routes))

    def _of_route(self, route: Keys) -> dict[str, Keys]:
        """The drained ones of what Git leads a route to, each with the found route it is of."""
        here = self._found.get(route, NOWHERE).shares
        places: dict[str, Keys] = {}
        for name in self._wanted[route].shares:
            for former in (route,) if name in here else self._left(name, route):
                action = self._found[former].action
                if action is not None and name in self._in(action, self._wanted[route].shares):
                    places.setdefault(name, former)
        return places

    def _left(self, name: str, route: Keys) -> list[Keys]:
        """The found routes with a 0 for a destination that Git leads to it no more.

        First the one that has most in common with `route`.
        """
        if self._causes.settled:
            return []  # Git has moved nothing
        left = [
            other
            for other, led in self._found.items()
            if led.shares.get(name) == 0 and name not in self._wanted.get(other, NOWHERE).shares
        ]
        return sorted(left, key=lambda other: _common(other, route), reverse=True)

    def _in(self, action: str, asked: Shares) -> frozenset[str]:
        """The destinations asked for that have a 0 in a found action, and not by Git's doing.

        Without a memory Git has raised them where they are all that differs, as in a server group;
        where anything else explains that the action moved, they count as a person's doing.
        """
        there = weights_in(annotations_of(self._causes.found).get(action)) or {}
        zero = frozenset(n for n, share in asked.items() if share != 0 and there.get(n) == 0)
        if self._causes.settled:
            return zero
        fields = self._causes.fields
        if fields is None:
            others = {*asked, *there} - zero
            return zero if any(asked.get(n) != there.get(n) for n in others) else frozenset()
        beside = frozenset((*asked, *there))
        return frozenset(
            name
            for name in zero
            if not all(
                given.other(name, asked, beside) for given in self._given(name, action, fields)
            )
        )

    def _given(self, name: str, action: str, fields: AppliedFields) -> list[_Given]:
        """Where it is remembered what Git gave a destination of a found action.

        What is found may be the action of an earlier commit: Git's own is then remembered of the
        route that leads there.
        """
        by_action = (*_ANNOTATIONS, action)
        if fields.values_of((*by_action, name)) is not None:
            return [_Given(fields, by_action)]
        return [_Given(fields, route) for route, led in self._found.items() if led.action == action]


@dataclass(frozen=True, slots=True)
class _Given:
    """What Git gave the destinations of one action or route when it was last applied."""

    fields: AppliedFields
    place: Keys

    def other(self, name: str, asked: Shares, beside: frozenset[str]) -> bool:
        """Whether Git gives a destination another share now.

        To get neighbours, or to lose them, is no other share: who is alone has all, and the weight
        that is then written where Git says none. `beside` are all that are asked for or found.
        """
        share, differs = self._share(name), self.fields.differs
        if share is None:  # the place led there without an action, or elsewhere
            return differs(self.fields.values_of(self.place), name)
        alone = not any(self._share(other) for other in beside if other != name)
        had_all = alone and not differs(share, SINGLE_WEIGHT)
        gets_all = len(asked) == 1 and asked[name] in (None, SINGLE_WEIGHT)
        return not differs(share, 0) if had_all or gets_all else differs(share, asked[name])

    def _share(self, name: str) -> bytes | None:
        return self.fields.values_of((*self.place, name))


def _common(one: Keys, other: Keys) -> int:
    """How many of host, path and path type two routes share, by the keys of their backends."""
    return sum(map(str.__eq__, _parts(one), _parts(other)))


def _parts(route: Keys) -> tuple[str, str, str]:
    place, kind = map(str, route[len(RULES) : -1])
    host, _, path = place.partition("/")
    return host, path, kind
