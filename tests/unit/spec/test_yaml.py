"""The loader: values with places, and problems instead of surprises."""

from __future__ import annotations

import time

import pytest

from gitopsd.model.position import Position
from gitopsd.spec.building import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS, LoadedDocument
from gitopsd.spec.places import PathTable
from gitopsd.spec.yaml import MAX_BYTES, LoadedFile, load
from tests.unit.spec.sources import ids, only, place


def one(text: str) -> LoadedDocument:
    file = load(text.encode())
    assert file.complete
    assert not file.problems
    (document,) = file.documents
    return document


def all_problems(file: LoadedFile) -> list[str]:
    return [*ids(file.problems), *(p.id for d in file.documents for p in d.problems)]


def test_every_key_and_value_has_its_place() -> None:
    document = one("a: 1\nb:\n  - c: x\n    d: [2, 'y']\n")
    assert document.value == {"a": 1, "b": [{"c": "x", "d": [2, "y"]}]}
    assert document.values == {
        (): (1, 1),
        ("a",): (1, 4),
        ("b",): (3, 3),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 8),
        ("b", 0, "d"): (4, 8),
        ("b", 0, "d", 0): (4, 9),
        ("b", 0, "d", 1): (4, 12),
    }
    assert document.keys == {
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", 0, "c"): (3, 5),
        ("b", 0, "d"): (4, 5),
    }


def test_columns_count_characters_not_bytes() -> None:
    assert one("größe: {é: 1, b: 2}\n").values[("größe", "b")] == (1, 18)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert load(b"\xef\xbb\xbfa: 1\n").documents[0].keys == {("a",): (1, 1)}


def test_documents_know_where_in_the_file_they_start() -> None:
    file = load(b"a: 1\n---\n\n# note\nb: 2\n---\n")
    assert [(d.value, d.place) for d in file.documents] == [({"a": 1}, (1, 1)), ({"b": 2}, (5, 1))]


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a note\n", "---\n", "---\n---\n...\n", "null\n"]
)
def test_empty_documents_are_no_documents(text: str) -> None:
    assert load(text.encode()) == LoadedFile()


def test_a_key_twice_names_both_places_and_the_first_value_stays() -> None:
    document = one("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 1, "b": {"c": 1}}
    assert [(p.id, place(p)) for p in document.problems] == [
        ("GX0005", (2, 11)),
        ("GX0005", (3, 1)),
    ]
    assert "line 1" in document.problems[1].what
    assert document.broken == {("a",), ("b", "c")}


def test_anchors_aliases_and_tags_are_refused_where_they_stand() -> None:
    document = one("a: &x {b: 1}\nc: *x\nd: !!str 1\ne: !own [1]\n&k f: 1\n")
    assert [(p.id, place(p)) for p in document.problems] == [
        ("GX0006", (1, 4)),
        ("GX0006", (2, 4)),
        ("GX0007", (3, 4)),
        ("GX0007", (4, 4)),
        ("GX0006", (5, 1)),
    ]
    assert document.value["c"] is None


def test_an_alias_of_nothing_is_refused_like_any_other() -> None:
    assert ids(one("a: *nothing\n").problems) == ["GX0006"]


def test_a_million_laughs_stay_as_small_as_they_are_written() -> None:
    lines = ["l0: &l0 ha"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    document = one("\n".join(lines))
    assert document.value["l9"] == [None] * 9


@pytest.mark.parametrize("text", ["? [a]\n: 1\n", "{a: 1}: 2\n", "? {a: {b: [c]}}\n", "*x : 1\n"])
def test_a_key_must_be_text(text: str) -> None:
    assert ids(one(text).problems) == ["GX0010"]


def test_what_follows_an_odd_key_is_read_all_the_same() -> None:
    assert one("? [a, [b]]\n: {c: 1}\nd: 2\n").value == {"?": {"c": 1}, "d": 2}


def test_ambiguous_words_are_text_and_told_for_keys_too() -> None:
    document = one("a: NO\non: [010, 1:30, 'NO', \"on\"]\n")
    assert document.value == {"a": "NO", "on": ["010", "1:30", "NO", "on"]}
    assert [place(p) for p in document.problems] == [(1, 4), (2, 1), (2, 6), (2, 11)]
    assert not any(problem.is_error for problem in document.problems)


def test_quoted_text_is_never_anything_else() -> None:
    assert one("[\"1\", 'true', \"null\", '~', '']\n").value == ["1", "true", "null", "~", ""]


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("a: b: c\n", "colon", (1, 5)),
        ("a:\n\tb: 1\n", "tab", (2, 1)),
        ("a: [1, 2\n", "list that begins in line 1 is not closed", (1, 9)),
        ("a: {b: 1\n", "mapping that begins in line 1 is not closed", (1, 9)),
        ("a: 'x\nb: 1\n", "begins in line 1 is not closed", (2, 5)),
        ("a: @x\n", "cannot start with @", (1, 4)),
        ("a:\n  - b\n c: d\n", "does not fit the mapping", (3, 2)),
        ("a: b\n...\nc: d\n", "new one", (3, 1)),
        ("%YAML 9.9\n---\na: 1\n", "YAML", (1, 1)),
    ],
)  # fmt: skip
def test_a_syntax_error_is_told_in_plain_words(text: str, words: str, at: tuple[int, int]) -> None:
    file = load(text.encode())
    problem = only(file.problems)
    assert problem.id == "GX0001"
    assert words.lower() in problem.what.lower()
    assert place(problem) == at
    assert not file.complete


