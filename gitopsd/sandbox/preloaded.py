"""What a new sandbox cluster holds, as an ACK cluster with the ALB add-on does (facts §5)."""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.cloud import SEEDED_ALB
from gitopsd.sandbox.kubernetes.cluster import Cluster

_SERVER: Final = "kube-apiserver"
_NAMESPACES: Final = {
    "default": _SERVER,
    "kube-node-lease": _SERVER,
    "kube-public": _SERVER,
    "kube-system": _SERVER,
    "gitopsd-system": "sandbox",
}
#: Where the server's own Service leads to: an address for documentation, as none may be loopback.
_SERVER_ADDRESS: Final = "192.0.2.2"
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


def preload(cluster: Cluster, port: int = 6443) -> None:
    """Create what is missing; what somebody changed stays changed. The server is at `port`."""
    fresh = not cluster.list("namespaces")
    for name, manager in _NAMESPACES.items():
        _ensure(cluster, "namespaces", {"metadata": {"name": name}}, manager)
    _ensure(cluster, "services", _own_service(port), _SERVER)
    _ensure(cluster, "endpointslices.discovery.k8s.io", _own_endpoints(port), _SERVER)
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


def _own_service(port: int) -> dict[str, Any]:
    """The Service by which pods find the server."""
    labels = {"component": "apiserver", "provider": "kubernetes"}
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": "10.96.0.1",
            "ipFamilyPolicy": "SingleStack",
            "sessionAffinity": "None",
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}],
        },
    }


def _own_endpoints(port: int) -> dict[str, Any]:
    labels = {"kubernetes.io/service-name": "kubernetes"}
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [_SERVER_ADDRESS], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "protocol": "TCP", "port": port}],
    }


def _ensure(
    cluster: Cluster, resource: str, item: dict[str, Any], manager: str = "sandbox"
) -> None:
    cluster.ensure(resource, item, manager=manager)
