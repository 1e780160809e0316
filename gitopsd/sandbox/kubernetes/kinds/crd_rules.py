"""The rules of a CustomResourceDefinition, in the order in which the real server reports them.

The server checks its internal form, in which what is the same in all versions stands once beside
them: with one version, a refusal speaks of `spec.validation` in place of a version's schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.crd_hooks import conversion_problems
from gitopsd.sandbox.kubernetes.kinds.crd_schemas import root_problems
from gitopsd.sandbox.kubernetes.kinds.crd_selectors import selectable_problems
from gitopsd.sandbox.kubernetes.kinds.crd_shown import schema_shown, version_shown
from gitopsd.sandbox.kubernetes.resources import STATUS, Item

_SCOPES: Final = ("Cluster", "Namespaced")
_COLUMN_TYPES: Final = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS: Final = (
    "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
)  # fmt: skip
_APPROVAL: Final = "api-approved.kubernetes.io"
_PROTECTED: Final = ("k8s.io", "kubernetes.io")
#: A version's members, and what the internal form calls them where all versions agree.
_SHARED: Final = {
    "schema": "validation",
    "subresources": "subresources",
    "additionalPrinterColumns": "additionalPrinterColumns",
    "selectableFields": "selectableFields",
}
#: What the root of a schema may say beside a status that is checked for itself.
_BESIDE_STATUS: Final = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum",
    "ExclusiveMinimum", "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems",
    "MultipleOf", "Required", "Items", "Properties", "ExternalDocs", "Example",
    "XPreserveUnknownFields", "XValidations",
)  # fmt: skip
_ROOT: Final = "at the root of the schema if the status subresource is enabled"
_SCALE_PATHS: Final = {
    "specReplicasPath": (".spec",),
    "statusReplicasPath": (".status",),
    "labelSelectorPath": (".spec", ".status"),
}


def definition_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    """All rules on create and update, besides those of metadata."""
    spec, names = new["spec"], new["spec"]["names"]
    if old is None:
        yield from _name_problems(new)
    yield from _group_problems(spec.get("group", ""))
    scope = spec.get("scope", "")
    if not scope:
        yield required_value("spec.scope")
    elif scope not in _SCOPES:
        yield unsupported_value("spec.scope", scope, _SCOPES)
    if spec.get("preserveUnknownFields") and any(map(_has_default, spec.get("versions") or ())):
        why = "must be false in order to use defaults in the schema"
        yield invalid_value("spec.preserveUnknownFields", True, why)
    yield from _version_problems(spec.get("versions"))
    yield from _names_problems(names)
    yield from _shared_problems(spec.get("versions") or [])
    yield from conversion_problems(spec.get("conversion") or {})
    if old is not None:
        yield from _change_problems(spec, old["spec"], established=is_established(old))
    yield from _stored_problems(new["status"].get("storedVersions"), spec.get("versions") or [])
    yield from _approval_problems(new, old)
    if spec.get("preserveUnknownFields"):
        why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
        why += "spec.versions[*].schema instead"
        yield invalid_value("spec.preserveUnknownFields", True, why)


def _has_default(part: Any) -> bool:
    """Whether a part of a definition has a default anywhere."""
    if isinstance(part, list):
        return any(map(_has_default, part))
    if not isinstance(part, dict):
        return False
    return part.get("default") is not None or any(map(_has_default, part.values()))


def is_established(item: Item) -> bool:
    """Whether a definition's resources are served."""
    conditions = item["status"].get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _name_problems(new: Item) -> Iterator[FieldProblem]:
    spec, given = new["spec"], new["metadata"].get("name", "")
    if given != f"{spec['names'].get('plural', '')}.{spec.get('group', '')}":
        why = 'must be spec.names.plural+"."+spec.group'
        yield invalid_value("metadata.name", given, why)


def _group_problems(group: str) -> Iterator[FieldProblem]:
    if not group:
        yield required_value("spec.group")
        return
    faults = formats.dns_subdomain(group)
    if faults:
        yield invalid_value("spec.group", group, ",".join(faults))
    elif "." not in group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")


