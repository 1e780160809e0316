"""YAML as the server's library reads it; what scalars stand for is replayed from recordings."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes import goyaml
from gitopsd.sandbox.kubernetes.gotext import shortest
from gitopsd.sandbox.kubernetes.parsing import yaml_value

TEXTS = st.text("aé☃\"\\ \n\t:{}[]#&*!|>'%@`,?-~yno01._=<", max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60)
@given(VALUES)
def test_json_is_yaml(value: Any) -> None:
    assert goyaml.read(orjson.dumps(value)).value == value


@pytest.mark.parametrize(
    "body", [b'{"a": 1.0, "b": [1e3, 0.5, 1e30]}', b'{"a": 18446744073709551615}']
)
def test_the_fast_way_through_json_ends_where_the_slow_one_does(body: bytes) -> None:
    value = yaml_value(body)
    assert value == goyaml.read(body).value
    assert orjson.dumps(value) == orjson.dumps(goyaml.read(body).value)


def test_an_anchor_must_not_hold_itself() -> None:
    with pytest.raises(goyaml.YamlError, match="anchor 'a' value contains itself"):
        goyaml.read(b"x: &a {y: *a}")


def test_a_document_that_multiplies_itself_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    with pytest.raises(goyaml.YamlError, match="excessive aliasing"):
        goyaml.read("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1e6, "1e+06"), (123456.0, "123456"), (0.0001, "0.0001"), (1.5e-5, "1.5e-05")],
)
def test_numbers_are_written_as_go_does(value: float, text: str) -> None:
    assert shortest(value) == text
