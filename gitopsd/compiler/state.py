"""From specs to the desired state of every target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

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
from gitopsd.compiler.memory import CompileMemory
from gitopsd.compiler.site import Site, fleet_policy
from gitopsd.model.desired import (
    DesiredGroup,
    DesiredObject,
    DesiredState,
    DesiredTarget,
    Limits,
)
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.problem import Problem
from gitopsd.profiles.defaults import chosen_targets
from gitopsd.profiles.placement import POD_ADDRESS_PLUGINS
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import ExposureSpec, FleetSpec, ServerGroupSpec, Target


def compile_specs(
    specs: SpecSet,
    problems: Sequence[Problem],
    *,
    instance: str | None = None,
    target: str | None = None,
    memory: CompileMemory | None = None,
) -> DesiredState:
    """What the specs ask for, at every target or only at `target`.

    `problems` must hold what `rules.check` found in these specs: a document that it found an error
    in is held and never compiled, so compiling itself meets no mistakes. Those of reading are added
    from `specs`. `instance` is who marks the objects, the Fleet's name unless given. A `target`
    that the fleet does not have gives a state without targets; so does a fleet that is bad or
    missing. What `memory` knows from the last compile is taken over.
    """
    every = tuple(sorted(dict.fromkeys((*specs.problems, *problems)), key=Problem.sort_key))
    fleet = specs.fleet
    name, known = ("", ()) if fleet is None else (fleet.identity.name, _names(fleet))
    if fleet is None or fleet_is_bad(specs, every):
        return DesiredState(name, {}, every, known)
    holding = work_out(specs, every)
    memory = memory or CompileMemory()
    memory.turn()
    compiled = {
        item.name: _Compilation(
            specs, fleet, Owner(instance or name, item.name), item, holding, memory
        )
        for item in fleet.spec.targets
        if target is None or item.name == target
    }
    targets = {name: compilation.result() for name, compilation in compiled.items()}
    return DesiredState(name, targets, every, known)


def _names(fleet: Document[FleetSpec]) -> tuple[str, ...]:
    return tuple(target.name for target in fleet.spec.targets)


class _Compilation:
    """One target being compiled."""

    def __init__(
        self,
        specs: SpecSet,
        fleet: Document[FleetSpec],
        owner: Owner,
        target: Target,
        holding: Holding,
        memory: CompileMemory,
    ) -> None:
        self.specs = specs
        self.fleet = fleet.spec
        self.target = target
        self.known = _names(fleet)
        self.held = holding.held(target.name)
        self.memory = memory
        self.site = Site(target, owner, policy=fleet_policy(fleet))
        self.users: dict[Identity, list[Document[ExposureSpec]]] = {}
        self.groups: dict[Identity, list[Document[ServerGroupSpec]]] = {}
        for group, users in sorted(users_of(specs).items()):
            for user in sorted(users):
                if self._here(specs.exposures[user].spec.targets):
                    self.users.setdefault(group, []).append(specs.exposures[user])
                if group in specs.server_groups:
                    self.groups.setdefault(user, []).append(specs.server_groups[group])

    def result(self) -> DesiredTarget:
        retiring = self.target.state == "Retiring"
        guards = self.fleet.guards
        objects = () if retiring else self._objects()
        groups = {
            identity: self._group(document)
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
            drift=self.site.policy,
            limits=Limits(guards.max_deletes, guards.max_delete_percent),
            retiring=retiring,
            cluster_uid=self.target.cluster_uid,
            access=self.target.access,
            overlay=self.target.network_plugin not in POD_ADDRESS_PLUGINS,
        )

    def _objects(self) -> Iterator[DesiredObject]:
        for identity, document in sorted(self.specs.exposures.items()):
            if identity in self.held or not self._here(document.spec.targets):
                continue
            groups = self.groups.get(identity, ())
            site = self._with(groups)
            yield from self.memory.made((document, *groups), site, partial(_exposed, document))

    def _with(self, groups: Sequence[Document[ServerGroupSpec]]) -> Site:
        """The site as a document sees it that refers to these groups."""
        return (
            replace(self.site, groups={one.identity: one for one in groups})
            if groups
            else self.site
        )

    def _group(self, document: Document[ServerGroupSpec]) -> DesiredGroup:
        users = tuple(self.users.get(document.identity, ()))
        site = replace(self.site, users={document.identity: users})
        return self.memory.made((document, *users), site, partial(compile_group, document))

    def _here(self, stated: Sequence[str] | None) -> bool:
        return self.target.name in chosen_targets(stated, self.known)


def _exposed(document: Document[ExposureSpec], site: Site) -> tuple[DesiredObject, ...]:
    if document.spec.load_balancer.type == "ALB":
        return tuple(compile_routes(document, site))
    return (compile_service(document, site),)
