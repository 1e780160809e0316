"""Who moved the requests of a route: the effect of each subject's drift, and of what is ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gitopsd.drift.cases import Case, drift_of, ignored_of
from gitopsd.drift.scene import Scene
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.identity import Identity
from gitopsd.model.traffic import Effect, Route, RouteState
from gitopsd.model.verdict import Cause

#: Draws up the route as it would stand in a case.
Draw = Callable[[Case], Route | None]


def effects(scene: Scene, item: ObjectComparison, route: Route, draw: Draw) -> tuple[Effect, ...]:
    """What each subject of a route did to it by itself, and all of them together (None)."""
    subjects = (item.exposure, *route.groups)
    still = route.state is RouteState.AS_WANTED and route.moved == 0
    if still and not any(scene.moves.get(subject) for subject in subjects):
        return ()
    alone = [
        Effect(subject, found)
        for subject in subjects
        if (found := draw(drift_of(subject))) is not None
        and _moves(found)
        and (found.state is not RouteState.UNKNOWN or _drifted(scene, subject))
    ]
    together = draw(drift_of(None)) if alone else None
    every = [Effect(None, together)] if together is not None and _moves(together) else []
    return (*alone, *every, *_ignored(scene, subjects, draw))


def _ignored(scene: Scene, subjects: tuple[Identity, ...], draw: Draw) -> Iterator[Effect]:
    for subject in subjects:
        moves = scene.moves.get(subject, ())
        if any(d.mode == "Ignore" and d.cause is Cause.DRIFT for d in moves):
            found = draw(ignored_of(subject))
            if found is not None and _moves(found):
                yield Effect(subject, found, ignored=True, spans=scene.spans(subject))


def _moves(route: Route) -> bool:
    """Whether requests go elsewhere, or that is not known."""
    return route.moved != 0 or route.state in (RouteState.GONE, RouteState.ADDED)


def _drifted(scene: Scene, subject: Identity) -> bool:
    """Whether a subject could have to do with what is not known of a route."""
    moves = scene.moves.get(subject, ())
    return any(d.cause is Cause.DRIFT and d.mode != "Ignore" for d in moves)
