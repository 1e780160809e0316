"""JSONPath as columns of custom resources use it: the server's own dialect of it.

A path is read once into steps, each of which leads from some values to others, as client-go's
`util/jsonpath` reads and walks it: what is missing is left out, and what cannot be walked ends the
whole walk.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Final

Step = Callable[[list[Any]], list[Any]]
Path = tuple[Step, ...]
_KEY: Final = re.compile(r"'([^']*)'")
_SLICE: Final = re.compile(r"(-?\d*)(?::(-?\d*))?(?::(-?\d*))?", re.ASCII)
_COMPARISON: Final = re.compile(r"([^!<>=]+)([!<>=]+)(.+)")
_NUMBER: Final = re.compile(r"[+-]?[\d.]*", re.ASCII)
_FIELD: Final = re.compile(r"(?:\\.|[^\\ \t\r\n.,\[\]$@{}])*", re.DOTALL)
_WORD: Final = re.compile(r"[^ \t\r\n.,\[\]$@{}]*")
_FILTER: Final = "[?("
_DEEP: Final = ".."
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class PathError(ValueError):
    """A text is no path, or values cannot be walked so."""


def read_path(text: str) -> Path:
    """The steps of a path such as `.status.conditions[?(@.type=="Ready")].status`.

    Raises:
        PathError: the text is none.
    """
    reader = _Reader(text + "}")
    steps = reader.steps()
    while reader.opened():  # what follows is read, too, and says nothing
        reader.steps()
    return steps


def walked(path: Path, item: Any) -> list[Any]:
    """The values that a path leads to.

    Raises:
        PathError: a step takes no such values.
    """
    values = [item]
    for step in path:
        values = step(values)
    return values


def found_by(text: str, item: Any) -> list[Any]:
    """The values at a path; none where it cannot be read or walked."""
    try:
        return walked(read_path(text if text.startswith((".", "[")) else "." + text), item)
    except PathError:
        return []


class _Reader:
    """Reads the steps of a path, from one end of a text to a closing brace."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def opened(self) -> bool:
        """Go behind the next opening brace, if there is one."""
        found = self._text.find("{", self._at)
        self._at = found + 1
        return found >= 0

    def steps(self) -> Path:
        """Everything up to the closing brace."""
        steps: list[Step] = []
        while not self._text.startswith("}", self._at):
            char = self._text[self._at : self._at + 1]
            if self._text.startswith(_FILTER, self._at):
                steps.append(self._filter())
            elif self._text.startswith(_DEEP, self._at):
                steps += self._deep(steps)
            elif char in (" ", "@", "$"):
                self._at += 1
            elif char == "[":
                steps += self._brackets()
            elif char == ".":
                self._at += 1
                steps.append(self._field())
            else:
                steps.append(self._constant(char))
        self._at += 1
        return tuple(steps)

    def _taken(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""

    def _field(self) -> Step:
        name = self._taken(_FIELD)
        return _children_of_all if name == "*" else _member(name.replace("\\", ""))

    def _deep(self, before: list[Step]) -> list[Step]:
        if before and before[-1] is _all_below:
            raise PathError("invalid multiple recursive descent")
        self._at += len(_DEEP)
        char = self._text[self._at : self._at + 1]
        return [_all_below, self._field()] if char == "_" or char.isalnum() else [_all_below]

    def _constant(self, char: str) -> Step:
        if char in ('"', "'") and char:
            return _constant(self._quoted(char))
        if char in ("+", "-") or char.isdigit():
            return _constant(_number(self._taken(_NUMBER)))
        if char == "_" or char.isalpha():
            word = self._taken(_WORD)
            return _constant(word == "true") if word in ("true", "false") else _unwalkable
        raise PathError(f"unrecognized character in action: {char}")

    def _quoted(self, quote: str) -> str:
        end = self._text.find(quote, self._at + 1)
        while end >= 0 and self._text[end - 1] == "\\":
            end = self._text.find(quote, end + 1)
        if end < 0:
            raise PathError("unterminated quoted string")
        inside, self._at = self._text[self._at + 1 : end], end + 1
        return re.sub(r"\\(.)", r"\1", inside)

    def _brackets(self) -> Path:
        end = self._text.find("]", self._at)
        if end < 0:
            raise PathError("unterminated array")
        inside, self._at = self._text[self._at + 1 : end], end + 1
        parts = inside.split(",")
        if len(parts) > 1:
            return (_union([_Reader(f"[{part.strip(' ')}]}}").steps() for part in parts]),)
        key = _KEY.fullmatch(inside)
        if key is not None:
            return _Reader(f".{key[1]}}}").steps()
        bounds = _SLICE.fullmatch(":" if inside == "*" else inside)
        if bounds is None:
            raise PathError(f"invalid array index {inside}")
        return (_slice(*bounds.groups()),)

    def _filter(self) -> Step:
        start = self._at + len(_FILTER)
        end = _end_of_filter(self._text, start)
        if self._text[end + 1 : end + 2] != "]":
            raise PathError("unclosed array expect ]")
        inside, self._at = self._text[start:end], end + 2
        found = _COMPARISON.fullmatch(inside)
        if found is None:
            return _having(_Reader(inside + "}").steps())
        left, right = (_Reader(side + "}").steps() for side in (found[1], found[3]))
        return _comparing(left, found[2], right)


def _end_of_filter(text: str, start: int) -> int:
    """Where the parenthesis closes that is in no quotes; only the first quotes count."""
    quote, closed = "", False
    for at in range(start, len(text)):
        char = text[at]
        if char in ('"', "'"):
            if not quote:
                quote = char
            elif char == quote and text[at - 1] != "\\":
                closed = True
        elif char == ")" and bool(quote) == closed:
            return at
    raise PathError("unterminated filter")


def _number(text: str) -> int | float:
    try:
        return float(text) if "." in text else int(text)
    except ValueError as error:
        raise PathError(f"cannot parse number {text}") from error


def _constant(value: Any) -> Step:
    return lambda values: [value] if isinstance(value, str) else [value] * len(values)


def _unwalkable(_values: list[Any]) -> list[Any]:
    raise PathError("unrecognized identifier")


def _member(name: str) -> Step:
    return lambda values: [one[name] for one in values if isinstance(one, dict) and name in one]


def _children(value: Any) -> list[Any]:
    """What is inside of a value; of a text, its bytes."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, str):
        return list(value.encode())
    return value if isinstance(value, list) else []


def _children_of_all(values: list[Any]) -> list[Any]:
    return [below for value in values for below in _children(value)]


def _all_below(values: list[Any]) -> list[Any]:
    """The values that hold others, and below each of them all that do."""
    found = []
    for value in values:
        below = _children(value)
        if below:
            found += [value, *_all_below(below)]
    return found


def _union(paths: list[Path]) -> Step:
    def step(values: list[Any]) -> list[Any]:
        found = []
        for path in paths:
            below = values
            for inner in path:
                below = inner(below)
            found += below
        return found

    return step


def _slice(first: str, second: str | None, third: str | None) -> Step:
    """`[first:second:third]`; `[first]` is one item, and a bound that lies outside an error."""
    start, end, width = (_index(text) for text in (first, second, third))
    single = second is None

    def step(values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if value is None:
                continue
            if not isinstance(value, list):
                raise PathError("not an array or slice")
            low = _inside(start or 0, len(value))
            high = len(value) if end is None else _inside(end, len(value))
            high = _inside((start or 0) + 1, len(value), last=True) if single else high
            if low == high:
                return found
            if not 0 <= low < high <= len(value):
                raise PathError("array index out of bounds")
            if width is not None and width <= 0:
                raise PathError("step must be > 0")
            found += value[low:high:width]
        return found

    return step


def _index(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError as error:
        raise PathError(f"array index {text} is not a number") from error


def _inside(index: int, length: int, *, last: bool = False) -> int:
    """An index counted from the end where it is negative; as the `last` one, also where it is 0."""
    return index + length if index < 0 or (last and not index) else index


def _having(path: Path) -> Step:
    """The items in which a path finds something."""

    def takes(item: Any) -> bool:
        try:
            return bool(_union([path])([item]))
        except PathError:
            return True

    return lambda values: [item for value in values for item in _items(value) if takes(item)]


def _comparing(left: Path, sign: str, right: Path) -> Step:
    """The items in which two paths lead to values of one kind in an order."""
    sides = [_union([left]), _union([right])]

    def takes(item: Any) -> bool:
        found = [side([item]) for side in sides]
        if not all(found):
            return False
        if any(len(one) > 1 for one in found):
            raise PathError("can only compare one element at a time")
        order = _ORDERS.get(sign)
        kinds = {type(one[0]) for one in found}
        if order is None or len(kinds) > 1 or not kinds <= {bool, int, float, str}:
            raise PathError("incompatible types for comparison")
        if bool in kinds and sign not in ("==", "!="):
            raise PathError("invalid type for comparison")
        return order(found[0][0], found[1][0])

    return lambda values: [item for value in values for item in _items(value) if takes(item)]


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise PathError("not an array or slice and cannot be filtered")
    return value
