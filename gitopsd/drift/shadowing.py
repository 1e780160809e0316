"""Ingresses and Services of others that claim hosts, paths or ports of ours.

Nothing of ours has changed then, and traffic goes elsewhere all the same. On an ALB the rules of
all its Ingresses are asked in the order of `order`, namespace/name, path (facts §4.5), so an
Ingress takes from another what it matches and is asked first for. Two that claim the very same host
and path are told whoever comes first: it is a matter of a name. A route without a host is for what
no other claims, so one with a host takes nothing from it. Ingresses share an ALB here when they
name the same class; that two classes lead to one AlbConfig is not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gitopsd.diff.modes import mode_of
from gitopsd.diff.ownership import entries, holders
from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import DesiredObject, DesiredTarget, Manifest
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.paths import join, route_place
from gitopsd.model.reason import Reason
from gitopsd.model.traffic import Takes
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said
from gitopsd.profiles.albrules import covering_conditions, covering_hosts, path_conditions
from gitopsd.profiles.neighbours import (
    CANARY,
    CONDITIONS,
    DEFAULT_ORDER,
    INGRESS_CLASS,
    LISTEN_PORTS,
    LOAD_BALANCER_ID,
    LOAD_BALANCER_LABEL,
    ORDER,
)

#: So many claims of one Ingress on a route of ours are named.
_TOLD = 4


def ingress_classes(desired: DesiredTarget) -> frozenset[str]:
    """The classes that our Ingresses name: others with one of these may stand in our way."""
    items = desired.objects.values()
    return frozenset(class_of(i.manifest) for i in items if i.identity.kind == INGRESS)


def load_balancers(observed: ObservedTarget) -> frozenset[str]:
    """The load balancers that our Services have been given."""
    found = (live.labels.get(LOAD_BALANCER_LABEL) for live in observed.objects.values())
    return frozenset(name for name in found if name)


def names_class(manifest: Manifest, classes: frozenset[str]) -> bool:
    """Whether an Ingress of others is on one of these classes."""
    return class_of(manifest) in classes


def names_load_balancer(manifest: Manifest, known: frozenset[str]) -> bool:
    """Whether a Service of others asks for one of these load balancers by its id."""
    return _annotations(manifest).get(LOAD_BALANCER_ID) in known


@dataclass(frozen=True, slots=True)
class Found:
    """An Ingress or Service of somebody else with claims on a route of ours.

    `route` is host and path, or port and protocol, `path_type` that of a path; `takes` is None
    where ours is asked first, so that the other gets nothing as long as that is so. `difference`
    is how it is told.
    """

    exposure: Identity
    route: str
    path_type: str
    by: Identity
    takes: Takes | None
    difference: Difference


def shadows(
    comparison: Comparison, observed: ObservedTarget, today: date
) -> Iterator[tuple[Identity, Difference]]:
    """What takes or shares traffic of ours, with the Exposure that it concerns."""
    for found in claims(comparison, observed, today):
        yield found.exposure, found.difference


def claims(comparison: Comparison, observed: ObservedTarget, today: date) -> Iterator[Found]:
    """The claims of others on hosts, paths and ports of ours."""
    wanted = {item.identity for item in comparison.objects}
    # Our own object whose labels were taken off looks like somebody else's.
    neighbours = [other for other in observed.neighbours or () if other.identity not in wanted]
    theirs = _Claims(neighbours)
    by_balancer: dict[str, list[ObservedObject]] = defaultdict(list)
    for other in neighbours:
        if other.identity.kind == SERVICE:
            by_balancer[_annotations(other.manifest).get(LOAD_BALANCER_ID, "")].append(other)
    for item in comparison.objects:
        if item.desired is None:
            continue
        if item.identity.kind == INGRESS:
            yield from _on_routes(item.desired, theirs, today)
        else:
            yield from _on_ports(item, item.desired, by_balancer, today)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One host and path of an Ingress: what the ALB is given for it."""

    ingress: ObservedObject
    host: str
    path: str
    conditions: tuple[str, ...]


class _Claims:
    """The claims of others, by class and host."""

    def __init__(self, neighbours: Iterable[ObservedObject]) -> None:
        self._claims: dict[str, dict[str, list[_Claim]]] = defaultdict(lambda: defaultdict(list))
        for other in neighbours:
            if other.identity.kind == INGRESS:
                for host, path, path_type in _routes(other.manifest):
                    claim = _Claim(other, host, path, path_conditions(path, path_type))
                    self._claims[class_of(other.manifest)][host].append(claim)

    def touching(self, ingress_class: str, host: str) -> Iterable[list[_Claim]]:
        """Claims whose host matches requests for this one, or part of them; those of one Ingress
        together.
        """
        by: dict[Identity, list[_Claim]] = defaultdict(list)
        covering = set(covering_hosts(host))
        for other, claims in self._claims.get(ingress_class, {}).items():
            if other in covering or (host and host in covering_hosts(other)):
                for claim in claims:
                    by[claim.ingress.identity].append(claim)
        return by.values()


