"""What users wrote, as it stands in a message: never longer than a line can hold."""

from __future__ import annotations

from typing import Any

from gitopsd.typography import shorten

#: A written value is told by so many characters.
VALUE = 60
#: A sentence of a message, with all that is named in it.
SENTENCE = 500


def brief(text: str) -> str:
    """A written text, its middle left out where it is long."""
    return shorten(text, VALUE)


def quoted(text: str) -> str:
    """A written text in quotes, on one line whatever it holds."""
    return repr(brief(text))


def sentence(text: str) -> str:
    """A sentence that names several written things, its middle left out where it is long."""
    return shorten(text, SENTENCE)


def told(value: Any) -> str:
    """A written value in words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f'the text "{brief(value)}"'
    return f"the number {brief(str(value))}"
