"""`metadata`: its structure and the rules every object obeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    required_value,
    too_long,
)
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.resources import Item
from gitopsd.sandbox.kubernetes.schema import (
    ANY,
    BOOLEAN,
    INT64,
    STRING,
    TIME,
    UID,
    Field,
    Type,
    atomic_list,
    map_list,
    mapping,
    named,
    set_list,
    struct,
)

STRING_MAP: Final = mapping(STRING)
_OWNER: Final = struct(
    "OwnerReference",
    {
        "apiVersion!": STRING,
        "kind!": STRING,
        "name!": STRING,
        "uid!": UID,
        "controller?": BOOLEAN,
        "blockOwnerDeletion?": BOOLEAN,
    },
    atomic=True,
)
_MANAGED: Final = struct(
    "ManagedFieldsEntry",
    {
        "manager": STRING,
        "operation": named("ManagedFieldsOperationType"),
        "apiVersion": STRING,
        "time?": TIME,
        "fieldsType": STRING,
        "fieldsV1?": ANY,
        "subresource": STRING,
    },
)
OBJECT_META: Final = struct(
    "ObjectMeta",
    {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "selfLink": STRING,
        "uid": UID,
        "resourceVersion": STRING,
        "generation": INT64,
        "creationTimestamp": TIME,
        "deletionTimestamp?": TIME,
        "deletionGracePeriodSeconds?": INT64,
        "labels": STRING_MAP,
        "annotations": STRING_MAP,
        "ownerReferences": map_list(_OWNER, "uid", patch_key="uid"),
        "finalizers": set_list(STRING, patch_merge=True),
        "managedFields?": atomic_list(_MANAGED),
    },
)
CONDITION: Final = struct(
    "Condition",
    {
        "type!": STRING,
        "status!": named("ConditionStatus"),
        "observedGeneration": INT64,
        "lastTransitionTime!": TIME,
        "reason!": STRING,
        "message!": STRING,
    },
)
CONDITIONS: Final = map_list(CONDITION, "type", patch_key="type")
_ANNOTATIONS_LIMIT: Final = 256 * 1024
#: The one kind that nothing may be owned by: its objects vanish by themselves.
_NO_OWNER: Final = ("v1", "Event")
_FIXED: Final = (
    "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds",
)  # fmt: skip


def top_level(go: str, members: Mapping[str, Type | Field]) -> Type:
    """The type of an object: kind, apiVersion, metadata and its own members."""
    return struct(go, {"kind": STRING, "apiVersion": STRING, "metadata!": OBJECT_META, **members})


def metadata_problems(
    item: Item,
    *,
    namespaced: bool,
    name: Callable[[str], list[str]],
    known_finalizers: bool = False,
) -> Iterator[FieldProblem]:
    """Rules of metadata that hold at any time; `known_finalizers` refuses those unheard of."""
    metadata = item["metadata"]
    prefix = metadata.get("generateName", "")
    if prefix:
        masked = prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix
        for fault in name(masked):
            yield invalid_value("metadata.generateName", prefix, fault)
    given = metadata.get("name", "")
    if not given:
        yield required_value("metadata.name", "name or generateName is required")
    for fault in name(given) if given else ():
        yield invalid_value("metadata.name", given, fault)
    yield from _namespace_problems(metadata, namespaced)
    generation = metadata.get("generation", 0)
    if generation < 0:
        why = "must be greater than or equal to 0"
        yield invalid_value("metadata.generation", generation, why)
    yield from _common_problems(metadata)
    for finalizer in metadata.get("finalizers") or []:
        for fault in formats.qualified_name(finalizer):
            yield invalid_value("metadata.finalizers", finalizer, fault)
    if known_finalizers:
        yield from finalizer_problems(metadata.get("finalizers") or [])


def _namespace_problems(metadata: Item, namespaced: bool) -> Iterator[FieldProblem]:
    namespace = metadata.get("namespace", "")
    if namespaced and not namespace:
        yield required_value("metadata.namespace")
    elif namespaced:
        for fault in formats.dns_label(namespace):
            yield invalid_value("metadata.namespace", namespace, fault)
    elif namespace:
        yield forbidden_value("metadata.namespace", "not allowed on this type")


def label_problems(labels: Mapping[str, str], field: str) -> Iterator[FieldProblem]:
    """Rules of labels and of selectors that look like labels."""
    for key, value in labels.items():
        for fault in formats.qualified_name(key):
            yield invalid_value(field, key, fault)
        for fault in formats.label_value(value):
            yield invalid_value(field, value, fault)


def _annotation_problems(annotations: Mapping[str, str]) -> Iterator[FieldProblem]:
    size = 0
    for key, value in annotations.items():
        size += len(key.encode()) + len(value.encode())
        for fault in formats.qualified_name(key.lower()):
            yield invalid_value("metadata.annotations", key, fault)
    if size > _ANNOTATIONS_LIMIT:
        yield too_long("metadata.annotations", _ANNOTATIONS_LIMIT)


def _owner_problems(owners: list[dict[str, Any]]) -> Iterator[FieldProblem]:
    controller = ""
    field = "metadata.ownerReferences"
    for owner in owners:
        for member in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(member):
                what = "version " if member == "apiVersion" else ""
                yield invalid_value(f"{field}.{member}", "", f"{what}must not be empty")
        if (owner.get("apiVersion"), owner.get("kind")) == _NO_OWNER:
            why = "/v1, Kind=Event is disallowed from being an owner"
            yield invalid_value(field, owner, why)
        if not owner.get("controller"):
            continue
        named = f"{owner.get('kind', '')}/{owner.get('name', '')}"
        if controller:
            yield invalid_value(
                field,
                owners,
                'Only one reference can have Controller set to true. Found "true" in references '
                f"for {controller} and {named}",
            )
        controller = controller or named


def metadata_update_problems(
    new: Item, old: Item, *, known_finalizers: bool = False
) -> Iterator[FieldProblem]:
    """Rules of a change of metadata, with those of labels, annotations and owners once more."""
    after, before = new["metadata"], old["metadata"]
    if before.get("deletionTimestamp"):
        held = before.get("finalizers") or []
        extra = sorted(set(after.get("finalizers") or []) - set(held))
        if extra:
            shown = "[]string{" + ", ".join(quote(name) for name in extra) + "}"
            yield forbidden_value(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new "
                f"finalizers {shown}",
            )
    for member in _FIXED:
        if after.get(member) != before.get(member):
            yield invalid_value(f"metadata.{member}", after.get(member), "field is immutable")
    yield from _common_problems(after)
    if known_finalizers:
        yield from finalizer_problems(after.get("finalizers") or [])


def _common_problems(metadata: Item) -> Iterator[FieldProblem]:
    yield from label_problems(metadata.get("labels") or {}, "metadata.labels")
    yield from _annotation_problems(metadata.get("annotations") or {})
    yield from _owner_problems(metadata.get("ownerReferences") or [])


#: Finalizers without a domain that the server knows.
STANDARD_FINALIZERS: Final = ("foregroundDeletion", "kubernetes", "orphan")


def finalizer_problems(
    finalizers: list[str], field: str = "metadata.finalizers"
) -> Iterator[FieldProblem]:
    """Finalizers that are neither known to the server nor have a domain."""
    for index, name in enumerate(finalizers):
        if "/" not in name and name not in STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid_value(f"{field}[{index}]", name, why)
