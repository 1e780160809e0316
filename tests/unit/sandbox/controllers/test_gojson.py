"""Decoding JSON as the controllers do: what is tolerated, what is refused, what is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.controllers.gojson import (
    BOOL,
    INT,
    INT32,
    STRING,
    STRINGS,
    ListOf,
    MapOf,
    Struct,
    decode,
    empty,
)

INNER = Struct("Inner", {"Text": STRING, "Count": INT})
SHAPE = Struct(
    "Outer",
    {"Name": STRING, "On": BOOL, "Tags": STRINGS, "Inner": INNER, "Maybe": Struct("M", {}, True)},
)
VALUES = st.fixed_dictionaries(
    {
        "Name": st.text(),
        "On": st.booleans(),
        "Tags": st.lists(st.text()),
        "Inner": st.fixed_dictionaries(
            {"Text": st.text(), "Count": st.integers(-(2**63), 2**63 - 1)}
        ),
        "Maybe": st.none() | st.just({}),
    }
)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_a_value_of_the_shape_comes_back(value: dict[str, Any]) -> None:
    decoded = decode(json.dumps(value), SHAPE)
    assert (decoded.value, decoded.problem) == (value, "")


@given(VALUES, st.sampled_from([str.lower, str.upper, str.title]))
def test_the_case_of_keys_does_not_matter(value: dict[str, Any], change: Any) -> None:
    spelled = {change(key): each for key, each in value.items()}
    assert decode(json.dumps(spelled), SHAPE).value == value


@given(VALUES, st.dictionaries(st.text().filter(lambda key: key.startswith("x")), ANY_JSON))
def test_unknown_keys_change_nothing(value: dict[str, Any], extra: dict[str, Any]) -> None:
    assert decode(json.dumps({**extra, **value}), SHAPE).value == value


@given(ANY_JSON)
def test_any_json_gives_a_value_of_the_shape(value: Any) -> None:
    decoded = decode(json.dumps(value), SHAPE)
    assert set(decoded.value) == set(SHAPE.fields)
    assert isinstance(decoded.value["Name"], str)
    assert isinstance(decoded.value["Tags"], list)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    decoded = decode(text, ListOf(INNER))
    assert isinstance(decoded.value, list)
    assert isinstance(decoded.problem, str)


def test_a_repeated_key_takes_the_last_value() -> None:
    assert decode('{"Count": 1, "count": 2}', INNER).value["Count"] == 2


def test_null_says_nothing() -> None:
    assert decode('{"Name": null, "Inner": null}', SHAPE).value == empty(SHAPE)
    assert decode("null", ListOf(INNER)).value == []


def test_a_wrong_type_is_told_and_the_rest_is_read() -> None:
    decoded = decode('[{"Text": 1, "Count": 2}, {"Text": "b"}]', ListOf(INNER))
    assert decoded.value == [{"Text": "", "Count": 2}, {"Text": "b", "Count": 0}]
    assert (
        decoded.problem
        == "json: cannot unmarshal number into Go struct field Inner.Text of type string"
    )


@pytest.mark.parametrize("number", ["80.5", "80.0", "1e2", '"80"', "true", str(2**63)])
def test_what_is_no_whole_number_is_refused(number: str) -> None:
    decoded = decode(f'{{"Count": {number}}}', INNER)
    assert decoded.value["Count"] == 0
    assert "of type int" in decoded.problem


def test_numbers_of_32_bits_end_earlier() -> None:
    assert decode(f'{{"HTTP": {2**31}}}', MapOf(INT32)).problem
    assert not decode(f'{{"HTTP": {2**31 - 1}}}', MapOf(INT32)).problem


@pytest.mark.parametrize("text", ["", " ", "[{", '{"a": 1', '"a'])
def test_a_text_that_ends_too_early_is_refused_as_such(text: str) -> None:
    assert decode(text, SHAPE).problem == "unexpected end of JSON input"


@pytest.mark.parametrize("text", ["forward", "[1,]", "{} {}", "NaN", "{'a': 1}", "[" * 100_000])
def test_a_text_that_is_no_json_is_refused(text: str) -> None:
    assert decode(text, SHAPE).problem != ""
