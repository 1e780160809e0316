"""Reading JSON into a type: zeros, defaults, unknown members, wrong values."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.scalars import DecodeError
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    BYTES,
    INT32,
    INT_OR_STRING,
    MICRO_TIME,
    STRING,
    TIME,
    atomic_list,
    defaulted,
    mapping,
    struct,
)

INNER = struct("Inner", {"always!": STRING, "kept?": INT32, "count": INT32})
OUTER = struct(
    "Outer",
    {
        "inner!": INNER,
        "maybe?": INNER,
        "items": atomic_list(INNER),
        "labels": mapping(STRING),
        "mode": defaulted(STRING, "Fast"),
        "flag": BOOLEAN,
        "when?": TIME,
        "exactly?": MICRO_TIME,
        "data": mapping(BYTES),
        "port?": INT_OR_STRING,
        "stamp!": TIME,
    },
)


def read(value: dict[str, Any]) -> Any:
    return Decoder().read(OUTER, value)


def test_what_is_always_written_appears_with_its_zero() -> None:
    assert read({}) == {"inner": {"always": ""}, "mode": "Fast", "stamp": None}


def test_zeros_are_left_out_unless_they_were_given_to_a_pointer() -> None:
    inner = {"always": "x", "kept": 0, "count": 0}
    assert read({"maybe": inner})["maybe"] == {"always": "x", "kept": 0}


def test_empty_lists_maps_and_texts_are_left_out() -> None:
    assert set(read({"items": [], "labels": {}, "mode": "", "flag": False})) == {
        "inner",
        "mode",
        "stamp",
    }


def test_null_is_absent_and_a_null_item_is_the_zero_of_its_type() -> None:
    held = read({"maybe": None, "items": [None], "labels": {"a": None}})
    assert "maybe" not in held
    assert held["items"] == [{"always": ""}]
    assert held["labels"] == {"a": ""}


def test_unknown_members_are_dropped_and_named_with_their_place() -> None:
    decoder = Decoder()
    held = decoder.read(OUTER, {"x": 1, "items": [{"y": 2}], "inner": {"z": 3}})
    assert "x" not in held
    assert sorted(decoder.unknown) == ["inner.z", "items[0].y", "x"]


def test_times_are_written_in_utc_and_in_their_precision() -> None:
    held = read(
        {"when": "2026-01-01T08:00:00.9+08:00", "exactly": "2026-01-01T08:00:00.000001+08:00"}
    )
    assert held["when"] == "2026-01-01T00:00:00Z"
    assert held["exactly"] == "2026-01-01T00:00:00.000001Z"


@pytest.mark.parametrize(
    ("end", "why"),
    [("Z", '"Z" as ".000000"'), (".5Z", '".5Z" as ".000000"'), (".1234567Z", '"7Z" as "Z07:00"')],
)
def test_a_time_in_microseconds_has_six_digits(end: str, why: str) -> None:
    with pytest.raises(DecodeError, match=re.escape(f"cannot parse {why}")):
        read({"exactly": f"2026-01-01T00:00:00{end}"})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (
            {"inner": {"count": "x"}},
            "json: cannot unmarshal string into Go struct field Inner.inner.count of type int32",
        ),
        (
            {"items": [{"count": 1.5}]},
            "cannot unmarshal number 1.5 into Go struct field Inner.items.count of type int32",
        ),
        ({"inner": {"count": 2**31}}, "cannot unmarshal number 2147483648 into"),
        ({"flag": 1}, "cannot unmarshal number into Go struct field Outer.flag of type bool"),
        ({"labels": []}, "cannot unmarshal array into Go struct field Outer.labels of type map"),
        (
            {"items": {}},
            "cannot unmarshal object into Go struct field Outer.items of type []v1.Inner",
        ),
        ({"data": {"a": "!"}}, "illegal base64 data at input byte 0"),
        ({"when": "yesterday"}, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00"'),
        ({"port": True}, "cannot unmarshal bool into Go struct field Outer.port of type int32"),
        (
            {"maybe": "x"},
            "cannot unmarshal string into Go struct field Outer.maybe of type v1.Inner",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_the_decoders_words(value: dict[str, Any], why: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        read(value)
    assert why in str(refusal.value)


def test_ports_may_be_numbers_or_names() -> None:
    assert read({"port": 80})["port"] == 80
    assert read({"port": "http"})["port"] == "http"
