"""Node: the machines that controllers add to server groups."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
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
    ANY,
    BOOLEAN,
    INT32,
    INT64,
    STRING,
    TIME,
    atomic_list,
    map_list,
    mapping,
    set_list,
    struct,
)

_TAINT: Final = struct(
    "Taint", {"key!": STRING, "value": STRING, "effect!": STRING, "timeAdded?": TIME}
)
_CONDITION: Final = struct(
    "NodeCondition",
    {
        "type!": STRING,
        "status!": STRING,
        "lastHeartbeatTime!": TIME,
        "lastTransitionTime!": TIME,
        "reason": STRING,
        "message": STRING,
    },
)
_INFO_MEMBERS: Final = (
    "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion",
    "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture",
)  # fmt: skip
_STATUS: Final = struct(
    "NodeStatus",
    {
        "capacity": mapping(ANY),
        "allocatable": mapping(ANY),
        "phase": STRING,
        "conditions": map_list(_CONDITION, "type", patch_key="type"),
        "addresses": map_list(
            struct("NodeAddress", {"type!": STRING, "address!": STRING}), "type", patch_key="type"
        ),
        "daemonEndpoints!": struct(
            "NodeDaemonEndpoints",
            {"kubeletEndpoint!": struct("DaemonEndpoint", {"Port!": INT32})},
        ),
        "nodeInfo!": struct("NodeSystemInfo", {name + "!": STRING for name in _INFO_MEMBERS}),
        "images": atomic_list(
            struct("ContainerImage", {"names!": atomic_list(STRING), "sizeBytes": INT64})
        ),
        "volumesInUse": atomic_list(STRING),
    },
)
_NODE: Final = top_level(
    "Node",
    {
        "spec!": struct(
            "NodeSpec",
            {
                "podCIDR": STRING,
                "podCIDRs": set_list(STRING, patch_merge=True),
                "providerID": STRING,
                "unschedulable": BOOLEAN,
                "taints": atomic_list(_TAINT),
            },
        ),
        "status!": _STATUS,
    },
)


def _default(item: Item) -> None:
    status = item["status"]
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])


def _prepare(new: Item, old: Item | None) -> None:
    """Nodes keep the status they are created with; `status` is written apart afterwards."""
    if old is not None:
        new["status"] = old["status"]


def _ready_cell(item: Item) -> str:
    conditions = looked_up(item, "status", "conditions") or ()
    ready = {one["type"]: one["status"] for one in conditions}.get("Ready", "Unknown")
    shown = {"True": "Ready", "False": "NotReady"}.get(ready, "Unknown")
    return shown + (",SchedulingDisabled" if item["spec"].get("unschedulable") else "")


def _roles_cell(item: Item) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = item["metadata"].get("labels") or {}
    roles = sorted(key.removeprefix(prefix) for key in labels if key.startswith(prefix))
    return ",".join(role for role in roles if role) or "<none>"


def _internal_ip_cell(item: Item) -> str:
    addresses = looked_up(item, "status", "addresses") or ()
    return next((one["address"] for one in addresses if one["type"] == "InternalIP"), "<none>")


RESOURCES: Final = (
    Resource(
        "", "v1", "Node", "nodes", "node", False, _NODE,
        zero={"metadata": {}, "spec": {}, "status": _STATUS.zero},
        behaviour=Behaviour(
            default=_default, prepare=_prepare,
            metadata=MetadataRules(on_update=("whole", "change")),
        ),
        short_names=("no",),
        subresources={"status": status_endpoint()},
        main_ignored=STATUS_ONLY,
        columns=(
            NAME,
            Column("Status", _ready_cell),
            Column("Roles", _roles_cell),
            AGE,
            Column("Version", text_of("status", "nodeInfo", "kubeletVersion")),
            Column("Internal-IP", _internal_ip_cell, priority=1),
        ),
        selectable={
            "spec.unschedulable": lambda item: str(
                bool(item["spec"].get("unschedulable"))
            ).lower()
        },
        storage_version_hash="XwShjMxG9Fs=",
    ),
)  # fmt: skip
