"""Label and field selectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.selectors import (
    Selection,
    SelectorError,
    parse_fields,
    parse_labels,
)
from gitopsd.sandbox.kubernetes.store import record_of


def matches(text: str, labels: dict[str, str]) -> bool:
    return all(one.matches(labels) for one in parse_labels(text))


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1,b!=2", {"a": "1"}, True),
        ("a!=1", {"a": "1"}, False),
        ("a in (1, 2)", {"a": "2"}, True),
        ("a in (1,2),b notin (3)", {"a": "3"}, False),
        ("a notin (1)", {}, True),
        ("a", {"a": ""}, True),
        ("!a", {"b": "1"}, True),
        ("a=", {"a": ""}, True),
        ("a in ()", {"a": ""}, True),
        ("n>5", {"n": "6"}, True),
        ("n<5", {"n": "x"}, False),
        ("x.io/a in (in,notin)", {"x.io/a": "notin"}, True),
    ],
)
def test_a_selector_picks_what_it_says(text: str, labels: dict[str, str], expected: bool) -> None:
    assert matches(text, labels) is expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "found 'b' expected: '('"),
        ("a=b c=d", "found 'c', expected: ',' or 'end of string'"),
        ("a=-x-", "a valid label must be an empty string or consist of"),
        ("-a=b", "name part must consist of alphanumeric characters"),
        ("a>x", "the value must be an integer"),
    ],
)
def test_a_broken_selector_is_refused_in_the_servers_words(text: str, why: str) -> None:
    with pytest.raises(SelectorError) as refusal:
        parse_labels(text)
    assert why in str(refusal.value)


@given(st.text(alphabet="ab=!,() innot<>", max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    why = ""
    try:
        found = parse_labels(text)
    except SelectorError as error:
        found, why = (), str(error)
    assert why or found or not text.strip()


def test_fields_are_compared_as_text_and_unknown_ones_refused() -> None:
    known = {"metadata.name": None, "metadata.namespace": None, "spec.type": None}
    readers = {"spec.type": lambda item: str(item["spec"]["type"])}
    item = {"metadata": {"name": "x", "namespace": "n"}, "spec": {"type": "T"}}
    record = record_of(item, 1)
    for text, expected in (
        ("metadata.name=x", True),
        ("metadata.name!=x", False),
        ("metadata.namespace==n,spec.type=T", True),
        ("spec.type!=T", False),
    ):
        assert Selection((), parse_fields(text, known), readers).matches(record) is expected
    with pytest.raises(SelectorError, match=r"field label not supported: spec\.x"):
        parse_fields("spec.x=1", known, lists_known=False)
    with pytest.raises(SelectorError, match="can't understand 'x'"):
        parse_fields("x", known)
