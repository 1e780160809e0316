"""What differences mean for traffic: which share of which route goes elsewhere now.

Shares follow from weights, as weighted scheduling deals requests out; a server that fails its
health check gets none while another one of its backend passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from gitopsd.drift.forwarding import Forward, Forwards, Match, forwards_of
from gitopsd.drift.members import Health, Members, answering, members_of
from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.desired import DesiredObject, DesiredTarget, Manifest
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.traffic import Backend, Balancer, Place, Route, RouteState, Share
from gitopsd.model.verdict import Cause
from gitopsd.profiles.kubernetes import NLB_CLASS

_PLACES = {
    "Cloud": Place.CLOUD_PODS,
    "Edge": Place.EDGE_PODS,
    "Hybrid": Place.HYBRID_PODS,
    "SameVPC": Place.SAME_VPC,
    "CrossRegion": Place.CROSS_REGION,
    "OnPremises": Place.ON_PREMISES,
}


def traffic(
    comparison: Comparison, desired: DesiredTarget, observed: ObservedTarget
) -> tuple[Route, ...]:
    """Every route of every wanted Ingress and layer-4 Service, sorted by object."""
    groups = {f"<{item.identity.key}>": item for item in comparison.groups}
    for item in comparison.groups:
        groups |= {group.id: item for group in (*item.outdated, item.current) if group}
    health = {group: answering(said) for group, said in observed.health.items()}
    scene = _Scene(desired, observed, groups, health)
    return tuple(route for item in comparison.objects for route in scene.routes(item))


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that is known of a target while its routes are drawn up."""

    desired: DesiredTarget
    observed: ObservedTarget
    groups: Mapping[str, GroupComparison]
    health: Mapping[str, Health]

    def routes(self, item: ObjectComparison) -> Iterator[Route]:
        wanted = item.wanted or (item.desired.manifest if item.desired else None)
        if item.desired is None or wanted is None:
            return
        live = item.live or item.foreign
        asked = forwards_of(wanted)
        there = forwards_of(live.manifest) if live else {}
        for match in dict.fromkeys((*asked, *there)):
            drawn = _Drawing(self, item.desired, item.unknown)
            balancer = _balancer(wanted, live.manifest if live else {})
            yield self._pending(item, drawn.route(match, balancer, asked, there))

    def _pending(self, item: ObjectComparison, route: Route) -> Route:
        groups = [self.groups[f"<{identity.key}>"] for identity in route.groups]
        found = (item.differences, *(group.differences for group in groups))
        causes = {difference.cause for part in found for difference in part}
        pending = Cause.CHANGE in causes and Cause.DRIFT not in causes and not item.unknown
        return replace(route, pending=pending and route.moved != 0)

    def group(self, key: str) -> GroupComparison | None:
        """The comparison of the group behind an id, or behind `<namespace/name>`."""
        return self.groups.get(key)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One object's routes being drawn up."""

    scene: _Scene
    item: DesiredObject
    unknown: bool

    def route(
        self,
        match: Match,
        balancer: Balancer,
        asked: Mapping[Match, Forwards],
        there: Mapping[Match, Forwards],
    ) -> Route:
        wanted, live = asked.get(match, ()), there.get(match, ())
        unknown = self.unknown or wanted is None or live is None
        backends = self._backends(wanted or (), live or (), unknown=unknown)
        moved = None if unknown else _moved(backends)
        if unknown:
            state = RouteState.UNKNOWN
        elif match not in there:
            state = RouteState.GONE
        elif match not in asked:
            state, moved = RouteState.ADDED, None
        else:
            state = RouteState.MOVED if moved else RouteState.AS_WANTED
        return Route(
            self.item.exposure,
            self.item.identity,
            balancer,
            state,
            backends,
            moved,
            match.host,
            match.path,
            match.path_type,
            match.port,
            groups=tuple(
                dict.fromkeys(
                    group.identity
                    for forward in (*(wanted or ()), *(live or ()))
                    if forward.group and (group := self.scene.group(forward.group))
                )
            ),
        )

    def _backends(
        self, wanted: tuple[Forward, ...], live: tuple[Forward, ...], *, unknown: bool
    ) -> tuple[Backend, ...]:
        """Both sides, paired by what they name; two entries for one destination add up."""
        before, after = self._shares(wanted), self._shares(live)
        forwards = {self._key(forward): forward for forward in (*live, *wanted)}
        result = []
        for key in dict.fromkeys((*before, *after)):
            backend = self._describe(forwards[key], key)
            shares = before.get(key), None if unknown else after.get(key)
            result.append(replace(backend, wanted=shares[0], live=shares[1]))
        return tuple(piece for backend in result for piece in self._pods(backend))

    def _shares(self, forwards: tuple[Forward, ...]) -> dict[str, Share]:
        weights: dict[str, int | None] = {}
        for forward in forwards:
            key, weight = self._key(forward), forward.weight
            known = weights.get(key)
            weights[key] = weight if known is None or weight is None else known + weight
        total = sum(weight for weight in weights.values() if weight is not None)
        return {
            key: Share(weight, _part(weight, total, len(weights)))
            for key, weight in weights.items()
        }

    def _key(self, forward: Forward) -> str:
        if forward.group:
            group = self.scene.group(forward.group)
            return group.identity.key if group else forward.group
        return f"{forward.service}:{forward.port}" if forward.service else forward.pods

    def _describe(self, forward: Forward, key: str) -> Backend:
        if forward.group:
            return self._group(forward.group, key)
        if not forward.service:
            place = _PLACES.get(self.item.placement or "", Place.PODS)
            return Backend(place, key, None, None)
        name = Identity(SERVICE, self.item.identity.namespace, forward.service)
        known = self.scene.observed.services.get((name.namespace, name.name), frozenset())
        gone = known is None or (self._ours(name) is not None and self._live(name) is None)
        blind = self.scene.observed.unknown(SERVICE)
        return Backend(Place.PODS, key, None, None, answers=False if gone and not blind else None)

    def _group(self, named: str, key: str) -> Backend:
        group = self.scene.group(named)
        if group is None:
            return Backend(Place.FOREIGN, key, None, None, named)
        name = group.identity.name  # an Exposure sends to groups of its own namespace only
        place = _PLACES.get(group.desired.location or "" if group.desired else "", Place.SERVERS)
        current = group.current or next(iter(group.outdated), None)
        group_id = current.id if current else ""
        members: Members = members_of(group, self.scene.health.get(group_id, {}))
        return Backend(place, name, None, None, group_id, members.servers, members.answers)

    def _pods(self, backend: Backend) -> Iterator[Backend]:
        """A Service of ours that was turned to other pods is another destination than before."""
        name = Identity(SERVICE, self.item.identity.namespace, backend.name.partition(":")[0])
        ours, live = self._ours(name), self._live(name)
        if backend.place is not Place.PODS or ours is None or live is None:
            yield backend
            return
        before, after = (_first(m) for m in (ours.manifest, live))
        if before == after:
            yield backend
            return
        yield replace(backend, name=f"{backend.name} ({before})", live=None)
        yield replace(backend, name=f"{backend.name} ({after})", wanted=None)

    def _ours(self, name: Identity) -> DesiredObject | None:
        return self.scene.desired.objects.get(name)

    def _live(self, name: Identity) -> Manifest | None:
        found = self.scene.observed.objects.get(name) or self.scene.observed.foreign.get(name)
        return found.manifest if found else None


