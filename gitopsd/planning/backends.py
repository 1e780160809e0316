"""Services of others that an Ingress names: which of them could not take traffic, and why."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import DesiredTarget, ServiceReference
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import BackendService, ObservedTarget
from gitopsd.model.plan import Hold
from gitopsd.planning.holds import hold
from gitopsd.planning.routing import routed_services
from gitopsd.profiles.annotations import BACKEND_TYPE, ENI


def missing_backends(
    item: ObjectComparison, desired: DesiredTarget, observed: ObservedTarget
) -> Iterator[Hold]:
    """Why each of its Services cannot take traffic, in the order of the spec; none when all can.

    A missing Service gives its share of the traffic to nobody without a word; a missing port, or
    a Service that only the cluster reaches, stops every Ingress of the ALB (facts §4.7).
    """
    for reference in item.desired.services if item.desired else ():
        name = (reference.namespace, reference.name)
        made = desired.objects.get(Identity(SERVICE, *name))
        if made is not None:
            spec = made.manifest["spec"]
            ports = frozenset(port["port"] for port in spec.get("ports", []))
            found: BackendService | None = BackendService(ports, spec["type"])
        elif name in observed.services:
            found = observed.services[name]
        else:
            continue  # it could not be read; the gap says so
        if why := _objection(reference, found):
            yield why
    if desired.overlay:
        for reference in internal_backends(item, observed, routed=False):
            service = f"{reference.namespace}/{reference.name}"
            yield hold("internal", reference.position, service=service)


def internal_backends(
    item: ObjectComparison, observed: ObservedTarget, *, routed: bool = True
) -> Iterator[ServiceReference]:
    """Services of others that only the cluster reaches, as far as they themselves say.

    With Terway the cluster may have a setting that makes up for their annotation (facts §1.1):
    with `routed`, one that the live Ingress sends to already is not doubted.
    """
    known = routed_services(item.live.manifest) if item.live and routed else frozenset()
    for reference in item.desired.services if item.desired else ():
        found = observed.services.get((reference.namespace, reference.name))
        if (
            found is not None
            and found.type == "ClusterIP"
            and found.annotations.get(BACKEND_TYPE) != ENI
            and Identity(SERVICE, reference.namespace, reference.name) not in known
        ):
            yield reference


def _objection(reference: ServiceReference, found: BackendService | None) -> Hold | None:
    service = f"{reference.namespace}/{reference.name}"
    if found is None:
        return hold("no-service", reference.position, service=service)
    if reference.port not in found.ports:
        declared = ", ".join(str(port) for port in sorted(found.ports)) or "none"
        return hold("no-port", reference.position, service=service, port=reference.port,
                    declared=declared)  # fmt: skip
    return None
