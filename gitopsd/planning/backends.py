"""What an Ingress would send traffic to that could take none, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget, ServiceReference
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import BackendService, ObservedTarget
from gitopsd.model.plan import Hold, Operation, Step
from gitopsd.planning.holds import hold
from gitopsd.planning.left_backends import LeftBackends
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.routing import routed_services
from gitopsd.profiles.annotations import BACKEND_TYPE, ENI


def with_backends(
    steps: Iterable[Step],
    comparison: Comparison,
    desired: DesiredTarget,
    observed: ObservedTarget,
    options: PlanOptions,
) -> list[Step]:
    """The steps, with those of Ingresses held that would send traffic to what can take none.

    Of what is ours that is judged by all steps: what the same plan makes is there.
    """
    every = tuple(steps)
    if not any(step.kind == INGRESS for step in every):
        return [*every]
    items = {item.identity: item for item in comparison.objects}
    left = LeftBackends.of(every, comparison, desired, options)
    result = []
    for step in every:
        reasons: list[Hold] = []
        if step.kind == INGRESS and step.operation is not Operation.DELETE:
            reasons += missing_backends(items[step.identity], desired, observed)
            reasons += left.held_back(step)
        result.append(step.held(reduce(Hold.beside, reasons)) if reasons else step)
    return result


def missing_backends(
    item: ObjectComparison, desired: DesiredTarget, observed: ObservedTarget
) -> Iterator[Hold]:
    """Why each Service that it names cannot take traffic, in the order of the spec; none when all
    can. One of ours is judged by what Git asks of it.

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
