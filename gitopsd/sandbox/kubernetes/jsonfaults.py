"""What is wrong with text that is no JSON, said as Go's scanner says it."""

from __future__ import annotations

import re
from typing import Final

from gitopsd.sandbox.kubernetes.gotext import quote

_ENDED: Final = "unexpected end of JSON input"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DIGITS: Final = re.compile(r"[0-9]*")
_LITERALS: Final = ("true", "false", "null")
_ESCAPED: Final = '"\\/bfnrt'
_HEX: Final = re.compile(r"[0-9a-fA-F]{4}")
_VALUE: Final = "looking for beginning of value"
_KEY: Final = "looking for beginning of object key string"


class _FoundError(Exception):
    """The first fault of a text."""


def complaint(body: bytes) -> str:
    """The first thing that is wrong with a text; "" for JSON."""
    try:
        text, is_bytes = body.decode(), False
    except UnicodeDecodeError:
        text, is_bytes = body.decode("latin-1"), True
    scanner = _Scanner(text, is_bytes)
    try:
        scanner.value(_VALUE)
        scanner.space()
        if scanner.at < len(text):
            scanner.refuse("after top-level value")
    except _FoundError as found:
        return str(found)
    return ""


class _Scanner:
    def __init__(self, text: str, is_bytes: bool) -> None:
        self._text = text
        self._is_bytes = is_bytes
        self.at = 0

    def space(self) -> None:
        match = _SPACE.match(self._text, self.at)
        self.at = match.end() if match else self.at

    def _next(self) -> str:
        if self.at >= len(self._text):
            raise _FoundError(_ENDED)
        return self._text[self.at]

    def refuse(self, where: str) -> None:
        char = self._next()
        shown = {"'": r"'\''", '"': "'\"'"}.get(char) or f"'{quote(char)[1:-1]}'"
        if self._is_bytes and char >= "\x80":
            shown = f"'\\x{ord(char):02x}'"
        raise _FoundError(f"invalid character {shown} {where}")

    def value(self, where: str) -> None:
        self.space()
        char = self._next()
        if char == "{":
            self._members()
        elif char == "[":
            self._items()
        elif char == '"':
            self._string()
        elif char == "-" or char in "0123456789":
            self._number()
        elif char in "tfn":
            self._literal(next(one for one in _LITERALS if one[0] == char))
        else:
            self.refuse(where)

    def _members(self) -> None:
        if self._empty("}"):
            return
        while True:
            self.space()
            if self._next() != '"':
                self.refuse(_KEY)
            self._string()
            self.space()
            if self._next() != ":":
                self.refuse("after object key")
            self.at += 1
            self.value(_VALUE)
            if self._ended("}", "after object key:value pair"):
                return

    def _items(self) -> None:
        if self._empty("]"):
            return
        while True:
            self.value(_VALUE)
            if self._ended("]", "after array element"):
                return

    def _empty(self, end: str) -> bool:
        """Whether the list that begins here ends at once."""
        self.at += 1
        self.space()
        if self._next() != end:
            return False
        self.at += 1
        return True

    def _ended(self, end: str, where: str) -> bool:
        """Whether the list is at its end, or goes on behind a comma."""
        self.space()
        char = self._next()
        if char not in (",", end):
            self.refuse(where)
        self.at += 1
        return char == end

    def _string(self) -> None:
        self.at += 1
        while True:
            char = self._next()
            if char == '"':
                self.at += 1
                return
            if char == "\\":
                self._escape()
            elif char < " ":
                self.refuse("in string")
            else:
                self.at += 1

    def _escape(self) -> None:
        begun = self.at
        self.at += 1
        size = 6 if self._next() == "u" else 2
        shown = self._text[begun : begun + size]
        right = _HEX.fullmatch(shown[2:]) if size > 2 else shown[1] in _ESCAPED
        if not right:
            if len(shown) < size:
                raise _FoundError(_ENDED)
            raise _FoundError(f"invalid escape sequence `{shown}` in string")
        self.at = begun + size

    def _number(self) -> None:
        if self._next() == "-":
            self.at += 1
        if self._next() == "0":
            self.at += 1
        else:
            self._digits()
        if self._text[self.at : self.at + 1] == ".":
            self.at += 1
            self._digits()
        if self._text[self.at : self.at + 1] in ("e", "E"):
            self.at += 1
            if self._next() in "+-":
                self.at += 1
            self._digits()

    def _digits(self) -> None:
        begun = self.at
        match = _DIGITS.match(self._text, begun)
        self.at = match.end() if match else begun
        if self.at == begun:
            self.refuse("in numeric literal")

    def _literal(self, wanted: str) -> None:
        for letter in wanted:
            if self._next() != letter:
                self.refuse(f"in literal {wanted} (expecting {letter!r})")
            self.at += 1
