"""Fields of Services and Ingresses: which are closed sets, which others fill in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

#: Prefixes whose annotations on our objects are a closed set: one that we did not declare steers a
#: controller behind Git's back, so it is drift (design §4, "Compared"; facts §1, §4.1).
CLOSED_ANNOTATIONS: tuple[str, ...] = (
    "alb.ingress.kubernetes.io/",
    "service.beta.kubernetes.io/",
    "nginx.ingress.kubernetes.io/",
)

#: Fields of a Service's spec that are closed sets: present though undeclared means drift.
CLOSED_SERVICE_FIELDS: tuple[str, ...] = (
    "ports",
    "externalIPs",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "sessionAffinity",
)

#: What the API server writes into the closed fields when nobody declares them: not drift.
CLOSED_FIELD_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "externalIPs": [],
        "loadBalancerIP": "",
        "loadBalancerSourceRanges": [],
        "sessionAffinity": "None",
    }
)

#: What the API server writes into a Service port that does not say it. `targetPort` becomes the
#: port itself; `nodePort` is allocated and is nobody's declaration (facts §2.1).
PORT_DEFAULTS: Mapping[str, Any] = MappingProxyType({"protocol": "TCP"})

#: Fields of a Service's spec that only some types take; the API server refuses them elsewhere, or
#: drops them when the type changes (Kubernetes API reference, ServiceSpec; conformance recordings).
TYPES_OF_FIELD: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "externalTrafficPolicy": frozenset({"LoadBalancer", "NodePort"}),
        "loadBalancerClass": frozenset({"LoadBalancer"}),
        "loadBalancerSourceRanges": frozenset({"LoadBalancer"}),
        "allocateLoadBalancerNodePorts": frozenset({"LoadBalancer"}),
    }
)

#: Labels that the controllers write (facts §2.1, §2.2): never declared, never compared.
CONTROLLER_LABELS: frozenset[str] = frozenset(
    {
        "alb.ingress.kubernetes.io/hash",
        "service.beta.kubernetes.io/hash",
        "service.k8s.alibaba/loadbalancer-id",
        "service.k8s.alibaba/security-group-id",
    }
)

#: Annotations that a controller writes. None of them has a closed prefix today: the controllers
#: keep their marks in labels and in status (facts §2.1, §2.2).
CONTROLLER_ANNOTATIONS: frozenset[str] = frozenset({"alibabacloud.com/reconcile.hash"})

#: Who a load balancer class belongs to (facts §1.1): without a class a CLB is made.
NLB_CLASS = "alibabacloud.com/nlb"

#: The port name by which a path's backend says that an annotation decides (facts §4.2).
USE_ANNOTATION = "use-annotation"
