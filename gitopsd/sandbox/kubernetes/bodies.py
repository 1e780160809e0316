"""From a request's body to an object: syntax, identity, structure, unknown members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import orjson
import yaml

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.decoding import DecodeError, Decoder
from gitopsd.sandbox.kubernetes.gotext import json_kind, plain, quote
from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.patching import (
    PatchError,
    PatchFailedError,
    json_patch,
    merge_patch,
    strategic_merge,
)
from gitopsd.sandbox.kubernetes.resources import Item, Resource


def parse_json(body: bytes) -> Any:
    """The value a JSON body holds.

    Raises:
        ValueError: with what Go's decoder says about it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        rest = body.decode("utf-8", "replace")[error.pos :].lstrip()
        if not rest:
            raise ValueError("unexpected end of JSON input") from error
        raise ValueError(f"invalid character {rest[0]!r} looking for beginning of value") from error


def parse_object(resource: Resource, body: bytes, *, yaml_body: bool) -> Any:
    """The object that a create or an update sends.

    Raises:
        errors.ApiError: 400.
    """
    if yaml_body:
        return parse_yaml(body)
    try:
        value = parse_json(body)
        if not isinstance(value, dict):
            raise ValueError(f"json: cannot unmarshal {json_kind(value)} into {_TYPE_META}")
    except ValueError as error:
        why = f"couldn't get version/kind; json parse error: {error} ({_summary(body)})"
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}): {why}"
        ) from error
    return value


