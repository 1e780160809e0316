"""Checks across routes and Exposures: who gets a request, and who owns a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gitopsd.model.identity import Identity
from gitopsd.profiles.albrules import covering_conditions, covering_hosts, path_conditions
from gitopsd.profiles.limits import RULES_PER_ALB
from gitopsd.rules.backends import pods_services
from gitopsd.rules.routes import routes_of
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, known
from gitopsd.rules.views import ExposureView, Repository, TargetView
from gitopsd.spec.document import Path
from gitopsd.spec.model import Alb, Route

#: A host, and the path conditions of which one must match: what the ALB is given for a route.
Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Placed:
    """A route where it stands."""

    view: ExposureView
    path: Path
    route: Route

    @cached_property
    def key(self) -> Key:
        return (self.route.host or "", path_conditions(self.route.path, self.route.path_type))

    @property
    def matches(self) -> str:
        return f"{self.route.host or 'any host'}{self.route.path}"


def _placed(view: ExposureView) -> Iterator[_Placed]:
    """The routes whose host and path mean something; the others have problems of their own."""
    for path, route in routes_of(view):
        if route.host != "" and route.path.startswith("/"):
            yield _Placed(view, path, route)


class _Earlier:
    """Routes that come before others, by host and single path condition."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], _Placed] = {}

    def add(self, placed: _Placed) -> None:
        host, conditions = placed.key
        for condition in conditions:
            self._first.setdefault((host, condition), placed)

    def covering(self, placed: _Placed) -> _Placed | None:
        """A route without which `placed` would get requests; None when it gets some anyway.

        Several may take them together: the one that takes the last condition is told.
        """
        found: _Placed | None = None
        for condition in placed.key[1]:
            found = self._of(placed.route.host, condition)
            if found is None:
                return None
        return found

    def _of(self, host: str | None, condition: str) -> _Placed | None:
        for covering_host in covering_hosts(host):
            for covering in covering_conditions(condition):
                if found := self._first.get((covering_host, covering)):
                    return found
        return None


def same_route(view: ExposureView) -> Findings:
    """Two routes of an Exposure for one host and path."""
    first: dict[Key, _Placed] = {}
    for placed in _placed(view):
        other = first.setdefault(placed.key, placed)
        if other is not placed:
            yield Finding(
                f"routes {other.route.name} and {placed.route.name} are both for {placed.matches}",
                (*placed.path, "path"),
            )


def shadowed(view: ExposureView) -> Findings:
    """A route that an earlier one of its Exposure leaves nothing."""
    earlier = _Earlier()
    for placed in _placed(view):
        other = earlier.covering(placed)
        if other is not None and other.key != placed.key:
            yield Finding(
                f"route {placed.route.name} ({placed.matches}) never gets a request: route"
                f" {other.route.name} ({other.matches}) stands before it",
                (*placed.path, "path"),
            )
        earlier.add(placed)


def _albs(repository: Repository) -> Iterator[tuple[TargetView, str, Alb, list[ExposureView]]]:
    """Every ALB that several Exposures may share: target, class, ALB, Exposures in order."""
    shared: dict[tuple[str, str], tuple[TargetView, Alb, list[ExposureView]]] = {}
    for view in repository.exposures:
        if view.kind != "ALB":
            continue
        wanted = view.spec.load_balancer.ingress_class
        for target in view.targets:
            if found := known(_alb, target, wanted):
                ingress_class, alb = found
                shared.setdefault((target.name, ingress_class), (target, alb, []))[2].append(view)
    for (_, ingress_class), (target, alb, views) in shared.items():
        views.sort(key=lambda view: view.identity.key)
        yield target, ingress_class, alb, views


def _alb(target: TargetView, wanted: str | None) -> tuple[str, Alb] | None:
    alb = target.alb(wanted)
    return None if alb is None else (alb.ingress_class, alb)


def same_request(repository: Repository) -> Findings:
    """Routes of two Exposures for one host and path of one ALB."""
    for target, ingress_class, _, views in _albs(repository):
        claims: dict[Key, list[_Placed]] = {}
        for view in views:
            for placed in _placed(view):
                claims.setdefault(placed.key, []).append(placed)
        for placed in (p for claim in claims.values() if len(claim) > 1 for p in claim):
            others = {p.view.identity.key for p in claims[placed.key]} - {placed.view.identity.key}
            if others:
                yield Finding(
                    f"{placed.matches} on the ALB of class {ingress_class} at {target.name} is"
                    f" also claimed by Exposure {', '.join(sorted(others))}",
                    (*placed.path, "path"),
                    document=placed.view.document,
                    target=target.name,
                )


