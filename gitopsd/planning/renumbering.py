"""A 0 that somebody has set by hand stays with the pods that it was set for.

Services for backends given as pods are named by number (`profiles.names`), so a commit that takes
one out, puts one in front or renames the route makes a Service that is set to 0 the one of other
pods, and the pods that were drained get requests by another name. Neither shows in the weights of
the Ingress, where a 0 is otherwise kept (`diff.zeros`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from gitopsd.diff.routes import Key
from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget, Record
from gitopsd.model.plan import Hold, Plan, Step
from gitopsd.planning.by_hand import ByHand
from gitopsd.planning.holds import hold
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.routing import Backend, Destination, destinations_of, manifest_after


def renumbering_guard(
    plan: Plan, comparison: Comparison, observed: ObservedTarget, options: PlanOptions
) -> Callable[[Step], Hold | None]:
    """Judges steps: would one give requests to pods that are drained, or pass their 0 on?

    With `--correct` no step would: then Git says what gets nothing. The step of the Ingress is
    judged, and those that make its Services lead to other pods, for they act on what is found.
    """
    if options.correct or not any(step.kind == SERVICE for step in plan.steps):
        return lambda _: None
    steps = {step.identity: step for step in plan.steps if step.kind in (SERVICE, INGRESS)}
    held: dict[Identity, Hold] = {}
    things = _standing(comparison)
    for item in comparison.objects:
        live = item.live or _stripped(item, observed.record)
        if item.identity.kind != INGRESS or live is None or live.deleting or item.wanted is None:
            continue
        if all(to.weight for to in destinations_of(live.manifest)):
            continue  # nobody is drained
        routing = _Routing.of(live, item.wanted, steps, things)
        held |= routing.held(item.identity, ByHand.of(live, observed.record))
    return lambda step: held.get(step.identity) if step.kind in (SERVICE, INGRESS) else None


def _standing(comparison: Comparison) -> dict[Identity, ObservedObject]:
    return {item.identity: item.there for item in comparison.objects if item.there}


def _stripped(item: ObjectComparison, record: Record | None) -> ObservedObject | None:
    """What has lost our marks, and was ours."""
    return item.foreign if record is not None and item.identity in record.entries else None


def with_services_of_held(plan: Plan, comparison: Comparison) -> Plan:
    """The plan, with Services that wait for an Ingress whose step is held, for whatever reason.

    Numbered anew they would lead to other pods, and the Ingress that stays would give those the
    requests of routes that its step would have changed.
    """
    if not any(step.kind == INGRESS for step in plan.holds):
        return plan
    steps = {step.identity: step for step in plan.steps if step.kind in (SERVICE, INGRESS)}
    items = {item.identity: item for item in comparison.objects}
    held: dict[Identity, Hold] = {}
    things = _standing(comparison)
    for step in plan.steps:
        item = items.get(step.identity) if step.kind == INGRESS and step.hold else None
        if item is not None and item.there is not None and item.wanted is not None:
            routing = _Routing.of(item.there, item.wanted, steps, things)
            reason = hold("dependency", step=step.key)
            held |= dict.fromkeys(routing.moved_below_changes(), reason)
    return plan.with_steps(
        step.held(held[step.identity]) if step.identity in held and not step.hold else step
        for step in plan.steps
    )


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods that a Service leads to at a port: those with these labels, at their own port."""

    labels: frozenset[tuple[str, str]]
    target: str

    def __str__(self) -> str:
        return ",".join(f"{key}={value}" for key, value in sorted(self.labels))


