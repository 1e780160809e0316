"""What holds for every edit of every file: what was meant is there, and all else is as it was."""

from __future__ import annotations

import random
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.spec.editing import Edit, Insert, Put, Remove, applied, edited, without
from gitopsd.spec.yaml import load
from tests.unit.spec.editing.writing import Author

LAWS = settings(deadline=None, derandomize=True, max_examples=150)

_TEXT = st.sampled_from(
    ["tea", "https", "8443", "on", "", "a b", "it's", 'say "x"', "ü", "茶", "a: b", "#x", "- y"]
)
_SCALARS = st.integers(0, 70000) | st.booleans() | _TEXT
_KEYS = st.sampled_from(["name", "port", "weight", "app", "kubernetes.io/name", "茶", "x y"])
_SERVERS = st.lists(
    st.fixed_dictionaries({"ip": _TEXT, "port": st.integers(1, 9)}, optional={"weight": _SCALARS})
    | _SCALARS,
    max_size=4,
)
_SPECS = st.fixed_dictionaries(
    {"kind": _TEXT},
    optional={
        "pods": st.dictionaries(_KEYS, _SCALARS, max_size=3),
        "servers": _SERVERS,
        "deep": st.fixed_dictionaries({"list": _SERVERS, "map": st.dictionaries(_KEYS, _SCALARS)}),
        "port": _SCALARS,
    },
)
_FILES = st.lists(_SPECS, min_size=1, max_size=3)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path below the root."""
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [p for key, item in value.items() for p in places(item, (*path, key))]
    if isinstance(value, list):
        return found + [p for index, item in enumerate(value) for p in places(item, (*path, index))]
    return found


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@st.composite
def written(draw: st.DrawFn) -> tuple[list[Any], bytes]:
    """Documents, and a file that holds them."""
    documents = draw(_FILES)
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    author = Author(random.Random(draw(st.integers(0, 10**9))), eol)
    text = author.file(documents, ended=draw(st.booleans()))
    bom = "\ufeff" if draw(st.booleans()) else ""
    return documents, (bom + text).encode()


@st.composite
def an_edit(draw: st.DrawFn, document: Any) -> Edit:
    path = draw(st.sampled_from(places(document)))
    value = at(document, path)
    if isinstance(value, list):
        item = draw(st.fixed_dictionaries({"ip": _TEXT, "port": st.integers(1, 9)}))
        return Insert(path, item, draw(st.none() | st.integers(0, len(value))))
    if isinstance(value, dict):
        return Put((*path, draw(_KEYS)), draw(_SCALARS))
    if len(path) > 1 and draw(st.booleans()):
        return Remove(path)
    return Put(path, draw(_SCALARS))


def comments(content: bytes) -> set[str]:
    return set(re.findall(r"# [^\r\n]*? \d+(?=\r?\n|$)", content.decode()))


@LAWS
@given(st.data())
def test_an_edit_changes_one_value_and_no_other_byte(data: st.DataObject) -> None:
    documents, content = data.draw(written())
    assert [d.value for d in load(content).documents] == documents
    number = data.draw(st.integers(0, len(documents) - 1))
    edit = data.draw(an_edit(documents[number]))
    after = edited(content, number, [edit])
    assert after is not None
    wanted = list(documents)
    wanted[number] = applied(documents[number], [edit])
    assert [d.value for d in load(after).documents] == wanted
    if not isinstance(edit, Remove):
        assert comments(content) <= comments(after)
    untouched = without_common(content, after)
    assert len(untouched[0]) <= _longest(edit, content)


def without_common(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """What is left when what both begin and end with is taken away."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


def _longest(edit: Edit, content: bytes) -> int:
    """How much of a file an edit of this kind may replace: a value at most, or an entry."""
    lines = [len(line) for line in content.split(b"\n")]
    if isinstance(edit, Remove):
        return sum(sorted(lines)[-6:]) + 12
    return max(lines)


@LAWS
@given(st.data())
def test_a_document_leaves_its_file_alone(data: st.DataObject) -> None:
    documents, content = data.draw(written())
    number = data.draw(st.integers(0, len(documents) - 1))
    after = without(content, number)
    assert after is not None
    left = documents[:number] + documents[number + 1 :]
    assert [d.value for d in load(after).documents] == left
    before, now = without_common(content, after)
    assert now == b""
    assert len(before) == len(content) - len(after)
