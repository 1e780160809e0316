"""Which nodes may become backends, and by which id (facts §3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gitopsd.sandbox.controllers.objects import Item, labels_of

_MASTER: Final = "node-role.kubernetes.io/master"
_LEAVING: Final = "ToBeDeletedByClusterAutoscaler"
_HYBRID: Final = "ack-hybrid://"
_EXCLUDED: Final = (
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "alpha.service-controller.kubernetes.io/exclude-balancer",
    "service.beta.kubernetes.io/exclude-node",
    "service.alibabacloud.com/exclude-node",
)


class LabelError(Exception):
    """`backend-label` is not a list of key=value."""


def candidates(
    nodes: Iterable[Item], *, backend_label: str = "", drop_cordoned: bool = False
) -> list[Item]:
    """The nodes that are fit to serve.

    Raises:
        LabelError: an entry of `backend_label` has no equals sign.
    """
    chosen = list(nodes)
    if backend_label:
        chosen = [each for each in chosen if _carries(each, backend_label)]
    return [each for each in chosen if _is_fit(each, drop_cordoned)]


def is_virtual(node: Item) -> bool:
    """Whether the node stands for container instances, whose pods become backends themselves."""
    return labels_of(node).get("type") == "virtual-kubelet"


def is_excluded(node: Item) -> bool:
    """Whether a label or a provider id keeps a fit node out. Labels count by presence."""
    labels = labels_of(node)
    return any(name in labels for name in _EXCLUDED) or provider_id(node).startswith(_HYBRID)


def holds_interfaces(node: Item | None) -> bool:
    """Whether pods of the node have network interfaces of the VPC: ECS and virtual nodes."""
    if node is None:
        return False
    return is_virtual(node) or (instance_of(node) or "").startswith("i-")


def provider_id(node: Item) -> str:
    """The node's provider id, "" when it has none."""
    return str(node["spec"].get("providerID") or "")


def instance_of(node: Item) -> str | None:
    """The ECS id in `<region>.<id>`; None when the provider id has no dot.

    Of an id with more dots the second part is taken, whatever it is.
    """
    parts = provider_id(node).removeprefix("alicloud://").split(".")
    return parts[1] if len(parts) > 1 else None


def _carries(node: Item, wanted: str) -> bool:
    labels = labels_of(node)
    for entry in wanted.split(","):
        parts = entry.split("=")
        if len(parts) < 2:
            raise LabelError(f"parse backend label: {entry}, [k1=v1,k2=v2]")
        if labels.get(parts[0]) != parts[1]:
            return False
    return True


def _is_fit(node: Item, drop_cordoned: bool) -> bool:
    if _MASTER in labels_of(node):
        return False
    spec = node["spec"]
    if any(taint.get("key") == _LEAVING for taint in spec.get("taints") or []):
        return False
    if spec.get("unschedulable") and drop_cordoned:
        return False
    if is_virtual(node):
        return True
    conditions = (node.get("status") or {}).get("conditions") or []
    ready = all(each["status"] == "True" for each in conditions if each["type"] == "Ready")
    return bool(conditions) and ready
