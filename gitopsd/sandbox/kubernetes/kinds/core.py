"""Namespace, ConfigMap and Secret."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    too_long,
)
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, count_of, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import STRING_MAP, finalizer_problems, top_level
from gitopsd.sandbox.kubernetes.kinds.secret_types import secret_type_problems, secret_warnings
from gitopsd.sandbox.kubernetes.resources import (
    STATUS_ONLY,
    Behaviour,
    Column,
    Item,
    MetadataRules,
    Resource,
    Subresource,
    status_endpoint,
)
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    BYTES,
    STRING,
    TIME,
    atomic_list,
    defaulted,
    map_list,
    mapping,
    named,
    struct,
)

_SIZE_LIMIT: Final = 1024 * 1024
_NAMESPACE_CONDITION: Final = struct(
    "NamespaceCondition",
    {
        "type!": named("NamespaceConditionType"),
        "status!": named("ConditionStatus"),
        "lastTransitionTime!": TIME,
        "reason": STRING,
        "message": STRING,
    },
)
_NAMESPACE: Final = top_level(
    "Namespace",
    {
        "spec!": struct("NamespaceSpec", {"finalizers": atomic_list(named("FinalizerName"))}),
        "status!": struct(
            "NamespaceStatus",
            {
                "phase": named("NamespacePhase"),
                "conditions": map_list(_NAMESPACE_CONDITION, "type", patch_key="type"),
            },
        ),
    },
)
_CONFIG_MAP: Final = top_level(
    "ConfigMap",
    {"immutable?": BOOLEAN, "data": STRING_MAP, "binaryData": mapping(BYTES)},
)
_SECRET: Final = top_level(
    "Secret",
    {
        "immutable?": BOOLEAN,
        "data": mapping(BYTES),
        "stringData": STRING_MAP,
        "type": defaulted(named("SecretType"), "Opaque"),
    },
)


def _default_namespace(item: Item) -> None:
    name = item["metadata"].get("name")
    if name:
        labels = item["metadata"].setdefault("labels", {})
        labels["kubernetes.io/metadata.name"] = name
        item["metadata"]["labels"] = dict(sorted(labels.items()))


def _prepare_namespace(new: Item, old: Item | None) -> None:
    if old is None:
        new["status"] = {"phase": "Active"}
        finalizers = new["spec"].setdefault("finalizers", [])
        if "kubernetes" not in finalizers:
            finalizers.append("kubernetes")
    else:
        new["spec"] = old["spec"]


def _namespace_problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    for one in finalizer_problems(new["spec"].get("finalizers") or []):
        yield replace(one, field="spec.finalizers")


def _namespace_status_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    """Rules of the endpoints beside the main one: each looks at what it alone may write."""
    if new["spec"] != old["spec"]:
        yield from finalizer_problems(new["spec"].get("finalizers") or [], "spec.finalizers")
    going, phase = bool(new["metadata"].get("deletionTimestamp")), new["status"].get("phase", "")
    wanted = "Terminating" if going else "Active"
    if new["status"] != old["status"] and phase != wanted:
        why = f"may only be '{wanted}' if `deletionTimestamp` is {'not ' if going else ''}empty"
        yield invalid_value("status.Phase", phase, why)


def _config_map_problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    size = 0
    for key, value in (new.get("data") or {}).items():
        for fault in formats.config_key(key):
            yield invalid_value(f"data[{key}]", key, fault)
        if key in (new.get("binaryData") or {}):
            yield invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData")
        size += len(value.encode())
    for key, value in (new.get("binaryData") or {}).items():
        for fault in formats.config_key(key):
            yield invalid_value(f"binaryData[{key}]", key, fault)
        size += len(value) * 3 // 4
    if size > _SIZE_LIMIT:
        yield too_long("[]", _SIZE_LIMIT)


def _config_map_change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    yield from _immutable_problems(new, old, ("data", "binaryData"))


def _immutable_problems(new: Item, old: Item, members: tuple[str, ...]) -> Iterator[FieldProblem]:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden_value("immutable", "field is immutable when `immutable` is set")
    for member in members:
        if new.get(member) != old.get(member):
            yield forbidden_value(member, "field is immutable when `immutable` is set")


def _default_secret(item: Item) -> None:
    plain = item.pop("stringData", None)
    if plain:
        data = item.get("data") or {}
        coded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
        item["data"] = dict(sorted({**data, **coded}.items()))


def _secret_change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    if new.get("type") != old.get("type"):
        yield invalid_value("type", new.get("type"), "field is immutable")
    yield from _immutable_problems(new, old, ("data",))


def _secret_problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    data = new.get("data") or {}
    for key in data:
        for fault in formats.config_key(key):
            yield invalid_value(f"data[{key}]", key, fault)
    if sum(len(value) * 3 // 4 for value in data.values()) > _SIZE_LIMIT:
        yield too_long("data", _SIZE_LIMIT)
    yield from secret_type_problems(new)


_CHANGE_FIRST: Final = MetadataRules(on_update=("change", "own change", "whole"))
RESOURCES: Final = (
    Resource(
        "", "v1", "Namespace", "namespaces", "namespace", False, _NAMESPACE,
        zero={"metadata": {}, "spec": {}, "status": {}},
        behaviour=Behaviour(
            default=_default_namespace, prepare=_prepare_namespace, name=formats.dns_label,
            validate=_namespace_problems, validate_status=_namespace_status_problems,
            metadata=MetadataRules(on_update=("whole", "change")),
        ),
        short_names=("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources={
            "finalize": Subresource("finalize", ("spec",), ("update",), exclusive=False),
            "status": status_endpoint(),
        },
        main_ignored=STATUS_ONLY,
        columns=(NAME, Column("Status", text_of("status", "phase")), AGE),
        selectable={"status.phase": lambda item: str(item["status"].get("phase", ""))},
        storage_version_hash="Q3oi5N2YM8M=",
    ),
    Resource(
        "", "v1", "ConfigMap", "configmaps", "configmap", True, _CONFIG_MAP,
        zero={"metadata": {}},
        behaviour=Behaviour(
            validate=_config_map_problems, validate_change=_config_map_change_problems,
            metadata=_CHANGE_FIRST,
        ),
        short_names=("cm",),
        columns=(NAME, Column("Data", count_of("data", "binaryData")), AGE),
        storage_version_hash="qFsyl6wFWjQ=",
    ),
    Resource(
        "", "v1", "Secret", "secrets", "secret", True, _SECRET,
        zero={"metadata": {}},
        behaviour=Behaviour(
            default=_default_secret, validate=_secret_problems, warn=secret_warnings,
            validate_change=_secret_change_problems, metadata=_CHANGE_FIRST,
        ),
        columns=(
            NAME, Column("Type", text_of("type")), Column("Data", count_of("data")), AGE,
        ),
        selectable={"type": lambda item: str(item.get("type", ""))},
        storage_version_hash="S6u1pOWzb84=",
    ),
)  # fmt: skip
