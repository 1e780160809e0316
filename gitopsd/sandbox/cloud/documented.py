"""Values in the API's own spelling, for those who make groups without going over the wire.

The real controllers send texts as users wrote them (`sch`, `TCP` or `tcp`), and members that the
API has not, and the real API takes both: it stores the documented spelling, and what it does not
know it does not store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.cloud.schema import Field


def documented_group(product: Product, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of CreateServerGroup as the product would store them."""
    operation = APIS[product].operations["CreateServerGroup"]
    return _members((*operation.query, *operation.form), parameters)


def _members(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in fields}
    return {name: _value(known[name], value) for name, value in values.items() if name in known}


def _value(field: Field, value: Any) -> Any:
    if field.kind == "struct":
        return _members(field.fields, value)
    if field.kind == "list" and field.item is not None:
        return [_value(field.item, each) for each in value]
    if field.kind == "string" and value not in field.choices:
        same = (each for each in field.choices if each.lower() == value.lower())
        return next(same, value)
    return value
