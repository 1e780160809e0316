"""From text to tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gitopsd.sandbox.cel.problems import Problem
from gitopsd.sandbox.cel.values import Uint

END: Final = "<EOF>"
_SPELT: Final = (
    r"\\(?:[abfnrtv\"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
)
_STRING: Final = (
    rf'"""(?:[^\\]|{_SPELT})*?"""|\'\'\'(?:[^\\]|{_SPELT})*?\'\'\''
    rf'|"(?:[^"\\\n\r]|{_SPELT})*"|\'(?:[^\'\\\n\r]|{_SPELT})*\''
)
_BEGUN: Final = re.compile(rf"[\"'](?:[^\\\n\r]|{_SPELT})*[\\\n\r]?.?")
_RAW: Final = r'[rR](?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"[^"\n\r]*"|\'[^\'\n\r]*\')'
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[ \t\r\n\f]+ | //[^\n]*)
    | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)? | [0-9]+[eE][+-]?[0-9]+ | \.[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
    | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
    | (?P<bytes>[bB](?:{_RAW}|{_STRING}))
    | (?P<raw>{_RAW})
    | (?P<string>{_STRING})
    | (?P<name>[a-zA-Z_][a-zA-Z0-9_]*)
    | (?P<quoted>`[a-zA-Z0-9_./\- ]+`)
    | (?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:,.()\[\]{{}}])
    """,  # noqa: E501 - a number is one alternative
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})"
    r"|(.))",
    re.DOTALL,
)
_SHORT: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: Signs of which one character alone is none.
_DOUBLED: Final = "=&|"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: `kind` is sign, name, quoted, end or the kind of a literal's `value`."""

    kind: str
    text: str
    at: int
    value: Any = None


def tokens(source: str, problems: list[Problem]) -> list[Token]:
    """The tokens of a text with one for its end; what is none is passed over and noted."""
    return list(_tokens(source, problems))


def _tokens(source: str, problems: list[Problem]) -> Iterator[Token]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            end = _bad_end(source, at)
            why = f"Syntax error: token recognition error at: '{_plain(source[at:end])}'"
            problems.append(Problem(at, why))
            at = end
            continue
        kind, text = str(found.lastgroup), found[0]
        if kind != "space":
            yield _token(kind, text, at)
        at = found.end()
    yield Token("end", END, len(source))


def _bad_end(source: str, at: int) -> int:
    """Up to where the text is that no token begins with."""
    char = source[at]
    begun = _BEGUN.match(source, at)
    if begun is not None:
        return begun.end()
    return min(at + (2 if char in _DOUBLED else 1), len(source))


def _plain(text: str) -> str:
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _token(kind: str, text: str, at: int) -> Token:
    if kind == "int":
        number = int(text, 0) if text.startswith("0x") else int(text)
        return Token(kind, text, at, number)
    if kind == "uint":
        digits = text[:-1]
        number = int(digits, 0) if digits.startswith("0x") else int(digits)
        return Token(kind, text, at, Uint(number))
    if kind == "float":
        return Token(kind, text, at, float(text))
    if kind == "bytes":
        inner = text[1:]
        return Token(kind, text, at, _unescaped(inner, octets=True))
    if kind in ("raw", "string"):
        return Token("string", text, at, _unescaped(text))
    return Token(kind, text, at)


def _unescaped(text: str, *, octets: bool = False) -> Any:
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    quotes = 3 if text[:3] in ('"""', "'''") else 1
    inner = text[quotes:-quotes]
    if not octets:
        return inner if raw else _ESCAPE.sub(_char, inner)
    if raw:
        return inner.encode()
    return b"".join(_octets(inner))


def _char(found: re.Match[str]) -> str:
    *codes, octal, other = found.groups()
    code = next((one for one in codes if one), None)
    if code:
        return chr(int(code, 16))
    return chr(int(octal, 8)) if octal else _SHORT.get(other, other)


def _octets(text: str) -> Iterator[bytes]:
    """Escapes by number in bytes are octets, and characters otherwise."""
    at = 0
    for found in _ESCAPE.finditer(text):
        yield text[at : found.start()].encode()
        code = found[1] or found[2]
        if code or found[5]:
            yield bytes([int(code, 16) if code else int(found[5], 8)])
        else:
            yield _char(found).encode()
        at = found.end()
    yield text[at:].encode()
