from __future__ import annotations

import os
import re

import pytest

from gitopsd.rules import TABLE
from tests.golden.runner import VARIABLE, Case, cases, problems_text, rendered_text, state_of

WRITING = os.environ.get(VARIABLE) == "write"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_repository_becomes_what_it_always_became(case: Case) -> None:
    state = state_of(case.repository)
    rendered, problems = rendered_text(state), problems_text(state.problems)
    if WRITING:
        case.rendered.write_text(rendered, encoding="utf-8")
        case.problems.write_text(problems, encoding="utf-8")
    assert case.problems.read_text(encoding="utf-8") == problems
    assert case.rendered.read_text(encoding="utf-8") == rendered


def test_every_check_is_shown_by_a_case() -> None:
    told = "".join(case.problems.read_text(encoding="utf-8") for case in cases())
    assert set(TABLE) - set(re.findall(r"GX\d{4}", told)) == set()


def test_the_examples_have_no_errors() -> None:
    (examples,) = (case for case in cases() if case.name == "examples")
    assert [p for p in state_of(examples.repository).problems if p.is_error] == []
