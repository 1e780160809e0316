"""Plain scalars: what every version of YAML agrees on is typed, everything else is text."""

from __future__ import annotations

import datetime
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.spec.scalars import is_date, resolve

LAWS = settings(deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("TRUE", True), ("null", None), ("~", None), ("", None),
        ("0", 0), ("80", 80), ("-1", -1), ("+7", 7), ("1.20", 1.2), ("-0.5", -0.5),
    ],
)  # fmt: skip
def test_words_and_numbers_of_every_yaml_version_are_typed(text: str, value: object) -> None:
    assert resolve(text) == (value, False)
    assert type(resolve(text)[0]) is type(value)


@pytest.mark.parametrize(
    "text",
    ["NO", "no", "Yes", "on", "Off", "y", "N", "010", "0o17", "0x1F", "0b11", "1_000", "1:30",
     "12:30:45", "1.", ".5", "1e3", "1.5e3_", ".inf", "-.INF", ".nan", "<<", "="],
)  # fmt: skip
def test_what_yaml_versions_disagree_on_is_text(text: str) -> None:
    value, _ = resolve(text)
    assert value == text


@pytest.mark.parametrize(
    "text",
    ["NO", "on", "010", "1:30", "0x1F", "1_000", "1e3", ".5", ".inf", "<<", "y", "1" * 5000,
     "-" + "1" * 301, "0" * 41, "1." + "1" * 400],
)  # fmt: skip
def test_what_yaml_versions_disagree_on_is_told(text: str) -> None:
    assert resolve(text)[1]


@pytest.mark.parametrize(
    "text",
    ["north", "yesterday", "192.168.20.11", "10.8.0.0/16", "2027-01-31", "8443/TCP", "-", "+", ".",
     "...", "-x", "a:b", "cn-hangzhou", "/path", "1.2.3", "1" * 5000 + "x", "nonsense"],
)  # fmt: skip
def test_ordinary_text_is_text_without_a_word(text: str) -> None:
    assert resolve(text) == (text, False)


@LAWS
@given(st.text(st.sampled_from("0123456789_:.+-eExob"), max_size=60))
def test_whatever_pyyaml_reads_as_something_else_is_typed_alike_or_told(text: str) -> None:
    value, told = resolve(text)
    try:
        theirs = yaml.safe_load(f"- {text}")[0] if text.strip("- ") else value
    except (yaml.YAMLError, ValueError):
        return
    if isinstance(theirs, int | float) and not told:
        assert value == theirs


def test_long_integers_are_integers_as_far_as_any_tool_reads_them() -> None:
    for digits in (18, 19, 30, 300):
        assert resolve("9" * digits) == (10**digits - 1, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-31", True),
        ("2027-1-31", False),
        ("2027-01-31T10:00:00Z", True),
        ("2027-1-3 10:00:00.5 +01:00", True),
        ("2027-01-31x", False),
        ("20270131", False),
        ("north", False),
        ("", False),
    ],
)
def test_a_day_and_a_time_of_yaml_1_1_are_known(text: str, expected: bool) -> None:
    assert is_date(text) is expected
    theirs = yaml.safe_load(f"- {text}")[0]
    assert isinstance(theirs, datetime.date) is expected


def test_long_hostile_digits_cost_nothing() -> None:
    start = time.thread_time()
    for text in ("0_" * 100_000 + "x", "1:" * 100_000, "-" + "0" * 200_000, "1" * 200_000 + ".x"):
        resolve(text)
    assert time.thread_time() - start < 10  # a slow machine's; what grows squared takes minutes
