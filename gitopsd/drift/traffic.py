"""What differences mean for traffic: which share of which route goes elsewhere now.

Live shares are those of what is there, whoever is behind them (`movers` tells who). They follow
from weights, as weighted scheduling deals requests out; a server that fails its health check gets
none while another one of its backend passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial

from gitopsd.drift.bearing import obscures
from gitopsd.drift.cases import REALITY, Case, doing_of, manifest_in
from gitopsd.drift.ends import forsaken, moved_part
from gitopsd.drift.forwarding import Forward, Forwards, Match, forwards_of, pods_behind
from gitopsd.drift.movers import movers
from gitopsd.drift.scene import Scene, scene_of
from gitopsd.drift.shadowing import class_of
from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import DesiredObject, DesiredTarget, Manifest
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import BackendService, ObservedTarget
from gitopsd.model.traffic import (
    Backend,
    Balancer,
    Doing,
    Place,
    Route,
    RouteState,
    Shadow,
    Share,
    Takes,
)
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
    comparison: Comparison, desired: DesiredTarget, observed: ObservedTarget, *, today: date
) -> tuple[Route, ...]:
    """Every route of every wanted Ingress and layer-4 Service, sorted by object.

    `today` is the day, or the exact time: it decides which exceptions of the drift policy hold.
    """
    scene = scene_of(comparison, desired, observed, today)
    return tuple(route for item in comparison.objects for route in _routes(scene, item))


def _routes(scene: Scene, item: ObjectComparison) -> Iterator[Route]:
    for match in _matches(item):
        route = _drawn(scene, item, match, REALITY)
        if route is None:
            continue
        parts = movers(scene, item, route, partial(_drawn, scene, item, match))
        pending = bool(parts) and all(part.doing is Doing.CHANGE for part in parts)
        known = not (item.unknown or route.shadows)
        yield replace(route, movers=parts, pending=pending and known)


def _wanted(item: ObjectComparison) -> Manifest | None:
    """The object as it should be, with the ids that are known; None for one nobody asks for."""
    if item.desired is None:
        return None
    return item.wanted or item.desired.manifest


def _matches(item: ObjectComparison) -> Iterable[Match]:
    wanted, live = _wanted(item), item.there
    if wanted is None:
        return ()
    return dict.fromkeys((*forwards_of(wanted), *(forwards_of(live.manifest) if live else ())))


def _drawn(scene: Scene, item: ObjectComparison, match: Match, case: Case) -> Route | None:
    """The route as it would stand in a case; None where there would be none, nor is one wanted."""
    wanted, live = _wanted(item), manifest_in(item, case)
    if item.desired is None or wanted is None:
        return None
    asked, there = forwards_of(wanted), _there(wanted, live)
    if match not in asked and match not in there:
        return None
    balancer = _balancer(wanted, live or {})
    drawn = _Drawing(scene, item.desired, item.unknown, case)
    route = drawn.route(match, balancer, asked, there)
    return shadowed(route, scene.shadows_on(item, match, case))


def _there(wanted: Manifest, live: Manifest | None) -> Mapping[Match, Forwards]:
    """What is forwarded behind the load balancer that is asked for.

    One of another class is not on it: its controller takes the rules away, or never reads them.
    """
    if live is None or class_of(live) != class_of(wanted):
        return {}
    return forwards_of(live)


def shadowed(route: Route, shadows: tuple[Shadow, ...]) -> Route:
    """The route under the claims of others: requests that one of them gets all of are gone."""
    if not shadows or route.state in (RouteState.GONE, RouteState.ADDED):
        return replace(route, shadows=shadows)
    whole = next((shadow for shadow in shadows if shadow.takes is Takes.ALL), None)
    if whole is None:
        return replace(route, shadows=shadows, moved=None, state=RouteState.SHADOWED)
    rival = Backend(Place.RIVAL, str(whole.by), None, Share(None, Fraction(1)))
    backends = (*(replace(backend, live=None) for backend in route.backends), rival)
    return replace(
        route,
        shadows=shadows,
        backends=backends,
        moved=moved_part(backends),
        state=RouteState.MOVED,
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One object's routes being drawn up."""

    scene: Scene
    item: DesiredObject
    unknown: bool
    case: Case

    def route(
        self,
        match: Match,
        balancer: Balancer,
        asked: Mapping[Match, Forwards],
        there: Mapping[Match, Forwards],
    ) -> Route:
        wanted, live = asked.get(match, ()), there.get(match, ())
        groups = self._groups((*(wanted or ()), *(live or ())))
        unknown = self.unknown or wanted is None or live is None
        backends = self._backends(wanted or (), live or (), unknown=unknown)
        both = match in asked and match in there  # else it is known that nothing or all has moved
        if both and not unknown and self._obscured(groups, live or (), emptied=forsaken(backends)):
            unknown = True
            backends = self._backends(wanted or (), live or (), unknown=unknown)
        moved = None if unknown else moved_part(backends)
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
            groups=groups,
        )

    def _groups(self, forwards: Iterable[Forward]) -> tuple[Identity, ...]:
        named = (self.scene.groups.get(forward.group) for forward in forwards if forward.group)
        return tuple(dict.fromkeys(group.identity for group in named if group))

    def _obscured(
        self, groups: Iterable[Identity], live: Iterable[Forward], *, emptied: bool
    ) -> bool:
        """Whether something has drifted of which nobody can tell what it does to traffic.

        Where drift alone has `emptied` the route of all that is wanted, nothing else fills it.
        """
        names = {self._service(forward.service) for forward in live if forward.service}
        things = {self.item.identity, *names, *groups}
        found = (self.scene.objects.get(name) for name in (self.item.identity, *names))
        subjects = {*groups, *(item.exposure for item in found if item)}
        moves = [
            d
            for subject in subjects
            for d in self.scene.moves.get(subject, ())
            if d.resource in things and self.case.takes(subject, d)
        ]
        if emptied and all(doing_of(d) is Doing.DRIFT for d in moves if not obscures(d)):
            return False
        return any(doing_of(d) is not Doing.CHANGE and obscures(d) for d in moves)

    def _service(self, name: str) -> Identity:
        return Identity(SERVICE, self.item.identity.namespace, name)

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
            group = self.scene.groups.get(forward.group)
            return group.identity.key if group else forward.group
        return f"{forward.service}:{forward.port}" if forward.service else forward.pods

    def _describe(self, forward: Forward, key: str) -> Backend:
        if forward.group:
            return self._group(forward.group, key)
        if not forward.service:
            place = _PLACES.get(self.item.placement or "", Place.PODS)
            return Backend(place, key, None, None)
        name = self._service(forward.service)
        known = self.scene.observed.services.get(
            (name.namespace, name.name), BackendService(frozenset())
        )
        gone = known is None or (self._ours(name) is not None and self._live(name) is None)
        blind = self.scene.observed.unknown(SERVICE) or not self._counts(name)
        return Backend(Place.PODS, key, None, None, answers=False if gone and not blind else None)

    def _counts(self, service: Identity) -> bool:
        """Whether a Service that is not there counts: those of others are the Exposure's affair."""
        ours = self._ours(service) is not None
        return ours or (self.case.counts(self.item.exposure, Doing.DRIFT))

    def _group(self, named: str, key: str) -> Backend:
        group = self.scene.groups.get(named)
        if group is None:
            return Backend(Place.FOREIGN, key, None, None, named)
        name = group.identity.name  # an Exposure sends to groups of its own namespace only
        place = _PLACES.get(group.desired.location or "" if group.desired else "", Place.SERVERS)
        current = group.current or next(iter(group.outdated), None)
        group_id = current.id if current else ""
        members = self.scene.members(group, group_id, self.case)
        return Backend(place, name, None, None, group_id, members.servers, members.answers)

    def _pods(self, backend: Backend) -> Iterator[Backend]:
        """A Service of ours that was turned to other pods is another destination than before."""
        name = self._service(backend.name.partition(":")[0])
        ours, live = self._ours(name), self._live(name)
        if backend.place is not Place.PODS or ours is None or live is None:
            yield backend
            return
        before, after = pods_behind(ours.manifest), pods_behind(live)
        if before == after:
            yield backend
            return
        yield replace(backend, name=f"{backend.name} ({before})", live=None)
        yield replace(backend, name=f"{backend.name} ({after})", wanted=None)

    def _ours(self, name: Identity) -> DesiredObject | None:
        return self.scene.desired.objects.get(name)

    def _live(self, name: Identity) -> Manifest | None:
        item = self.scene.objects.get(name)
        if item is not None:
            return manifest_in(item, self.case)
        found = self.scene.observed.there(name)
        return found.manifest if found else None


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