def shadowed_elsewhere(repository: Repository) -> Findings:
    """A route that another Exposure's leaves nothing."""
    for target, _, _, views in _albs(repository):
        earlier = _Earlier()
        for view in views:
            own = list(_placed(view))
            for placed in own:
                other = earlier.covering(placed)
                if other is not None and other.key != placed.key:
                    yield Finding(
                        f"route {placed.route.name} ({placed.matches}) never gets a request at"
                        f" {target.name}: {other.matches} of Exposure {other.view.identity.key}"
                        " comes before it",
                        (*placed.path, "path"),
                        document=view.document,
                        target=target.name,
                    )
            for placed in own:
                earlier.add(placed)


def too_many_rules(repository: Repository) -> Findings:
    """An ALB with more rules than its quota."""
    for target, ingress_class, alb, views in _albs(repository):
        edition = known(_edition, alb)
        if edition is None:
            continue
        quota = RULES_PER_ALB[edition]
        total = 0
        for view in views:
            before = total
            total += len(view.spec.routes or [])
            if before <= quota.default < total:
                every = sum(len(v.spec.routes or []) for v in views)
                yield Finding(
                    f"the ALB of class {ingress_class} at {target.name} gets {every} rules; a"
                    f" {edition} ALB has {quota.default} unless more were asked for, {quota.most}"
                    " at most",
                    ("spec", "routes"),
                    document=view.document,
                    target=target.name,
                )


def _edition(alb: Alb) -> str:
    return alb.edition


@dataclass(frozen=True, slots=True)
class _Maker:
    """An Exposure, and the place in it, that makes a Service of some name."""

    view: ExposureView
    path: Path


def _services(view: ExposureView) -> Iterable[tuple[Identity, _Maker]]:
    identity = view.identity
    if view.kind != "ALB":
        yield Identity("Service", identity.namespace, identity.name), _Maker(view, ())
        return
    for path, route in routes_of(view):
        for index, _, name in pods_services(route, identity.name):
            place: Path = (*path, "backends", index, "pods")
            yield Identity("Service", identity.namespace, name), _Maker(view, place)


def same_service(repository: Repository) -> Findings:
    """One Service that two Exposures, or two routes, would make."""
    makers: dict[Identity, list[_Maker]] = {}
    for view in repository.exposures:
        for service, maker in _services(view):
            makers.setdefault(service, []).append(maker)
    for service, claims in makers.items():
        for maker in claims if len(claims) > 1 else ():
            here = {target.name for target in maker.view.targets}
            for other in claims:
                shared = here & {target.name for target in other.view.targets}
                if other is not maker and shared:
                    yield Finding(
                        f"Service {service.key} would also be made by Exposure"
                        f" {other.view.identity.key}",
                        maker.path or ("metadata", "name"),
                        document=maker.view.document,
                    )


def adopted_twice(repository: Repository) -> Findings:
    """One group that two ServerGroups adopt."""
    owners: dict[str, list[str]] = {}
    for view in repository.groups:
        if view.spec.server_group_id is not None:
            owners.setdefault(view.spec.server_group_id, []).append(view.document.identity.key)
    for view in repository.groups:
        others = [
            key
            for key in owners.get(view.spec.server_group_id or "", [])
            if key != view.document.identity.key
        ]
        if others:
            yield Finding(
                f"{view.spec.server_group_id} is also adopted by ServerGroup {', '.join(others)}",
                ("spec", "serverGroupId"),
                document=view.document,
            )


RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0801", ERROR, "two routes for one host and path", same_route,
        "The second would never get a request.",
        "Remove one of them, or put its backends into the other.",
    ),
    Rule(
        "GX0802", WARNING, "route shadowed", shadowed,
        "The ALB takes the first rule that matches, in the order in which routes are listed"
        " (facts §4.6).",
        "List the narrower route first.",
    ),
)  # fmt: skip

REPOSITORY_RULES: tuple[Rule[Repository], ...] = (
    Rule(
        "GX0811", ERROR, "host and path claimed twice", same_request,
        "The ALB would send every such request to the Exposure whose namespace and name come"
        " first, and none to the other (facts §4.5).",
        "Give them different hosts, paths or ALBs, or make one Exposure of both.",
    ),
    Rule(
        "GX0812", WARNING, "route shadowed by another Exposure", shadowed_elsewhere,
        "The rules of all Exposures on an ALB stand in the order of namespace and name, and the"
        " first that matches is taken (facts §4.5).",
        "Move both routes into one Exposure, the narrower first, or give them different hosts.",
    ),
    Rule(
        "GX0813", WARNING, "many rules for an ALB", too_many_rules,
        "Beyond the quota the ALB refuses rules, which stops every Ingress on it (facts §3.3,"
        " §4.7); on several listeners every rule counts that often.",
        "Ask for a higher quota, or spread the Exposures over several ALBs.",
    ),
    Rule(
        "GX0814", ERROR, "Service made twice", same_service,
        "Each would undo what the other made.",
        "Rename one of the Exposures or routes.",
    ),
    Rule(
        "GX0815", ERROR, "group adopted twice", adopted_twice,
        "Each would undo what the other made.",
        "Keep one of the ServerGroups.",
    ),
)  # fmt: skip
