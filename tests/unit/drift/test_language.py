"""Both languages say everything, and say nothing that no page asks for."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from gitopsd.drift import render
from gitopsd.drift.render import LANGUAGES, Words, page_html
from gitopsd.drift.render.texts import TEXTS
from gitopsd.model.outlook import Action
from gitopsd.model.reason import Reason
from gitopsd.model.report import RemedyKind, Resolution
from gitopsd.model.traffic import Place, Takes
from gitopsd.model.verdict import Cause, State, WaitingFor
from tests.unit.drift.staging import PAGES

#: Families of keys whose last part is a value of one of these.
FAMILIES: dict[str, type[StrEnum]] = {
    "state": State,
    "reason": Reason,
    "action": Action,
    "rows": Action,
    "resolution": Resolution,
    "place": Place,
    "traffic.shadow": Takes,
    "waiting": WaitingFor,
    "text.cause": Cause,
    "remedy": RemedyKind,
}
#: Families of which the pages use these.
BUILT = {
    "state": {"waiting", "unheard"},
    "page": {"drifted", "unknown", "changed"},
    "action": {"manual", "manual-rest"},
    "change": {"correct", "hold", "withhold"},
    "table": {"path", "wanted", "found", "resource", "reason", "paths"},
    "text.mode": {"Report", "Ignore"},
    "traffic": {"requests", "connections"},
    "traffic.by": {"change", "ignored"},
}
#: Texts that are words in English and only signs in Chinese.
SIGNS = {"text.at"}
SOURCES = "".join(
    path.read_text()
    for path in Path(render.__file__).parent.glob("*.py")
    if path.name != "texts.py"
)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_stands_in_both_languages_with_the_same_places() -> None:
    for key, (english, chinese) in TEXTS.items():
        assert english, key
        assert chinese or key == "space", key
        assert places(english) == places(chinese), key


def test_where_the_english_has_words_the_chinese_is_chinese() -> None:
    for key, texts in TEXTS.items():
        english, chinese = (re.sub(r"\{\w+\}", "", text) for text in texts)
        if re.search(r"[A-Za-z]", english) and key not in SIGNS:
            assert re.search(r"[\u4e00-\u9fff]", chinese), key
        assert not re.search(r"[\u4e00-\u9fff][,;:!?()]", chinese), f"{key}: full-width signs"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_value_has_its_words(family: str) -> None:
    assert {f"{family}.{value}" for value in FAMILIES[family]} <= set(TEXTS)


def test_no_text_is_unused() -> None:
    for key in TEXTS:
        family, _, last = key.rpartition(".")
        values = {*FAMILIES.get(family, ()), *BUILT.get(family, ())}
        built = f"{family}.{{" in SOURCES and last in values
        assert built or f'"{key}"' in SOURCES or f"'{key}'" in SOURCES, key


def test_an_unknown_key_is_an_error() -> None:
    for language in LANGUAGES:
        with pytest.raises(KeyError):
            Words(language)("no.such.text")


#: What is quoted as it is: paths, names, values, and what an API answered.
QUOTED = re.compile(r"<code>.*?</code>|<style>.*?</style>|<[^>]*>", re.DOTALL)
ENGLISH_WORDS = re.compile(r"(?:\b[a-z]{2,}\b[ ,;:]+){3,}[a-z]{2,}")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_chinese_has_no_english_sentence(name: str) -> None:
    text = QUOTED.sub(" \n", page_html([PAGES[name]()], Words("zh")))
    found = [said for said in ENGLISH_WORDS.findall(text) if "answered" not in said]
    assert found == []
