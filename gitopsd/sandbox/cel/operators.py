"""Operators, sizes, membership, and conversions between types."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from gitopsd.sandbox.cel.types import Type
from gitopsd.sandbox.cel.values import (
    NO_OVERLOAD,
    Duration,
    EvaluationError,
    Maybe,
    Uint,
    UniqueList,
    compared,
    equal,
    holds,
    instant,
    integer,
    nanoseconds_of,
    type_of,
    unsigned,
)

_UNITS: Final = {
    "ns": 1, "us": 10**3, "\u00b5s": 10**3, "\u03bcs": 10**3, "ms": 10**6, "s": 10**9,
    "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_UNIT: Final = "(ns|us|\u00b5s|\u03bcs|ms|s|m|h)"
_DURATION: Final = re.compile(rf"[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+){_UNIT})+)")
_PART: Final = re.compile(rf"([0-9.]+){_UNIT}")
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)"
)  # fmt: skip
_ORDERED: Final = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")
_NUMBERS: Final = ("int", "uint", "double")


def parsed_duration(text: str) -> Duration:
    """A duration as Go writes it: `1h30m`, `250ms`.

    Raises:
        ValueError: the text is none.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    total = sum(int(float(number) * _UNITS[unit]) for number, unit in _PART.findall(text))
    return Duration(-total if text.startswith("-") else total)


def parsed_instant(text: str) -> datetime:
    """A time as RFC 3339 writes it.

    Raises:
        ValueError: the text is none.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


_FITTED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "int": integer, "uint": unsigned, "double": float,
}  # fmt: skip


def _checked(of: str, operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    fitted = _FITTED[of]
    return lambda left, right: fitted(operate(left, right))


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationError("division by zero")
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationError("modulus by zero")
    return left - right * _quotient(left, right)


def _divided(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


def _joined(left: list[Any], right: list[Any]) -> list[Any]:
    return left.joined(right) if isinstance(left, UniqueList) else [*left, *right]


def item_at(items: list[Any], index: int) -> Any:
    """An item of a list. Raises EvaluationError when there is none."""
    if not 0 <= index < len(items):
        raise EvaluationError(f"index out of bounds: {index}")
    return items[index]


def _has(members: dict[Any, Any], key: Any) -> bool:
    if isinstance(key, (list, dict)):
        raise EvaluationError(NO_OVERLOAD)
    return key in members


def value_of(members: dict[Any, Any], key: Any) -> Any:
    """A value of a map. Raises EvaluationError when there is none."""
    if not _has(members, key):
        raise EvaluationError(f"no such key: {plain(key)}")
    return members[key]


def _maybe_at(items: list[Any], index: int) -> Maybe:
    return Maybe((items[index],)) if 0 <= index < len(items) else Maybe()


def maybe_of(members: dict[Any, Any], key: Any) -> Maybe:
    """A value of a map where there is one."""
    return Maybe((members[key],)) if _has(members, key) else Maybe()


def _inside(found: Callable[[Any, Any], Maybe]) -> Callable[[Maybe, Any], Maybe]:
    return lambda maybe, key: found(maybe.held[0], key) if maybe.held else Maybe()


def plain(value: Any) -> str:
    """A value as text, the way a conversion to string writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _shown_double(value)
    if isinstance(value, datetime):
        text, fraction = value.isoformat(timespec="seconds"), ""
        if value.microsecond:
            fraction = f".{value.microsecond:06}".rstrip("0")
        return f"{text[:19]}{fraction}{text[19:].replace('+00:00', 'Z')}"
    if isinstance(value, Duration):
        return f"{_shown_double(value.nanoseconds / 10**9)}s"
    if isinstance(value, Type):
        return value.name or value.kind
    return value.decode() if isinstance(value, bytes) else str(value)


def _shifted(time: datetime, nanoseconds: int) -> datetime:
    try:
        return time + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise EvaluationError("timestamp overflow") from None


