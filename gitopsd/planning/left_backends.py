"""Backends of ours that the drift policy leaves gone, or as somebody made them.

What a plan makes or puts right is there for its Ingresses; what it leaves is judged as it stands. A
Service that is missing gives its share of the traffic to nobody without a word, one without the
port stops every Ingress of the ALB (facts §4.7), and a group that is gone has no id to name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gitopsd.model.approval import scope
from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget, DriftPolicy, Manifest
from gitopsd.model.identity import SERVER_GROUP, SERVICE, Identity
from gitopsd.model.observed import BackendService
from gitopsd.model.paths import split
from gitopsd.model.plan import Hold, Step
from gitopsd.model.position import Position
from gitopsd.planning.holds import hold
from gitopsd.planning.leaving import Leaving
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.routing import Backend, backends_of, manifest_after
from gitopsd.planning.selection import written
from gitopsd.profiles.annotations import BACKEND_TYPE, ENI

#: The holds, with the field of a Service that each is about.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "left-service": (),
    "left-port": ("spec", "ports"),
    "left-internal": ("spec", "type"),
}


@dataclass(frozen=True, slots=True)
class LeftBackends:
    """What the steps of a plan leave of ours at the target, as far as Ingresses lead there.

    `groups` are the policies of the wanted groups, `known` the keys of those that have an id or get
    one; `services` are the steps of our Services.
    """

    objects: Mapping[Identity, ObjectComparison]
    groups: Mapping[Identity, DriftPolicy]
    known: frozenset[str]
    services: Mapping[Identity, Step]
    options: PlanOptions
    where: str
    overlay: bool

    @classmethod
    def of(
        cls,
        steps: Iterable[Step],
        comparison: Comparison,
        desired: DesiredTarget,
        options: PlanOptions,
    ) -> LeftBackends:
        """Of the steps of a plan, in any order."""
        every = tuple(steps)
        made = (step.identity for step in every if step.kind == SERVER_GROUP)
        return cls(
            {item.identity: item for item in comparison.objects},
            {group.identity: group.desired.drift for group in comparison.groups if group.desired},
            frozenset(identity.key for identity in (*comparison.ids, *made)),
            {step.identity: step for step in every if step.kind == SERVICE},
            options,
            scope(desired.name, options.again),
            desired.overlay,
        )

    def held_back(self, step: Step) -> Iterator[Hold]:
        """Why the step of an Ingress must not lead to what is left so; nothing where it does not.

        What the live Ingress gives requests to already is not doubted: there it does no new harm.
        """
        item = self.objects[step.identity]
        live = item.there.manifest if item.there else {}
        before = backends_of(live)
        for backend, share in backends_of(manifest_after(step, live)).items():
            made = self.objects.get(backend[0])
            if made is not None and made.desired is not None and not made.unknown:
                yield from self._left(made, backend, before, item, share=share)
        for key in step.payload.get("groups", ()):
            if key not in self.known:
                group = Identity(SERVER_GROUP, *key.split("/"))
                left = self._leaving(self.groups.get(group, DriftPolicy()), group, group, "")
                yield hold("left-group", group=group, why=left.why, end=left.end)

    def _left(
        self,
        made: ObjectComparison,
        backend: Backend,
        before: Mapping[Backend, bool],
        item: ObjectComparison,
        *,
        share: bool,
    ) -> Iterator[Hold]:
        service, port = backend
        found = self._standing(made)
        name = self._objection(found, port)
        asked = _backend(made.desired.manifest) if made.desired else None
        if not name or name == self._objection(asked, port):
            return  # all is well, or it is Git's doing
        known = [
            given
            for (other, at), given in before.items()
            if other == service and (found is None or at == port)
        ]
        if known and max(known) >= share:
            return
        left = self._behind(made, _FIELDS[name])
        ports = sorted(found.ports) if found else ()
        yield hold(
            name,
            _position(backend, item, made),
            service=service,
            port=port,
            declared=", ".join(map(str, ports)) or "none",
            why=left.why,
            end=left.end,
        )

    def _standing(self, made: ObjectComparison) -> BackendService | None:
        """A Service of ours once the plan is done; None for one that is gone, or left to go."""
        step, there = self.services.get(made.identity), made.there
        if step is None and (there is None or there.deleting):
            return None
        return _backend(manifest_after(step, there.manifest if there else {}))

    def _objection(self, found: BackendService | None, port: str) -> str:
        """Which hold a Service is worth; "" where it can take the traffic."""
        if found is None:
            return "left-service"
        if port not in map(str, found.ports):
            return "left-port"
        internal = found.type == "ClusterIP" and found.annotations.get(BACKEND_TYPE) != ENI
        return "left-internal" if internal and self.overlay else ""

    def _behind(self, made: ObjectComparison, field: tuple[str, ...]) -> Leaving:
        """Why a field of a Service is left: the policy at what differs there and is not written."""
        correct = self.options.correct
        paths = [d.path for d in made.differences if not written(d, correct=correct)]
        about = (path for path in paths if split(path)[: len(field)] == field)
        path = next(about, paths[0] if paths else "")
        policy = made.desired.drift if made.desired else DriftPolicy()
        return self._leaving(policy, made.exposure, made.identity, path)

    def _leaving(
        self, policy: DriftPolicy, subject: Identity, thing: Identity, path: str
    ) -> Leaving:
        now = self.options.now or self.options.today
        return Leaving(policy, subject, thing.kind, path, now, self.where)


def _backend(manifest: Manifest) -> BackendService:
    """What a Service is to those who send to it."""
    spec, annotations = manifest["spec"], manifest["metadata"].get("annotations")
    ports = frozenset(port["port"] for port in spec.get("ports") or [])
    return BackendService(ports, spec.get("type") or "ClusterIP", annotations or {})


def _position(backend: Backend, item: ObjectComparison, made: ObjectComparison) -> Position | None:
    """The spec line that has an Ingress lead to a Service of ours."""
    service, port = backend
    for asked in item.desired.services if item.desired else ():
        if (asked.namespace, asked.name, str(asked.port)) == (
            service.namespace,
            service.name,
            port,
        ):
            return asked.position
    return made.desired.position if made.desired else None
