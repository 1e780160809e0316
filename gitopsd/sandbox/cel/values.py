"""Values of expressions: what Python has no type for, their types, equality and order.

Booleans, strings, bytes, doubles, ints, lists, maps and null are Python's own; a timestamp is an
aware datetime, and a type a `Type`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gitopsd.sandbox.cel import types
from gitopsd.sandbox.cel.types import Type

NO_OVERLOAD: Final = "no such overload"
_INT: Final = range(-(1 << 63), 1 << 63)
_UINT: Final = range(1 << 64)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EvaluationError(Exception):
    """An expression has no value; the text is what the real server says."""


class Uint(int):
    """An unsigned integer, which is another type than an integer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time in nanoseconds."""

    nanoseconds: int

    def timedelta(self) -> timedelta:
        """The span as far as Python can tell."""
        return timedelta(microseconds=self.nanoseconds / 1000)


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value that may be missing: `held` has it, or is empty."""

    held: tuple[Any, ...] = ()


class ObjectValue(dict[str, Any]):
    """An object with declared members, as they stand in expressions; those missing are left out."""

    __slots__ = ()


class UniqueList(list[Any]):
    """A list whose order counts for nothing: a set, or items known by their `keys`."""

    __slots__ = ("keys",)

    def __init__(self, items: Sequence[Any], keys: tuple[str, ...] = ()) -> None:
        super().__init__(items)
        self.keys = keys

    def joined(self, other: Sequence[Any]) -> UniqueList:
        """The items of both; of those that are the same, the latter in the place of the former."""
        found = list(self)
        for item in other:
            same = next((at for at, one in enumerate(found) if self._same(one, item)), None)
            if same is None:
                found.append(item)
            else:
                found[same] = item
        return UniqueList(found, self.keys)

    def _same(self, one: Any, other: Any) -> bool:
        if not self.keys:
            return equal(one, other)
        return all(equal(one.get(key), other.get(key)) for key in self.keys)


_OF_CLASSES: Final[Mapping[type, Type]] = {
    bool: types.BOOL,
    Uint: types.UINT,
    int: types.INT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
    type(None): types.NULL,
    datetime: types.TIMESTAMP,
    Duration: types.DURATION,
    list: types.list_of(types.DYN),
    UniqueList: types.list_of(types.DYN),
    dict: types.map_of(types.DYN, types.DYN),
    ObjectValue: types.map_of(types.DYN, types.DYN),
    Maybe: types.optional_of(types.DYN),
    Type: types.TYPE,
}


def type_of(value: Any) -> Type:
    """The type of a value; what lists and maps hold is not looked at."""
    known = _OF_CLASSES.get(type(value))
    return known if known is not None else Type("opaque", value.type_name)


def integer(number: int) -> int:
    """An integer that fits into 64 bits.

    Raises:
        EvaluationError: it does not.
    """
    if number not in _INT:
        raise EvaluationError("integer overflow")
    return number


def unsigned(number: int) -> Uint:
    """An unsigned integer that fits into 64 bits.

    Raises:
        EvaluationError: it does not.
    """
    if number not in _UINT:
        raise EvaluationError("unsigned integer overflow")
    return Uint(number)


def instant(nanoseconds: int) -> datetime:
    """The time so long after 1970.

    Raises:
        EvaluationError: the calendar has no such time.
    """
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise EvaluationError("timestamp overflow") from None


def nanoseconds_of(time: datetime) -> int:
    """How long after 1970 a time is."""
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000


def is_number(value: Any) -> bool:
    """Whether a value is of one of the three types of numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal; values of different types are not, save numbers."""
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, list) and isinstance(right, list):
        return _equal_lists(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return len(left) == len(right) and all(
            key in right and equal(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, Type) and isinstance(right, Type):
        return (left.kind, left.name) == (right.kind, right.name)
    if isinstance(left, Maybe) and isinstance(right, Maybe):
        return _equal_lists(list(left.held), list(right.held))
    return type(left) is type(right) and bool(left == right)


def _equal_lists(left: list[Any], right: list[Any]) -> bool:
    if len(left) != len(right):
        return False
    if isinstance(left, UniqueList) or isinstance(right, UniqueList):
        return all(holds(right, one) for one in left)
    return all(equal(one, other) for one, other in zip(left, right, strict=True))


def holds(items: Sequence[Any], wanted: Any) -> bool:
    """Whether one of the items is equal to a value."""
    return any(equal(one, wanted) for one in items)


def compared(left: Any, right: Any) -> int:
    """Below, at or above 0 as the left value is below, at or above the right one.

    Raises:
        EvaluationError: values of these types have no order.
    """
    if not (is_number(left) and is_number(right)) and type(left) is not type(right):
        raise EvaluationError(NO_OVERLOAD)
    return int(left > right) - int(left < right)


def members(value: Any) -> Iterator[Any]:
    """What a macro walks: the items of a list, the keys of a map.

    Raises:
        EvaluationError: the value is neither.
    """
    if not isinstance(value, (list, dict)):
        raise EvaluationError(NO_OVERLOAD)
    return iter(value)
