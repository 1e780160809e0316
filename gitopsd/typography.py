"""How texts for people are set: styles, values, numbers and columns; never what they say.

Styles are named by meaning, so that every output paints the same thing alike. The palette keeps
apart for all common kinds of colour blindness (cyan, yellow, magenta instead of green and red),
and no meaning rests on colour alone: a symbol or a word always stands beside it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

#: What stands for a value that is not there.
ABSENT = "(absent)"
ELLIPSIS = "…"
ARROW = "→"
#: Columns that a line has for its text, however far it is indented.
_ROOM = 20


class Meaning(StrEnum):
    """What a piece of text stands for; the value is its SGR code."""

    CREATE = "36"
    CHANGE = "33"
    DELETE = "35"
    WARNING = "1;33"
    ERROR = "1;35"
    GOOD = "36"
    STRONG = "1"
    QUIET = "2"


@dataclass(frozen=True, slots=True)
class Palette:
    """Paints text by meaning when `enabled`, and leaves it as it is otherwise."""

    enabled: bool = False

    def paint(self, text: str, meaning: Meaning) -> str:
        """`text` in the colour of `meaning`; empty text stays empty."""
        return f"\x1b[{meaning.value}m{text}\x1b[0m" if self.enabled and text else text


PLAIN = Palette()


def clean(text: str) -> str:
    """`text` with control and direction-changing characters made visible.

    Values come from files, clusters and clouds that others write; printed raw they could move the
    cursor, hide lines or reverse what stands there.
    """
    if text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char.isprintable() and unicodedata.category(char) != "Cf":
        return char
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return known.get(char) or (f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")


#: Up to so many members a flat mapping is written without braces and quotes.
_FLAT = 4
_AMBIGUOUS = re.compile(r"|true|false|null|on|off|yes|no|~|[-+]?[.\d][\d._eE+-]*|\(.*\)", re.I)


def value(content: Any) -> str:
    """A JSON value on one line; text is quoted only where it could be taken for something else."""
    if content is None:
        return ABSENT
    if isinstance(content, str):
        text = clean(content)
        odd = _AMBIGUOUS.fullmatch(text) or text != text.strip()
        return f'"{text}"' if odd else text
    if isinstance(content, Mapping) and 0 < len(content) <= _FLAT and _is_flat(content):
        return ", ".join(f"{clean(str(key))}: {value(item)}" for key, item in content.items())
    return clean(json.dumps(content, ensure_ascii=False, sort_keys=True))


def _is_flat(content: Mapping[str, Any]) -> bool:
    return all(item is not None and not isinstance(item, dict | list) for item in content.values())


def shorten(text: str, width: int) -> str:
    """`text`, its middle left out where it is longer than `width`."""
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    tail = width - 1 - head
    return text[:head] + ELLIPSIS + (text[-tail:] if tail else "")


def shorten_pair(old: str, new: str, width: int) -> tuple[str, str]:
    """Two texts, each at most about `width` long, with the part in which they differ left in.

    What both begin and end with is left out first, down to a few characters of context: two long
    annotations that differ in one number are told by that number.
    """
    if max(len(old), len(new)) <= width:
        return old, new
    limit = min(len(old), len(new))
    start = 0
    while start < limit and old[start] == new[start]:
        start += 1
    end = 0
    while end < limit - start and old[-1 - end] == new[-1 - end]:
        end += 1
    context = 24
    first, last = max(0, start - context), max(0, end - context)

    def cut(text: str) -> str:
        middle = text[first : len(text) - last]
        return (ELLIPSIS if first else "") + middle + (ELLIPSIS if last else "")

    return shorten(cut(old), width), shorten(cut(new), width)


def count(number: int, one: str, many: str = "") -> str:
    """`1 object`, `2 objects`; thousands are set apart by a comma."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def width_of(text: str) -> int:
    """Columns that `text` takes on a terminal: two for each ideograph, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def pad(text: str, width: int) -> str:
    """`text` with blanks behind it, up to `width` columns."""
    return text + " " * (width - width_of(text))


def wrap(text: str, indent: str = "", width: int | None = 100) -> list[str]:
    """`text` as lines no wider than `width` where words allow it, each with `indent` before it.

    With a `width` of None it is one line.
    """
    return hang(indent, text, width) if text else []


#: What a line is never broken inside of: a word, or an ideograph with the signs that belong to it
#: (none of those that close stands at the beginning of a line, none that open at its end).
_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_CLOSING = "，。、；：？！）》」】”"
_WORD = re.compile(" *[^ ]+")


@cache
def _piece() -> re.Pattern[str]:
    """Such a piece of a text that is not ASCII alone: a pattern that takes long to prepare."""
    return re.compile(f" *[（《「【“]*(?:[{_WIDE}]|[^ {_WIDE}]+)[{_CLOSING}]*")


def hang(start: str, text: str, width: int | None = 100, *, indent: str | None = None) -> list[str]:
    """`text` behind `start`; the lines that follow stand under the text, or behind `indent`.

    Only `text` is made safe to print. Its blanks are places to break a line, and Chinese may break
    between characters; with an `indent` also the place before it.
    """
    text = clean(text)
    if width is None:
        return [start + text]
    below = " " * width_of(start) if indent is None else indent
    lines, line, filled = [], start, width_of(below) < width_of(start)
    for piece in (_WORD if text.isascii() else _piece()).findall(text):
        if filled and width_of(line) + width_of(piece) > max(width, width_of(below) + _ROOM):
            lines.append(line.rstrip(" "))
            line = below + piece.lstrip(" ")
        else:
            line += piece
        filled = True
    return [*lines, line]


def fold(text: str, indent: str = "", width: int = 100, most: int = 8) -> list[str]:
    """`text` cut into lines of just the width, for values that have no blanks to break at.

    More than `most` lines are not written; the middle is left out.
    """
    room = max(width - width_of(indent), _ROOM)
    text = shorten(text, room * most)
    lines, line, taken = [], "", 0
    for char in text:
        columns_of = width_of(char)
        if taken + columns_of > room:
            lines.append(line)
            line, taken = "", 0
        line, taken = line + char, taken + columns_of
    return [indent + part for part in [*lines, line] if part]


def columns(rows: Sequence[Sequence[str]], gap: int = 2) -> list[str]:
    """Rows of cells, left-aligned in columns; the last cell of a row is not padded."""
    widths: list[int] = []
    for row in rows:
        for index, cell in enumerate(row):
            if index == len(widths):
                widths.append(0)
            widths[index] = max(widths[index], width_of(cell))
    return [
        (" " * gap)
        .join(
            cell if index == len(row) - 1 else pad(cell, widths[index])
            for index, cell in enumerate(row)
        )
        .rstrip()
        for row in rows
    ]


def code(text: str) -> str:
    """`text` as a Markdown code span that nothing in it can end, usable inside a table."""
    text = clean(text).replace("|", "\\|") or " "
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~])")
#: Before what the forges make a link of: people, issues, merge requests, milestones (`%v1`), epics
#: and entities (`&5`), snippets (`$5`), issues by name (`GH-7`), and addresses.
_MENTION = re.compile(
    r"([@#!%&$])(?=\w)|\b(GH)(?=-\d)|\b(https?|ftp|mailto|xmpp)(?=:)|\b(www)(?=\.)", re.I
)


#: What means something at the beginning of a line: headings, lists, rules, commands of a forge.
_LEADING = re.compile(r"^( *)(?=#{1,6}(?:\s|$)|[+-](?:\s|$)|[=-]+$|/[a-zA-Z])")


def markdown(text: str) -> str:
    """`text` as plain Markdown: nothing in it is taken for markup, a mention or a link."""
    text = _MENTION.sub(r"\g<0><!-- -->", _MARKDOWN.sub(r"\\\1", clean(text)))
    return _LEADING.sub(r"\1\\", text)
