"""From the flattened parameters of a request to typed values, driven by the operation's fields.

The wire flattens objects with dots and lists with 1-based indices
(`Servers.1.ServerId=…`). One decoder serves every operation: it rebuilds the nesting, refuses what
the operation does not declare or expects elsewhere, and checks types and limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from gitopsd.sandbox.cloud.errors import ApiError, illegal, missing
from gitopsd.sandbox.cloud.schema import Field, Operation

_TRUTH = {"true": True, "false": False}
_BITS = {"integer": 31, "long": 63}

Tree = dict[str, Any]


def parse_pairs(raw: bytes) -> dict[str, str]:
    """Query string or form body as a flat table. Raises ApiError on a parameter given twice."""
    flat: dict[str, str] = {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise ApiError("InvalidParameter", "The parameters are not URL-encoded UTF-8.") from error
    for name, value in pairs:
        if name in flat:
            raise illegal(name, "it is given twice")
        flat[name] = value
    return flat


def decode(operation: Operation, query: Mapping[str, str], form: Mapping[str, str]) -> Tree:
    """The typed parameters of one request: absent ones are left out, never None.

    Raises ApiError for a parameter that is unknown, in the wrong place, of the wrong type, outside
    its limits, or missing.
    """
    sent_query, sent_form = _unflatten(query), _unflatten(form)
    _refuse_strangers(operation, sent_query, operation.query, "query string")
    _refuse_strangers(operation, sent_form, operation.form, "form body")
    values = _members(operation.query, sent_query, "")
    values.update(_members(operation.form, sent_form, ""))
    return values


def _refuse_strangers(
    operation: Operation, sent: Tree, fields: tuple[Field, ...], place: str
) -> None:
    known = {field.name for field in fields}
    for name in sent:
        if name in known:
            continue
        if name in operation.accepts:
            raise illegal(name, f"{operation.name} does not take it in the {place}")
        raise illegal(name, f"{operation.name} has no such parameter")


def _unflatten(flat: Mapping[str, str]) -> Tree:
    tree: Tree = {}
    for path, value in flat.items():
        *parents, leaf = path.split(".")
        node = tree
        for part in parents:
            child = node.setdefault(part, {})
            if not isinstance(child, dict):
                raise illegal(path, "it is given both as a value and as an object")
            node = child
        if leaf in node:
            raise illegal(path, "it is given both as a value and as an object")
        node[leaf] = value
    return tree


def _members(fields: tuple[Field, ...], sent: Tree, prefix: str) -> Tree:
    values: Tree = {}
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.name in sent:
            values[field.name] = _value(field, sent[field.name], path)
        elif field.required:
            raise missing(path)
    return values


def _value(field: Field, sent: Any, path: str) -> Any:
    if field.kind == "struct":
        return _struct(field, sent, path)
    if field.kind == "list":
        return _items(field, sent, path)
    if not isinstance(sent, str):
        raise illegal(path, "a single value is expected")
    if field.kind == "boolean":
        return _boolean(sent, path)
    if field.kind == "string":
        return _text(field, sent, path)
    return _number(field, sent, path)


def _struct(field: Field, sent: Any, path: str) -> Tree:
    if not isinstance(sent, dict):
        raise illegal(path, "an object is expected")
    known = {member.name for member in field.fields}
    for name in sent:
        if name not in known:
            raise illegal(f"{path}.{name}", f"{field.name} has no such member")
    return _members(field.fields, sent, f"{path}.")


def _items(field: Field, sent: Any, path: str) -> list[Any]:
    if field.item is None:
        raise TypeError(f"the list {field.name} has no item description")
    if not isinstance(sent, dict):
        raise illegal(path, "a list is expected")
    if field.maximum is not None and len(sent) > field.maximum:
        raise illegal(path, f"{len(sent)} items, at most {field.maximum} are taken")
    items = []
    for index in range(1, len(sent) + 1):
        if str(index) not in sent:
            raise illegal(path, "list items are numbered from 1 without gaps")
        items.append(_value(field.item, sent[str(index)], f"{path}.{index}"))
    return items


def _boolean(sent: str, path: str) -> bool:
    if sent.lower() not in _TRUTH:
        raise illegal(path, "true or false is expected")
    return _TRUTH[sent.lower()]


def _number(field: Field, sent: str, path: str) -> int:
    digits = sent[1:] if sent.startswith("-") else sent
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        raise illegal(path, "a whole number is expected")
    number = int(sent)
    if abs(number) >= 1 << _BITS[field.kind]:
        raise illegal(path, "the number is too large")
    if field.minimum is not None and number < field.minimum:
        raise illegal(path, f"at least {field.minimum} is expected")
    if field.maximum is not None and number > field.maximum:
        raise illegal(path, f"at most {field.maximum} is expected")
    return number


def _text(field: Field, sent: str, path: str) -> str:
    if field.choices and sent not in field.choices:
        raise illegal(path, f"one of {', '.join(field.choices)} is expected")
    if field.minimum is not None and len(sent) < field.minimum:
        raise illegal(path, f"at least {field.minimum} characters are expected")
    if field.maximum is not None and len(sent) > field.maximum:
        raise illegal(path, f"at most {field.maximum} characters are expected")
    if field.pattern is not None and not field.pattern.fullmatch(sent):
        raise illegal(path, "the text does not have the documented form")
    return sent