@dataclass(frozen=True, slots=True)
class _Routing:
    """Where an Ingress leads before a plan and after it, and the pods behind its Services then.

    `asked` are the backends to which Git itself gives a 0.
    """

    before: tuple[Destination, ...]
    after: tuple[Destination, ...]
    pods_before: Mapping[Backend, _Pods]
    pods_after: Mapping[Backend, _Pods]
    asked: frozenset[Backend]

    @classmethod
    def of(
        cls,
        live: ObservedObject,
        wanted: Manifest,
        steps: Mapping[Identity, Step],
        things: Mapping[Identity, ObservedObject],
    ) -> _Routing:
        before = tuple(destinations_of(live.manifest))
        after = tuple(destinations_of(manifest_after(steps.get(live.identity), live.manifest)))

        def found(service: Identity) -> Manifest:
            return things[service].manifest if service in things else {}

        def then(service: Identity) -> Manifest:
            return manifest_after(steps.get(service), found(service))

        backends = [to.backend for to in (*before, *after)]
        asked = frozenset(to.backend for to in destinations_of(wanted) if to.weight == 0)
        return cls(before, after, _behind(backends, found), _behind(backends, then), asked)

    def held(self, ingress: Identity, by_hand: ByHand) -> dict[Identity, Hold]:
        """Why the Ingress must not change, nor Services that it leads to; {} where they may."""
        reasons: list[Hold] = []
        concerned: set[Identity] = {ingress}
        for to in self.before:
            pods = self.pods_before.get(to.backend)
            then = self.pods_after.get(to.backend)
            if pods is None or to.action is None or then == pods or not _drained(to, by_hand):
                continue
            told: dict[str, Any] = {
                "pods": pods,
                "service": to.backend[0],
                "by": by_hand.who(to.action),
            }
            raised = self._raised(pods)
            passed_on = then is not None and self._passed_on(to, pods, then)
            if raised:
                reasons.append(hold("renumbered", others=_names(raised), **told))
            if passed_on:
                reasons.append(hold("passed-on", others=then, **told))
            if raised or passed_on:
                concerned.update(self._moving(to.action, raised))
        return dict.fromkeys(concerned, reduce(Hold.beside, reasons)) if reasons else {}

    def _moving(self, action: str, raised: Iterable[Backend]) -> Iterator[Identity]:
        """The Services that would lead to other pods while the Ingress stays as it is found.

        Those beside a 0 in its action, and those that would give requests to what is drained.
        """
        some = set(raised)
        for to in self.before:
            if self._moves(to) and (to.action == action or to.backend in some):
                yield to.backend[0]

    def _moves(self, to: Destination) -> bool:
        """Whether a Service that stays would lead to other pods than before."""
        then = self.pods_after.get(to.backend)
        return then is not None and then != self.pods_before.get(to.backend)

    def moved_below_changes(self) -> Iterator[Identity]:
        """The Services that would lead to other pods, behind routes that would change as well."""
        before, after = _given(self.before), _given(self.after)
        for to in self.before:
            if self._moves(to) and before[to.route] != after.get(to.route):
                yield to.backend[0]

    def _raised(self, drained: _Pods) -> list[Backend]:
        """What would give requests to drained pods, and did not before.

        Pods with further labels are some of those pods.
        """
        given = [to for to in self.before if to.weight > 0]
        before = {(name, self.pods_before.get(to.backend)) for to in given
                  for name in (to.route, to.backend)}  # fmt: skip
        return [
            to.backend
            for to in self.after
            if to.weight > 0
            and (pods := self.pods_after.get(to.backend)) is not None
            and drained.labels <= pods.labels
            and not {(to.route, pods), (to.backend, pods)} & before
        ]

    def _passed_on(self, to: Destination, pods: _Pods, then: _Pods) -> bool:
        """Whether a 0 would stay where it is, with other pods behind it.

        Pods that are only reached at another port of theirs are the same, unless that one has been
        a destination of its own.
        """
        stays = any(one.backend == to.backend and one.weight == 0 for one in self.after)
        if not stays or to.backend in self.asked:
            return False
        others = (one.backend for one in self.before if one.action == to.action)
        return then.labels != pods.labels or then in map(self.pods_before.get, others)


def _drained(to: Destination, by_hand: ByHand) -> bool:
    """Whether somebody has set a destination to 0."""
    if to.action is None or to.weight != 0:
        return False
    service, port = to.backend
    return by_hand.drained(to.action, f"{service.name}:{port}", to.route)


def _given(some: Iterable[Destination]) -> dict[Key, set[tuple[Backend, int]]]:
    """What each route gives to which backend."""
    found: dict[Key, set[tuple[Backend, int]]] = {}
    for to in some:
        found.setdefault(to.route, set()).add((to.backend, to.weight))
    return found


def _behind(
    backends: Iterable[Backend], manifest_of: Callable[[Identity], Manifest]
) -> dict[Backend, _Pods]:
    """The pods behind backends, as far as they are Services with a selector."""
    found: dict[Backend, _Pods] = {}
    for service, port in backends:
        spec: Mapping[str, Any] = manifest_of(service).get("spec", {})
        if selector := spec.get("selector"):
            targets = (
                str(one.get("targetPort") or port)
                for one in spec.get("ports") or []
                if port in (str(one.get("port")), one.get("name"))
            )
            found[service, port] = _Pods(frozenset(selector.items()), next(targets, ""))
    return found


def _names(backends: Iterable[Backend]) -> str:
    return ", ".join(dict.fromkeys(service.name for service, _ in backends))
