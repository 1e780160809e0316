"""Whose doing it is that the requests of a route go elsewhere.

Where they go is always what is there. Differences are taken away one subject at a time only to
tell who has a part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitopsd.drift.cases import Case, doing_of
from gitopsd.drift.ends import ends_of
from gitopsd.drift.scene import Scene
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.traffic import Doing, Mover, Route, RouteState

#: Draws up the route as it would stand in a case.
Draw = Callable[[Case], Route | None]
_UNCERTAIN = (RouteState.UNKNOWN, RouteState.SHADOWED)


def movers(scene: Scene, item: ObjectComparison, route: Route, draw: Draw) -> tuple[Mover, ...]:
    """Who has a part in where the requests of a route go now, and by which kind of difference.

    Whose differences could be taken away without any effect has no part in it, unless that is so
    of everybody, as where two did the same: then all who would have done it alone.
    """
    if not strays(route):
        return ()
    found = tuple(_candidates(scene, item, route))
    parts: list[Mover] = []
    if route.state not in _UNCERTAIN:
        there = _outcome(route)
        parts = [m for m in found if _outcome(draw(Case(m.subject, m.doing))) != there]
    return tuple(parts) or tuple(m for m in found if _moves_alone(scene, m, draw))


def strays(route: Route) -> bool:
    """Whether requests go elsewhere than wanted, or that is not known."""
    return route.moved != 0 or route.state in (RouteState.GONE, RouteState.ADDED)


def _candidates(scene: Scene, item: ObjectComparison, route: Route) -> Iterable[Mover]:
    """Everybody with a difference; and the Exposure, whose are Services that are not there."""
    found = {Mover(item.exposure, Doing.DRIFT): True}
    for subject in (item.exposure, *route.groups):
        for difference in scene.moves.get(subject, ()):
            doing = doing_of(difference)
            spans = scene.spans(subject) if doing is Doing.IGNORED else ()
            found[Mover(subject, doing, spans)] = True
    return found


def _moves_alone(scene: Scene, mover: Mover, draw: Draw) -> bool:
    route = draw(Case(mover.subject, mover.doing, only=True))
    if route is None or not strays(route):
        return False
    moves = scene.moves.get(mover.subject, ())
    return route.state is not RouteState.UNKNOWN or any(doing_of(d) is mover.doing for d in moves)


def _outcome(route: Route | None) -> object:
    """What there is to tell of where requests go."""
    if route is None:
        return None
    ends = ends_of(route.backends, live=True)
    return route.state, route.shadows, {end: part for end, part in ends.items() if part}
