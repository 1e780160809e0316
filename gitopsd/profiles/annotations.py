"""Which annotation says what a spec asks for, and what it may hold (facts §1.2 to §1.4, §4)."""

from __future__ import annotations

from dataclasses import dataclass

_LOAD_BALANCER = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"

ADDRESS_TYPE = _LOAD_BALANCER + "address-type"
BACKEND_LABEL = _LOAD_BALANCER + "backend-label"
PERSISTENCE_TIMEOUT = _LOAD_BALANCER + "persistence-timeout"
PRESERVE_CLIENT_IP = _LOAD_BALANCER + "preserve-client-ip"
SCHEDULER = _LOAD_BALANCER + "scheduler"
SERVER_GROUP_TYPE = _LOAD_BALANCER + "server-group-type"
ZONE_MAPS = _LOAD_BALANCER + "zone-maps"
#: Has no `alibaba-cloud-loadbalancer-` in its name (facts §1.1).
BACKEND_TYPE = "service.beta.kubernetes.io/backend-type"
#: Followed by the name of the path's backend Service (facts §4.2).
ACTIONS = "alb.ingress.kubernetes.io/actions."

#: Which nodes are candidates: nothing of it is kept on the load balancer.
_OF_NODES = (BACKEND_LABEL, _LOAD_BALANCER + "remove-unscheduled-backend")
#: What to set on a load balancer by hand so that it is as if the annotation had never been there
#: (facts §1.2 to §1.4): the CLB's scheduler without one is rr, the NLB's wrr.
_RESETS = {
    PERSISTENCE_TIMEOUT: "0",
    PRESERVE_CLIENT_IP: "off",
    SCHEDULER: "rr on a CLB, wrr on an NLB",
}


def kept_by_load_balancer(annotation: str) -> bool:
    """Whether a load balancer keeps what the annotation said when it is taken off (facts §1.6)."""
    return annotation.startswith(_LOAD_BALANCER) and annotation not in _OF_NODES


def reset_of(annotation: str) -> str:
    """What to set by hand once the annotation is gone: `persistence-timeout: 0`."""
    name = annotation.removeprefix(_LOAD_BALANCER)
    return f"{name}: {_RESETS.get(annotation, 'its default')}"


#: Compared exactly: `ENI` would silently mean nodes (facts §1.1).
ENI = "eni"
IP_GROUP = "Ip"
#: The only spelling that both products take for a switch (facts §1.2, "boolean flags").
ON = "on"
WEIGHTED = "wrr"


@dataclass(frozen=True, slots=True)
class Option:
    """A row: the spec's words, the annotation that carries them, and for which load balancers.

    `values` says what the annotation holds; `source` where that is told; `since` is the first
    version of the cloud controller that reads it, "" when all current ones do.
    """

    option: str
    annotation: str
    load_balancers: tuple[str, ...]
    values: str
    source: str
    since: str = ""


OPTIONS: tuple[Option, ...] = (
    Option(
        "loadBalancer.scheme",
        ADDRESS_TYPE,
        ("CLB", "NLB"),
        "intranet on a CLB; internet or intranet on an NLB",
        "facts §1.2",
        "1.9.3",
    ),
    Option("nlb.zones", ZONE_MAPS, ("NLB",), "zone:vSwitch, two or more", "facts §1.4", "2.5.0"),
    Option("pods.placement", BACKEND_TYPE, ("NLB",), "eni: pods are the backends", "facts §1.1"),
    Option(
        "pods.placement",
        SERVER_GROUP_TYPE,
        ("NLB",),
        "Ip: no ENI is looked up for a pod's address",
        "facts §1.4, §3.2",
        "2.8.3",
    ),
    Option("preserveClientIP", SCHEDULER, ("CLB", "NLB"), "wrr", "facts §1.2, §3.1"),
    Option("preserveClientIP", PRESERVE_CLIENT_IP, ("NLB",), "on", "facts §1.4", "2.5.0"),
    Option("sessionPersistence", PERSISTENCE_TIMEOUT, ("CLB",), "seconds", "facts §1.3"),
    Option("nodes.cloudLabel", BACKEND_LABEL, ("CLB", "NLB", "ALB"), "key=value", "facts §1.2"),
    Option("routes[].backends[].pods", BACKEND_TYPE, ("ALB",), "eni", "facts §4.7"),
    Option("routes[].backends", ACTIONS + "<route>", ("ALB",), "one ForwardGroup", "facts §4.3"),
)
