"""Compiling is a function of the text: it gives a program or says what is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.cel import CompilationError, EvaluationError, Type, compiled, types

SELF = Type(
    "object",
    "selfType",
    fields={
        "i": types.INT,
        "s": types.STRING,
        "l": types.list_of(types.STRING),
        "m": types.map_of(types.STRING, types.INT),
        "any": types.DYN,
    },
)
VALUE = {"i": 3, "s": "a", "l": ["a", "b"], "m": {"a": 1}, "any": "x"}
WORDS = (
    "self", ".", "i", "s", "l", "m", "any", "(", ")", "[", "]", "{", "}", ",", ":", "?", "!", "-",
    "+", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in", "has", "all", "exists", "map",
    "filter", "x", "size", "matches", "format", "1", "2u", "1.5", "'a'", '"', "null", "true",
    "duration", "optional", "of", " ", "\n", "`", "\\", "ä",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_text_is_compiled_or_refused(words: list[str]) -> None:
    try:
        program = compiled("".join(words), {"self": SELF})
    except CompilationError as error:
        assert str(error).startswith("ERROR: <input>:")  # noqa: PT017 - either way is right
        return
    try:
        program.check()
        program.run({"self": VALUE})
    except EvaluationError as error:
        assert str(error)  # noqa: PT017 - a value is as right


OPERANDS = (
    "self.i", "self.s", "self.l", "self.m", "self.any", "1", "2.5", "'a'", "true", "null",
    "[1, 2]", "{'a': 1}", "duration('1h')", "timestamp('2026-01-01T00:00:00Z')", "1u", "b'a'",
    "optional.of(1)", "quantity('1')", "ip('::1')", "type(1)", "self.l.map(x, x)",
)  # fmt: skip
OPERATORS = ("==", "!=", "<", ">=", "+", "-", "*", "/", "%", "&&", "||", "in")


@given(st.sampled_from(OPERANDS), st.sampled_from(OPERATORS), st.sampled_from(OPERANDS))
def test_what_the_checker_lets_pass_has_a_value_or_says_why_not(a: str, by: str, b: str) -> None:
    try:
        program = compiled(f"dyn({a}) {by} {b}", {"self": SELF})
    except CompilationError:
        return
    try:
        program.run({"self": VALUE})
    except EvaluationError as error:
        assert str(error)  # noqa: PT017 - a value is as right


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("self.nope > 1", "1:5: undefined field 'nope'\n | self.nope > 1\n | ....^"),
        (
            "self.s ==\n  'ä' ||\tself.nope",
            "2:14: undefined field 'nope'\n |   'ä' || self.nope\n | ...．.........^",
        ),
    ],
)
def test_a_fault_is_shown_with_its_line_and_a_mark(source: str, why: str) -> None:
    with pytest.raises(CompilationError) as caught:
        compiled(source, {"self": SELF})
    assert str(caught.value) == f"ERROR: <input>:{why}"


def test_a_program_knows_which_variables_it_speaks_of() -> None:
    program = compiled("self.l.all(x, x != 'oldSelf')", {"self": SELF})
    assert program.uses("self")
    assert not program.uses("oldSelf")


def test_who_needs_no_rules_does_not_load_their_compiler() -> None:
    code = "import sys, gitopsd.sandbox.embedded; sys.exit('gitopsd.sandbox.cel' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
