"""Which controller takes a Service (facts §1.1)."""

from __future__ import annotations

from typing import Final, Literal

from gitopsd.sandbox.controllers.objects import Item, annotations_of, is_leaving

Taker = Literal["clb", "nlb"]

FINALIZERS: Final[dict[Taker, str]] = {
    "clb": "service.k8s.alibaba/resources",
    "nlb": "service.k8s.alibaba/nlb",
}
_NLB: Final = "alibabacloud.com/nlb"
_CLASS: Final = "service.beta.kubernetes.io/class"
_TUNNEL: Final = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-tunnel-type"


def taker(service: Item) -> Taker | None:
    """The controller that makes a load balancer for the Service, None for neither."""
    spec = service["spec"]
    if spec.get("type") != "LoadBalancer":
        return None
    chosen = spec.get("loadBalancerClass")
    if chosen is not None:
        return "nlb" if chosen == _NLB else None
    annotations = annotations_of(service)
    if annotations.get(_CLASS) or _TUNNEL in annotations:
        return None
    return "clb"


def holder(service: Item) -> Taker | None:
    """The controller whose finalizer the Service carries, None for neither."""
    held = service["metadata"].get("finalizers") or []
    for name, finalizer in FINALIZERS.items():
        if finalizer in held:
            return name
    return None


def is_wanted(service: Item) -> bool:
    """Whether the Service still is to have a load balancer."""
    return not is_leaving(service) and service["spec"].get("type") == "LoadBalancer"
