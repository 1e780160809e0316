"""Every rule of the compiler says in both languages why a field has its value."""

from __future__ import annotations

from gitopsd.compiler.catalogue import RULES
from gitopsd.compiler.catalogue_chinese import CHINESE


def test_each_rule_has_a_sentence_in_chinese_and_no_other_has() -> None:
    assert list(CHINESE) == list(RULES)
    assert all(CHINESE.values())
