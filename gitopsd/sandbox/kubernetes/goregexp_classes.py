"""Characters that a regular expression of Go's names by a class or an escape, as ranges."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

#: Code points from one to another, both included; sorted, apart from each other.
Ranges = tuple[tuple[int, int], ...]

_LAST: Final = sys.maxunicode


class ExpressionError(ValueError):
    """A text that is no regular expression of Go's; told as Go does."""


def _of(text: str) -> Ranges:
    """The ranges of a text such as `azAZ__`: two characters each."""
    pairs = zip(text[::2], text[1::2], strict=True)
    return merged((ord(low), ord(high)) for low, high in pairs)


def merged(ranges: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> Ranges:
    """Ranges in order, those that touch each other as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """All characters but those."""
    left, found = 0, []
    for low, high in ranges:
        if left < low:
            found.append((left, low - 1))
        left = high + 1
    return (*found, (left, _LAST)) if left <= _LAST else tuple(found)


def as_class(ranges: Ranges) -> str:
    """A class of Python's with these characters."""
    if not ranges:
        return r"[^\x00-\U0010ffff]"
    shown = [_escape(low) + (f"-{_escape(high)}" if low < high else "") for low, high in ranges]
    return "[" + "".join(shown) + "]"


def _escape(code: int) -> str:
    return f"\\U{code:08x}"


PERL: Final = {"d": _of("09"), "s": _of("\t\n\f\r  "), "w": _of("azAZ09__")}
_POSIX: Final = {
    "alnum": _of("09AZaz"), "alpha": _of("AZaz"), "ascii": _of("\0\x7f"), "blank": _of("\t\t  "),
    "cntrl": _of("\0\x1f\x7f\x7f"), "digit": _of("09"), "graph": _of("!~"), "lower": _of("az"),
    "print": _of(" ~"), "punct": _of("!/:@[`{~"), "space": _of("\t\r  "), "upper": _of("AZ"),
    "word": _of("09AZaz__"), "xdigit": _of("09AFaf"),
}  # fmt: skip


def posix(shown: str) -> Ranges:
    """The characters of a class such as `[:alpha:]` or `[:^alpha:]`.

    Raises:
        ExpressionError: there is no such class.
    """
    name = shown[2:-2]
    known = _POSIX.get(name.removeprefix("^"))
    if known is None:
        raise ExpressionError(f"invalid character class range: `{shown}`")
    return complement(known) if name.startswith("^") else known


@cache
def unicode_class(name: str) -> Ranges:
    """The characters of a general category (`L`, `Lu`) or of a script, known by their names; none
    where there is no such class.
    """
    if name == "Any":
        return ((0, _LAST),)
    script = {"Han": "CJK"}.get(name, name).upper() + " "
    codes = (
        code
        for code in range(_LAST + 1)
        if unicodedata.category(chr(code)).startswith(name)
        or (len(name) > 2 and unicodedata.name(chr(code), "").startswith(script))
    )
    return merged((code, code) for code in codes)


def category(text: str) -> tuple[Ranges, str]:
    r"""The characters of a class such as `\pL`, `\p{Lu}` or `\P{^Lu}`, and what comes behind it.

    Raises:
        ExpressionError: there is no such class.
    """
    end = text.find("}") + 1 if text[2:3] == "{" else 3
    if not end:
        raise ExpressionError(f"invalid character class range: `{text}`")
    shown, rest = text[:end], text[end:]
    name = shown[2:].strip("{}")
    found = unicode_class(name.removeprefix("^")) if name.removeprefix("^") else ()
    if not found:
        raise ExpressionError(f"invalid character class range: `{shown}`")
    return (complement(found) if (text[1] == "P") != name.startswith("^") else found), rest


_CONTROLS: Final = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_OCTAL, _HEX = "01234567", "0123456789abcdefABCDEF"


def escaped(text: str) -> tuple[int, str]:
    """The character that an escape at the beginning of a text stands for, and what is behind.

    Raises:
        ExpressionError: it stands for none.
    """
    if len(text) == 1:
        raise ExpressionError("trailing backslash at end of expression: ``")
    char, rest = text[1], text[2:]
    if (char in "1234567" and rest[:1] and rest[0] in _OCTAL) or char == "0":
        digits = char
        while len(digits) < 3 and rest[:1] and rest[0] in _OCTAL:
            digits, rest = digits + rest[0], rest[1:]
        return int(digits, 8), rest
    if char == "x":
        return _hexadecimal(text)
    if char in _CONTROLS:
        return _CONTROLS[char], rest
    if char < "\x80" and not char.isalnum():
        return ord(char), rest
    raise ExpressionError(f"invalid escape sequence: `{text[:2]}`")


def _hexadecimal(text: str) -> tuple[int, str]:
    if text[2:3] != "{":
        digits = text[2:4]
        if len(digits) == 2 and all(char in _HEX for char in digits):
            return int(digits, 16), text[4:]
        raise ExpressionError(f"invalid escape sequence: `{text[:4]}`")
    code, end = 0, 3
    while text[end : end + 1] and text[end] in _HEX and code <= _LAST:
        code, end = code * 16 + int(text[end], 16), end + 1
    if code > _LAST:
        raise ExpressionError(f"invalid escape sequence: `{text[:end]}`")
    if end == 3 or text[end : end + 1] != "}":
        raise ExpressionError(f"invalid escape sequence: `{text[: end + 1]}`")
    return code, text[end + 1 :]
