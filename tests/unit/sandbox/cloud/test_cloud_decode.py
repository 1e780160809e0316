"""Laws of the parameter decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.cloud.decode import decode, parse_pairs
from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.schema import (
    Operation,
    flag,
    integer,
    required,
    struct,
    structs,
    text,
    texts,
)

OPERATION = Operation(
    "Try",
    query=(
        text("Name"),
        integer("Size", 0, 100),
        flag("On"),
        struct("Deep", text("Path"), texts("Codes")),
        structs("Servers", 5, required(text("Id", minimum=1)), integer("Port")),
    ),
    form=(text("Body"),),
)

values = st.fixed_dictionaries(
    {},
    optional={
        "Name": st.text(),
        "Size": st.integers(0, 100),
        "On": st.booleans(),
        "Deep": st.fixed_dictionaries(
            {"Path": st.text()}, optional={"Codes": st.lists(st.text(), min_size=1)}
        ),
        "Servers": st.lists(
            st.fixed_dictionaries(
                {"Id": st.text(min_size=1)}, optional={"Port": st.integers(0, 9)}
            ),
            min_size=1,
            max_size=5,
        ),
    },
)


def flatten(value: Any, path: str = "") -> dict[str, str]:
    """The wire's flattening: dots, indices from 1, Python-cased booleans."""
    if isinstance(value, dict):
        items = [(f"{path}.{name}" if path else name, inner) for name, inner in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}.{index}", inner) for index, inner in enumerate(value, 1)]
    else:
        return {path: str(value)}
    flat: dict[str, str] = {}
    for name, inner in items:
        flat |= flatten(inner, name)
    return flat


def outcome(call: Callable[[], dict[str, Any]]) -> dict[str, Any] | ApiError:
    """What a call gives, or the refusal it raises."""
    try:
        return call()
    except ApiError as error:
        return error


@given(values)
def test_what_is_flattened_encoded_and_decoded_is_what_it_was(value: dict[str, Any]) -> None:
    pairs = parse_pairs(urlencode(flatten(value)).encode())
    assert decode(OPERATION, pairs, {}) == value


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_a_request_is_decoded_or_refused_and_never_breaks_the_decoder(
    flat: dict[str, str],
) -> None:
    decoded = outcome(lambda: decode(OPERATION, flat, {}))
    if isinstance(decoded, ApiError):
        assert decoded.status == 400
    else:
        assert set(decoded) <= OPERATION.accepts


@given(st.binary())
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    parsed = outcome(lambda: parse_pairs(raw))
    assert isinstance(parsed, dict) or parsed.status == 400


@pytest.mark.parametrize(
    ("query", "form", "code"),
    [
        ({"Body": "x"}, {}, "IllegalParam.Body"),
        ({}, {"Name": "x"}, "IllegalParam.Name"),
        ({"name": "x"}, {}, "IllegalParam.name"),
        ({"Size": "1.0"}, {}, "IllegalParam.Size"),
        ({"Size": "-1"}, {}, "IllegalParam.Size"),
        ({"Size": "١"}, {}, "IllegalParam.Size"),
        ({"Servers.1.Port": "99999999999"}, {}, "MissingParam.Servers.1.Id"),
        (
            {"Servers.1.Id": "a", "Servers.1.Port": "2147483648"},
            {},
            "IllegalParam.Servers.1.Port",
        ),
        ({"On": "yes"}, {}, "IllegalParam.On"),
        ({"Deep": "x"}, {}, "IllegalParam.Deep"),
        ({"Name": "x", "Name.1": "y"}, {}, "IllegalParam.Name.1"),
        ({"Name.1": "y", "Name": "x"}, {}, "IllegalParam.Name"),
        ({f"Servers.{n}.Id": "a" for n in range(1, 7)}, {}, "IllegalParam.Servers"),
    ],
)
def test_what_does_not_fit_is_named(query: dict[str, str], form: dict[str, str], code: str) -> None:
    with pytest.raises(ApiError) as caught:
        decode(OPERATION, query, form)
    assert caught.value.code == code


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ApiError) as caught:
        parse_pairs(b"Name=a&Name=b")
    assert caught.value.code == "IllegalParam.Name"
