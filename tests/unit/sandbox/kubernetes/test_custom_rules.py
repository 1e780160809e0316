"""Validation by JSON schema, in the server's words."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.sandbox.kubernetes.custom_rules import schema_problems


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    whole = {"type": "object", "properties": {"f": schema}}
    return [str(one) for one in schema_problems(whole, {"f": value})]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer", "minimum": 1}, 0, "should be greater than or equal to 1"),
        ({"type": "integer", "maximum": 3}, 4, "should be less than or equal to 3"),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, 1, "greater than 1"),
        ({"type": "integer", "multipleOf": 5}, 7, "should be a multiple of 5"),
        ({"type": "integer"}, "x", 'Invalid value: "string": f in body must be of type integer'),
        ({"type": "string"}, None, 'Invalid value: "null": f in body must be of type string'),
        ({"type": "string", "enum": ["a"]}, "b", 'Unsupported value: "b": supported values: "a"'),
        ({"type": "string", "pattern": "^a$"}, "b", "f in body should match '^a$'"),
        ({"type": "string", "maxLength": 2}, "abc", "Too long: may not be more than 2 bytes"),
        ({"type": "string", "minLength": 2}, "a", "should be at least 2 chars long"),
        ({"type": "string", "format": "ipv4"}, "x", "must be of type ipv4"),
        ({"type": "string", "format": "date-time"}, "x", "must be of type date-time"),
        ({"type": "array", "maxItems": 1}, [1, 2], "Too many: 2: must have at most 1 item"),
        ({"type": "array", "minItems": 1}, [], "should have at least 1 items"),
        (
            {"type": "array", "x-kubernetes-list-type": "set"},
            ["a", "a"],
            'f[1]: Duplicate value: "a"',
        ),
        (
            {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            },
            [{"k": 1}, {"k": 1, "v": 2}],
            'f[1]: Duplicate value: {"k":1}',
        ),
        ({"type": "object", "required": ["a"]}, {}, "f.a: Required value"),
        ({"type": "object", "maxProperties": 0}, {"a": 1}, "Too many: 1"),
        (
            {"oneOf": [{}, {}]},
            1,
            '"f" must validate one and only one schema (oneOf). Found 2 valid',
        ),
        ({"not": {"type": "string"}}, "a", "must not validate the schema (not)"),
    ],
)
def test_a_value_that_breaks_a_rule_is_told_so(
    schema: dict[str, Any], value: Any, message: str
) -> None:
    found = problems(schema, value)
    assert len(found) == 1
    assert message in found[0]


def test_of_alternatives_that_fail_the_one_is_told_of_that_fits_best() -> None:
    parts = [{"type": "string"}, {"type": "integer", "minimum": 5}]
    told = "f: Invalid value: 1: f in body should be greater than or equal to 5"
    for word, how in (
        ("anyOf", "must validate at least one schema (anyOf)"),
        ("oneOf", "must validate one and only one schema (oneOf). Found none valid"),
    ):
        assert problems({word: parts}, 1) == [f'<nil>: Invalid value: "": "f" {how}', told]


def test_all_that_is_wrong_with_all_of_several_schemas_is_told() -> None:
    broken = {"allOf": [{"minimum": 2}, {"multipleOf": 3}]}
    assert problems(broken, 1) == [
        "f: Invalid value: 1: f in body should be greater than or equal to 2",
        "f: Invalid value: 1: f in body should be a multiple of 3",
        '<nil>: Invalid value: "": "f" must validate all the schemas (allOf). None validated',
    ]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "number"}, 1),
        ({"type": "string", "nullable": True}, None),
        ({"x-kubernetes-int-or-string": True}, "80%"),
        ({"x-kubernetes-int-or-string": True}, 80),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}),
    ],
)
def test_a_value_that_fits_is_left_alone(schema: dict[str, Any], value: Any) -> None:
    assert problems(schema, value) == []


STRICTER: dict[str, Any] = {
    "type": "object",
    "required": ["new"],
    "properties": {
        "size": {"type": "integer", "minimum": 10},
        "new": {"type": "string"},
        "texts": {"type": "array", "items": {"type": "string", "enum": ["p"]}},
        "parts": {
            "type": "array",
            "maxItems": 2,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
            "items": {
                "type": "object",
                "properties": {"k": {"type": "string"}, "v": {"type": "string", "pattern": "^z"}},
            },
        },
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
    },
}
BEFORE: dict[str, Any] = {
    "size": 1,
    "texts": ["x"],
    "parts": [{"k": "1", "v": "a"}, {"k": "2", "v": "b"}, {"k": "3", "v": "c"}],
    "set": ["a", "a"],
}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({}, []),
        ({"new": "x"}, []),
        ({"new": "x", "size": 2}, ["size"]),
        ({"size": 20}, ["new"]),
        ({"new": "x", "texts": ["x", "p"]}, ["texts[0]"]),
        ({"new": "x", "parts": [{"k": "2", "v": "b"}, {"k": "1", "v": "a"}]}, []),
        ({"new": "x", "parts": [{"k": "1", "v": "q"}]}, ["parts[0].v"]),
        ({"new": "x", "parts": [*BEFORE["parts"], {"k": "4", "v": "z"}]}, ["parts"]),
        ({"new": "x", "set": ["b", "b"]}, []),
    ],
)
def test_what_a_stricter_schema_finds_as_it_was_is_let_be(
    change: dict[str, Any], broken: list[str]
) -> None:
    after = {**BEFORE, **change}
    assert [one.field for one in schema_problems(STRICTER, after, BEFORE)] == broken
