"""What a new sandbox cluster holds, as an ACK cluster with the ALB add-on does (facts §5)."""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.cloud import SEEDED_ALB
from gitopsd.sandbox.kubernetes.cluster import Cluster

_NAMESPACES: Final = ("default", "kube-system", "kube-public", "gitopsd-system")
_OPEN_OBJECT: Final = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_LISTENER: Final = {
    "type": "object",
    "required": ["port", "protocol"],
    "properties": {
        "port": {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": True,
        },
        "protocol": {"type": "string"},
    },
    "x-kubernetes-preserve-unknown-fields": True,
}
_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "config": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "name": {"type": "string"},
                        "addressType": {"type": "string"},
                        "edition": {"type": "string"},
                        "forceOverride": {"type": "boolean"},
                        "zoneMappings": {"type": "array", "items": _OPEN_OBJECT},
                    },
                    "x-kubernetes-preserve-unknown-fields": True,
                },
                "listeners": {"type": "array", "items": _LISTENER},
            },
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "status": _OPEN_OBJECT,
    },
}
_DEFINITION: Final = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "albconfigs.alibabacloud.com"},
    "spec": {
        "group": "alibabacloud.com",
        "names": {"kind": "AlbConfig", "plural": "albconfigs", "singular": "albconfig"},
        "scope": "Cluster",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": _SCHEMA},
                "subresources": {"status": {}},
                "additionalPrinterColumns": [
                    {"name": "ALBID", "type": "string", "jsonPath": ".status.loadBalancer.id"},
                    {
                        "name": "DNSNAME",
                        "type": "string",
                        "jsonPath": ".status.loadBalancer.dnsname",
                    },
                    {"name": "AGE", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }
        ],
    },
}
_ALB_CONFIG: Final = {
    "apiVersion": "alibabacloud.com/v1",
    "kind": "AlbConfig",
    "metadata": {"name": "alb"},
    "spec": {
        "config": {
            "name": "alb",
            "addressType": "Internet",
            "edition": "Standard",
            "zoneMappings": [
                {"vSwitchId": "vsw-sandbox-j"},
                {"vSwitchId": "vsw-sandbox-k"},
            ],
        },
        "listeners": [{"port": 80, "protocol": "HTTP"}],
    },
}
_INGRESS_CLASS: Final = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "alb"},
    "spec": {
        "controller": "ingress.k8s.alibabacloud/alb",
        "parameters": {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": "alb"},
    },
}


def preload(cluster: Cluster) -> None:
    """Create what is missing; what somebody changed stays changed."""
    fresh = not cluster.list("namespaces")
    for name in _NAMESPACES:
        _ensure(cluster, "namespaces", {"metadata": {"name": name}})
    _ensure(cluster, "customresourcedefinitions.apiextensions.k8s.io", _DEFINITION)
    if fresh:
        _ensure(cluster, "albconfigs.alibabacloud.com", _ALB_CONFIG)
        _ensure(cluster, "ingressclasses.networking.k8s.io", _INGRESS_CLASS)
        status = {"loadBalancer": {"id": SEEDED_ALB, "dnsname": f"{SEEDED_ALB}.alb.sandbox"}}
        cluster.patch(
            "albconfigs.alibabacloud.com",
            "",
            "alb",
            {"status": status},
            subresource="status",
            manager="alb-ingress-controller",
        )


def _ensure(cluster: Cluster, resource: str, item: dict[str, Any]) -> None:
    cluster.ensure(resource, item)