def _version_problems(given: list[Item] | None) -> Iterator[FieldProblem]:
    versions = given or []
    for index, version in enumerate(versions):
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            yield required_value(f"spec.versions[{index}].schema.openAPIV3Schema")
    for index, version in enumerate(versions):
        yield from _one_version_problems(version, f"spec.versions[{index}]", versions)
    shared = [member for member in _SHARED if _is_shared(member, versions)]
    shown = None if given is None else [version_shown(one, shared) for one in versions]
    names = [one.get("name", "") for one in versions]
    if len(set(names)) < len(names):
        yield invalid_value("spec.versions", shown, "must contain unique version names")
    if sum(bool(one.get("storage")) for one in versions) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", shown, why)
    faults = formats.dns1035_label(names[0]) if names and names[0] else []
    if faults:
        yield invalid_value("spec.version", names[0], ",".join(faults))


def _one_version_problems(
    version: Item, field: str, versions: list[Item]
) -> Iterator[FieldProblem]:
    name, warning = version.get("name", ""), version.get("deprecationWarning")
    faults = formats.dns1035_label(name)
    if faults:
        yield invalid_value(f"{field}.name", name, ",".join(faults))
    if warning is not None and not version.get("deprecated"):
        why = "can only be set for deprecated versions"
        yield invalid_value(f"{field}.deprecationWarning", warning, why)
    elif warning == "":
        yield invalid_value(f"{field}.deprecationWarning", warning, "must not be an empty string")
    for member in _SHARED:
        if not _is_shared(member, versions):
            yield from _member_problems(member, version, f"{field}.{member}")


def _shared_problems(versions: list[Item]) -> Iterator[FieldProblem]:
    for member, name in _SHARED.items():
        if versions and _is_shared(member, versions):
            yield from _member_problems(member, versions[0], f"spec.{name}")


def _is_shared(member: str, versions: list[Item]) -> bool:
    return all(one.get(member) == versions[0].get(member) for one in versions)


def _member_problems(member: str, version: Item, field: str) -> Iterator[FieldProblem]:
    value = version.get(member)
    if member == "schema":
        schema = (value or {}).get("openAPIV3Schema")
        if schema is not None:
            if (version.get("subresources") or {}).get(STATUS) is not None:
                yield from _root_beside_status_problems(schema, f"{field}.openAPIV3Schema")
            yield from root_problems(schema, f"{field}.openAPIV3Schema")
    elif member == "additionalPrinterColumns":
        for index, column in enumerate(value or ()):
            yield from _column_problems(column, f"{field}[{index}]")
    elif member == "subresources":
        scale = (value or {}).get("scale")
        if scale is not None:
            yield from _scale_problems(scale, f"{field}.scale")
    elif member == "selectableFields":
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        yield from selectable_problems(value or (), schema, field)


def _root_beside_status_problems(schema: Item, field: str) -> Iterator[FieldProblem]:
    """The first thing at the root of a schema that would be lost on the status for itself."""
    shown = schema_shown(schema)
    for name, value in shown.items():
        if value in (None, "") or value is False:
            continue
        if name == "Type" and value != "object":
            yield invalid_value(
                f"{field}.type", value, 'only "object" is allowed as the type ' + _ROOT
            )
            return
        if name not in _BESIDE_STATUS:
            why = f"only [{' '.join(_BESIDE_STATUS)}] fields are allowed {_ROOT}"
            yield invalid_value(field, shown, why)
            return


def _column_problems(column: Item, field: str) -> Iterator[FieldProblem]:
    if not column.get("name"):
        yield required_value(f"{field}.name")
    kind, form, path = (column.get(name, "") for name in ("type", "format", "jsonPath"))
    one_of = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        yield required_value(f"{field}.type", one_of)
    elif kind not in _COLUMN_TYPES:
        yield invalid_value(f"{field}.type", kind, one_of)
    if form and form not in _COLUMN_FORMATS:
        yield invalid_value(f"{field}.format", form, f"must be one of {','.join(_COLUMN_FORMATS)}")
    if not path:
        yield required_value(f"{field}.JSONPath")
    elif not path.startswith("."):
        yield invalid_value(f"{field}.JSONPath", path, "must be a simple json path starting with .")


