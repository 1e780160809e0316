"""The syntax of request bodies: JSON, YAML and patches, refused in the words of the server."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors, goyaml
from gitopsd.sandbox.kubernetes.gotext import json_kind
from gitopsd.sandbox.kubernetes.jsonfaults import complaint
from gitopsd.sandbox.kubernetes.resources import Resource


def parse_json(body: bytes) -> Any:
    """The value a JSON body holds.

    Raises:
        ValueError: with what Go's decoder says about it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(complaint(body) or str(error)) from error


def parse_object(resource: Resource, body: bytes, *, yaml_body: bool) -> Any:
    """The object that a create or an update sends.

    Raises:
        errors.ApiError: 400.
    """
    try:
        value = yaml_value(body) if yaml_body else parse_json(body)
    except goyaml.YamlError as error:
        raise _unrecognized(resource, str(error), body) from error
    except ValueError as error:
        raise _unrecognized(resource, _UNREADABLE.format(error), body) from error
    try:
        told = check_told({} if value is None else value)
        group_version(told.get("apiVersion") or "")
    except ValueError as error:
        raise _unrecognized(resource, str(error), body) from error
    return told


def _unrecognized(resource: Resource, why: str, body: bytes) -> errors.ApiError:
    return errors.bad_request(
        f"the object provided is unrecognized (must be of type {resource.kind}): {why} "
        f"({summary(body)})"
    )


def check_told(value: Any) -> dict[str, Any]:
    """The value, an object whose kind and version, if it has them, are texts.

    Raises:
        ValueError: with what the server says of any other.
    """
    if not isinstance(value, dict):
        wrong = f"json: cannot unmarshal {json_kind(value)} into {_TYPE_META}"
        raise ValueError(_UNREADABLE.format(wrong))
    for name, member in value.items():
        if name in ("apiVersion", "kind") and not isinstance(member, str | None):
            into = f"Go struct field .{name} of type string"
            wrong = f"json: cannot unmarshal {json_kind(member)} into {into}"
            raise ValueError(_UNREADABLE.format(wrong))
    return value


def group_version(text: str) -> tuple[str, str]:
    """The group and the version that an apiVersion names.

    Raises:
        ValueError: it names neither.
    """
    if text.count("/") > 1:
        raise ValueError(f"unexpected GroupVersion string: {text}")
    group, _, version = text.rpartition("/")
    return group, version


_UNREADABLE: Final = "couldn't get version/kind; json parse error: {}"
_TYPE_META: Final = (
    'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)
_SHOWN: Final = 30


def summary(body: bytes) -> str:
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
    strictly = validation != "Ignore" and kind != "strategic"
    wanted, into = (list, _GO_PATCHES[strictly]) if kind == "json" else (dict, GO_MAP)
    try:
        value = parse_json(body)
        if value is None:
            return _empty_patch(kind)
        if not isinstance(value, wanted):
            raise ValueError(
                f"json: cannot unmarshal {json_kind(value)} into Go value of type {into}"
            )
        if kind == "json" and strictly:
            return [_operation(one) for one in value]
    except ValueError as error:
        raise errors.bad_request(
            f"error decoding patch: {error}" if strictly else str(error)
        ) from error
    return value


def _operation(value: Any) -> Any:
    """An operation of a JSON patch whose members are of the types they have to be of."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = json_kind(value)
        raise ValueError(f"json: cannot unmarshal {kind} into Go value of type {_GO_OPERATION}")
    for name in ("op", "path", "from"):
        member = value.get(name)
        if member is not None and not isinstance(member, str):
            into = f"Go struct field jsonPatchOp.{name} of type string"
            raise ValueError(f"json: cannot unmarshal {json_kind(member)} into {into}")
    return value


_GO_OPERATION: Final = "handlers.jsonPatchOp"
#: What Go calls a JSON patch, by whether it is looked at strictly first.
_GO_PATCHES: Final = {False: "jsonpatch.Patch", True: f"[]{_GO_OPERATION}"}


def _empty_patch(kind: str) -> Any:
    if kind == "merge":
        raise errors.bad_request("Invalid JSON Patch")
    return [] if kind == "json" else {}


#: What Go calls a free-form object.
GO_MAP: Final = "map[string]interface {}"


def parse_yaml(body: bytes) -> Any:
    """The value a YAML (or JSON) body holds.

    Raises:
        errors.ApiError: 400.
    """
    try:
        return yaml_value(body)
    except goyaml.YamlError as error:
        message = f"error decoding YAML: error converting YAML to JSON: {error}"
        raise errors.bad_request(message) from error


def yaml_value(body: bytes) -> Any:
    """What a YAML body holds; one that is JSON, too, is read the fast way.

    Raises:
        goyaml.YamlError: it cannot be read.
    """
    if not _ONLY_IN_JSON.search(body):
        try:
            return _renumbered(orjson.loads(body))
        except orjson.JSONDecodeError:
            pass  # not JSON, so it has to be YAML
    return goyaml.read(body).value


#: What JSON has and YAML has not: the escape of half a character.
_ONLY_IN_JSON: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def _renumbered(value: Any) -> Any:
    """A value whose numbers are those that YAML has them be."""
    if isinstance(value, dict):
        return {name: _renumbered(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_renumbered(item) for item in value]
    return value if type(value) not in (int, float) else goyaml.number(value)
