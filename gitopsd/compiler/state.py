"""From specs to the desired state of every target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitopsd.compiler.groups import compile_group
from gitopsd.compiler.holding import (
    Holding,
    emptied,
    fleet_is_bad,
    reasons_to_keep,
    users_of,
    work_out,
)
from gitopsd.compiler.ingress import compile_routes
from gitopsd.compiler.layer4 import compile_service
from gitopsd.compiler.site import Site
from gitopsd.model.desired import (
    DesiredObject,
    DesiredState,
    DesiredTarget,
    DriftPolicy,
    Limits,
)
from gitopsd.model.ownership import Owner
from gitopsd.model.problem import Problem
from gitopsd.profiles.defaults import chosen_targets
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import FleetSpec, Target


def compile_specs(
    specs: SpecSet,
    problems: Sequence[Problem],
    *,
    instance: str | None = None,
    target: str | None = None,
) -> DesiredState:
    """What the specs ask for, at every target or only at `target`.

    `problems` must hold what `rules.check` found in these specs: a document that it found an error
    in is held and never compiled, so compiling itself meets no mistakes. Those of reading are added
    from `specs`. `instance` is who marks the objects, the Fleet's name unless given. A `target`
    that the fleet does not have gives a state without targets; so does a fleet that is bad or
    missing.
    """
    every = tuple(sorted(dict.fromkeys((*specs.problems, *problems)), key=Problem.sort_key))
    fleet = specs.fleet
    if fleet is None or fleet_is_bad(specs, every):
        return DesiredState(fleet.identity.name if fleet else "", {}, every)
    holding = work_out(specs, every)
    compiled = {
        item.name: _Compilation(specs, fleet, item, instance or fleet.identity.name, holding)
        for item in fleet.spec.targets
        if target is None or item.name == target
    }
    targets = {name: compilation.result() for name, compilation in compiled.items()}
    return DesiredState(fleet.identity.name, targets, every)


class _Compilation:
    """One target being compiled."""

    def __init__(
        self,
        specs: SpecSet,
        fleet: Document[FleetSpec],
        target: Target,
        instance: str,
        holding: Holding,
    ) -> None:
        self.specs = specs
        self.fleet = fleet.spec
        self.target = target
        self.known = tuple(item.name for item in fleet.spec.targets)
        self.held = holding.held(target.name)
        owner = Owner(instance, target.name)
        users = {
            group: tuple(
                specs.exposures[user]
                for user in sorted(found)
                if self._here(specs.exposures[user].spec.targets)
            )
            for group, found in users_of(specs).items()
        }
        self.site = Site(target, owner, specs.server_groups, users, fleet.spec.drift.mode)

    def result(self) -> DesiredTarget:
        retiring = self.target.state == "Retiring"
        guards = self.fleet.guards
        objects = () if retiring else self._objects()
        groups = {
            identity: compile_group(document, self.site)
            for identity, document in sorted(self.specs.server_groups.items())
            if not retiring and self._here(document.spec.targets) and identity not in self.held
        }
        return DesiredTarget(
            name=self.target.name,
            objects={item.identity: item for item in objects},
            groups=groups,
            held=self.held,
            hold_deletions=reasons_to_keep(self.specs),
            emptied=emptied(self.specs),
            drift=DriftPolicy(self.fleet.drift.mode),
            limits=Limits(guards.max_deletes, guards.max_delete_percent),
            retiring=retiring,
            cluster_uid=self.target.cluster_uid,
        )

    def _objects(self) -> Iterator[DesiredObject]:
        for identity, document in sorted(self.specs.exposures.items()):
            if identity in self.held or not self._here(document.spec.targets):
                continue
            if document.spec.load_balancer.type == "ALB":
                yield from compile_routes(document, self.site)
            else:
                yield compile_service(document, self.site)

    def _here(self, stated: Sequence[str] | None) -> bool:
        return self.target.name in chosen_targets(stated, self.known)
