"""Everything about one Exposure or ServerGroup, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitopsd.compiler.rendering import explanation, group_json, group_origins
from gitopsd.daemon.dashboard.reporting import report_json
from gitopsd.daemon.dashboard.rows import COLUMNS, row
from gitopsd.daemon.dashboard.views import Place, SubjectView, TargetView
from gitopsd.drift.impact import impact_of
from gitopsd.drift.render import Words, route_figures
from gitopsd.drift.render.flows import impact
from gitopsd.model.approval import stamp
from gitopsd.model.desired import DesiredGroup, DesiredObject, Origin
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.paths import join
from gitopsd.model.problem import Problem
from gitopsd.model.traffic import Route

#: So many routes are drawn, the moved ones first; the others are counted.
DRAWN = 20
#: So many fields of a compiled thing, and so many differences, are told.
FIELDS = 2000


def detail(
    place: Place,
    subject: Identity,
    target: TargetView,
    problems: tuple[Problem, ...],
    words: Words,
) -> dict[str, Any]:
    """What is known of a subject of a target's view; raises KeyError where it has none."""
    view = target.subjects[subject]
    verdict = view.verdict.to_json() if view.verdict else None
    if verdict is not None:
        verdict["differences"] = verdict["differences"][:FIELDS]
    reports = [r for r in target.reports or () if r.subject == subject]
    return {
        "subject": dict(zip(COLUMNS, row(place, subject, view), strict=True)),
        "revision": view.revision,
        "observed": stamp(target.at),
        "held": view.held,
        "conditions": [
            {
                "type": c.type,
                "status": c.status,
                "reason": c.reason,
                "message": words.quoted(c.message),
            }
            for c in view.status.conditions
        ],
        "verdict": verdict,
        "routes": list(_routes(view, words)),
        "routesTotal": len(view.routes),
        "parts": [_part(part, target.order.owner, words) for part in view.parts],
        "reports": [report_json(report, target, words) for report in reports],
        "problems": [p.to_json() for p in problems if p.subject == subject],
        "steps": _steps(subject, target),
    }


def _routes(view: SubjectView, words: Words) -> Iterator[dict[str, Any]]:
    """The drawings, as SVG for wide and narrow screens, each with a sentence on what moved."""
    moved_first = sorted(view.routes, key=lambda route: route.moved == 0)
    for number, route in enumerate(moved_first[:DRAWN], 1):
        yield {
            **route.to_json(),
            "told": _told(route, words),
            "svg": str(route_figures(route, words, f"route-{number}")),
        }


def _told(route: Route, words: Words) -> str:
    return impact(impact_of(route), words) if route.moved else ""


def _part(part: DesiredObject | DesiredGroup, owner: Owner, words: Words) -> dict[str, Any]:
    """A compiled thing with the reason of each of its fields."""
    if isinstance(part, DesiredObject):
        content: Mapping[str, Any] = part.manifest
        origins: Mapping[str, Origin] = part.origins
    else:
        content, origins = group_json(part, owner), group_origins(part, owner)
    leaves = list(_leaves(content))
    return {
        "identity": str(part.identity),
        "position": str(part.position) if part.position else "",
        "fields": [_field(path, value, origins, words) for path, value in leaves[:FIELDS]],
        "fieldsTotal": len(leaves),
    }


def _field(
    parts: tuple[str | int, ...], value: Any, origins: Mapping[str, Origin], words: Words
) -> Any:
    told: dict[str, Any] = {"path": join(parts), "value": value}
    for length in range(len(parts), 0, -1):
        if origin := origins.get(join(parts[:length])):
            return told | explanation(origin, chinese=words.language == "zh")
    return told


def _leaves(
    content: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The single values of a tree with their paths, in its own order."""
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(content, list | tuple) and content:
        for index, value in enumerate(content):
            yield from _leaves(value, (*path, index))
    else:
        yield path, content


def _steps(subject: Identity, target: TargetView) -> list[dict[str, Any]]:
    """What the last plan does, or would do, about it."""
    steps = target.plan.steps if target.plan else ()
    return [
        {
            "key": step.key,
            "hold": step.hold.to_json() if step.hold else None,
            "changes": [change.to_json() for change in step.changes[:100]],
        }
        for step in steps
        if step.owner == subject
    ]
