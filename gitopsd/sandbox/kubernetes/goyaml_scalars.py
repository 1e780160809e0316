"""How go-yaml resolves a scalar: what a text stands for by its looks, or by its tag."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from gitopsd.sandbox.kubernetes.gotext import detailed, shortest

_LONG: Final = "tag:yaml.org,2002:"
STRING: Final = _LONG + "str"
BINARY: Final = _LONG + "binary"
MERGE: Final = _LONG + "merge"
_BOOLEAN, _INTEGER, _FLOAT = _LONG + "bool", _LONG + "int", _LONG + "float"
_NULL, _TIMESTAMP = _LONG + "null", _LONG + "timestamp"
_RESOLVABLE: Final = ("", STRING, _BOOLEAN, _INTEGER, _FLOAT, _NULL, _TIMESTAMP)
_LONGEST, _LONGEST_UNSIGNED = 1 << 63, 1 << 64

_WORDS: Final[dict[str, tuple[str, Any]]] = {
    word: (tag, value)
    for tag, value, words in (
        (_BOOLEAN, True, "y Y yes Yes YES true True TRUE on On ON"),
        (_BOOLEAN, False, "n N no No NO false False FALSE off Off OFF"),
        (_NULL, None, "~ null Null NULL"),
        (_FLOAT, math.nan, ".nan .NaN .NAN"),
        (_FLOAT, math.inf, ".inf .Inf .INF +.inf +.Inf +.INF"),
        (_FLOAT, -math.inf, "-.inf -.Inf -.INF"),
    )
    for word in words.split()
} | {"": (_NULL, None)}
#: What a text may begin with that stands for anything but itself.
_HINTS: Final = frozenset("+-.0123456789yYnNtTfFoO~")
_WHOLE: Final = re.compile(
    "[-+]?(0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", re.A
)
_BASES: Final = {"b": 2, "o": 8, "x": 16}
_FRACTION: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.A)
_CLOCK: Final = r"\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?"
_MOMENT: Final = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}([Tt]{_CLOCK}(Z|[-+]\d\d:\d\d)| {_CLOCK})?", re.A
)


class ScalarError(ValueError):
    """A text that is not what its tag says."""


def resolved(tag: str, text: str) -> tuple[str, Any]:
    """The tag and the value of a text that is plain or has a tag.

    Raises:
        ScalarError: the tag says something else.
    """
    if tag not in _RESOLVABLE:
        return STRING, text
    read: tuple[str, Any] = (STRING, text) if tag == STRING else _by_looks(tag, text)
    found, value = read
    if tag == _FLOAT and found == _INTEGER and -_LONGEST <= value < _LONGEST:
        return _FLOAT, float(value)
    if tag not in ("", found):
        raise ScalarError(f"cannot decode {_short(found)} `{text}` as a {_short(tag)}")
    return found, value


def _by_looks(tag: str, text: str) -> tuple[str, Any]:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _HINTS:
        return STRING, text
    if tag in ("", _TIMESTAMP) and _MOMENT.fullmatch(text):
        return _TIMESTAMP, text
    bare = text if text[0] == "." else text.replace("_", "")
    if _WHOLE.fullmatch(bare):
        whole = _whole(bare)
        if -_LONGEST <= whole < (_LONGEST if bare[0] in "+-" else _LONGEST_UNSIGNED):
            return _INTEGER, whole
    if _FRACTION.fullmatch(bare) and math.isfinite(float(bare)):
        return _FLOAT, float(bare)
    return STRING, text


def _whole(text: str) -> int:
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-").lower()
    if digits[0] != "0" or len(digits) == 1:
        return sign * int(digits)
    base = _BASES.get(digits[1])
    return sign * (int(digits[2:], base) if base else int(digits, 8))


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_LONG)


def key_text(key: Any) -> str | None:
    """A key as one of JSON; None for one that cannot be."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int) and key < _LONGEST:
        return str(key)
    if isinstance(key, float):
        return _NOT_FINITE.get(str(key)) or shortest(key, single=True)
    return None


_NOT_FINITE: Final = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}


def shown(value: Any) -> str:
    """A scalar as Go's %#v shows it inside of an interface."""
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, int) and value >= _LONGEST:
        return f"{value:#x}"
    return detailed(value)
