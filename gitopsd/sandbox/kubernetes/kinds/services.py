"""Service: structure, defaults and what follows from a change of type.

Addresses and node ports are given out by `allocation`, rules are in `service_rules`.
"""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import CONDITIONS, top_level
from gitopsd.sandbox.kubernetes.kinds.service_rules import (
    is_externally_accessible,
    service_problems,
    service_status_problems,
)
from gitopsd.sandbox.kubernetes.kinds.service_warnings import service_warnings
from gitopsd.sandbox.kubernetes.resources import (
    STATUS_ONLY,
    Behaviour,
    Column,
    Item,
    MetadataRules,
    Resource,
    status_endpoint,
)
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    INT32,
    INT_OR_STRING,
    STRING,
    atomic_list,
    defaulted,
    map_list,
    mapping,
    named,
    struct,
)

_PORT: Final = struct(
    "ServicePort",
    {
        "name": STRING,
        "protocol": defaulted(named("Protocol"), "TCP"),
        "appProtocol?": STRING,
        "port!": INT32,
        "targetPort": INT_OR_STRING,
        "nodePort": INT32,
    },
)
_SPEC: Final = struct(
    "ServiceSpec",
    {
        "ports": map_list(_PORT, "port", "protocol", patch_key="port"),
        "selector": mapping(STRING, atomic=True),
        "clusterIP": STRING,
        "clusterIPs": atomic_list(STRING),
        "type": defaulted(named("ServiceType"), "ClusterIP"),
        "externalIPs": atomic_list(STRING),
        "sessionAffinity": defaulted(named("ServiceAffinity"), "None"),
        "loadBalancerIP": STRING,
        "loadBalancerSourceRanges": atomic_list(STRING),
        "externalName": STRING,
        "externalTrafficPolicy": named("ServiceExternalTrafficPolicy"),
        "healthCheckNodePort": INT32,
        "publishNotReadyAddresses": BOOLEAN,
        "sessionAffinityConfig?": struct(
            "SessionAffinityConfig",
            {"clientIP?": struct("ClientIPConfig", {"timeoutSeconds?": INT32})},
        ),
        "ipFamilies": atomic_list(named("IPFamily")),
        "ipFamilyPolicy?": named("IPFamilyPolicy"),
        "allocateLoadBalancerNodePorts?": BOOLEAN,
        "loadBalancerClass?": STRING,
        "internalTrafficPolicy?": named("ServiceInternalTrafficPolicy"),
        "trafficDistribution?": STRING,
    },
)
PORT_STATUS: Final = struct(
    "PortStatus", {"port!": INT32, "protocol!": named("Protocol"), "error?": STRING}
)
_STATUS: Final = struct(
    "ServiceStatus",
    {
        "loadBalancer!": struct(
            "LoadBalancerStatus",
            {
                "ingress": atomic_list(
                    struct(
                        "LoadBalancerIngress",
                        {
                            "ip": STRING,
                            "hostname": STRING,
                            "ipMode?": named("LoadBalancerIPMode"),
                            "ports": atomic_list(PORT_STATUS),
                        },
                    )
                )
            },
        ),
        "conditions": CONDITIONS,
    },
)
_SERVICE: Final = top_level("Service", {"spec!": _SPEC, "status!": _STATUS})
_AFFINITY_SECONDS: Final = 10800


