"""One test's part of a cluster: a namespace of its own, an owner of its own, and other people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from gitopsd.adapters.kubernetes import Connection, KubernetesCluster
from gitopsd.adapters.kubernetes.request import MERGE, Request
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject
from gitopsd.model.ownership import Owner
from gitopsd.ports import ClusterScope, ClusterView

_NUMBERS = count(1)
RECORDS = "gitopsd-system"


@dataclass
class ClusterSide:
    """What a test works with. `namespace` exists and is empty; `owner` owns nothing yet."""

    connection: Connection
    namespace: str
    owner: Owner
    adapter: KubernetesCluster

    @classmethod
    def fresh(cls, connection: Connection, worker: str) -> ClusterSide:
        name = f"ports-{worker}-{next(_NUMBERS)}"
        adapter = KubernetesCluster(connection, namespace_for_record=RECORDS)
        cls.make_namespace(connection, name)
        return cls(connection, name, Owner(name, "hangzhou"), adapter)

    @staticmethod
    def make_namespace(connection: Connection, name: str) -> None:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        path = "/api/v1/namespaces"
        connection.send(Request("POST", path, name, "create", "namespaces", body=body))

    def others(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        manager: str = "kubectl",
    ) -> dict[str, Any]:
        """What somebody else does to the cluster, by the API."""
        content = MERGE if method == "PATCH" else "application/json"
        query = (("fieldManager", manager),) if method in ("POST", "PATCH") else ()
        request = Request(method, path, path, method.lower(), "x", query, body, content)
        return self.connection.send(request).json()

    def path(self, kind: str = "Service", name: str = "tea") -> str:
        root = "/api/v1" if kind == "Service" else "/apis/networking.k8s.io/v1"
        plural = "services" if kind == "Service" else "ingresses"
        end = f"/{name}" if name else ""
        return f"{root}/namespaces/{self.namespace}/{plural}{end}"

    def identity(self, kind: str = "Service", name: str = "tea") -> Identity:
        return Identity(kind, self.namespace, name)

    def service(self, name: str = "tea", **spec: Any) -> Manifest:
        """A Service with our stamp, as the compiler makes it."""
        ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": self.owner.labels(name) | {"gitopsd.io/digest": "d1"},
            },
            "spec": {"type": "LoadBalancer", "selector": {"app": name}, "ports": ports} | spec,
        }

    def ingress(self, name: str = "tea", annotations: dict[str, str] | None = None) -> Manifest:
        """An Ingress with our stamp, as the compiler makes it."""
        backend = {"service": {"name": "tea", "port": {"number": 80}}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": self.owner.labels(name),
                "annotations": annotations or {},
            },
            "spec": {
                "ingressClassName": "alb",
                "rules": [{"host": "a.test", "http": {"paths": paths}}],
            },
        }

    def create(self, manifest: Manifest) -> ObservedObject:
        return self.adapter.apply(manifest, uid=None, resource_version=None)

    def read(self, kind: str = "Service", name: str = "tea") -> ObservedObject:
        found = self.adapter.read(self.identity(kind, name))
        assert found is not None
        return found

    def observe(
        self, *wanted: Identity, services: frozenset[tuple[str, str]] = frozenset()
    ) -> ClusterView:
        return self.adapter.observe(ClusterScope(self.owner, frozenset(wanted), services))
