"""A cluster and a cloud with both controllers, and a clock that only the test moves."""

from __future__ import annotations

import json
from typing import Any

from gitopsd.sandbox.cloud import SEEDED_ALB, SEEDED_VPC, Cloud
from gitopsd.sandbox.controllers import Controllers
from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.preloaded import preload

INGRESSES = "ingresses.networking.k8s.io"
CONFIGS = "albconfigs.alibabacloud.com"
CLASSES = "ingressclasses.networking.k8s.io"
SLICES = "endpointslices.discovery.k8s.io"
ALB = "alb.ingress.kubernetes.io/"
CCM = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
BACKEND_TYPE = "service.beta.kubernetes.io/backend-type"
ZONES = {CCM + "zone-maps": "cn-hangzhou-j:vsw-j,cn-hangzhou-k:vsw-k"}


class Stage:
    """One world; `run` lets the controllers do what is due within a time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cluster = Cluster(allocation=Allocation(spare_ports=range(32768, 60000)))
        preload(self.cluster)
        self.cloud = Cloud("id", "secret", clock=lambda: self.now, seed=1)
        self.controllers = self.restart()
        self.run()

    def restart(self, **options: Any) -> Controllers:
        """Controllers that know nothing yet, as after a restart."""
        times = {"clock": lambda: self.now, "wall": lambda: self.now}
        self.controllers = Controllers(self.cluster, self.cloud, **times, **options)
        self.controllers.watch()
        return self.controllers

    def run(self, seconds: float = 0.1) -> None:
        """Let time pass, doing what becomes due."""
        until = self.now + seconds
        self.controllers.settle()
        due = self.controllers.next_due()
        while due is not None and due <= until:
            self.now = max(self.now, due)
            self.controllers.settle()
            due = self.controllers.next_due()
        self.now = until

    # -- making things

    def node(self, name: str, address: str, provider_id: str | None = None, **spec: Any) -> None:
        """A ready node, on ECS unless told otherwise."""
        spec["providerID"] = provider_id or f"cn-hangzhou.i-{name}"
        self.cluster.create("nodes", {"metadata": {"name": name}, "spec": spec})
        status = {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        self.cluster.patch("nodes", "", name, {"status": status}, subresource="status")

    def service(
        self, name: str, *, annotations: dict[str, str] | None = None, **spec: Any
    ) -> dict[str, Any]:
        """A Service of namespace default with port 80, of type NodePort unless told otherwise."""
        spec = {
            "type": "NodePort",
            "selector": {"app": name},
            "ports": [{"port": 80, "targetPort": 8080}],
            **spec,
        }
        metadata = {"name": name, "namespace": "default", "annotations": annotations or {}}
        return self.cluster.create("services", {"metadata": metadata, "spec": spec})

    def nlb(self, name: str, annotations: dict[str, str] | None = None, **spec: Any) -> None:
        """A Service that an NLB is made for."""
        spec = {"type": "LoadBalancer", "loadBalancerClass": "alibabacloud.com/nlb", **spec}
        self.service(name, annotations={**ZONES, **(annotations or {})}, **spec)

    def pods(self, service: str, nodes: dict[str, str], port: int = 8080) -> None:
        """Ready pods behind a Service: node names by address."""
        name = f"{service}-1"
        endpoints = [
            {
                "addresses": [address],
                "conditions": {"ready": True},
                "nodeName": node,
                "targetRef": {"kind": "Pod", "namespace": "default", "name": f"{service}-{index}"},
            }
            for index, (address, node) in enumerate(nodes.items())
        ]
        labels = {"kubernetes.io/service-name": service}
        item = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "namespace": "default", "labels": labels},
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [{"name": "", "port": port, "protocol": "TCP"}],
        }
        self.cluster.apply(SLICES, item, force=True)

    def ingress(
        self,
        name: str,
        *,
        actions: Any = None,
        service: str = "forward",
        port: int | None = None,
        host: str = "demo.example.com",
        class_name: str = "alb",
        annotations: dict[str, str] | None = None,
    ) -> None:
        """An Ingress with one path: to a Service's port, or by an action annotation."""
        found = dict(annotations or {})
        if actions is not None:
            found[f"{ALB}actions.{service}"] = (
                actions if isinstance(actions, str) else json.dumps(actions)
            )
        to = {"number": port} if port else {"name": "use-annotation"}
        path = {
            "path": "/",
            "pathType": "Prefix",
            "backend": {"service": {"name": service, "port": to}},
        }
        self.cluster.create(
            INGRESSES,
            {
                "metadata": {"name": name, "namespace": "default", "annotations": found},
                "spec": {
                    "ingressClassName": class_name,
                    "rules": [{"host": host, "http": {"paths": [path]}}],
                },
            },
        )

    def second_alb(self) -> None:
        """Another AlbConfig with a class of its own, both called `other`."""
        self.cluster.create(
            CONFIGS,
            {
                "apiVersion": "alibabacloud.com/v1",
                "kind": "AlbConfig",
                "metadata": {"name": "other"},
                "spec": {
                    "config": {"name": "other", "zoneMappings": [{"vSwitchId": "vsw-1"}]},
                    "listeners": [{"port": 80, "protocol": "HTTP"}],
                },
            },
        )
        parameters = {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": "other"}
        self.cluster.create(
            CLASSES,
            {
                "metadata": {"name": "other"},
                "spec": {"controller": "ingress.k8s.alibabacloud/alb", "parameters": parameters},
            },
        )

    def group(self, name: str = "mine", product: Any = "alb") -> str:
        """A server group that a user made; gives its id."""
        return self.cloud.groups.create(product, name, VpcId=SEEDED_VPC, ServerGroupType="Ip")

    # -- looking

    def get(self, resource: str, name: str, namespace: str = "default") -> dict[str, Any]:
        """An object that exists."""
        found = self.cluster.get(resource, namespace, name)
        assert found is not None
        return found

    def labels(self, resource: str, name: str) -> dict[str, str]:
        """The labels of an object of namespace default."""
        found: dict[str, str] = self.get(resource, name)["metadata"].get("labels", {})
        return found

    def address(self, resource: str, name: str) -> Any:
        """The first entry of `status.loadBalancer.ingress`, or None."""
        status = self.get(resource, name).get("status", {})
        entries = status.get("loadBalancer", {}).get("ingress") or [None]
        return entries[0]

    def events(self, name: str) -> list[str]:
        """Reasons of events about an object, warnings with a star, by first appearance."""
        found = [e for e in self.cluster.list("events") if e["involvedObject"]["name"] == name]
        found.sort(key=lambda each: int(each["metadata"]["resourceVersion"]))
        return [("*" if each["type"] == "Warning" else "") + each["reason"] for each in found]

    def messages(self, name: str, reason: str) -> list[str]:
        """Messages of the events of one reason about an object."""
        return [
            each["message"]
            for each in self.cluster.list("events")
            if each["involvedObject"]["name"] == name and each["reason"] == reason
        ]

    def rules(self, balancer: str = SEEDED_ALB) -> list[dict[str, Any]]:
        """The rules of all listeners of an ALB, by priority."""
        found = [
            rule
            for listener in self.cloud.balancers.listeners(balancer)
            for rule in self.cloud.balancers.rules(listener["ListenerId"])
        ]
        return sorted(found, key=lambda each: each["Priority"])

    def hosts(self, balancer: str = SEEDED_ALB) -> list[str]:
        """The hosts that an ALB has rules for."""
        return [
            rule["RuleConditions"][0]["HostConfig"]["Values"][0] for rule in self.rules(balancer)
        ]

    def related(self, group_id: str) -> list[str]:
        """The load balancers that use a group."""
        found: list[str] = self.cloud.groups.get(group_id)["RelatedLoadBalancerIds"]
        return found

    def members(self, name: str) -> list[tuple[str, int, int]]:
        """Server ids, ports and weights of the members of the group with a name."""
        for group in self.cloud.groups.all():
            if group["ServerGroupName"] == name:
                found = self.cloud.groups.members(group["ServerGroupId"])
                return [(each["ServerId"], each["Port"], each["Weight"]) for each in found]
        raise AssertionError(f"no group {name}")

    def groups(self, product: Any) -> list[str]:
        """Names of all groups of a product."""
        return [each["ServerGroupName"] for each in self.cloud.groups.all(product)]


def forward(*groups: dict[str, Any]) -> list[dict[str, Any]]:
    """An action annotation that forwards to groups."""
    return [{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": list(groups)}}]
