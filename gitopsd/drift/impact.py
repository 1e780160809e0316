"""The short form of what a route's traffic does, for reports that are kept and for sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from gitopsd.drift.ends import parts_of
from gitopsd.model.identity import Identity
from gitopsd.model.report import RouteImpact, Share
from gitopsd.model.traffic import Backend, Route, RouteState, percent

#: The "backend" of requests that reach nobody.
NOBODY = ""


def impacts(routes: Iterable[Route], subject: Identity | None = None) -> tuple[RouteImpact, ...]:
    """What drift does to routes of which requests go elsewhere, or of which that is not known.

    With a subject: its own drift alone. What Git has moved comes right with the next apply, and
    what is ignored is asked for: neither is in it.
    """
    return tuple(
        impact_of(effect.route)
        for route in routes
        for effect in route.effects
        if effect.subject == subject and not effect.ignored
    )


def subjects_of(route: Route) -> tuple[Identity, ...]:
    """Whose traffic it is: its Exposure, and the ServerGroups behind it."""
    return (route.exposure, *route.groups)


def impacts_by_subject(routes: Iterable[Route]) -> dict[Identity, tuple[RouteImpact, ...]]:
    """The impacts of the drift of each Exposure and ServerGroup that has any."""
    found: dict[Identity, list[RouteImpact]] = {}
    for route in routes:
        for effect in route.effects:
            if effect.subject and not effect.ignored:
                found.setdefault(effect.subject, []).append(impact_of(effect.route))
    return {subject: tuple(told) for subject, told in found.items()}


def impact_of(route: Route) -> RouteImpact:
    """The route's shares in percent, which add up to 100 on each side that is known.

    A backend stands with its own share; where requests move between the servers of one that stays,
    each of these stands with its part of the route instead, as `backend server`. What reaches
    nobody is the share of `NOBODY`.
    """
    live_known = route.state not in (RouteState.UNKNOWN, RouteState.SHADOWED)
    rows = [row for backend in route.backends for row in _rows(backend)]
    whole, none = Fraction(1), Fraction(0)
    lost = whole - sum((row[1] for row in rows), none), whole - sum((row[2] for row in rows), none)
    if any(lost):
        rows.append((NOBODY, *lost))
    shares = tuple(
        Share(name, percent(before), percent(after) if live_known else None)
        for name, before, after in rows
    )
    moved = None if route.moved is None else percent(route.moved)
    return RouteImpact(route.name, moved, shares, route.shadows)


def _rows(backend: Backend) -> Iterator[tuple[str, Fraction, Fraction]]:
    none = Fraction(0)
    before = backend.wanted.part if backend.wanted else none
    after = backend.live.part if backend.live else none
    inside = parts_of(backend, live=False), parts_of(backend, live=True)
    if inside[0] == inside[1] or not (before and after and all(inside)):
        yield backend.name, before * sum(inside[0].values()), after * sum(inside[1].values())
        return
    for name in dict.fromkeys((*inside[0], *inside[1])):
        whole = f"{backend.name} {name}".rstrip()
        yield whole, before * inside[0].get(name, none), after * inside[1].get(name, none)
