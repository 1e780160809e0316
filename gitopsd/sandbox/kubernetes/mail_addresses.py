"""Whether a text is one mail address, with or without a name, as Go's `net/mail` reads it."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_SPACE: Final = " \t"
_SPECIAL: Final = frozenset('()<>[]:;@\\,"')
_WORDS_IPV6: Final = "IPv6:"
_ENCODED: Final = re.compile(r"=\?([^?]*)\?([bBqQ])\?([^?]*)\?=")
_CHARSETS: Final = ("utf-8", "iso-8859-1", "us-ascii")


class _AddressError(ValueError):
    """Not what was expected where the reader stands."""


def is_mail_address(text: str) -> bool:
    """Whether a text is an address, or a group of exactly one."""
    reader = _Reader(text)
    try:
        return reader.address(groups=True) == 1 and reader.skip_comments() and not reader.rest
    except _AddressError:
        return False


def _is_visible(char: str) -> bool:
    return "!" <= char <= "~" or char >= "\x80"


class _Reader:
    """What is left to read of a text."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def address(self, *, groups: bool) -> int:
        """Read an address or, where they may stand, a group; how many addresses that were.

        Raises:
            _AddressError: there is none.
        """
        self._skip_space()
        before = self.rest
        try:
            self._bare_address()
        except _AddressError:
            self.rest = before
        else:
            self._skip_space()
            if self._takes("("):
                self._comment()
            return 1
        if not self.rest.startswith("<"):
            self._phrase()
        self._skip_space()
        if groups and self._takes(":"):
            return self._group()
        self._expect("<")
        self._bare_address()
        self._expect(">")
        return 1

    def _group(self) -> int:
        self._skip_space()
        count = 0
        while not self._takes(";"):
            if count:
                self._expect(",")
            self._skip_space()
            count += self.address(groups=False)
            self._need(self.skip_comments())
        return count

    def _bare_address(self) -> None:
        self._skip_space()
        if self.rest.startswith('"'):
            self._need(self._quoted())
        else:
            self._atom(strict=True)
        self._expect("@")
        self._skip_space()
        if self._takes("["):
            self._literal()
        else:
            self._atom(strict=True)

    def _literal(self) -> None:
        inside, closed, self.rest = self.rest.partition("]")
        self._need(closed)
        kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address] = ipaddress.IPv4Address
        address = inside.removeprefix(_WORDS_IPV6)
        if address != inside and ":" in address:
            kind = ipaddress.IPv6Address
        try:
            kind(address)
        except ValueError as error:
            raise _AddressError from error
        self._need("%" not in address)

    def _phrase(self) -> None:
        """The words of a name; what is wrong behind the first of them is left to who comes next."""
        self._word()
        while True:
            self._need(self.skip_comments())
            before = self.rest
            try:
                self._word()
            except _AddressError:
                self.rest = before
                return

    def _word(self) -> None:
        self._skip_space()
        if self.rest.startswith('"'):
            self._quoted()
        else:
            encoded = _ENCODED.fullmatch(self._atom(strict=False))
            self._need(encoded is None or encoded[1].lower() in _CHARSETS)

    def _atom(self, *, strict: bool) -> str:
        end = 0
        while end < len(self.rest) and self.rest[end] not in _SPECIAL:
            if not _is_visible(self.rest[end]):
                break
            end += 1
        atom, self.rest = self.rest[:end], self.rest[end:]
        self._need(atom)
        if strict:
            self._need(".." not in atom and not atom.startswith(".") and not atom.endswith("."))
        return atom

    def _quoted(self) -> str:
        """A text in quotes, without them."""
        held, escaped = "", False
        for index, char in enumerate(self.rest[1:], start=1):
            self._need(_is_visible(char) or char in _SPACE)
            if escaped or char not in '\\"':
                held, escaped = held + char, False
            elif char == "\\":
                escaped = True
            else:
                self.rest = self.rest[index + 1 :]
                return held
        raise _AddressError

    def skip_comments(self) -> bool:
        """Pass over blanks and comments; whether the comments end."""
        self._skip_space()
        while self._takes("("):
            try:
                self._comment()
            except _AddressError:
                return False
            self._skip_space()
        return True

    def _comment(self) -> None:
        """The rest of a comment, which may have others inside."""
        depth, index = 1, 0
        while depth and index < len(self.rest):
            char = self.rest[index]
            if char == "\\" and index + 1 < len(self.rest):
                index += 1
            depth += (char == "(") - (char == ")")
            index += 1
        self.rest = self.rest[index:]
        self._need(not depth)

    def _skip_space(self) -> None:
        self.rest = self.rest.lstrip(_SPACE)

    def _takes(self, char: str) -> bool:
        found = self.rest.startswith(char)
        self.rest = self.rest[found:]
        return found

    def _expect(self, char: str) -> None:
        self._need(self._takes(char))

    @staticmethod
    def _need(holds: object) -> None:
        if not holds:
            raise _AddressError
