"""Columns of a custom resource's table, and what their cells make of the values they find.

As apiextensions' `tableconvertor` does it: a column of text prints whatever is there, any other
shows only what is of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from gitopsd.sandbox.kubernetes.gotext import escaped_json
from gitopsd.sandbox.kubernetes.gotimes import RFC3339, TimeError, parse_instant
from gitopsd.sandbox.kubernetes.jsonpath import Path, PathError, read_path, walked
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, short_duration
from gitopsd.sandbox.kubernetes.resources import Column, Item

_ABOUT: Final = "Custom resource definition column (in JSONPath format): "
_AGE: Final = replace(AGE, type="date")
#: From where on Go writes numbers with an exponent, and the whole numbers it knows.
_PLAIN: Final = 1e21
_LEAST: Final = -(1 << 63)
#: Texts that a time may be read from and that say none, and the time that is none.
_NO_TIMES: Final = ("", "null")
_ZERO: Final = -62135596800.0


def columns_of(defined: Sequence[Item]) -> tuple[Column, ...]:
    """The columns a version defines, up to the first whose path cannot be read."""
    if not defined:
        return (NAME, _AGE)
    columns = [NAME]
    for one in defined:
        try:
            path = read_path(one["jsonPath"])
        except PathError:
            break
        columns.append(
            Column(
                one["name"],
                _found(path),
                type=one["type"],
                format=one.get("format", ""),
                description=one.get("description") or _ABOUT + one["jsonPath"],
                priority=one.get("priority", 0),
                shown=_shown(_CONVERTERS[one["type"]]),
            )
        )
    return tuple(columns)


def _found(path: Path) -> Callable[[Item], list[Any]]:
    def found(item: Item) -> list[Any]:
        try:
            return walked(path, item)
        except PathError:
            return []

    return found


def _shown(convert: Callable[[Any, float], Any]) -> Callable[[list[Any], float], Any]:
    """The cell for what was found: only the first of it counts."""
    return lambda found, now: convert(found[0], now) if found else None


def _text(value: Any, _now: float) -> str:
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return escaped_json(value) if isinstance(value, dict | list) else str(value)


def _integer(value: Any, _now: float) -> int | None:
    if isinstance(value, float):
        return int(value) if abs(value) < -_LEAST else _LEAST
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any, _now: float) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < _PLAIN else number


def _boolean(value: Any, _now: float) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any, now: float) -> str | None:
    if not isinstance(value, str):
        return None
    if value in _NO_TIMES:
        return short_duration(None)
    try:
        instant = parse_instant(RFC3339, value).timestamp()
    except (TimeError, OverflowError):
        return "<invalid>"
    return short_duration(None if instant == _ZERO else now - instant)


_CONVERTERS: Final[dict[str, Callable[[Any, float], Any]]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
