"""How everything stands as a whole, and what waits for people, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import gitopsd
from gitopsd.daemon.dashboard.reporting import report_json
from gitopsd.daemon.dashboard.rows import state_of
from gitopsd.daemon.dashboard.views import Place, PlanView, TargetView, Timed
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.repository import RepositoryDesk
from gitopsd.drift.render import Words
from gitopsd.model.approval import by_instance, request, scope, stamp
from gitopsd.model.drifthold import holds_in
from gitopsd.model.problem import Problem
from gitopsd.model.requests import suspension_in

#: So many reports, and so many problems of a repository, are told; the others are counted.
TOLD = 500

Shown = Mapping[Place, TargetView]


def overview(operator: Operator, shown: Shown, passes: Mapping[Place, tuple[Timed, ...]],
             now: datetime) -> dict[str, Any]:  # fmt: skip
    """The state of the operator, its repositories and its targets."""
    counts = Counter(state_of(v) for view in shown.values() for v in view.subjects.values())
    repositories = sorted(operator.repositories.items())
    trouble = operator.board.lines
    return {
        "gitopsd": gitopsd.__version__,
        "now": stamp(now),
        "ready": operator.ready,
        "counts": dict(counts),
        "total": counts.total(),
        "repositories": [_repository(n, desk, trouble.get(n, "")) for n, desk in repositories],
        "targets": [
            _target(desk.repository.name, desk.target, desk.held, desk.holder, shown, passes, now)
            for _, desk in sorted(operator.targets.items())
        ],
        "trouble": [{"subject": s, "text": text} for s, text in trouble.items()],
    }


def _repository(name: str, desk: RepositoryDesk, trouble: str) -> dict[str, Any]:
    return {
        "name": name,
        "revision": desk.revision,
        "errors": desk.errors,
        "warnings": len(desk.problems) - desk.errors,
        "trouble": trouble,
    }


def _target(
    repository: str,
    name: str,
    ours: bool,
    holder: str,
    shown: Shown,
    passes: Mapping[Place, tuple[Timed, ...]],
    now: datetime,
) -> dict[str, Any]:
    place = repository, name
    told: dict[str, Any] = {
        "repository": repository, "target": name, "ours": ours, "holder": holder,
    }  # fmt: skip
    view = shown.get(place)
    if view is None:
        return told
    last = next(iter(passes.get(place, ())), None)
    return {
        **told,
        "revision": view.order.revision,
        "observed": stamp(view.at),
        "subjects": len(view.subjects),
        "suspended": _suspension(view, now),
        "withheld": view.withheld,
        "gaps": [{"what": what, "why": why} for what, why in view.gaps],
        "plan": _plan(view.plan) if view.plan else None,
        "holds": len(_holds(view)["holds"]),
        "openReports": sum(report.open for report in view.reports or ()),
        "lastPass": _timed(last) if last else None,
    }


def _suspension(view: TargetView, now: datetime) -> dict[str, str] | None:
    found = suspension_in(view.record.annotations) if view.record else None
    return found.to_json() if found is not None and not found.over(now) else None


def _plan(plan: PlanView) -> dict[str, Any]:
    return {
        "hash": plan.hash,
        "steps": plan.total,
        "held": len(plan.holds),
        "awaitsApproval": plan.awaits_approval,
    }


def plans(shown: Shown) -> dict[str, Any]:
    """What the last plans hold back, why, and what lets it go on."""
    found = []
    for (repository, target), view in shown.items():
        if view.plan is None:
            continue
        command = request(view.plan.hash, scope(target, by_instance(view.order.named)))
        found.append(
            {
                "repository": repository,
                "target": target,
                "revision": view.order.revision,
                **_plan(view.plan),
                "command": command if view.plan.awaits_approval else "",
                "holds": [
                    {"key": step.key, "subject": str(step.owner), **step.hold.to_json()}
                    for step in view.plan.holds
                    if step.hold
                ],
                "active": [step.key for step in view.plan.steps if not step.hold],
            }
        )
    return {"plans": found}


def holds(shown: Shown, now: datetime) -> dict[str, Any]:
    """Suspended targets, and what is left alone for a time, by people's word in the cluster."""
    targets = [
        {"repository": repository, "target": target, "suspended": _suspension(view, now),
         **_holds(view)}
        for (repository, target), view in shown.items()
    ]  # fmt: skip
    return {"targets": targets}


def _holds(view: TargetView) -> dict[str, Any]:
    found = holds_in(view.record.annotations if view.record else {})
    return {
        "holds": [hold.to_json() for hold in found.readable],
        "unreadable": list(found.unreadable),
    }


def passes(passes: Mapping[Place, Iterable[Timed]]) -> dict[str, Any]:
    """The passes of each target, the latest first, with the seconds of their phases."""
    return {
        "targets": [
            {"repository": repository, "target": target, "passes": [_timed(one) for one in found]}
            for (repository, target), found in passes.items()
        ]
    }


def _timed(one: Timed) -> dict[str, Any]:
    seconds = {phase: round(value, 3) for phase, value in one.seconds.items()}
    return {**one.entry.to_json(), "outcome": one.entry.outcome, "seconds": seconds}


def reports(shown: Shown, words: Words) -> dict[str, Any]:
    """Drift reports: the open ones, the latest first, then those that have come to their end."""
    found = [(place, report) for place, view in shown.items() for report in view.reports or ()]
    found.sort(key=lambda one: one[1].resolved_at or one[1].opened_at, reverse=True)
    found.sort(key=lambda one: not one[1].open)
    told = [
        {"repository": place[0], "target": place[1], **report_json(report, shown[place], words)}
        for place, report in found[:TOLD]
    ]
    unknown = [f"{r}/{t}" for (r, t), view in shown.items() if view.reports is None]
    return {"reports": told, "total": len(found), "unknown": unknown}


def problems(repositories: Mapping[str, tuple[Problem, ...]]) -> dict[str, Any]:
    """What is wrong with the specs, errors first, each with its file and line."""
    found = [
        (problem.severity, problem.sort_key(), name, problem)
        for name, mine in sorted(repositories.items())
        for problem in mine
    ]
    found.sort(key=lambda one: one[:3])
    told = [{"repository": name, **problem.to_json()} for _, _, name, problem in found[:TOLD]]
    return {"problems": told, "total": len(found)}


def of_repository(operator: Operator) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """The problems of each repository by its name."""
    for name, desk in operator.repositories.items():
        yield name, desk.problems
