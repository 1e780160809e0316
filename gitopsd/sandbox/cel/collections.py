"""Functions of lists, sets, values that may be missing, and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gitopsd.sandbox.cel.values import (
    Duration,
    EvaluationError,
    Maybe,
    compared,
    equal,
    holds,
    integer,
)

_ORDERED: Final = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SUMMED: Final = ("int", "uint", "double")
_ZERO: Final[tuple[Any, ...]] = (0, "", b"", False, [], {}, None, Duration(0))


def _sum(items: list[Any]) -> Any:
    total = sum(items)
    return total if isinstance(total, float) else integer(total)


def _least(items: list[Any]) -> Any:
    if not items:
        raise EvaluationError("min called on empty list")
    return min(items)


def _most(items: list[Any]) -> Any:
    if not items:
        raise EvaluationError("max called on empty list")
    return max(items)


def _is_sorted(items: list[Any]) -> bool:
    return all(compared(one, other) <= 0 for one, other in pairwise(items))


def _index(items: list[Any], wanted: Any) -> int:
    return next((at for at, one in enumerate(items) if equal(one, wanted)), -1)


def _last_index(items: list[Any], wanted: Any) -> int:
    found = [at for at, one in enumerate(items) if equal(one, wanted)]
    return found[-1] if found else -1


def _slice(items: list[Any], start: int, end: int) -> list[Any]:
    if start < 0 or end < 0:
        why = f"cannot slice({start}, {end}), negative indexes not supported"
        raise EvaluationError(why)
    if start > end:
        why = f"cannot slice({start}, {end}), start index must be less than or equal to end index"
        raise EvaluationError(why)
    if end > len(items):
        raise EvaluationError(f"cannot slice({start}, {end}), list is length {len(items)}")
    return list(items[start:end])


def _flat(items: list[Any], depth: int = 1) -> list[Any]:
    found: list[Any] = []
    for item in items:
        found.extend(_flat(item, depth - 1) if isinstance(item, list) and depth > 0 else [item])
    return found


def _distinct(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if not holds(found, item):
            found.append(item)
    return found


def _in_order(items: list[Any]) -> list[Any]:
    return sorted(items, key=cmp_to_key(compared))


def _contains(items: list[Any], others: list[Any]) -> bool:
    return all(holds(items, one) for one in others)


def _or(maybe: Maybe, other: Maybe) -> Maybe:
    return maybe if maybe.held else other


def _or_value(maybe: Maybe, other: Any) -> Any:
    return maybe.held[0] if maybe.held else other


def _held(maybe: Maybe) -> Any:
    if not maybe.held:
        raise EvaluationError("optional.none() dereference")
    return maybe.held[0]


def _unless_zero(value: Any) -> Maybe:
    return Maybe() if any(equal(value, one) for one in _ZERO) else Maybe((value,))


def _zoned(time: datetime, zone: str = "UTC") -> datetime:
    if zone[:1] in "+-" or zone[:1].isdigit():
        hours, _, minutes = zone.lstrip("+-").partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return time.astimezone(timezone(-offset if zone.startswith("-") else offset))
    try:
        return time.astimezone(UTC if zone in ("", "UTC") else ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise EvaluationError(f"unknown time zone {zone}") from None


#: Parts of a time: what they are called and where they are found.
_PARTS: Final[Mapping[str, Callable[[datetime], int]]] = {
    "getFullYear": lambda time: time.year,
    "getMonth": lambda time: time.month - 1,
    "getDayOfYear": lambda time: time.timetuple().tm_yday - 1,
    "getDayOfMonth": lambda time: time.day - 1,
    "getDate": lambda time: time.day,
    "getDayOfWeek": lambda time: time.isoweekday() % 7,
    "getHours": lambda time: time.hour,
    "getMinutes": lambda time: time.minute,
    "getSeconds": lambda time: time.second,
    "getMilliseconds": lambda time: time.microsecond // 1000,
}


def _times() -> dict[str, Callable[..., Any]]:
    def part(find: Callable[[datetime], int]) -> Callable[..., int]:
        return lambda time, zone="UTC": find(_zoned(time, zone))

    return {
        f"timestamp.{name}() -> int | timestamp.{name}(string) -> int": part(find)
        for name, find in _PARTS.items()
    }


def _each(text: str, types: tuple[str, ...]) -> str:
    return " | ".join(text.replace("#", one) for one in types)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **_times(),
    "duration.getHours() -> int": lambda span: int(span.nanoseconds / (3600 * 10**9)),
    "duration.getMinutes() -> int": lambda span: int(span.nanoseconds / (60 * 10**9)),
    "duration.getSeconds() -> int": lambda span: int(span.nanoseconds / 10**9),
    "duration.getMilliseconds() -> int": lambda span: int(span.nanoseconds / 10**6),
    _each("list(#).sum() -> #", _SUMMED): _sum,
    "list(duration).sum() -> duration": lambda items: Duration(
        sum(one.nanoseconds for one in items)
    ),
    _each("list(#).min() -> #", _ORDERED): _least,
    _each("list(#).max() -> #", _ORDERED): _most,
    _each("list(#).isSorted() -> bool", _ORDERED): _is_sorted,
    "list(T).indexOf(T) -> int": _index,
    "list(T).lastIndexOf(T) -> int": _last_index,
    "list(T).slice(int, int) -> list(T)": _slice,
    "list(list(T)).flatten() -> list(T) | list(dyn).flatten(int) -> list(dyn)": _flat,
    "list(T).distinct() -> list(T)": _distinct,
    "list(T).reverse() -> list(T)": lambda items: list(reversed(items)),
    _each("list(#).sort() -> list(#)", _ORDERED): _in_order,
    "lists.range(int) -> list(int)": lambda count: list(range(count)),
    "sets.contains(list(T), list(T)) -> bool": _contains,
    "sets.equivalent(list(T), list(T)) -> bool": lambda left, right: (
        _contains(left, right) and _contains(right, left)
    ),
    "sets.intersects(list(T), list(T)) -> bool": lambda left, right: any(
        holds(left, one) for one in right
    ),
    "optional.of(V) -> optional_type(V)": lambda value: Maybe((value,)),
    "optional.none() -> optional_type(V)": Maybe,
    "optional.ofNonZeroValue(V) -> optional_type(V)": _unless_zero,
    "optional_type(V).hasValue() -> bool": lambda maybe: bool(maybe.held),
    "optional_type(V).value() -> V": _held,
    "optional_type(V).or(optional_type(V)) -> optional_type(V)": _or,
    "optional_type(V).orValue(V) -> V": _or_value,
}