def test_documents_before_a_syntax_error_are_kept() -> None:
    file = load(b"a: 1\n---\nb: 2\n---\nc: [\n---\nd: 4\n")
    assert [d.value for d in file.documents] == [{"a": 1}, {"b": 2}]
    assert not file.complete


@pytest.mark.parametrize(
    ("content", "id_", "at"),
    [
        (b"a: 1\nb: \xff\n", "GX0003", (2, 4)),
        ("é: ".encode() + b"\xc3", "GX0003", (1, 4)),
        (b"a: 1\n b\x00: 2\n", "GX0004", (2, 3)),
        ("a: x\u2028b\n".encode(), "GX0004", (1, 5)),
        (b"a: 1\x7f\n", "GX0004", (1, 5)),
        ("a: 1".encode("utf-16"), "GX0003", (1, 1)),
    ],
)
def test_bytes_that_are_no_text_are_told_with_their_place(
    content: bytes, id_: str, at: tuple[int, int]
) -> None:
    file = load(content)
    assert (only(file.problems).id, place(only(file.problems))) == (id_, at)
    assert not file.complete


def test_an_escape_for_a_control_character_is_refused_where_it_stands() -> None:
    problem = only(one('a: "x\\0y"\nb: "tab\\tand\\u2028line"\n').problems)
    assert (problem.id, place(problem)) == ("GX0004", (1, 4))


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\u2028", "\ufeff"])
def test_the_mend_for_a_control_character_is_not_refused_in_turn(character: str) -> None:
    mend = only(load(f"a: x{character}y\n".encode()).problems).mend
    escape = f"\\u{ord(character):04X}"
    refused = bool(one(f'a: "x{escape}y"\n').problems)
    assert (escape in mend) is not refused


def test_a_file_above_the_limit_is_not_read() -> None:
    assert ids(load(b"#" * MAX_BYTES).problems) == []
    file = load(b"#" * (MAX_BYTES + 1))
    assert ids(file.problems) == ["GX0002"]
    assert only(file.problems).what == "The file has 262,145 bytes; at most 262,144 bytes are read."
    assert only(file.problems).position == Position("", 1, 1)
    assert not file.complete


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "[[{x: ", "{? [", "- - ? "])
def test_nesting_without_end_meets_the_limit_at_once(unit: str) -> None:
    start = time.thread_time()
    file = load((unit * 60_000)[:MAX_BYTES].encode())
    assert time.thread_time() - start < 20
    assert "GX0008" in all_problems(file)
    assert not file.complete


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert load(text.encode()).complete
    assert all_problems(load(f"[{text}]".encode())) == ["GX0008"]


def test_what_stands_before_the_limit_is_kept() -> None:
    file = load(b"a: {name: x}\nb: " + b"[" * 1000)
    assert file.documents[0].value["a"] == {"name": "x"}


def test_too_many_values_meet_the_limit() -> None:
    assert load(b"[" + b"1," * (MAX_NODES - 1) + b"]").complete
    file = load(b"[" + b"1," * MAX_NODES + b"]")
    assert all_problems(file) == ["GX0009"]
    assert not file.complete


def test_the_list_of_problems_has_an_end() -> None:
    document = one("a: 1\n" + "a: NO\n" * 5000)
    told = [problem.is_error for problem in document.problems]
    assert told == [True] * MAX_PROBLEMS + [False] * MAX_PROBLEMS


def test_warnings_never_take_the_place_of_an_error() -> None:
    document = one("".join(f"k{n}: NO\n" for n in range(500)) + "k0: 1\n")
    assert [p.id for p in document.problems if p.is_error][-1:] == ["GX0005"]


@pytest.mark.parametrize(
    "unit",
    ["? ", ": ", "a: |\n", "&a ", "*a ", "!a ", "%TAG !a! b\n", "# x\n", "--- ", "...\n", "- a\n",
     '"', "\\", '"\\n', "'a' ", ">", "a: >+\n\n", "{", ",", "[a: ", "{[a]: 1, ", "\n", "a\n", "  ",
     "a:\n ", "x" * 1000 + ": ", "0_", "1:"],
)  # fmt: skip
def test_no_pattern_repeated_to_the_limit_costs_more_than_a_few_seconds(unit: str) -> None:
    start = time.thread_time()
    load((unit * (MAX_BYTES // len(unit))).encode())
    assert time.thread_time() - start < 30  # a slow machine's; what grows squared takes minutes


def test_documents_share_the_paths_they_have_in_common() -> None:
    paths = PathTable()
    first, second = (load(b"a: {b: [1]}\n", paths).documents[0] for _ in range(2))
    mine = {path: path for path in first.values}
    assert all(mine[path] is path for path in second.values)
