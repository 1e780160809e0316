"""Node: the machines that controllers add to server groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from gitopsd.sandbox.kubernetes import formats, ip_formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, Cell, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.quantities import value_of
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
    INT64,
    QUANTITY,
    STRING,
    TIME,
    atomic_list,
    map_list,
    mapping,
    named,
    set_list,
    struct,
)

_TAINT: Final = struct(
    "Taint", {"key!": STRING, "value": STRING, "effect!": named("TaintEffect"), "timeAdded?": TIME}
)
_NOT_READY: Final = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
_EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_CONDITION: Final = struct(
    "NodeCondition",
    {
        "type!": named("NodeConditionType"),
        "status!": named("ConditionStatus"),
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
_AMOUNTS: Final = replace(mapping(QUANTITY), go="v1.ResourceList")
_STATUS: Final = struct(
    "NodeStatus",
    {
        "capacity": _AMOUNTS,
        "allocatable": _AMOUNTS,
        "phase": named("NodePhase"),
        "conditions": map_list(_CONDITION, "type", patch_key="type"),
        "addresses": map_list(
            struct("NodeAddress", {"type!": named("NodeAddressType"), "address!": STRING}),
            "type",
            patch_key="type",
        ),
        "daemonEndpoints!": struct(
            "NodeDaemonEndpoints",
            {"kubeletEndpoint!": struct("DaemonEndpoint", {"Port!": INT32})},
        ),
        "nodeInfo!": struct("NodeSystemInfo", {name + "!": STRING for name in _INFO_MEMBERS}),
        "images": atomic_list(
            struct("ContainerImage", {"names!": atomic_list(STRING), "sizeBytes": INT64})
        ),
        "volumesInUse": atomic_list(named("UniqueVolumeName")),
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
                "externalID": STRING,
            },
        ),
        "status!": _STATUS,
    },
)


def _default(item: Item) -> None:
    status = item["status"]
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])
    spec = item["spec"]
    first, every = spec.get("podCIDR"), spec.get("podCIDRs") or []
    if first and every[:1] != [first]:
        spec["podCIDRs"] = [first]
    elif every:
        spec["podCIDR"] = every[0]


def _prepare(new: Item, old: Item | None) -> None:
    """Nodes keep the status they are created with; `status` is written apart afterwards.

    A new node is not ready until somebody says so, and carries the taint of that.
    """
    if old is not None:
        new["status"] = old["status"]
        return
    taints = new["spec"].setdefault("taints", [])
    if not any({**one, **_NOT_READY} == one for one in taints):
        taints.append(dict(_NOT_READY))


def _amount_problems(status: Item) -> Iterator[FieldProblem]:
    for member in ("capacity", "allocatable"):
        for name, amount in (status.get(member) or {}).items():
            if value_of(amount) < 0:
                why = "must be greater than or equal to 0"
                yield invalid_value(f"status.{member}.{name}", amount, why)


def _warnings(new: Item, _old: Item | None) -> Iterator[str]:
    if new["spec"].get("externalID"):
        yield "spec.externalID: this field is deprecated, and is unused by Kubernetes"


def _problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    yield from _amount_problems(new["status"])
    yield from _taint_problems(new["spec"].get("taints") or ())
    yield from _range_problems(new["spec"].get("podCIDRs") or [])


def _taint_problems(taints: Iterable[Item]) -> Iterator[FieldProblem]:
    seen = set()
    for index, taint in enumerate(taints):
        field = f"metadata.taints[{index}]"
        key, value, effect = (taint.get(name, "") for name in ("key", "value", "effect"))
        for fault in formats.qualified_name(key):
            yield invalid_value(f"{field}.key", key, fault)
        faults = formats.label_value(value)
        if faults:
            yield invalid_value(f"{field}.value", value, ";".join(faults))
        if not effect:
            yield required_value(f"{field}.effect")
        elif effect not in _EFFECTS:
            yield unsupported_value(f"{field}.effect", effect, _EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": value, "Effect": effect}
            shown["TimeAdded"] = taint.get("timeAdded")
            why = "taints must be unique by key and effect pair"
            yield replace(duplicate_value(field, shown), detail=why)
        seen.add((key, effect))


def _range_problems(ranges: list[str]) -> Iterator[FieldProblem]:
    field = "spec.podCIDRs"
    for index, text in enumerate(ranges):
        for fault in ip_formats.network(text):
            yield invalid_value(f"{field}[{index}]", text, fault)
    if len(ranges) > 1:
        families = {":" in text for text in ranges}
        if len(families) < len(ranges):
            yield invalid_value(
                field, ranges, "may specify no more than one CIDR for each IP family"
            )


def _change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    yield from _amount_problems(new["status"])
    seen = set()
    for index, one in enumerate(new["status"].get("addresses") or ()):
        address = (one.get("type"), one.get("address"))
        if address in seen:
            shown = {"Type": one.get("type"), "Address": one.get("address")}
            yield duplicate_value(f"status.addresses[{index}]", shown)
        seen.add(address)
    if new["spec"].get("externalID") != old["spec"].get("externalID"):
        yield forbidden_value("spec.externalID", "may not be updated")
    for member, text in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        before = old["spec"].get(member)
        if before and new["spec"].get(member) != before:
            why = f'node updates may not change {text} except from "" to valid'
            yield forbidden_value(f"spec.{member}", why)
    yield from _taint_problems(new["spec"].get("taints") or ())


def _ready_cell(item: Item) -> str:
    conditions = looked_up(item, "status", "conditions") or ()
    ready = {one["type"]: one["status"] for one in conditions}.get("Ready", "")
    shown = {"True": "Ready", "": "Unknown"}.get(ready, "NotReady")
    return shown + (",SchedulingDisabled" if item["spec"].get("unschedulable") else "")


def _roles_cell(item: Item) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = item["metadata"].get("labels") or {}
    roles = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)}
    roles.add(labels.get("kubernetes.io/role", ""))
    return ",".join(sorted(role for role in roles if role)) or "<none>"


def _address(kind: str) -> Cell:
    def cell(item: Item) -> str:
        addresses = looked_up(item, "status", "addresses") or ()
        return next((one["address"] for one in addresses if one["type"] == kind), "<none>")

    return cell


def _told(name: str, member: str) -> Column:
    cell = text_of("status", "nodeInfo", member, missing="<unknown>")
    return Column(name, cell, priority=1)


RESOURCES: Final = (
    Resource(
        "", "v1", "Node", "nodes", "node", False, _NODE,
        zero={"metadata": {}, "spec": {}, "status": _STATUS.zero},
        behaviour=Behaviour(
            default=_default, prepare=_prepare, validate=_problems, warn=_warnings,
            validate_change=_change_problems, validate_status=_change_problems,
            metadata=MetadataRules(on_update=("whole", "own", "change", "own change")),
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
            Column("Internal-IP", _address("InternalIP"), priority=1),
            Column("External-IP", _address("ExternalIP"), priority=1),
            _told("OS-Image", "osImage"),
            _told("Kernel-Version", "kernelVersion"),
            _told("Container-Runtime", "containerRuntimeVersion"),
        ),
        selectable={
            "spec.unschedulable": lambda item: str(
                bool(item["spec"].get("unschedulable"))
            ).lower()
        },
        storage_version_hash="XwShjMxG9Fs=",
        etcd_path="minions",
    ),
)  # fmt: skip
