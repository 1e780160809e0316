"""Texts for people: nothing in a value can steer a terminal or a Markdown page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.typography import (
    ABSENT,
    PLAIN,
    Meaning,
    Palette,
    clean,
    code,
    columns,
    count,
    fold,
    hang,
    markdown,
    shorten,
    shorten_pair,
    value,
    width_of,
    wrap,
)

TEXT = st.text()
ESCAPES = "a\x1b[2Jb\r\n\u202ec\u200bd\x07"


def test_control_characters_are_shown_and_not_sent() -> None:
    assert clean(ESCAPES) == "a\\x1b[2Jb\\r\\n\\u202ec\\u200bd\\x07"


@given(TEXT)
def test_cleaned_text_is_printable(text: str) -> None:
    assert clean(text).isprintable()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (None, ABSENT),
        ("tea", "tea"),
        ("", '""'),
        ("true", '"true"'),
        (True, "true"),
        ("80", '"80"'),
        (80, "80"),
        ("on", '"on"'),
        (ABSENT, f'"{ABSENT}"'),
        (" tea", '" tea"'),
        ({"b": 1, "a": ["ü"]}, '{"a": ["ü"], "b": 1}'),
    ],
)
def test_a_value_is_never_taken_for_another_one(content: object, shown: str) -> None:
    assert value(content) == shown


@given(TEXT, st.integers(min_value=3, max_value=60))
def test_a_shortened_text_is_no_longer_than_asked(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= max(width, 3)


def test_two_long_texts_are_told_by_what_differs() -> None:
    head, tail = "x" * 200, "y" * 200
    old, new = shorten_pair(f"{head}30{tail}", f"{head}40{tail}", 80)
    assert "30" in old
    assert "40" in new
    assert max(len(old), len(new)) <= 80


@given(TEXT, TEXT, st.integers(min_value=60, max_value=200))
def test_different_texts_that_fit_stay_as_they_are(old: str, new: str, width: int) -> None:
    if max(len(old), len(new)) <= width:
        assert shorten_pair(old, new, width) == (old, new)


@given(TEXT)
def test_a_code_span_cannot_be_ended_from_within(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)


def test_markdown_text_mentions_nobody_and_marks_nothing_up() -> None:
    text = markdown("<b>*see* @team about #12 [x](y)")
    assert text == r"\<b\>\*see\* @<!-- -->team about #<!-- -->12 \[x\](y)"


def test_colours_appear_only_where_they_are_wanted() -> None:
    assert PLAIN.paint("tea", Meaning.CREATE) == "tea"
    assert Palette(enabled=True).paint("tea", Meaning.CREATE) == "\x1b[36mtea\x1b[0m"
    assert Palette(enabled=True).paint("", Meaning.CREATE) == ""


def test_columns_line_up_and_end_without_blanks() -> None:
    assert columns([("a", "long", "z"), ("longer", "b")]) == ["a       long  z", "longer  b"]


def test_counts_agree_with_their_nouns() -> None:
    assert (count(1, "step"), count(2_000, "step"), count(0, "copy", "copies")) == (
        "1 step",
        "2,000 steps",
        "0 copies",
    )


@given(TEXT, st.integers(min_value=30, max_value=120))
def test_wrapped_lines_keep_every_character(text: str, width: int) -> None:
    assert "".join("".join(wrap(text, "  ", width)).split()) == "".join(clean(text).split())


@given(st.text(st.characters(max_codepoint=0x2E7F)), st.integers(min_value=30, max_value=120))
def test_wrapped_lines_keep_every_word(text: str, width: int) -> None:
    assert " ".join(line.strip() for line in wrap(text, "  ", width)).split() == clean(text).split()


def test_chinese_breaks_between_characters_and_never_before_a_comma() -> None:
    text = "访问的请求中，有一部分现在转发到另一个服务器组，而不是原来的（权重已改变）。"
    lines = wrap(text, "  ", 30)
    assert "".join(line.strip() for line in lines) == text
    assert all(width_of(line) <= 32 for line in lines)
    assert not any(line.strip()[0] in "，。）" for line in lines)


@given(TEXT)
def test_a_text_without_a_width_is_one_line(text: str) -> None:
    assert hang("why  ", text, None) == [f"why  {clean(text)}"]


def test_what_follows_stands_under_the_text_or_behind_the_given_indent() -> None:
    text = "weights of the group are not all the same"
    assert hang("  ! ", text, 30) == [
        "  ! weights of the group are",
        "    not all the same",
    ]
    assert hang("file.yaml:1:1: error ", text, 30, indent="  ") == [
        "file.yaml:1:1: error weights",
        "  of the group are not all the",
        "  same",
    ]


def test_a_long_first_word_goes_below_where_that_is_nearer_to_the_margin() -> None:
    assert hang("a/long/place: ", "spec.loadBalancer.scheme", 30, indent="  ") == [
        "a/long/place:",
        "  spec.loadBalancer.scheme",
    ]


def test_ideographs_take_two_columns_and_accents_none() -> None:
    assert (width_of("tea"), width_of("茶"), width_of("e\u0301")) == (3, 2, 1)
    assert columns([("茶叶", "x"), ("tea", "y")]) == ["茶叶  x", "tea   y"]


@given(st.text(alphabet="茶 ab", min_size=1), st.integers(min_value=30, max_value=60))
def test_folded_lines_are_no_wider_than_asked_and_lose_nothing(text: str, width: int) -> None:
    lines = fold(text, "  ", width, most=1000)
    assert max(width_of(line) for line in lines) <= width
    assert "".join(line.removeprefix("  ") for line in lines) == text


@given(st.lists(st.text(alphabet="茶a", min_size=1, max_size=8)), st.integers(30, 80))
def test_no_wrapped_line_is_wider_than_asked(words: list[str], width: int) -> None:
    assert all(width_of(line) <= width for line in wrap(" ".join(words), "  ", width))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("see https://evil.example/x", "see https<!-- -->://evil.example/x"),
        ("www.evil.example", "www<!-- -->.evil.example"),
        ("GH-7 and gh-8", "GH<!-- -->-7 and gh<!-- -->-8"),
        ("%v1 &5 $3", "%<!-- -->v1 &<!-- -->5 $<!-- -->3"),
        ("&lt;b>", "&<!-- -->lt;b\\>"),
        ("80 % of a & b", "80 % of a & b"),
    ],
)
def test_nothing_in_plain_markdown_becomes_a_link_of_a_forge(written: str, told: str) -> None:
    assert markdown(written) == told
