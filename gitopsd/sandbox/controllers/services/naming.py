"""Names and marks that the controller gives to what it makes (facts §1.6, §2.1)."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.controllers.objects import Item
from gitopsd.sandbox.controllers.services.options import Options

OWNER_TAG: Final = "kubernetes.do.not.delete"
CLUSTER_TAG: Final = "ack.aliyun.com"
REUSED_TAG: Final = "kubernetes.reused.by.user"


def default_name(service: Item) -> str:
    """The load balancer's name and the value of its owner tag, from the Service's uid."""
    return ("a" + str(service["metadata"].get("uid", ""))).replace("-", "")[:32]


def owner_tags(service: Item, cluster_id: str) -> dict[str, str]:
    """The tags of everything made for a Service."""
    return {CLUSTER_TAG: cluster_id, OWNER_TAG: default_name(service)}


def backend_port(service: Item, port: Item) -> str:
    """The port in a group's name: the target port of pods, also by name, else the node port."""
    if Options(service).pods:
        return str(target_port(port))
    return str(port.get("nodePort", 0))


def target_port(port: Item) -> int | str:
    """The target port; the port itself where nothing else is said."""
    target: int | str = port.get("targetPort", port["port"])
    return target


def clb_key(service: Item, port: int | str, cluster_id: str) -> str:
    """The description of a CLB listener and the name of a CLB group."""
    metadata = service["metadata"]
    return f"k8s/{port}/{metadata['name']}/{metadata['namespace']}/{cluster_id}"


def nlb_key(service: Item, port: int | str, protocol: str, cluster_id: str) -> str:
    """The description of an NLB listener and the name of an NLB group; never cut."""
    metadata = service["metadata"]
    return f"k8s.{port}.{protocol}.{metadata['name']}.{metadata['namespace']}.{cluster_id}"


def is_controllers(name: str) -> bool:
    """Whether a group's name or a server's description is one that the controller gives."""
    separator = "/" if "/" in name else "."
    parts = name.split(separator)
    return parts[0] == "k8s" and len(parts) == (5 if separator == "/" else 6)
