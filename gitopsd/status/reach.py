"""Whether requests arrive: Ready means reachable, and not that an API took what was sent.

A CLB's or NLB's Service has an address and ready endpoints; an ALB's Ingress has an address, and
each backend a server that answers: of Services by their EndpointSlices, of server groups by what
the listeners that use them say (GetListenerHealthStatus).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gitopsd.model.desired import DesiredObject, DesiredTarget
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedGroup, ObservedObject, ObservedTarget
from gitopsd.model.status import Truth
from gitopsd.model.wording import said

#: Ready endpoints by namespace and name of their Service; None: they could not be read.
Endpoints = Mapping[tuple[str, str], int] | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether something is reachable, why, and at which address; `pending` is on its way."""

    ready: Truth
    reason: str
    message: str
    address: str = ""
    pending: bool = False


def reach_of(
    subject: Identity,
    made: list[DesiredObject],
    desired: DesiredTarget,
    observed: ObservedTarget,
    endpoints: Endpoints,
) -> Reach:
    """How an Exposure or ServerGroup is reached at a target; `made` are the objects it makes."""
    if subject in desired.groups:
        group = _group(subject, desired, observed)
        if group is None:
            return _absent(said("group-named", name=subject.key))
        return _of_group(group, observed)
    front = next((item for item in made if item.identity.kind == INGRESS), None)
    front = front or next(iter(made), None)
    live = observed.objects.get(front.identity) if front else None
    if front is None or live is None:
        return _absent(str(front.identity) if front else said("anything"))
    address = address_of(live)
    if not address:
        what = said("no-address", what=f"{front.identity.kind} {front.identity.key}")
        return Reach("False", "NoAddress", what, pending=True)
    troubles = list(_silent(front, made, desired, observed, endpoints))
    if troubles:
        ready, reason, message = troubles[0]
        if others := len(troubles) - 1:
            message = said("and-others", first=message, number=others)
        return Reach(ready, reason, message, address)
    return Reach("True", "Reachable", said("reachable", address=address), address)


def address_of(live: ObservedObject) -> str:
    """The first address or host name that its load balancer has; "" for none."""
    balancer = (live.manifest.get("status") or {}).get("loadBalancer") or {}
    entries = balancer.get("ingress") or [{}]
    return str(entries[0].get("ip") or entries[0].get("hostname") or "")


def _absent(what: str) -> Reach:
    return Reach("False", "NotApplied", said("not-there", what=what), pending=True)


def _group(
    subject: Identity, desired: DesiredTarget, observed: ObservedTarget
) -> ObservedGroup | None:
    item = desired.groups[subject]
    ours = [group for group in observed.groups if group.identity == subject]
    same = [group for group in ours if group.shape == item.shape]
    return next(iter(same or ours), None)


def _of_group(group: ObservedGroup, observed: ObservedTarget) -> Reach:
    health = observed.health.get(group.id) or None  # asked, and nobody knows: the same
    if not group.members:
        return Reach("False", "NoMember", said("no-member", group=group.id))
    if health is None and group.related:
        return Reach("Unknown", "HealthUnknown", said("health-untold", group=group.id))
    if health is None:
        return Reach("Unknown", "NotUsed", said("unused", group=group.id))
    answering = sum(state.answers for state in health.values())
    told = said("answering", number=answering, total=len(health), group=group.id)
    if answering:
        return Reach("True", "Reachable", told)
    return Reach("False", "NoMemberAnswers", told)


def _silent(
    front: DesiredObject,
    made: list[DesiredObject],
    desired: DesiredTarget,
    observed: ObservedTarget,
    endpoints: Endpoints,
) -> Iterator[tuple[Truth, str, str]]:
    """What behind an address does not answer, or is not known to."""
    services = {
        (item.identity.namespace, item.identity.name)
        for item in made
        if item.identity.kind == SERVICE
    }
    services |= {(reference.namespace, reference.name) for reference in front.services}
    for service in sorted(services):
        name = "/".join(service)
        if endpoints is None:
            yield "Unknown", "EndpointsUnknown", said("endpoints-unread", service=name)
        elif not endpoints.get(service):
            yield "False", "NoReadyEndpoint", said("no-endpoint", service=name)
    for identity in front.groups:
        group = _group(identity, desired, observed) if identity in desired.groups else None
        reach = (
            _of_group(group, observed) if group else _absent(said("group-named", name=identity.key))
        )
        if reach.ready != "True":
            yield reach.ready, reach.reason, reach.message
