"""The rules of a Service, in the order in which the real server reports their violation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats, ip_formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.cells import looked_up
from gitopsd.sandbox.kubernetes.kinds.cluster_ips import cluster_ip_problems
from gitopsd.sandbox.kubernetes.kinds.metadata import label_problems
from gitopsd.sandbox.kubernetes.resources import Item

_TYPES: Final = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
_POLICIES: Final = ("Cluster", "Local")
_DISTRIBUTIONS: Final = ("PreferClose", "PreferSameZone", "PreferSameNode")
_IP_MODES: Final = ("Proxy", "VIP")
_SOURCE_RANGES: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"
_NODE_PORTS: Final = "allocateLoadBalancerNodePorts"
_BALANCED_ONLY: Final = "may only be used when `type` is 'LoadBalancer'"
_KUBELET_PORT: Final = 10250
_LONGEST_AFFINITY: Final = 86400


def service_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    """All rules on create and update."""
    spec = new["spec"]
    if old is not None:
        yield from _change_problems(spec, old["spec"])
    yield from _shape_problems(spec)
    yield from _port_problems(spec)
    yield from label_problems(spec.get("selector") or {}, "spec.selector")
    yield from _affinity_problems(spec)
    yield from cluster_ip_problems(spec)
    yield from _external_ip_problems(spec)
    if spec.get("type") not in _TYPES:
        yield unsupported_value("spec.type", spec.get("type", ""), _TYPES)
    yield from _uniqueness_problems(spec)
    yield from _source_range_problems(new)
    if spec.get("type") != "LoadBalancer" and spec.get(_NODE_PORTS) is not None:
        yield forbidden_value(f"spec.{_NODE_PORTS}", _BALANCED_ONLY)
    yield from _class_problems(spec)
    yield from _policy_problems(spec)


def _change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    both_have_ip = "ExternalName" not in (new.get("type"), old.get("type"))
    if both_have_ip and old.get("clusterIPs"):
        after, before = new.get("clusterIPs") or [], old["clusterIPs"]
        if not after:
            yield invalid_value("spec.clusterIPs[0]", after, "primary clusterIP can not be unset")
        elif after[0] != before[0]:
            yield invalid_value("spec.clusterIPs[0]", after, "may not change once set")
    yield from _class_change_problems(new, old)
    health = "healthCheckNodePort"
    if _is_local(new) and _is_local(old) and new.get(health) != old.get(health):
        yield forbidden_value(f"spec.{health}", "field is immutable")


def _class_change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    if new.get("type") == old.get("type") == "LoadBalancer":
        after, before = new.get("loadBalancerClass"), old.get("loadBalancerClass")
        if after != before:
            yield invalid_value("spec.loadBalancerClass", after, "may not change once set")
    yield from _class_problems(new)


def _shape_problems(spec: Item) -> Iterator[FieldProblem]:
    kind, headless = spec.get("type"), spec.get("clusterIP") == "None"
    if not spec.get("ports") and not headless and kind != "ExternalName":
        yield required_value("spec.ports")
    if kind == "LoadBalancer":
        for index, port in enumerate(spec.get("ports") or ()):
            if port["port"] == _KUBELET_PORT:
                why = f"may not expose port {_KUBELET_PORT} externally since it is used by kubelet"
                yield invalid_value(f"spec.ports[{index}]", _KUBELET_PORT, why)
    if kind in ("LoadBalancer", "NodePort") and headless:
        why = f"may not be set to 'None' for {kind} services"
        yield invalid_value("spec.clusterIPs[0]", "None", why)
    if kind == "ExternalName":
        for member in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if spec.get(member):
                yield forbidden_value(f"spec.{member}", "may not be set for ExternalName services")
        name = spec.get("externalName", "").removesuffix(".")
        if name:
            for fault in formats.dns_subdomain(name):
                yield invalid_value("spec.externalName", name, fault)
        else:
            yield required_value("spec.externalName")


def _port_problems(spec: Item) -> Iterator[FieldProblem]:
    ports = spec.get("ports") or []
    names: set[str] = set()
    for index, port in enumerate(ports):
        field = f"spec.ports[{index}]"
        name = port.get("name", "")
        if not name and len(ports) > 1:
            yield required_value(f"{field}.name")
        if name:
            for fault in formats.dns_label(name):
                yield invalid_value(f"{field}.name", name, fault)
            if name in names:
                yield duplicate_value(f"{field}.name", name)
            names.add(name)
        for fault in formats.port_number(port["port"]):
            yield invalid_value(f"{field}.port", port["port"], fault)
        if port["protocol"] not in _PROTOCOLS:
            yield unsupported_value(f"{field}.protocol", port["protocol"], _PROTOCOLS)
        yield from _target_problems(port.get("targetPort", 0), f"{field}.targetPort")
        if port.get("appProtocol"):
            for fault in formats.qualified_name(port["appProtocol"]):
                yield invalid_value(f"{field}.appProtocol", port["appProtocol"], fault)


def _target_problems(target: Any, field: str) -> Iterator[FieldProblem]:
    check = formats.port_number(target) if isinstance(target, int) else formats.port_name(target)
    for fault in check:
        yield invalid_value(field, target, fault)


def _affinity_problems(spec: Item) -> Iterator[FieldProblem]:
    affinity = spec.get("sessionAffinity", "")
    if affinity not in ("ClientIP", "None"):
        yield unsupported_value("spec.sessionAffinity", affinity, ("ClientIP", "None"))
        return
    config = spec.get("sessionAffinityConfig")
    if affinity == "None":
        if config is not None:
            why = "must not be set when session affinity is None"
            yield forbidden_value("spec.sessionAffinityConfig", why)
        return
    seconds = looked_up(config, "clientIP", "timeoutSeconds") or 0
    if not 0 < seconds <= _LONGEST_AFFINITY:
        field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        why = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
        yield invalid_value(field, seconds, why)


def _external_ip_problems(spec: Item) -> Iterator[FieldProblem]:
    for index, address in enumerate(spec.get("externalIPs") or ()):
        faults = ip_formats.ip_address(address)
        for fault in faults or ip_formats.special_address(address):
            yield invalid_value(f"spec.externalIPs[{index}]", address, fault)


def _uniqueness_problems(spec: Item) -> Iterator[FieldProblem]:
    ports = spec.get("ports") or []
    if spec.get("type") == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                why = "may not be used when `type` is 'ClusterIP'"
                yield forbidden_value(f"spec.ports[{index}].nodePort", why)
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        key = (port["protocol"], port.get("nodePort"))
        if port.get("nodePort") and key in seen:
            yield duplicate_value(f"spec.ports[{index}].nodePort", port["nodePort"])
        seen.add(key)
    served: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        pair = (port["protocol"], port["port"])
        if pair in served:
            shown = {
                "Name": "",
                "Protocol": pair[0],
                "AppProtocol": None,
                "Port": pair[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            yield duplicate_value(f"spec.ports[{index}]", shown)
        served.add(pair)


def _source_range_problems(item: Item) -> Iterator[FieldProblem]:
    spec = item["spec"]
    balanced = spec.get("type") == "LoadBalancer"
    ranges = spec.get("loadBalancerSourceRanges") or []
    annotated = (item["metadata"].get("annotations") or {}).get(_SOURCE_RANGES)
    # The server names the field with a capital letter.
    field, indexed = "spec.LoadBalancerSourceRanges", True
    if not ranges and annotated is not None:
        field, indexed = f"metadata.annotations[{_SOURCE_RANGES}]", False
        ranges = annotated.strip().split(",") if annotated.strip() else []
    if not balanced and (ranges or annotated is not None):
        yield forbidden_value(field, "may only be used when `type` is 'LoadBalancer'")
    for index, text in enumerate(ranges):
        at = f"{field}[{index}]" if indexed else field
        for fault in ip_formats.network(text.strip()):
            yield invalid_value(at, text.strip(), fault)


def _class_problems(spec: Item) -> Iterator[FieldProblem]:
    if spec.get("loadBalancerClass") is None:
        return
    if spec.get("type") != "LoadBalancer":
        yield forbidden_value("spec.loadBalancerClass", _BALANCED_ONLY)
    else:
        given = spec["loadBalancerClass"]
        for fault in formats.qualified_name(given):
            yield invalid_value("spec.loadBalancerClass", given, fault)


def is_externally_accessible(spec: Item) -> bool:
    """Whether traffic from outside the cluster can reach the Service."""
    if spec.get("type") in ("LoadBalancer", "NodePort"):
        return True
    return spec.get("type") == "ClusterIP" and bool(spec.get("externalIPs"))


def _is_local(spec: Item) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _policy_problems(spec: Item) -> Iterator[FieldProblem]:
    external = spec.get("externalTrafficPolicy", "")
    if is_externally_accessible(spec):
        if external not in _POLICIES:
            yield unsupported_value("spec.externalTrafficPolicy", external, _POLICIES)
    elif external:
        why = "may only be set for externally-accessible services"
        yield invalid_value("spec.externalTrafficPolicy", external, why)
    health = spec.get("healthCheckNodePort", 0)
    if health and not _is_local(spec):
        why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid_value("spec.healthCheckNodePort", health, why)
    internal = spec.get("internalTrafficPolicy")
    if internal is not None and internal not in _POLICIES:
        yield unsupported_value("spec.internalTrafficPolicy", internal, _POLICIES)
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        yield unsupported_value("spec.trafficDistribution", distribution, _DISTRIBUTIONS)


def service_status_problems(new: Item, _old: Item) -> Iterator[FieldProblem]:
    """Rules of a write through the status endpoint."""
    ingresses = new["status"]["loadBalancer"].get("ingress") or []
    if ingresses and new["spec"].get("type") != "LoadBalancer":
        field = "status.loadBalancer.ingress"
        yield forbidden_value(field, "may only be used when `spec.type` is 'LoadBalancer'")
        return
    yield from ingress_status_problems(ingresses, "status.loadBalancer.ingress")
    for index, ingress in enumerate(ingresses):
        at, mode = f"status.loadBalancer.ingress[{index}].ipMode", ingress.get("ipMode")
        if mode is not None and not ingress.get("ip"):
            yield forbidden_value(at, "may not be specified when `ip` is not set")
        elif mode not in (None, *_IP_MODES):
            yield unsupported_value(at, mode, _IP_MODES)


def ingress_status_problems(ingresses: list[Item], field: str) -> Iterator[FieldProblem]:
    """Rules of the addresses of a load balancer, the same for Service and Ingress."""
    for index, ingress in enumerate(ingresses):
        address, host = ingress.get("ip", ""), ingress.get("hostname", "")
        for fault in ip_formats.ip_address(address) if address else ():
            yield invalid_value(f"{field}[{index}].ip", address, fault)
        for fault in formats.dns_subdomain(host) if host else ():
            yield invalid_value(f"{field}[{index}].hostname", host, fault)
        if host and ip_formats.parsed(host) is not None:
            why = "must be a DNS name, not an IP address"
            yield invalid_value(f"{field}[{index}].hostname", host, why)
