"""The short form of what a route's traffic does, for reports that are kept and for sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from gitopsd.drift.ends import parts_of
from gitopsd.model.identity import Identity
from gitopsd.model.report import RouteImpact, Share
from gitopsd.model.traffic import Backend, Doing, Route, RouteState, percent

#: The "backend" of requests that reach nobody.
NOBODY = ""


def impacts(routes: Iterable[Route], subject: Identity | None = None) -> tuple[RouteImpact, ...]:
    """How the routes stand in which drift has a part: that of a subject, or of anybody.

    What Git alone has moved comes right with the next apply, and what is ignored is asked for:
    routes of which nothing else is to be told are not in it.
    """
    return tuple(
        impact_of(route, subject)
        for route in routes
        if any(m.doing is Doing.DRIFT and subject in (None, m.subject) for m in route.movers)
    )


def subjects_of(route: Route) -> tuple[Identity, ...]:
    """Whose traffic it is: its Exposure, and the ServerGroups behind it."""
    return (route.exposure, *route.groups)


def impacts_by_subject(routes: Iterable[Route]) -> dict[Identity, tuple[RouteImpact, ...]]:
    """The impacts of each Exposure and ServerGroup whose drift has a part in any."""
    every = tuple(routes)
    drifted = (m.subject for route in every for m in route.movers if m.doing is Doing.DRIFT)
    return {subject: impacts(every, subject) for subject in dict.fromkeys(drifted)}


def impact_of(route: Route, subject: Identity | None = None) -> RouteImpact:
    """The route's shares in percent, which add up to 100 on each side that is known.

    A backend stands with its own share; where requests move between the servers of one that stays,
    each of these stands with its part of the route instead, as `backend server`. What reaches
    nobody is the share of `NOBODY`. With a subject: who else has a part in it.
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
    return RouteImpact(route.name, moved, shares, route.shadows, tuple(_others(route, subject)))


def _others(route: Route, subject: Identity | None) -> Iterator[str]:
    """Everybody else whose drift has a part in it, and what has that is no drift."""
    doings = dict.fromkeys(mover.doing for mover in route.movers)
    drifted = [mover.subject for mover in route.movers if mover.doing is Doing.DRIFT]
    if not drifted:
        return
    if subject:
        yield from (str(other) for other in drifted if other != subject)
    yield from (str(doing) for doing in doings if doing is not Doing.DRIFT)


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