_TYPE_META: Final = (
    'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)
_SHOWN: Final = 30


def _summary(body: bytes) -> str:
    """The beginning of a body as the server shows it: JSON objects as they are, else in hex."""
    if not body:
        return "<empty>"
    head = body[:_SHOWN]
    shown = head.decode("utf-8", "replace") if body[:1] == b"{" else head.hex()
    return shown + (" ..." if len(body) > _SHOWN else "")


def parse_patch(kind: str, body: bytes, validation: str) -> Any:
    """The value of a JSON, merge or strategic merge patch.

    Raises:
        errors.ApiError: 400.
    """
    wanted, into = (list, "[]handlers.jsonPatchOp") if kind == "json" else (dict, _MAP)
    try:
        value = parse_json(body)
        if not isinstance(value, wanted):
            raise ValueError(
                f"json: cannot unmarshal {json_kind(value)} into Go value of type {into}"
            )
    except ValueError as error:
        strictly = validation != "Ignore" and kind != "strategic"
        raise errors.bad_request(
            f"error decoding patch: {error}" if strictly else str(error)
        ) from error
    return value


_MAP: Final = "map[string]interface {}"


def parse_yaml(body: bytes) -> Any:
    """The value a YAML (or JSON) body holds.

    Raises:
        errors.ApiError: 400.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass  # not JSON, so it has to be YAML
    try:
        return yaml.load(body, Loader=_Loader)  # noqa: S506 - a safe loader without timestamps
    except yaml.YAMLError as error:
        message = f"error decoding YAML: error converting YAML to JSON: yaml: {_fault(error)}"
        raise errors.bad_request(message) from error


_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # the base depends on how PyYAML was built
    """Reads YAML as JSON does: dates stay strings."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


def _fault(error: yaml.YAMLError) -> str:
    """The parser's complaint in the wording and line count of the server's YAML library."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return str(error)
    marks = (error.context_mark, error.problem_mark)
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    if line and isinstance(error, yaml.scanner.ScannerError):
        line += 1
    where = f"line {line}: " if line else ""
    return f"{where}{error.problem}"


def checked_identity(resource: Resource, body: Any) -> None:
    """Refuse an applied configuration of another kind or version.

    Raises:
        errors.ApiError: 400.
    """
    if not isinstance(body, dict):
        raise errors.bad_request(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
            f"unmarshal {json_kind(body)} into Go value of type {_MAP}"
        )
    version, kind = body.get("apiVersion", ""), body.get("kind", "")
    if (version, kind) != (resource.api_version, resource.kind):
        group, _, name = str(version).rpartition("/")
        raise errors.bad_request(f"invalid object type: {group}/{name}, Kind={kind}")
    if (body.get("metadata") or {}).get("managedFields") is not None:
        raise errors.bad_request("metadata.managedFields must be nil")


def read_item(
    resource: Resource,
    body: Any,
    validation: str,
    warnings: list[str],
    doubled: Sequence[str] = (),
) -> Item:
    """An object sent by a client, with defaults filled in.

    Unknown and `doubled` members are refused (`Strict`), warned about (`Warn`) or passed over.

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
    faults = [f"duplicate field {quote(path)}" for path in doubled]
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
            why = f"Object 'Kind' is missing in '{text.decode()}' ({_summary(text)})"
            raise errors.bad_request(
                f"the object provided is unrecognized (must be of type {resource.kind}): {why}"
            )
        if version not in ("", resource.api_version):
            raise errors.bad_request(
                f"the API version in the data ({version}) does not match the expected API version "
                f"({resource.api_version})"
            )
        if kind != resource.kind:
            problem = errors.invalid_value("kind", kind, f"must be {resource.kind}")
            name = (body.get("metadata") or {}).get("name", "")
            raise errors.invalid(resource.kind_named, name, [problem])
        return
    other = _other_kind(resource, body)
    if other is not None:
        shown, short = kind or resource.kind, (version or resource.version).rpartition("/")[2]
        raise errors.bad_request(
            f"{shown} in version {quote(short)} cannot be handled as a {resource.kind}: {other}"
        )


def _other_kind(resource: Resource, body: Item) -> str | None:
    """Why an object that says it is of another kind or version does not become one of ours."""
    version = body.get("apiVersion") or resource.api_version
    kind = body.get("kind") or resource.kind
    if (version, kind) == (resource.api_version, resource.kind):
        return None
    if any((one.api_version, one.kind) == (version, kind) for one in builtin()):
        own = _PACKAGES.get(resource.group, resource.group.partition(".")[0])
        short = version.rpartition("/")[2]
        return f"converting ({short}.{kind}) to ({own}.{resource.kind}): unknown conversion"
    return (
        f"no kind {quote(kind)} is registered for version {quote(version)} in scheme "
        '"pkg/api/legacyscheme/scheme.go:30"'
    )


#: Groups whose internal types live in a package that is not named after the group.
_PACKAGES: Final = {"": "core", "events.k8s.io": "core"}


def _about(resource: Resource, why: str) -> str:
    return (
        f"{resource.kind} in version {quote(resource.version)} cannot be handled as a "
        f"{resource.kind}: {why}"
    )


def reread_item(
    resource: Resource, item: Item, validation: str, warnings: list[str], *, shown: Any = None
) -> Item:
    """An object that a patch or an apply produced, read anew with defaults.

    `shown` is what a refusal shows in place of the object.

    Raises:
        errors.ApiError: 422 for what does not fit.
    """
    unknown: list[str] = []
    other = None if resource.untyped else _other_kind(resource, item)
    if other is not None and shown is None:
        raise _refused_patch(item, other, shown)
    try:
        read = _read(resource, item, unknown)
    except DecodeError as error:
        raise _refused_patch(item, str(error), shown) from error
    faults = [f"unknown field {quote(path)}" for path in unknown]
    if faults and validation == "Strict":
        raise _refused_patch(item, "strict decoding error: " + ", ".join(faults), shown)
    if validation == "Warn":
        warnings.extend(faults)
    return read


def _refused_patch(item: Item, why: str, shown: Any) -> errors.ApiError:
    if shown is None:
        text = orjson.dumps({name: item[name] for name in sorted(item)}).decode()
    else:
        text = plain(shown)
    problem = errors.invalid_value("patch", text, why)
    return errors.invalid(errors.GroupName("", ""), "", [problem])


def _read(resource: Resource, body: Item, unknown: list[str]) -> Item:
    if resource.reader is not None:
        item = resource.reader(body, unknown)
    else:
        item = Decoder(unknown).read(resource.type, body)
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
    except PatchFailedError as error:
        message = "the server rejected our request due to an error in our request"
        raise errors.ApiError(422, "Invalid", message, {}) from error
    if not isinstance(patched, dict):
        raise errors.bad_request("the patch does not leave an object")
    return patched
