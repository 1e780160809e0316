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

from collections.abc import Iterable, Iterator, Mapping
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
from gitopsd.rules.table import Rule, V_contra
from gitopsd.rules.views import ExposureAt, ExposureView, FleetView, GroupAt, GroupView, Repository
from gitopsd.spec.document import Document, SpecSet

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
        yield from _run(_FLEET, FleetView(repository.specs.fleet), repository.specs.fleet)
    for exposure in repository.exposures:
        alb = exposure.kind == "ALB"
        yield from _run(_ROUTES if alb else _LAYER4, exposure, exposure.document)
        places = {target.name: ExposureAt(exposure, target) for target in exposure.targets}
        yield from _run_at(_ROUTES_AT if alb else _LAYER4_AT, places, exposure.document)
    for group in repository.groups:
        yield from _run(_GROUPS, group, group.document)
        sites = {target.name: GroupAt(group, target) for target in group.targets}
        yield from _run_at(_GROUPS_AT, sites, group.document)
    yield from _run(_REPOSITORY, repository, None)


def _run(
    rules: Iterable[Rule[V_contra]], view: V_contra, document: Document[Any] | None
) -> Iterator[Problem]:
    for rule in rules:
        for finding in rule.check(view):
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