def _default(item: Item) -> None:
    spec = item["spec"]
    kind = spec["type"]
    if spec["sessionAffinity"] == "ClientIP":
        if looked_up(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _AFFINITY_SECONDS}}
    elif spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    for port in spec.get("ports") or ():
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port["port"]
    if is_externally_accessible(spec):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in ("NodePort", "LoadBalancer", "ClusterIP"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in looked_up(item, "status", "loadBalancer", "ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _prepare(new: Item, old: Item | None) -> None:
    if old is None:
        new["status"] = {"loadBalancer": {}}
        return
    drop_unneeded(new["spec"], old["spec"])
    if not _is_balanced(new["spec"]):
        new["status"] = {**new["status"], "loadBalancer": {}}


def _has_cluster_ip(spec: Item) -> bool:
    return spec.get("type") != "ExternalName"


def has_node_ports(spec: Item) -> bool:
    """Whether ports of this type of Service may have node ports."""
    return spec.get("type") in ("NodePort", "LoadBalancer")


def _is_balanced(spec: Item) -> bool:
    return spec.get("type") == "LoadBalancer"


def needs_node_ports(spec: Item) -> bool:
    """Whether ports of this Service are given node ports."""
    if spec.get("type") == "NodePort":
        return True
    return _is_balanced(spec) and spec.get("allocateLoadBalancerNodePorts", True)


def needs_health_check_port(spec: Item) -> bool:
    """Whether the Service gets a port for health checks of nodes."""
    return _is_balanced(spec) and spec.get("externalTrafficPolicy") == "Local"


_OUTLIVED: Final = (
    (_has_cluster_ip, ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")),
    (is_externally_accessible, ("externalTrafficPolicy",)),
    (_is_balanced, ("allocateLoadBalancerNodePorts", "loadBalancerClass")),
    (needs_health_check_port, ("healthCheckNodePort",)),
)


def drop_unneeded(new: Item, old: Item) -> None:
    """Forget values that the new type has no use for, unless the client changed them."""
    for needed, members in _OUTLIVED:
        if needed(old) and not needed(new):
            for member in members:
                if new.get(member) == old.get(member):
                    new.pop(member, None)
    policy = "internalTrafficPolicy"
    if new.get("type") == "ExternalName" and new.get(policy) == old.get(policy):
        new.pop(policy, None)
    leaves_nodes = has_node_ports(old) and not has_node_ports(new)
    if leaves_nodes and _node_ports(new) <= _node_ports(old):
        for port in new.get("ports") or ():
            port.pop("nodePort", None)


def _node_ports(spec: Item) -> set[Any]:
    return {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}


def _external_cell(item: Item) -> str:
    spec, given = item["spec"], []
    for ingress in looked_up(item, "status", "loadBalancer", "ingress") or ():
        given.append(ingress.get("ip") or ingress.get("hostname") or "")
    given += spec.get("externalIPs") or []
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    if given:
        return ",".join(given)
    return "<pending>" if _is_balanced(spec) else "<none>"


def _ports_cell(item: Item) -> str:
    shown = []
    for port in item["spec"].get("ports") or ():
        node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port['port']}{node_port}/{port['protocol']}")
    return ",".join(shown) or "<none>"


def _selector_cell(item: Item) -> str:
    selector = item["spec"].get("selector") or {}
    return ",".join(f"{key}={selector[key]}" for key in sorted(selector)) or "<none>"


RESOURCES: Final = (
    Resource(
        "", "v1", "Service", "services", "service", True, _SERVICE,
        zero={"metadata": {}, "spec": {}, "status": {"loadBalancer": {}}},
        behaviour=Behaviour(
            default=_default,
            prepare=_prepare,
            validate=service_problems,
            warn=service_warnings,
            validate_status=service_status_problems,
            name=formats.dns_label,
            create_on_update=True,
            gets_addresses=True,
            metadata=MetadataRules(on_update=("change",)),
        ),
        short_names=("svc",),
        categories=("all",),
        subresources={"status": status_endpoint()},
        main_ignored=STATUS_ONLY,
        columns=(
            NAME,
            Column("Type", text_of("spec", "type")),
            Column("Cluster-IP", text_of("spec", "clusterIP", missing="<none>")),
            Column("External-IP", _external_cell),
            Column("Port(s)", _ports_cell),
            AGE,
            Column("Selector", _selector_cell, priority=1),
        ),
        selectable={
            "spec.clusterIP": lambda item: str(item["spec"].get("clusterIP", "")),
            "spec.type": lambda item: str(item["spec"].get("type", "")),
        },
        storage_version_hash="0/CO1lhkEBI=", etcd_path="services/specs",
    ),
)  # fmt: skip