def _first(manifest: Manifest) -> str:
    """The pods behind a Service of one port, which is what a backend given as pods becomes."""
    spec = {**manifest.get("spec", {}), "type": "LoadBalancer"}
    forwards = forwards_of({"kind": SERVICE, "spec": spec})
    return ", ".join(forward.pods for value in forwards.values() for forward in value or ())


def _part(weight: int | None, total: int, number: int) -> Fraction:
    if weight is None:
        return Fraction(1, number)
    return Fraction(weight, total) if total else Fraction(0)


def _balancer(wanted: Manifest, live: Manifest) -> Balancer:
    """What stands in front, and the address that its controller has written into the status."""
    spec = wanted.get("spec", {})
    if wanted.get("kind") == SERVICE:
        kind = "NLB" if spec.get("loadBalancerClass") == NLB_CLASS else "CLB"
    else:
        kind = "ALB"
    places = ((live.get("status") or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    return Balancer(kind, places[0].get("hostname") or places[0].get("ip") or "")


def _moved(backends: tuple[Backend, ...]) -> Fraction:
    """The part of all requests that ends elsewhere than wanted; nobody is a place as well."""
    before, after = _ends(backends, live=False), _ends(backends, live=True)
    none = Fraction(0)
    apart = (abs(before.get(end, none) - after.get(end, none)) for end in {*before, *after})
    return sum(apart, none) / 2


def _ends(backends: tuple[Backend, ...], *, live: bool) -> dict[tuple[str, str], Fraction]:
    """Where the requests of a route end, by backend and server; they add up to one."""
    ends: dict[tuple[str, str], Fraction] = {}
    for backend in backends:
        share = backend.live if live else backend.wanted
        if share is None:
            continue
        for server, part in parts_of(backend, live=live).items():
            ends[backend.name, server] = share.part * part
    nobody = 1 - sum(ends.values(), Fraction(0))
    return {**ends, ("", ""): nobody} if nobody else ends


def parts_of(backend: Backend, *, live: bool) -> dict[str, Fraction]:
    """How a backend deals its requests out among its servers, "" where these are not known.

    Parts of the backend; what is missing to one reaches nobody.
    """
    if live and backend.answers is False:
        return {}
    if backend.servers is None:
        return {"": Fraction(1)}
    sides = ((s.name, s.live if live else s.wanted) for s in backend.servers)
    return {name: share.part for name, share in sides if share and share.part}
