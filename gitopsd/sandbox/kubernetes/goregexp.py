"""Regular expressions as Go reads them (RE2), turned into Python's.

Patterns of schemas and of rules in CEL are written for Go: they know classes that Python does not,
refuse what Python takes, and mean ASCII by `\\d` and the very end by `$`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from gitopsd.sandbox.kubernetes.goregexp_classes import (
    PERL,
    ExpressionError,
    Ranges,
    as_class,
    category,
    complement,
    escaped,
    merged,
    posix,
)

__all__ = ("ExpressionError", "compiled")

_MOST_REPEATS: Final = 1000
_UNBOUNDED: Final = 10**8
_COUNTS: Final = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_NAMED: Final = re.compile(r"\(\?P?<")
_NAME: Final = re.compile("[A-Za-z0-9_]+")
_FLAGS: Final = "imsU"
_ANCHORS: Final = {"A": r"\A", "b": r"(?a:\b)", "B": r"(?a:\B|\A\Z)", "z": r"\Z"}
_NEWLINE: Final[Ranges] = ((10, 10),)


@lru_cache(maxsize=1024)
def compiled(text: str) -> re.Pattern[str]:
    """A regular expression of Go's; its groups are not kept.

    Raises:
        ExpressionError: it is none.
    """
    return re.compile(_Translator(text).translated())


@dataclass(slots=True)
class _Piece:
    """Something that can be repeated; `repeats` is how often what is inside of it may be."""

    text: str
    repeats: int = 1


@dataclass(slots=True)
class _Group:
    """A group that is open: the flags from before it, and its alternatives so far."""

    flags: frozenset[str]
    pieces: list[_Piece] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    repeats: int = 1

    def end_alternative(self) -> None:
        self.repeats = max(self.repeats, *(one.repeats for one in self.pieces), 1)
        self.alternatives.append("".join(one.text for one in self.pieces))
        self.pieces = []

    def closed(self) -> _Piece:
        self.end_alternative()
        return _Piece(f"(?:{'|'.join(self.alternatives)})", self.repeats)


class _Translator:
    def __init__(self, text: str) -> None:
        self._whole = text
        self._rest = text
        self._flags: frozenset[str] = frozenset()
        self._groups = [_Group(self._flags)]
        self._repeated = ""
        self._repeats = False

    def translated(self) -> str:
        while self._rest:
            before = self._rest
            self._step(before[0])
            self._repeated = before if self._repeats else ""
        if len(self._groups) > 1:
            raise ExpressionError(f"missing closing ): `{self._whole}`")
        return self._groups[0].closed().text

    def _step(self, char: str) -> None:
        self._repeats = False
        counts = _COUNTS.match(self._rest) if char == "{" else None
        if char in "*+?" or counts is not None:
            self._repeat(counts)
        elif char in _STEPS:
            _STEPS[char](self)
        else:
            self._literal(ord(char), self._rest[1:])

    def _add(self, text: str, rest: str) -> None:
        self._groups[-1].pieces.append(_Piece(text))
        self._rest = rest

    def _literal(self, code: int, rest: str) -> None:
        self._characters(((code, code),), rest)

    def _characters(self, ranges: Ranges, rest: str) -> None:
        text = as_class(ranges)
        self._add(f"(?i:{text})" if "i" in self._flags else text, rest)

    def _dot(self) -> None:
        self._add(as_class(complement(() if "s" in self._flags else _NEWLINE)), self._rest[1:])

    def _begin(self) -> None:
        self._add("(?m:^)" if "m" in self._flags else r"\A", self._rest[1:])

    def _end(self) -> None:
        self._add("(?m:$)" if "m" in self._flags else r"\Z", self._rest[1:])

    def _alternate(self) -> None:
        self._groups[-1].end_alternative()
        self._rest = self._rest[1:]

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise ExpressionError(f"unexpected ): `{self._whole}`")
        group = self._groups.pop()
        self._flags = group.flags
        self._groups[-1].pieces.append(group.closed())
        self._rest = self._rest[1:]

    def _repeat(self, counts: re.Match[str] | None) -> None:
        before = self._rest
        length = counts.end() if counts is not None else 1
        lazy = before[length : length + 1] == "?"
        operator = before[: length + lazy]
        if self._repeated:
            shown = self._repeated[: len(self._repeated) - len(before) + len(operator)]
            raise ExpressionError(f"invalid nested repetition operator: `{shown}`")
        pieces = self._groups[-1].pieces
        if counts is not None:
            _check_counts(counts, operator)
        if not pieces:
            raise ExpressionError(f"missing argument to repetition operator: `{operator}`")
        piece = pieces.pop()
        repeats = piece.repeats
        if counts is not None:
            repeats *= int(counts[3] or counts[1])
            if repeats > _MOST_REPEATS:
                raise ExpressionError(f"invalid repeat count: `{operator}`")
        greed = "?" if lazy != ("U" in self._flags) else ""
        pieces.append(_Piece(f"(?:{piece.text}){before[:length]}{greed}", max(repeats, 1)))
        self._rest, self._repeats = before[len(operator) :], True

    def _open(self) -> None:
        if not self._rest.startswith("(?"):
            self._groups.append(_Group(self._flags))
            self._rest = self._rest[1:]
            return
        named = _NAMED.match(self._rest)
        if named is not None and len(self._rest) > named.end():
            name, closed, rest = self._rest[named.end() :].partition(">")
            if not closed:
                raise ExpressionError(f"invalid named capture: `{self._rest}`")
            if not _NAME.fullmatch(name):
                shown = self._rest[: named.end() + len(name) + 1]
                raise ExpressionError(f"invalid named capture: `{shown}`")
            self._groups.append(_Group(self._flags))
            self._rest = rest
            return
        self._set_flags()

    def _set_flags(self) -> None:
        set_, cleared, negative = set(self._flags), set[str](), False
        saw_flag = True
        for at, char in enumerate(self._rest[2:], start=3):
            if char in _FLAGS:
                (cleared if negative else set_).add(char)
                saw_flag = True
            elif char == "-" and not negative:
                negative, saw_flag = True, False
            elif char in ":)" and saw_flag:
                if char == ":":
                    self._groups.append(_Group(self._flags))
                self._flags = frozenset(set_ - cleared)
                self._rest = self._rest[at:]
                return
            else:
                shown = self._rest[:at]
                raise ExpressionError(f"invalid or unsupported Perl syntax: `{shown}`")
        raise ExpressionError(f"invalid or unsupported Perl syntax: `{self._rest}`")

    def _escape(self) -> None:
        char, rest = self._rest[1:2], self._rest[2:]
        if char and char in _ANCHORS:
            self._add(_ANCHORS[char], rest)
        elif char == "Q":
            quoted, _, self._rest = rest.partition(r"\E")
            for one in quoted:
                self._literal(ord(one), self._rest)
        else:
            ranges, rest = _escaped_ranges(self._rest)
            self._characters(ranges, rest)

    def _class(self) -> None:
        ranges, negated, rest = _class_of(self._rest)
        if negated and "i" in self._flags:  # none of these, and of their like in the other case
            self._add(f"(?i:(?!{as_class(ranges)}){as_class(complement(()))})", rest)
        else:
            self._characters(complement(ranges) if negated else ranges, rest)


_STEPS: Final[dict[str, Callable[[_Translator], None]]] = {
    "(": _Translator._open,
    ")": _Translator._close,
    "|": _Translator._alternate,
    "^": _Translator._begin,
    "$": _Translator._end,
    ".": _Translator._dot,
    "[": _Translator._class,
    "\\": _Translator._escape,
}


def _check_counts(counts: re.Match[str], shown: str) -> None:
    least = int(counts[1])
    most = int(counts[3]) if counts[3] else least
    if max(least, most) > _MOST_REPEATS or least > most:
        raise ExpressionError(f"invalid repeat count: `{shown}`")


def _escaped_ranges(text: str) -> tuple[Ranges, str]:
    r"""What `\d`, `\pL` or `\n` at the beginning of a text stands for, and what is behind it."""
    kind = text[1:2]
    known = PERL.get(kind.lower()) if kind else None
    if known is not None:
        return (complement(known) if kind.isupper() else known), text[2:]
    if kind and kind in "pP":
        return category(text)
    code, rest = escaped(text)
    return ((code, code),), rest


def _class_of(text: str) -> tuple[Ranges, bool, str]:
    """The characters that a class in brackets at the beginning of a text names, whether it stands
    for all others, and what is behind it.
    """
    rest = text[1:]
    negated = rest.startswith("^")
    rest = rest[negated:]
    found: list[tuple[int, int]] = []
    first = True
    while first or not rest.startswith("]"):
        first = False
        named = re.match(r"\[:.*?:\]", rest, re.S)
        if named is not None:
            found.extend(posix(named[0]))
            rest = rest[named.end() :]
        elif rest[:1] == "\\" and rest[1:2] and rest[1] in "dDsSwWpP":
            ranges, rest = _escaped_ranges(rest)
            found.extend(ranges)
        else:
            pair, rest = _range_of(rest, text)
            found.append(pair)
    return merged(found), negated, rest[1:]


def _range_of(text: str, whole: str) -> tuple[tuple[int, int], str]:
    low, rest = _character_of(text, whole)
    high = low
    if len(rest) > 1 and rest[0] == "-" and rest[1] != "]":
        high, rest = _character_of(rest[1:], whole)
        if high < low:
            shown = text[: len(text) - len(rest)]
            raise ExpressionError(f"invalid character class range: `{shown}`")
    return (low, high), rest


def _character_of(text: str, whole: str) -> tuple[int, str]:
    if not text:
        raise ExpressionError(f"missing closing ]: `{whole}`")
    return escaped(text) if text[0] == "\\" else (ord(text[0]), text[1:])
