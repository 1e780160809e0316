"""CustomResourceDefinition itself; what a definition brings to life is in `custom`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.cells import NAME, text_of
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
    atomic_list,
    map_list,
    struct,
)

GROUP: Final = "apiextensions.k8s.io"
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
        "subresources?": struct("CustomResourceSubresources", {"status?": ANY, "scale?": ANY}),
        "additionalPrinterColumns": atomic_list(_COLUMN),
        "selectableFields": atomic_list(struct("SelectableField", {"jsonPath!": STRING})),
    },
)
_CONDITION: Final = struct(
    "CustomResourceDefinitionCondition",
    {
        "type!": STRING,
        "status!": STRING,
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
                "scope!": STRING,
                "versions!": atomic_list(_VERSION),
                "conversion?": struct(
                    "CustomResourceConversion", {"strategy!": STRING, "webhook?": ANY}
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


def _default(item: Item) -> None:
    spec = item["spec"]
    names = spec["names"]
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", names["kind"] + "List")
    spec.setdefault("conversion", {"strategy": "None"})


def _stored(spec: Item) -> list[str]:
    return [one["name"] for one in spec.get("versions") or () if one.get("storage")]


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
    status = {**item["status"], "conditions": ready, "acceptedNames": item["spec"]["names"]}
    return {**item, "status": status}


def _problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    spec, names = new["spec"], new["spec"]["names"]
    wanted = f"{names.get('plural', '')}.{spec.get('group', '')}"
    given = new["metadata"].get("name", "")
    if given != wanted:
        why = 'must be spec.names.plural+"."+spec.group'
        yield invalid_value("metadata.name", given, why)
    group = spec.get("group", "")
    if not group:
        yield required_value("spec.group")
    for fault in formats.dns_subdomain(group) if group else ():
        yield invalid_value("spec.group", group, fault)
    if "." not in group and group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        yield unsupported_value("spec.scope", spec.get("scope", ""), ("Cluster", "Namespaced"))
    yield from _version_problems(spec.get("versions") or [])
    for member in ("plural", "kind"):
        if not names.get(member):
            yield required_value(f"spec.names.{member}")
    if old is not None and _is_established(old):
        yield from _change_problems(spec, old["spec"])


def _is_established(item: Item) -> bool:
    conditions = item["status"].get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _change_problems(new: Item, old: Item) -> Iterator[FieldProblem]:
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("spec.scope", new.get("scope"), old.get("scope")),
        ("spec.names.kind", new["names"].get("kind"), old["names"].get("kind")),
        ("spec.group", new.get("group"), old.get("group")),
        ("spec.names.plural", new["names"].get("plural"), old["names"].get("plural")),
    )
    for field, after, before in pairs:
        if after != before:
            yield invalid_value(field, after, "field is immutable")


def _version_problems(versions: list[Item]) -> Iterator[FieldProblem]:
    if sum(bool(one.get("storage")) for one in versions) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", versions, why)
    for index, version in enumerate(versions):
        field = f"spec.versions[{index}]"
        for fault in formats.dns1035_label(version.get("name", "")):
            yield invalid_value(f"{field}.name", version.get("name", ""), fault)
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            yield required_value(f"{field}.schema.openAPIV3Schema", "schemas are required")
        elif schema.get("type") != "object":
            at = f"{field}.schema.openAPIV3Schema.type"
            if not schema.get("type"):
                yield required_value(at, "must not be empty at the root")
            else:
                yield invalid_value(at, schema["type"], "must be object at the root")


RESOURCES: Final = (
    Resource(
        GROUP, "v1", "CustomResourceDefinition", "customresourcedefinitions",
        "customresourcedefinition", False, _CRD,
        zero=_ZERO,
        behaviour=Behaviour(
            default=_default, prepare=_prepare, validate=_problems, unconditional_update=False,
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
    ),
)  # fmt: skip
