from __future__ import annotations

import re
from pathlib import Path

from gitopsd.rules import TABLE
from gitopsd.rules.reference import SECTIONS, page
from gitopsd.rules.table import listed
from gitopsd.spec.problems import READING
from tests.unit.rules.repository import fleet, layer4, problems, target

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"


def test_ids_are_unique_and_belong_to_a_section() -> None:
    for id_, rule in TABLE.items():
        assert re.fullmatch(r"GX\d{4}", id_)
        assert id_[2:4] in SECTIONS
        assert rule.id == id_
    assert not set(TABLE) & set(READING)


def test_a_function_is_one_row() -> None:
    functions = [rule.check for rule in TABLE.values()]
    assert len(functions) == len(set(functions))


def test_every_row_says_why_it_matters_and_how_to_mend_it() -> None:
    for rule in TABLE.values():
        assert rule.title[0].islower() or rule.title.split()[0] in {"ALB", "Hybrid", "ServerGroup",
                                                                     "Service"}  # fmt: skip
        assert not rule.title.endswith(".")
        assert rule.why.endswith("."), rule.id
        assert rule.mend.endswith("."), rule.id


def test_every_function_says_what_it_finds() -> None:
    assert [rule.id for rule in TABLE.values() if not rule.check.__doc__] == []


def test_the_reference_page_is_the_one_that_the_tables_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_words_are_listed_as_people_write_them() -> None:
    assert [listed([]), listed(["a"]), listed("ab"), listed("abc", "or")] == [
        "", "a", "a and b", "a, b or c",
    ]  # fmt: skip


def test_what_is_true_at_every_target_is_told_once_for_all() -> None:
    both = fleet(target("a"), target("b", kubeContext="b"))
    document = layer4("NLB", targets=["a", "b"], sessionPersistence={"timeoutSeconds": 60})
    (problem,) = problems(both, document)
    assert (problem.id, problem.target) == ("GX0325", None)


def test_what_is_true_at_one_target_is_told_for_it() -> None:
    both = fleet(target("a"), target("b", kubeContext="b", nlb=None))
    (problem,) = problems(both, layer4("NLB", targets=["a", "b"]))
    assert (problem.id, problem.target) == ("GX0328", "b")