def _on_routes(item: DesiredObject, claims: _Claims, today: date) -> Iterator[Found]:
    rank = _rank(item.manifest, item.identity)
    for host, path, path_type in _routes(item.manifest):
        ours = path_conditions(path, path_type)
        for theirs in claims.touching(class_of(item.manifest), host):
            other = theirs[0].ingress
            first = _rank(other.manifest, other.identity) < rank
            met = [claim for claim in theirs if _meets(claim, host, ours, first=first)]
            if not met:
                continue
            keys = ("spec", "rules", route_place(host, path))
            note = _claims_too(other, met, first=first)
            told = _difference(item, keys, other, note, ("spec", "rules"), today)
            takes = _takes(met, item.manifest, host, ours) if first else None
            if _canary(other):
                takes = Takes.PERHAPS
            yield Found(item.exposure, f"{host}{path}", path_type, other.identity, takes, told)


def _meets(claim: _Claim, host: str, conditions: tuple[str, ...], *, first: bool) -> bool:
    """Whether a claim is on the same host and path, or is asked `first` for a part of it."""
    same = (claim.host, set(claim.conditions)) == (host, set(conditions))
    return same or (first and _overlap(claim.conditions, conditions))


def _takes(claims: list[_Claim], ours: Manifest, host: str, conditions: tuple[str, ...]) -> Takes:
    """What an Ingress that is asked first gets of the requests to a host and its conditions.

    Conditions of its own, and listeners that ours does not have, may let requests through to ours.
    """
    theirs, mine = _annotations(claims[0].ingress.manifest), _annotations(ours)
    narrowed = any(key.startswith(CONDITIONS) for key in theirs)
    if narrowed or theirs.get(LISTEN_PORTS) != mine.get(LISTEN_PORTS):
        return Takes.PERHAPS
    hosts = {host, *covering_hosts(host)}
    taken = {one for claim in claims if claim.host in hosts for one in claim.conditions}
    covered = (taken.intersection(covering_conditions(one)) for one in conditions)
    return Takes.ALL if all(covered) else Takes.PART


def _canary(other: ObservedObject) -> bool:
    return _annotations(other.manifest).get(CANARY) == "true"


def _claims_too(other: ObservedObject, claims: list[_Claim], *, first: bool) -> str:
    routes = [f"{claim.host or 'any host'}{claim.path}" for claim in claims]
    told = routes if len(routes) <= _TOLD else [*routes[: _TOLD - 1], "…"]
    key = "canary" if _canary(other) else "claims-first" if first else "claims-last"
    return said(key, name=other.identity, route=", ".join(told))


def _on_ports(
    item: ObjectComparison,
    desired: DesiredObject,
    by_balancer: Mapping[str, list[ObservedObject]],
    today: date,
) -> Iterator[Found]:
    balancer = item.live.labels.get(LOAD_BALANCER_LABEL, "") if item.live else ""
    for other in by_balancer.get(balancer, ()) if balancer else ():
        theirs = set(_ports(other.manifest))
        for number, protocol in _ports(desired.manifest):
            if (number, protocol) in theirs:
                note = said("same-port", name=other.identity, balancer=balancer, port=number)
                held = ("metadata", "annotations", LOAD_BALANCER_ID)
                keys = ("spec", "ports", f"{number}/{protocol}")
                told = _difference(desired, keys, other, note, held, today)
                # Whichever of the two was written last has the listener (facts §1.5).
                yield Found(desired.exposure, keys[-1], "", other.identity, Takes.PERHAPS, told)


def _difference(
    item: DesiredObject,
    keys: tuple[str, ...],
    other: ObservedObject,
    note: str,
    held: tuple[str, ...],
    today: date,
) -> Difference:
    """What others stand in; `held` is the field of theirs that tells who made them."""
    path = join(keys)
    ignored = mode_of(item.drift, item.identity.kind, path, today) == "Ignore"
    mode: Mode = "Ignore" if ignored else "Report"
    makers = holders(entries(other), held)
    return Difference(
        item.identity,
        path,
        str(item.identity),
        str(other.identity),
        Cause.DRIFT,
        mode,
        makers[0] if makers else None,
        item.position,
        note,
        reason=Reason.SHADOWED,
        theirs=True,
    )


def _overlap(theirs: tuple[str, ...], ours: tuple[str, ...]) -> bool:
    """Whether some request matches both: where two conditions overlap, one covers the other."""
    return any(
        their in covering_conditions(our) or our in covering_conditions(their)
        for their in theirs
        for our in ours
    )


def _routes(manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    """Host, path and path type of every rule."""
    for rule in (manifest.get("spec") or {}).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield rule.get("host") or "", path.get("path") or "/", path.get("pathType") or ""


def _ports(manifest: Manifest) -> Iterator[tuple[int, str]]:
    """Number and protocol of every port: two Services on one listener hijack it (facts §1.5)."""
    for port in (manifest.get("spec") or {}).get("ports") or ():
        yield port["port"], port.get("protocol", "TCP")


def class_of(manifest: Manifest) -> str:
    """The class that an Ingress names; "" for none, and for a Service."""
    spec = manifest.get("spec") or {}
    return str(spec.get("ingressClassName") or _annotations(manifest).get(INGRESS_CLASS, ""))


def _rank(manifest: Manifest, identity: Identity) -> tuple[int, str]:
    """Where an Ingress stands among those of its ALB; an order that is no number counts as none."""
    order = _annotations(manifest).get(ORDER, "")
    return (int(order) if order.isdecimal() else DEFAULT_ORDER, identity.key)


def _annotations(manifest: Manifest) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (manifest.get("metadata") or {}).get("annotations") or {}
    return found
