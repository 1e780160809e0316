"""Functions of strings, regular expressions included, and Kubernetes' names of formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from gitopsd.sandbox.cel.operators import plain
from gitopsd.sandbox.cel.values import EvaluationError, is_number, type_of
from gitopsd.sandbox.kubernetes.goregexp import ExpressionError, compiled

_SPACE: Final = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
_BLANKS: Final = _SPACE + "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CLAUSE: Final = re.compile(r"%(%|(?:\.(\d+))?([a-zA-Z]))")
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
VERBS: Final = "sdfexXob"
UNKNOWN_CLAUSE: Final = "could not parse formatting clause: unrecognized formatting clause "
_ESCAPES: Final = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
                   "\v": "\\v", "\\": "\\\\", '"': '\\"'}  # fmt: skip


def _searched(text: str, regex: str) -> re.Match[str] | None:
    try:
        return compiled(regex).search(text)
    except ExpressionError as error:
        raise EvaluationError(f"error parsing regexp: {error}") from None


def _find(text: str, regex: str) -> str:
    found = _searched(text, regex)
    return found[0] if found else ""


def _find_all(text: str, regex: str, most: int = -1) -> list[Any]:
    _searched(text, regex)
    found = [one[0] for one in compiled(regex).finditer(text)]
    return found if most < 0 else found[:most]


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise EvaluationError(f"index out of range: {index}")
    return text[index : index + 1]


def _index(text: str, wanted: str, offset: int = 0) -> int:
    if wanted and not 0 <= offset < len(text) and not (offset == 0 and not text):
        raise EvaluationError(f"index out of range: {offset}")
    return text.find(wanted, offset) if wanted else offset


def _last_index(text: str, wanted: str, offset: int | None = None) -> int:
    if offset is None:
        return text.rfind(wanted)
    if not 0 <= offset < max(len(text), 1):
        raise EvaluationError(f"index out of range: {offset}")
    return text.rfind(wanted, 0, offset + len(wanted))


def _split(text: str, by: str, most: int = -1) -> list[Any]:
    if most == 0:
        return []
    parts = text.split(by) if by else list(text)
    if 0 < most < len(parts):
        parts = [*parts[: most - 1], by.join(parts[most - 1 :])]
    return list(parts)


def _substring(text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    if not 0 <= start <= len(text):
        raise EvaluationError(f"index out of range: {start}")
    if not 0 <= end <= len(text):
        raise EvaluationError(f"index out of range: {end}")
    if start > end:
        raise EvaluationError(f"invalid substring range. start: {start}, end: {end}")
    return text[start:end]


def _join(parts: list[Any], by: str = "") -> str:
    return by.join(parts)


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def _shown(value: Any) -> str:
    """A value as `%s` writes it: lists and maps with what they hold, maps in the order of keys."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    if isinstance(value, dict):
        entries = sorted(f"{_inner(key)}:{_inner(one)}" for key, one in value.items())
        return "{" + ", ".join(entries) + "}"
    if type_of(value).kind == "opaque":
        raise EvaluationError(
            "error during formatting: string clause can only be used on plain types"
        )
    return "null" if value is None else plain(value)


def _inner(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6f}"
    return _quoted(value) if isinstance(value, str) else _shown(value)


def _scientific(number: float) -> str:
    mantissa, exponent = f"{number:.6e}".split("e")
    return f"{mantissa}×10{exponent.lstrip('+').translate(_RAISED)}"


def _clause(verb: str, places: str | None, value: Any) -> str:
    if verb == "s":
        return _shown(value)
    if verb == "d" and is_number(value):
        return plain(value)
    if verb == "f" and is_number(value):
        return f"{float(value):.{places or 6}f}"
    if verb == "e" and is_number(value):
        return _scientific(float(value))
    if verb in "xXob" and isinstance(value, int):
        return format(value, verb)
    if verb in "xX" and isinstance(value, (str, bytes)):
        coded = (value.encode() if isinstance(value, str) else value).hex()
        return coded.upper() if verb == "X" else coded
    raise EvaluationError(UNKNOWN_CLAUSE + _quoted(verb))


def clauses(text: str) -> list[str]:
    """The verbs of a text that is to be formatted."""
    return [found[3] for found in _CLAUSE.finditer(text) if found[3]]


def _formatted(text: str, values: list[Any]) -> str:
    left = list(values)

    def filled(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        if not left:
            raise EvaluationError(f"index {len(values)} out of range")
        return _clause(found[3], found[2], left.pop(0))

    return _CLAUSE.sub(filled, text)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "string.contains(string) -> bool": lambda text, part: part in text,
    "string.startsWith(string) -> bool": str.startswith,
    "string.endsWith(string) -> bool": str.endswith,
    "matches(string, string) -> bool | string.matches(string) -> bool": lambda text, regex: (
        _searched(text, regex) is not None
    ),
    "string.find(string) -> string": _find,
    "string.findAll(string) -> list(string)": _find_all,
    "string.findAll(string, int) -> list(string)": _find_all,
    "string.charAt(int) -> string": _char_at,
    "string.indexOf(string) -> int": _index,
    "string.indexOf(string, int) -> int": _index,
    "string.lastIndexOf(string) -> int": _last_index,
    "string.lastIndexOf(string, int) -> int": _last_index,
    "string.lowerAscii() -> string": lambda text: text.translate(_LOWER),
    "string.upperAscii() -> string": lambda text: text.translate(_UPPER),
    "string.replace(string, string) -> string": str.replace,
    "string.replace(string, string, int) -> string": str.replace,
    "string.split(string) -> list(string)": _split,
    "string.split(string, int) -> list(string)": _split,
    "string.substring(int) -> string": _substring,
    "string.substring(int, int) -> string": _substring,
    "string.trim() -> string": lambda text: text.strip(_BLANKS),
    "list(string).join() -> string | list(string).join(string) -> string": _join,
    "strings.quote(string) -> string": _quoted,
    "string.format(list(dyn)) -> string": _formatted,
}
