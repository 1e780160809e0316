"""What the YAML parser's complaints mean, in words for the author of the file."""

from __future__ import annotations

from typing import Any

import yaml

from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.problems import found

#: The parser's words -> (what is wrong, how to mend it). `{opened}` is where the part began.
_MEANINGS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": (
        "A colon is not allowed here",
        "Put text that holds a colon in quotes, or check the indentation of this line.",
    ),
    "did not find expected key": (
        "This line does not fit the mapping that begins{opened}",
        "Line it up with the other keys of that mapping.",
    ),
    "could not find expected ':'": (
        "There is no colon after this key",
        "Write `key: value`; text over several lines is better put in quotes.",
    ),
    "did not find expected '-' indicator": (
        "This line does not fit the list that begins{opened}",
        "Line it up with the other entries of that list.",
    ),
    "block sequence entries are not allowed in this context": (
        "A list entry is not allowed here",
        "Put the hyphen on a line of its own below the key.",
    ),
    "did not find expected ',' or ']'": (
        "The list that begins{opened} is not closed",
        "Put a comma between its entries and ] at its end.",
    ),
    "did not find expected ',' or '}'": (
        "The mapping that begins{opened} is not closed",
        "Put a comma between its entries and } at its end.",
    ),
    "found unexpected end of stream": (
        "The quoted text that begins{opened} is not closed",
        "Close it with the same quote.",
    ),
    "found unexpected document indicator": (
        "The quoted text that begins{opened} is not closed before the next document",
        "Close it with the same quote.",
    ),
    "did not find expected node content": (
        "Something is missing here: a value, or a closing bracket",
        "Close what is open, and put text that starts with a special character in quotes.",
    ),
    "did not find expected <document start>": (
        "The document before has ended, and this is no new one",
        "Start a new document with a line `---`, or check the indentation.",
    ),
}


def explain(error: yaml.YAMLError, text: str) -> Problem:
    """A syntax error as a problem at its place; the place lies within `text`."""
    mark = getattr(error, "problem_mark", None)
    raw = getattr(error, "problem", None)
    position, character = _locate(mark, text)
    opened = getattr(error, "context_mark", None)
    if raw == "found character that cannot start any token":
        what, mend = _stray(character)
    elif raw in _MEANINGS:
        what, mend = _MEANINGS[raw]
        what = what.format(opened=f" in line {opened.line + 1}" if opened else " before")
    else:
        what, mend = str(raw or "The text cannot be read").capitalize(), ""
    return found("GX0001", f"{what}.", position, mend=mend)


def _locate(mark: Any, text: str) -> tuple[Position, str]:
    """The place of `mark`, drawn back into the text where it lies behind its end."""
    lines = text.splitlines() or [""]
    if mark is None:
        return Position("", 1, 1), ""
    if mark.line >= len(lines):
        return Position("", len(lines), len(lines[-1]) + 1), ""
    line = lines[mark.line]
    return Position("", mark.line + 1, mark.column + 1), line[mark.column : mark.column + 1]


def _stray(character: str) -> tuple[str, str]:
    if character == "\t":
        return "A tab cannot be used for indentation", "Indent with spaces."
    return (
        f"A value cannot start with {character}" if character else "A value cannot start here",
        "Put the text in quotes.",
    )
