"""Sentences in values are known again, and every one of them has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import gitopsd
from gitopsd.model.wording import SENTENCES, in_chinese, said
from gitopsd.planning.holds import HOLDS
from gitopsd.planning.holds_chinese import CHINESE

ROOT = Path(gitopsd.__file__).parent
#: Where values are made whose sentences end up on pages.
MAKERS = ("diff", "drift", "engine", "adapters")
#: Arguments that are such sentences, by name or by the call that they are the first of.
NAMED, CALLS = {"note", "conflict"}, {"Gap", "notes.append"}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_known_again_with_its_values(name: str) -> None:
    english, chinese = SENTENCES[name]
    values = {place: f"X{number}x" for number, place in enumerate(sorted(places(english)))}
    assert places(english) == places(chinese)
    assert in_chinese(said(name, **values)) == chinese.format(**values)
    assert re.search(r"[\u4e00-\u9fff]", chinese) or name in ("a-clb", "an-nlb")


def test_what_others_wrote_stays_as_it_is() -> None:
    assert in_chinese("migration of the shop") == "migration of the shop"


def test_values_that_are_sentences_are_put_into_chinese_too() -> None:
    inner = said("hold-because", path="Service/spec.type", facts="incident 4711")
    text = in_chinese(said("exception-holds", what=inner, until="2026-11-23"))
    assert (
        text
        == "对 Service/spec.type 的临时保留（incident 4711）生效中：2026-11-23 之前不处理相应漂移"
    )


def test_what_guards_say_stands_in_both_languages_with_the_same_values() -> None:
    assert set(CHINESE) == set(HOLDS)
    for name, (_, reason, release) in HOLDS.items():
        assert [places(text) for text in CHINESE[name]] == [places(reason), places(release)], name


def sentences(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that become a sentence of a value."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        yield from (k.value for k in node.keywords if k.arg in NAMED)
        if node.args and ast.unparse(node.func).endswith(tuple(CALLS)):
            yield from node.args[:2]


@pytest.mark.parametrize("package", MAKERS)
def test_no_sentence_is_made_past_the_table(package: str) -> None:
    """An English text that is put into a value by hand would be English on a Chinese page."""
    for path in (ROOT / package).rglob("*.py"):
        for node in sentences(ast.parse(path.read_text())):
            literal = isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
            )
            assert not literal, f"{path.name}:{node.lineno}: {ast.unparse(node)}"
