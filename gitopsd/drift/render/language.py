"""Picking the texts of one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gitopsd.drift.render.texts import TEXTS
from gitopsd.model.wording import in_chinese

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language, by key."""

    language: Language = "en"

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of `key` with its places filled in; raises KeyError for an unknown key."""
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)

    def quoted(self, text: str) -> str:
        """A sentence of a value in this language; what others have written as it is."""
        return in_chinese(text) if self.language == "zh" else text

    def percent(self, number: float) -> str:
        """`20 %`, `33.3 %`; no blank in Chinese."""
        return f"{number:g}{self('percent')}"

    def list(self, items: Iterable[str]) -> str:
        """`a, b`."""
        return self("comma").join(items)


ENGLISH = Words()
