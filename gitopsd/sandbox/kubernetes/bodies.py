"""From a request's body to an object: syntax, identity, structure, unknown members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import orjson

from gitopsd.sandbox.kubernetes import errors, scheme
from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.gotext import json_kind, plain, quote
from gitopsd.sandbox.kubernetes.parsing import GO_MAP, check_told, group_version, summary
from gitopsd.sandbox.kubernetes.patching import (
    PatchBrokenError,
    PatchError,
    PatchFailedError,
    json_patch,
    merge_patch,
    strategic_merge,
)
from gitopsd.sandbox.kubernetes.resources import Item, Resource
from gitopsd.sandbox.kubernetes.scalars import DecodeError


def checked_identity(resource: Resource, body: Any) -> None:
    """Refuse an applied configuration of another kind or version.

    Raises:
        errors.ApiError: 400.
    """
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise errors.bad_request(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
            f"unmarshal {json_kind(body)} into Go value of type {GO_MAP}"
        )
    version, kind = body.get("apiVersion", ""), body.get("kind", "")
    version, kind = (one if isinstance(one, str) else "" for one in (version, kind))
    if (version, kind) != (resource.api_version, resource.kind):
        try:
            group, name = group_version(version)
        except ValueError:
            group = name = kind = ""
        raise errors.bad_request(f"invalid object type: {group}/{name}, Kind={kind}")
    metadata = body.get("metadata")
    managed = metadata.get("managedFields") if isinstance(metadata, dict) else None
    if isinstance(managed, list) and all(isinstance(one, dict) for one in managed):
        raise errors.bad_request("metadata.managedFields must be nil")


def check_doubled(doubled: Sequence[str], validation: str, warnings: list[str]) -> None:
    """Refuse an applied configuration that names keys twice, or warn about it.

    Raises:
        errors.ApiError: 400.
    """
    faults = [f"error converting YAML to JSON: {one}" for one in doubled]
    if faults and validation == "Strict":
        raise errors.bad_request("error strict decoding YAML: " + ", ".join(faults))
    if validation == "Warn":
        warnings.extend(faults)


def read_item(
    resource: Resource,
    body: Any,
    validation: str,
    warnings: list[str],
    doubled: Sequence[str] = (),
) -> Item:
    """An object sent by a client, with defaults filled in.

    Unknown members and those that sentences of `doubled` are about are refused (`Strict`), warned
    about (`Warn`) or passed over.

    Raises:
        errors.ApiError: 400 for another kind or version, or for a value of a wrong type.
    """
    if not isinstance(body, dict):
        raise errors.bad_request("the body of the request is no object")
    _check_identity(resource, body)
    unknown: list[str] = []
    try:
        item = _read(resource, body, unknown)
    except DecodeError as error:
        raise errors.bad_request(_about(resource, str(error))) from error
    faults = list(doubled)
    faults += [f"unknown field {quote(path)}" for path in unknown]
    if faults and validation == "Strict":
        raise errors.bad_request(_about(resource, "strict decoding error: " + ", ".join(faults)))
    if validation == "Warn":
        warnings.extend(faults)
    return item


def _check_identity(resource: Resource, body: Item) -> None:
    """Refuse an object that says it is of another kind or version.

    Raises:
        errors.ApiError: 400 or 422.
    """
    version, kind = body.get("apiVersion") or "", body.get("kind") or ""
    if resource.untyped:
        if not kind:
            text = orjson.dumps(body)
            why = f"Object 'Kind' is missing in '{text.decode()}' ({summary(text)})"
            raise errors.bad_request(
                f"the object provided is unrecognized (must be of type {resource.kind}): {why}"
            )
        if version not in ("", resource.api_version):
            raise _other_version(resource, version)
        if kind != resource.kind:
            problem = errors.invalid_value("kind", kind, f"must be {resource.kind}")
            name = (body.get("metadata") or {}).get("name", "")
            raise errors.invalid(errors.GroupName(resource.group, kind), name, [problem])
        return
    if scheme.is_other_version(resource, version, kind):
        raise _other_version(resource, version)
    other = _other_kind(resource, body)
    if other is not None:
        shown, short = kind or resource.kind, (version or resource.version).rpartition("/")[2]
        raise errors.bad_request(
            f"{shown} in version {quote(short)} cannot be handled as a {resource.kind}: {other}"
        )


def _other_version(resource: Resource, version: str) -> errors.ApiError:
    group, name = group_version(version)
    version = f"{group}/{name}" if group else name
    return errors.bad_request(
        f"the API version in the data ({version}) does not match the expected API version "
        f"({resource.api_version})"
    )


def _other_kind(resource: Resource, body: Item) -> str | None:
    """Why an object that says it is of another kind or version does not become one of ours."""
    version, kind = body.get("apiVersion") or "", body.get("kind") or ""
    if scheme.is_of(resource, version, kind):
        return None
    return scheme.why_other(resource, version, kind)


def _about(resource: Resource, why: str) -> str:
    return (
        f"{resource.kind} in version {quote(resource.version)} cannot be handled as a "
        f"{resource.kind}: {why}"
    )


def reread_item(
    resource: Resource,
    item: Item,
    validation: str,
    warnings: list[str],
    doubled: Sequence[str] = (),
    *,
    shown: Any = None,
) -> Item:
    """An object that a patch produced, read anew with defaults.

    `doubled` says what the patch names twice, as for `read_item`. `shown` is a strategic merge
    patch, which a refusal shows in place of the object: its result is not decoded but converted.

    Raises:
        errors.ApiError: 422 for what does not fit.
    """
    unknown: list[str] = []
    if shown is None:
        _check_patched_syntax(item)
    if resource.untyped:
        _check_patched(resource, item)
    other = None if resource.untyped or shown is not None else _other_kind(resource, item)
    if other is not None:
        raise _refused_patch(item, other, shown)
    try:
        read = _read(resource, item, unknown, converting=shown is not None)
    except DecodeError as error:
        raise _refused_patch(item, str(error), shown) from error
    faults = [*doubled]
    faults += [f"unknown field {quote(path)}" for path in unknown]
    if faults and validation == "Strict":
        raise _refused_patch(item, "strict decoding error: " + ", ".join(faults), shown)
    if validation == "Warn":
        warnings.extend(faults)
    return read


def _check_patched_syntax(item: Item) -> None:
    """Refuse an object in which a patch left no text, or none that can be, as a kind or version.

    Raises:
        errors.ApiError: 422.
    """
    try:
        check_told(item)
        group_version(item.get("apiVersion") or "")
    except ValueError as error:
        raise _refused_patch(item, str(error), None) from error


def _check_patched(resource: Resource, item: Item) -> None:
    """Refuse a custom resource that a patch made another kind, or none.

    Raises:
        errors.ApiError: 422, or 500 where no version is left.
    """
    version, kind = item.get("apiVersion"), item.get("kind")
    if not kind:
        text = orjson.dumps({name: item[name] for name in sorted(item)}).decode()
        raise _refused_patch(item, f"Object 'Kind' is missing in '{text}'", None)
    if not version:
        raise errors.internal_error(
            "Object 'apiVersion' is missing in 'object has no apiVersion field'"
        )
    name = (item.get("metadata") or {}).get("name", "")
    for member, given, wanted in (
        ("apiVersion", version, resource.api_version),
        ("kind", kind, resource.kind),
    ):
        if given != wanted:
            problem = errors.invalid_value(member, given, f"must be {wanted}")
            about = errors.GroupName(version.rpartition("/")[0], kind)
            raise errors.invalid(about, name, [problem])


def converted_item(resource: Resource, item: Item, applied: Item) -> Item:
    """An object that an apply of `applied` produced, in the server's own type, with defaults.

    Raises:
        errors.ApiError: 500, as the real server answers when a value cannot be converted.
    """
    try:
        return _read(resource, item, [], converting=True)
    except DecodeError as error:
        metadata = applied.get("metadata") or {}
        named = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
        kind = f"{resource.group}/{resource.version}, Kind={resource.kind}"
        message = (
            f"failed to convert new object ({named}; {kind}) to proper version: "
            f"unable to convert unstructured object to {kind}: {error}"
        )
        raise errors.ApiError(500, "", message) from error


def _refused_patch(item: Item, why: str, shown: Any) -> errors.ApiError:
    if shown is None:
        text = orjson.dumps({name: item[name] for name in sorted(item)}).decode()
    else:
        text = plain(shown)
    problem = errors.invalid_value("patch", text, why)
    return errors.invalid(errors.GroupName("", ""), "", [problem])


def _read(resource: Resource, body: Item, unknown: list[str], *, converting: bool = False) -> Item:
    if resource.reader is not None:
        item = resource.reader(body, unknown, converting)
    else:
        item = Decoder(unknown, converting).read(resource.type, body)
    identity = {"kind": resource.kind, "apiVersion": resource.api_version}
    item = {**identity, **{k: v for k, v in item.items() if k not in identity}}
    resource.behaviour.default(item)
    return item


PatchKind = Literal["json", "merge", "strategic"]


def patched_item(resource: Resource, kind: PatchKind, live: Item, patch: Any) -> Item:
    """A stored object with a patch laid over it, not yet read anew.

    Raises:
        errors.ApiError: 400 for a malformed patch, 422 for one that does not fit this object.
    """
    try:
        if kind == "json":
            patched = json_patch(live, patch)
        elif kind == "merge":
            patched = merge_patch(live, patch)
        else:
            patched = strategic_merge(resource.type, live, patch)
    except PatchError as error:
        raise errors.bad_request(str(error)) from error
    except PatchBrokenError as error:
        raise errors.ApiError(500, "", str(error)) from error
    except PatchFailedError as error:
        message = "the server rejected our request due to an error in our request"
        raise errors.ApiError(422, "Invalid", message, {}) from error
    if not isinstance(patched, dict):
        message = "the server rejected our request due to an error in our request"
        raise errors.ApiError(422, "Invalid", message, {})
    return patched
