"""The short form of what a route's traffic does, for reports that are kept and for sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from gitopsd.drift.traffic import parts_of
from gitopsd.model.identity import Identity
from gitopsd.model.report import RouteImpact, Share
from gitopsd.model.traffic import Backend, Route, RouteState, percent

#: The "backend" of requests that reach nobody.
NOBODY = ""


def impacts(routes: Iterable[Route]) -> tuple[RouteImpact, ...]:
    """The impact on every route whose requests go elsewhere, or of which that is not known.

    Routes that only Git has moved are not in it: their traffic comes right with the next apply.
    """
    return tuple(impact_of(route) for route in routes if not route.pending and _told(route))


def subjects_of(route: Route) -> tuple[Identity, ...]:
    """Whose traffic it is: its Exposure, and the ServerGroups behind it."""
    return (route.exposure, *route.groups)


def impacts_by_subject(routes: Iterable[Route]) -> dict[Identity, tuple[RouteImpact, ...]]:
    """The impacts on the routes of each Exposure and ServerGroup that has any."""
    found: dict[Identity, list[Route]] = {}
    for route in routes:
        for subject in subjects_of(route):
            found.setdefault(subject, []).append(route)
    told = {subject: impacts(mine) for subject, mine in found.items()}
    return {subject: impact for subject, impact in told.items() if impact}


def _told(route: Route) -> bool:
    return route.moved != 0 or route.state in (RouteState.GONE, RouteState.ADDED)


def impact_of(route: Route) -> RouteImpact:
    """The route's shares in percent, which add up to 100 on each side that is known.

    A backend stands with its own share; where requests move between the servers of one that stays,
    each of these stands with its part of the route instead, as `backend server`. What reaches
    nobody is the share of `NOBODY`.
    """
    live_known = route.state is not RouteState.UNKNOWN
    rows = [row for backend in route.backends for row in _rows(backend)]
    whole, none = Fraction(1), Fraction(0)
    lost = whole - sum((row[1] for row in rows), none), whole - sum((row[2] for row in rows), none)
    if any(lost):
        rows.append((NOBODY, *lost))
    shares = tuple(
        Share(name, percent(before), percent(after) if live_known else None)
        for name, before, after in rows
    )
    return RouteImpact(route.name, None if route.moved is None else percent(route.moved), shares)


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
