"""The sandbox's tables against two outside witnesses.

The vendor's machine-readable description of each operation (aliyun/aliyun-openapi-meta) gives
names, places, types and which parameters are required; the SDK's request models give the members
of nested objects.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

import pytest

from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.cloud.schema import Field, Operation

from .openapi_meta import PLACES, described_as
from .sdk_models import MODELS
from .sdk_models import members as members_of

OPERATIONS = [(product, action) for product, api in APIS.items() for action in api.operations]
KINDS = {
    "String": {"string"},
    "Boolean": {"boolean"},
    "Integer": {"integer"},
    "Long": {"long"},
    "Struct": {"struct"},
    "Array": {"list"},
    "RepeatList": {"list"},
}
NOT_IN_META = {("alb", "IpVersionAffinityMode")}
"""Newer than the description: the SDK's models have them."""


def _fields(operation: Operation) -> dict[str, tuple[str, Field]]:
    return {
        **{field.name: ("query", field) for field in operation.query},
        **{field.name: ("form", field) for field in operation.form},
    }


@pytest.mark.parametrize(("product", "action"), OPERATIONS)
def test_every_parameter_is_as_the_vendor_describes_it(product: Any, action: str) -> None:
    described = described_as(product, action)
    ours = _fields(APIS[product].operations[action])
    names = {parameter["name"] for parameter in described["parameters"]}
    extra = {name for name in ours if (product, name) not in NOT_IN_META} - names
    assert (names - set(ours), extra) == (set(), set())
    for parameter in described["parameters"]:
        place, field = ours[parameter["name"]]
        assert place == PLACES[parameter["position"]], parameter["name"]
        assert field.kind in KINDS[parameter["type"]], parameter["name"]
        assert field.required == parameter["required"], parameter["name"]
        for member in parameter.get("sub_parameters", ()):
            assert field.item is not None
            own = {each.name: each for each in field.item.fields}[member["name"]]
            assert own.kind in KINDS[member["type"]]
            # Tag keys are optional in the description and useless without: refused here.
            assert own.required == member["required"] or member["name"] == "Key"


@pytest.mark.parametrize(("product", "action"), OPERATIONS)
def test_an_operation_takes_the_http_methods_that_the_vendor_describes(
    product: Any, action: str
) -> None:
    described = described_as(product, action)["method"].split("|")
    assert list(APIS[product].operations[action].methods) == described


def _shape(annotation: Any) -> tuple[str, type | None]:
    """Kind of an annotation in our words, and the nested model if there is one."""
    if typing.get_origin(annotation) in (list, typing.List):  # noqa: UP006
        (item,) = typing.get_args(annotation)
        return "list", item if hasattr(item, "from_map") else None
    if hasattr(annotation, "from_map"):
        return "struct", annotation
    return {str: "string", bool: "boolean", int: "integer"}[annotation], None


def _same_fields(model: type, fields: Mapping[str, Field], path: str) -> None:
    members = members_of(model)
    assert set(members) == set(fields), path
    for name, annotation in members.items():
        field = fields[name]
        kind, nested = _shape(annotation)
        own = "integer" if field.kind == "long" else field.kind
        assert own == kind, f"{path}.{name}"
        inner = field.item if field.kind == "list" else field
        if nested is not None:
            assert inner is not None
            _same_fields(nested, {each.name: each for each in inner.fields}, f"{path}.{name}")


@pytest.mark.parametrize(("product", "action"), OPERATIONS)
def test_the_sdk_knows_exactly_the_same_parameters(product: Any, action: str) -> None:
    model = getattr(MODELS[product], f"{action}Request")
    ours = {name: field for name, (_, field) in _fields(APIS[product].operations[action]).items()}
    _same_fields(model, ours, action)


@pytest.mark.parametrize(("product", "action"), OPERATIONS)
def test_what_takes_a_job_says_which(product: Any, action: str) -> None:
    answered = members_of(getattr(MODELS[product], f"{action}ResponseBody"))
    assert APIS[product].operations[action].job == ("JobId" in answered)


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_every_operation_has_a_function_that_answers_it(product: Any) -> None:
    assert set(APIS[product].operations) == set(APIS[product].handlers)
