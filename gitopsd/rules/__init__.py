"""Checks: everything that can be wrong with specs once they have been read (design §2, §3).

`check` runs all of them at once, before anything is sent. One check is one small function and one
row (`table.Rule`): a stable id, its severity, the function, why it matters and how to mend it. The
rows stand beside their functions; `TABLE` below is all of them, in the order of their ids:

    GX01xx Fleet · GX02xx targets · GX03xx layer 4 · GX04xx routes · GX05xx backends
    GX06xx ServerGroups · GX07xx addresses · GX08xx clashes · GX09xx drift policy

What belongs here: judging specs, alone and next to each other. What does not: whether a file can be
read (`spec`), what specs become (`compiler`), what is true only of the world (`planning`). To add a
check, write its function and its row; the reference page and the tests find it here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from gitopsd.model.problem import Problem
from gitopsd.rules import (
    addresses,
    backends,
    clashes,
    drift,
    fleet,
    groups,
    healthchecks,
    layer4,
    placement,
    references,
    routes,
    targets,
    weights,
)
from gitopsd.rules.excerpts import Excerpt, excerpt
from gitopsd.rules.table import Rule, V_contra
from gitopsd.rules.views import (
    ExposureAt,
    ExposureView,
    FleetView,
    GroupAt,
    GroupView,
    Repository,
    View,
)
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.part import Unknown

_FLEET: tuple[Rule[FleetView], ...] = (*fleet.RULES, *drift.FLEET_RULES)
_LAYER4: tuple[Rule[ExposureView], ...] = (*targets.RULES, *layer4.RULES, *drift.RULES)
_ROUTES: tuple[Rule[ExposureView], ...] = (
    *targets.RULES,
    *layer4.ALB_RULES,
    *routes.RULES,
    *backends.RULES,
    *weights.RULES,
    *references.RULES,
    *clashes.RULES,
    *drift.RULES,
)
_LAYER4_AT: tuple[Rule[ExposureAt], ...] = placement.RULES
_ROUTES_AT: tuple[Rule[ExposureAt], ...] = (*routes.AT_RULES, *references.AT_RULES)
_GROUPS: tuple[Rule[GroupView], ...] = (
    *targets.RULES,
    *groups.RULES,
    *healthchecks.RULES,
    *addresses.RULES,
    *drift.RULES,
)
_GROUPS_AT: tuple[Rule[GroupAt], ...] = (*groups.AT_RULES, *addresses.AT_RULES)
_REPOSITORY: tuple[Rule[Repository], ...] = (
    *placement.REPOSITORY_RULES,
    *clashes.REPOSITORY_RULES,
)

_ALL: tuple[Rule[Any], ...] = (
    *_FLEET, *_LAYER4, *_LAYER4_AT, *_ROUTES, *_ROUTES_AT, *_GROUPS, *_GROUPS_AT, *_REPOSITORY
)  # fmt: skip

#: Every check there is, by id.
TABLE: dict[str, Rule[Any]] = {rule.id: rule for rule in sorted(_ALL, key=lambda rule: rule.id)}


def check(specs: SpecSet) -> tuple[Problem, ...]:
    """All problems beyond those of reading, errors and warnings, by place and then by id."""
    return tuple(sorted(_problems(Repository.of(specs)), key=Problem.sort_key))


def _problems(repository: Repository) -> Iterator[Problem]:
    if repository.specs.fleet is not None:
        yield from _about(FleetView(repository.specs.fleet))
    views: tuple[View, ...] = (*repository.exposures, *repository.groups)
    for view in views:
        yield from _about(view)
    for document in repository.specs.refused:
        told = dict.fromkeys(_about(repository.view(document)))
        if lesser := excerpt(document):
            told |= dict.fromkeys(_about(repository.view(lesser)))
        yield from told
    for rule in _REPOSITORY:
        yield from _run((rule,), _with_refused(rule, repository), None)


def _about(view: View) -> Iterator[Problem]:
    """What is wrong with one document, by itself and at its targets."""
    document: Document[Any] = view.document
    if isinstance(view, FleetView):
        yield from _run(_FLEET, view, document)
    elif isinstance(view, ExposureView):
        routed = _is_routed(view)
        yield from _run(_ROUTES if routed else _LAYER4, view, document)
        places = {target.name: ExposureAt(view, target) for target in view.targets}
        yield from _run_at(_ROUTES_AT if routed else _LAYER4_AT, places, document)
    else:
        yield from _run(_GROUPS, view, document)
        sites = {target.name: GroupAt(view, target) for target in view.targets}
        yield from _run_at(_GROUPS_AT, sites, document)


def _is_routed(view: ExposureView) -> bool:
    """Whether an Exposure is judged by its routes: an ALB's, or one with routes that may be."""
    try:
        return view.kind == "ALB"
    except Unknown:
        return bool(vars(view.spec).get("routes"))


def _with_refused(rule: Rule[Repository], repository: Repository) -> Repository:
    """All documents that are right, and of those refused the ones that this rule sees through."""
    for document in repository.refused_once.values():
        view = repository.view(excerpt(document) or document)
        try:
            deque(rule.check(repository.showing(view)), maxlen=0)
        except Unknown:
            continue
        repository = repository.showing(*repository.exposures, *repository.groups, view)
    return repository


def _run(
    rules: Iterable[Rule[V_contra]], view: V_contra, document: Document[Any] | None
) -> Iterator[Problem]:
    """What these checks find; one that asks for what is in doubt tells no more."""
    for rule in rules:
        with suppress(Unknown):
            for finding in rule.check(view):
                if not isinstance(document, Excerpt) or document.tells(finding.path):
                    yield rule.problem(finding, document)


def _run_at(
    rules: Iterable[Rule[V_contra]], views: Mapping[str, V_contra], document: Document[Any]
) -> Iterator[Problem]:
    """Checks at each target. What is true alike at all of several is told once, for all."""
    if len(views) == 1:
        ((name, view),) = views.items()
        yield from (replace(problem, target=name) for problem in _run(rules, view, document))
        return
    for rule in rules:
        found = {name: tuple(_run((rule,), view, document)) for name, view in views.items()}
        if len(found) > 1 and len(set(found.values())) == 1:
            yield from next(iter(found.values()))
            continue
        for name, problems in found.items():
            yield from (replace(problem, target=name) for problem in problems)