def _scale_problems(scale: Mapping[str, Any], field: str) -> Iterator[FieldProblem]:
    for member, roots in _SCALE_PATHS.items():
        path = scale.get(member) or ""
        if not path and member != "labelSelectorPath":
            yield required_value(f"{field}.{member}")
        elif path and not path.startswith("."):
            why = "must be a simple json path starting with ."
            yield invalid_value(f"{field}.{member}", path, why)
        elif path and not any(path.startswith(root + ".") for root in roots):
            where = "either .spec or .status" if len(roots) > 1 else roots[0]
            yield invalid_value(f"{field}.{member}", path, f"should be a json path under {where}")


def _names_problems(names: Item) -> Iterator[FieldProblem]:
    field = "spec.names"
    for member in ("plural", "singular", "kind", "listKind"):
        if not names.get(member):
            yield required_value(f"{field}.{member}")
    for member in ("plural", "singular", "kind", "listKind"):
        mixed = member.lower().endswith("kind")
        value = names.get(member, "")
        faults = formats.dns1035_label(value.lower() if mixed else value) if value else []
        if faults:
            why = "may have mixed case, but should otherwise match: " if mixed else ""
            yield invalid_value(f"{field}.{member}", value, why + ",".join(faults))
    yield from _label_problems(names.get("shortNames") or [], f"{field}.shortNames")
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        why = "kind and listKind may not be the same"
        yield invalid_value(f"{field}.listKind", names["listKind"], why)
    yield from _label_problems(names.get("categories") or [], f"{field}.categories")


def _label_problems(values: list[str], field: str) -> Iterator[FieldProblem]:
    for index, value in enumerate(values):
        faults = formats.dns1035_label(value)
        if faults:
            yield invalid_value(f"{field}[{index}]", value, ",".join(faults))


def _change_problems(new: Item, old: Item, *, established: bool) -> Iterator[FieldProblem]:
    pairs: list[tuple[str, Any, Any]] = [
        ("spec.scope", new.get("scope"), old.get("scope")),
        ("spec.names.kind", new["names"].get("kind"), old["names"].get("kind")),
    ]
    pairs = pairs if established else []
    pairs.append(("spec.group", new.get("group"), old.get("group")))
    pairs.append(("spec.names.plural", new["names"].get("plural"), old["names"].get("plural")))
    for field, after, before in pairs:
        if after != before:
            yield invalid_value(field, after, "field is immutable")


def _stored_problems(stored: list[str] | None, versions: list[Item]) -> Iterator[FieldProblem]:
    field = "status.storedVersions"
    if not stored:
        yield invalid_value(field, None, "must have at least one stored version")
        return
    for version in versions:
        if version.get("storage") and version["name"] not in stored:
            why = f"must have the storage version {version['name']}"
            yield invalid_value(field, stored, why)
    known = {version["name"] for version in versions}
    for index, name in enumerate(stored):
        if name not in known:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must "
                "remain in spec.versions until a storage migration ensures no data remains "
                f"persisted in {name} and removes {name} from status.storedVersions"
            )
            yield invalid_value(f"{field}[{index}]", name, why)


def _approval_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    group = new["spec"].get("group", "")
    if not any(group == one or group.endswith("." + one) for one in _PROTECTED):
        return
    approved, before = _approval(new), _approval(old) if old is not None else ""
    if approved or (old is not None and not before):
        return
    why = (
        f'protected groups must have approval annotation "{_APPROVAL}", '
        "see https://github.com/kubernetes/enhancements/pull/1111"
    )
    yield required_value(f"metadata.annotations[{_APPROVAL}]", why)


def _approval(item: Item) -> str:
    return str((item["metadata"].get("annotations") or {}).get(_APPROVAL, ""))