def _shown_double(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if number.is_integer() and abs(number) < 10**21:
        return str(int(number))
    return repr(number)


def _converted(to: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        try:
            return convert(value)
        except (ValueError, OverflowError):
            why = f"type conversion error from '{type_of(value).kind}' to '{to}'"
            raise EvaluationError(why) from None

    return run


def _truth(text: str) -> bool:
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise ValueError(text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError(text)
    return integer(int(text))


def _whole_unsigned(text: str) -> Uint:
    if not re.fullmatch(r"[0-9]+", text):
        raise ValueError(text)
    return unsigned(int(text))


def _from_double(number: float) -> int:
    if math.isnan(number) or math.isinf(number):
        raise EvaluationError("integer overflow")
    return integer(int(number))


def _orders() -> dict[str, Callable[..., Any]]:
    pairs = [(one, one) for one in _ORDERED]
    pairs += [(one, other) for one in _NUMBERS for other in _NUMBERS if one != other]
    checks: dict[str, Callable[[int], bool]] = {
        "<": lambda sign: sign < 0,
        "<=": lambda sign: sign <= 0,
        ">": lambda sign: sign > 0,
        ">=": lambda sign: sign >= 0,
    }

    def ordered(check: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
        return lambda left, right: check(compared(left, right))

    return {
        " | ".join(f"_{sign}_({one}, {other}) -> bool" for one, other in pairs): ordered(check)
        for sign, check in checks.items()
    }


def _arithmetic() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for one in _NUMBERS:
        divide = _divided if one == "double" else _quotient
        operations: dict[str, Callable[[Any, Any], Any]] = {
            "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": divide,
        }  # fmt: skip
        for sign, operate in operations.items():
            found[f"_{sign}_({one}, {one}) -> {one}"] = _checked(one, operate)
        if one != "double":
            found[f"_%_({one}, {one}) -> {one}"] = _checked(one, _remainder)
    return found


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "_?_:_(bool, T, T) -> T": lambda condition, yes, no: yes if condition else no,
    "_&&_(bool, bool) -> bool": lambda left, right: left and right,
    "_||_(bool, bool) -> bool": lambda left, right: left or right,
    "!_(bool) -> bool": lambda value: not value,
    "-_(int) -> int": lambda value: integer(-value),
    "-_(double) -> double": lambda value: -value,
    "_==_(T, T) -> bool": equal,
    "_!=_(T, T) -> bool": lambda left, right: not equal(left, right),
    **_orders(),
    **_arithmetic(),
    "_+_(string, string) -> string | _+_(bytes, bytes) -> bytes": lambda left, right: left + right,
    "_+_(list(T), list(T)) -> list(T)": _joined,
    "_+_(timestamp, duration) -> timestamp": lambda time, span: _shifted(time, span.nanoseconds),
    "_+_(duration, timestamp) -> timestamp": lambda span, time: _shifted(time, span.nanoseconds),
    "_+_(duration, duration) -> duration": lambda a, b: Duration(a.nanoseconds + b.nanoseconds),
    "_-_(timestamp, timestamp) -> duration": lambda a, b: Duration(
        nanoseconds_of(a) - nanoseconds_of(b)
    ),
    "_-_(timestamp, duration) -> timestamp": lambda time, span: _shifted(time, -span.nanoseconds),
    "_-_(duration, duration) -> duration": lambda a, b: Duration(a.nanoseconds - b.nanoseconds),
    "@in(T, list(T)) -> bool": lambda value, items: holds(items, value),
    "@in(K, map(K, V)) -> bool": lambda key, members: _has(members, key),
    "_[_](list(T), int) -> T": item_at,
    "_[_](map(K, V), K) -> V": value_of,
    "_[_](optional_type(list(T)), int) -> optional_type(T)": _inside(_maybe_at),
    "_[_](optional_type(map(K, V)), K) -> optional_type(V)": _inside(maybe_of),
    "_[?_](list(T), int) -> optional_type(T)": _maybe_at,
    "_[?_](map(K, V), K) -> optional_type(V)": maybe_of,
    "_[?_](optional_type(list(T)), int) -> optional_type(T)": _inside(_maybe_at),
    "_[?_](optional_type(map(K, V)), K) -> optional_type(V)": _inside(maybe_of),
    "size(string) -> int | size(bytes) -> int | size(list(T)) -> int | size(map(K, V)) -> int": len,
    "string.size() -> int | bytes.size() -> int": len,
    "list(T).size() -> int | map(K, V).size() -> int": len,
    "dyn(T) -> dyn": lambda value: value,
    "type(T) -> type(T)": type_of,
    "bool(bool) -> bool | bytes(bytes) -> bytes | double(double) -> double": lambda value: value,
    "int(int) -> int | string(string) -> string | uint(uint) -> uint": lambda value: value,
    "timestamp(timestamp) -> timestamp | duration(duration) -> duration": lambda value: value,
    "bool(string) -> bool": _converted("bool", _truth),
    "bytes(string) -> bytes": lambda text: text.encode(),
    "double(int) -> double | double(uint) -> double": float,
    "double(string) -> double": _converted("double", float),
    "int(uint) -> int": lambda number: integer(int(number)),
    "int(double) -> int": _from_double,
    "int(string) -> int": _converted("int", _whole),
    "int(timestamp) -> int": lambda time: nanoseconds_of(time) // 10**9,
    "int(duration) -> int": lambda span: span.nanoseconds,
    "uint(int) -> uint": unsigned,
    "uint(double) -> uint": lambda number: unsigned(_from_double(number)),
    "uint(string) -> uint": _converted("uint", _whole_unsigned),
    "string(bool) -> string | string(int) -> string | string(uint) -> string": plain,
    "string(double) -> string | string(timestamp) -> string | string(duration) -> string": plain,
    "string(bytes) -> string": _converted("string", bytes.decode),
    "timestamp(string) -> timestamp": _converted("google.protobuf.Timestamp", parsed_instant),
    "timestamp(int) -> timestamp": lambda seconds: instant(seconds * 10**9),
    "duration(string) -> duration": _converted("google.protobuf.Duration", parsed_duration),
    "duration(int) -> duration": Duration,
}
