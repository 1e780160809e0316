"""Conversion of untyped objects: what Go makes of numbers, and in which words it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.scalars import DecodeError
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    BYTES,
    INT32,
    INT64,
    INT_OR_STRING,
    MICRO_TIME,
    STRING,
    Type,
    atomic_list,
    mapping,
    struct,
)
from gitopsd.sandbox.kubernetes.unstructured import converted


@pytest.mark.parametrize(
    ("type_", "value", "why"),
    [
        (struct("Spec", {}), 7, "cannot restore struct from: int64"),
        (mapping(STRING), [], "cannot restore map from slice"),
        (atomic_list(STRING), "x", "cannot restore slice from string"),
        (BYTES, "!!", "error decoding from json: illegal base64 data at input byte 0"),
        (BYTES, {}, "cannot restore slice from map"),
        (INT32, 80.5, "cannot convert float64 to int32"),
        (STRING, 5, "cannot convert int64 to string"),
        (BOOLEAN, "yes", "unrecognized type: bool"),
        (INT_OR_STRING, True, "json: cannot unmarshal bool into Go value of type int32"),
        (MICRO_TIME, 5, "json: cannot unmarshal number into Go value of type string"),
    ],
)
def test_what_cannot_be_converted_is_refused_in_gos_words(
    type_: Type, value: Any, why: str
) -> None:
    with pytest.raises(DecodeError) as refusal:
        converted(type_, value)
    assert str(refusal.value) == why


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_an_integer_wraps_around_and_keeps_its_last_bits(number: int) -> None:
    wrapped = converted(INT32, number)
    assert -(2**31) <= wrapped < 2**31
    assert (wrapped - number) % 2**32 == 0
    assert converted(INT64, number) == number


def test_a_whole_float_becomes_an_integer() -> None:
    assert converted(INT32, 80.0) == 80
