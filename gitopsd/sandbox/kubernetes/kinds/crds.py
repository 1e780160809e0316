"""CustomResourceDefinition itself; what a definition brings to life is in `custom`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.kinds.cells import NAME, text_of
from gitopsd.sandbox.kubernetes.kinds.crd_forms import held_schema
from gitopsd.sandbox.kubernetes.kinds.crd_rules import definition_problems
from gitopsd.sandbox.kubernetes.kinds.crd_types import JSON_SCHEMA, SUBRESOURCES, WEBHOOK
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
    STRING,
    TIME,
    Type,
    atomic_list,
    map_list,
    named,
    struct,
)
from gitopsd.sandbox.kubernetes.schema_formats import is_known

GROUP: Final = "apiextensions.k8s.io"
#: The finalizer of a definition whose instances are still there.
CLEANUP: Final = "customresourcecleanup.apiextensions.k8s.io"
_NAMES: Final = struct(
    "CustomResourceDefinitionNames",
    {
        "plural!": STRING,
        "singular": STRING,
        "shortNames": atomic_list(STRING),
        "kind!": STRING,
        "listKind": STRING,
        "categories": atomic_list(STRING),
    },
)
_COLUMN: Final = struct(
    "CustomResourceColumnDefinition",
    {
        "name!": STRING,
        "type!": STRING,
        "format": STRING,
        "description": STRING,
        "priority": INT32,
        "jsonPath!": STRING,
    },
)
_VERSION: Final = struct(
    "CustomResourceDefinitionVersion",
    {
        "name!": STRING,
        "served!": BOOLEAN,
        "storage!": BOOLEAN,
        "deprecated": BOOLEAN,
        "deprecationWarning?": STRING,
        "schema?": struct("CustomResourceValidation", {"openAPIV3Schema?": ANY}),
        "subresources?": SUBRESOURCES,
        "additionalPrinterColumns": atomic_list(_COLUMN),
        "selectableFields": atomic_list(struct("SelectableField", {"jsonPath!": STRING})),
    },
)
_CONDITION: Final = struct(
    "CustomResourceDefinitionCondition",
    {
        "type!": named("CustomResourceDefinitionConditionType"),
        "status!": named("ConditionStatus"),
        "lastTransitionTime!": TIME,
        "reason": STRING,
        "message": STRING,
    },
)
_CRD: Final = top_level(
    "CustomResourceDefinition",
    {
        "spec!": struct(
            "CustomResourceDefinitionSpec",
            {
                "group!": STRING,
                "names!": _NAMES,
                "scope!": named("ResourceScope"),
                "versions!": atomic_list(_VERSION),
                "conversion?": struct(
                    "CustomResourceConversion",
                    {"strategy!": named("ConversionStrategyType"), "webhook?": ANY},
                ),
                "preserveUnknownFields": BOOLEAN,
            },
        ),
        "status!": struct(
            "CustomResourceDefinitionStatus",
            {
                "conditions!": map_list(_CONDITION, "type"),
                "acceptedNames!": _NAMES,
                "storedVersions!": atomic_list(STRING),
            },
        ),
    },
)
_ZERO: Final = {
    "metadata": {},
    "spec": {"group": "", "names": {"plural": "", "kind": ""}, "scope": "", "versions": None},
    "status": {
        "conditions": None,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": None,
    },
}

#: Where a webhook's Service listens that says nothing of it.
_HTTPS: Final = 443


def _default(item: Item) -> None:
    spec = item["spec"]
    names = spec["names"]
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", names["kind"] + "List")
    spec.setdefault("conversion", {"strategy": "None"})
    client = (spec["conversion"].get("webhook") or {}).get("clientConfig") or {}
    if client.get("service") is not None:
        client["service"].setdefault("port", _HTTPS)
    if not item["status"].get("storedVersions") and _stored(spec):
        item["status"]["storedVersions"] = _stored(spec)


#: Where the type that objects are kept by is open, and what stands there.
_CLOSED: Final = {
    "openAPIV3Schema": JSON_SCHEMA,
    "webhook": WEBHOOK,
}


def _closed(type_: Type) -> Type:
    """A type with nothing left open."""
    fields = {
        name: replace(known, type=_CLOSED.get(name) or _closed(known.type))
        for name, known in type_.fields.items()
    }
    element = None if type_.element is None else _closed(type_.element)
    return replace(type_, fields=fields, element=element)


_WHOLE: Final = _closed(_CRD)


def _read(item: Item, unknown: list[str], applied: bool) -> Item:
    if not applied:
        Decoder().read(_WHOLE, item)  # a misfit anywhere refuses the whole
    read: Item = Decoder(unknown, applied).read(_CRD, item)
    for index, version in enumerate(read["spec"].get("versions") or ()):
        schema = version.get("schema")
        if schema is not None and "openAPIV3Schema" in schema:
            at = f"spec.versions[{index}].schema.openAPIV3Schema"
            schema["openAPIV3Schema"] = held_schema(schema["openAPIV3Schema"], at, unknown)
    return read


def _warnings(new: Item, old: Item | None) -> Iterator[str]:
    before = set() if old is None else set(_formats(old["spec"].get("versions")))
    for form in dict.fromkeys(_formats(new["spec"].get("versions"))):
        if form not in before:
            yield f"unrecognized format {quote(form)}"


def _formats(part: Any) -> Iterator[str]:
    """The formats of all schemas that the server does not know for their type."""
    if isinstance(part, dict):
        form = part.get("format")
        if isinstance(form, str) and "jsonPath" not in part and not is_known(part):
            yield form
        for name, value in part.items():
            if name not in ("default", "enum", "example"):
                yield from _formats(value)
    elif isinstance(part, list):
        for one in part:
            yield from _formats(one)


def _stored(spec: Item) -> list[str]:
    """The version that objects are stored in, the first where the definition names several."""
    return [one["name"] for one in spec.get("versions") or () if one.get("storage")][:1]


def _prepare(new: Item, old: Item | None) -> None:
    if old is None:
        new["status"] = {
            "conditions": None,
            "acceptedNames": {"plural": "", "kind": ""},
            "storedVersions": _stored(new["spec"]),
        }
        return
    new["status"] = old["status"]
    known = new["status"].get("storedVersions") or []
    new["status"]["storedVersions"] = known + [v for v in _stored(new["spec"]) if v not in known]


def established(item: Item, now: str) -> Item:
    """The definition with the status it gets once its names are accepted."""
    ready = [
        {
            "type": "NamesAccepted",
            "status": "True",
            "lastTransitionTime": now,
            "reason": "NoConflicts",
            "message": "no conflicts found",
        },
        {
            "type": "Established",
            "status": "True",
            "lastTransitionTime": now,
            "reason": "InitialNamesAccepted",
            "message": "the initial names have been accepted",
        },
    ]
    conditions = item["status"].get("conditions") or ready
    status = {**item["status"], "conditions": conditions, "acceptedNames": item["spec"]["names"]}
    return {**item, "status": status}


def _begin_end(item: Item, now: str) -> Item | None:
    """A definition that is deleted first waits until its instances are gone."""
    metadata = item["metadata"]
    if metadata.get("deletionTimestamp"):
        return None
    held = [*(metadata.get("finalizers") or ()), CLEANUP]
    pending = (
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    )
    marked = {**item, "metadata": {**metadata, "deletionTimestamp": now, "finalizers": held}}
    return _terminating(marked, now, "True", "InstanceDeletionPending", pending)


def cleaned(item: Item, now: str) -> Item:
    """A definition that is deleted, once its instances are gone."""
    held = [one for one in item["metadata"]["finalizers"] if one != CLEANUP]
    metadata = {**item["metadata"], "finalizers": held}
    if not held:
        del metadata["finalizers"]
    done = ("InstanceDeletionCompleted", "removed all instances")
    return _terminating({**item, "metadata": metadata}, now, "False", *done)


def _terminating(item: Item, now: str, status: str, reason: str, message: str) -> Item:
    condition = {
        "type": "Terminating",
        "status": status,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }
    before = item["status"].get("conditions") or []
    others = [one for one in before if one["type"] != "Terminating"]
    return {**item, "status": {**item["status"], "conditions": [*others, condition]}}


RESOURCES: Final = (
    Resource(
        GROUP, "v1", "CustomResourceDefinition", "customresourcedefinitions",
        "customresourcedefinition", False, _CRD,
        zero=_ZERO,
        whole=_WHOLE,
        behaviour=Behaviour(
            default=_default, begin_end=_begin_end, prepare=_prepare, validate=definition_problems,
            unconditional_update=False, warn=_warnings,
            metadata=MetadataRules(known_finalizers=False),
        ),
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        subresources={"status": status_endpoint()},
        generation_of=("spec",),
        main_ignored=STATUS_ONLY,
        columns=(
            NAME, Column("Created At", text_of("metadata", "creationTimestamp"), type="date")
        ),
        storage_version_hash="jfWCUB31mvA=",
        etcd_path="apiextensions.k8s.io/customresourcedefinitions",
        reader=_read,
    ),
)  # fmt: skip
