"""What functions take and give, read from their declarations.

A declaration reads as in CEL's own documents: `string.split(string, int) -> list(string)` is a
method, `size(list(T)) -> int` a function, and a capital letter stands for any type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitopsd.sandbox.cel import types
from gitopsd.sandbox.cel.types import Type
from gitopsd.sandbox.cel.values import Maybe, type_of

_WORD: Final = re.compile(r"[A-Za-z_.]+|[(),]")
_NAMED: Final = {
    "bool": types.BOOL, "int": types.INT, "uint": types.UINT, "double": types.DOUBLE,
    "string": types.STRING, "bytes": types.BYTES, "duration": types.DURATION,
    "timestamp": types.TIMESTAMP, "dyn": types.DYN, "type": types.TYPE,
}  # fmt: skip
#: Types of Kubernetes' own libraries.
_OPAQUE: Final = (
    "kubernetes.Quantity", "kubernetes.URL", "kubernetes.NamedFormat", "kubernetes.Semver",
    "net.IP", "net.CIDR",
)  # fmt: skip
Implementation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function; of a method, the first of `takes` is what it is called of."""

    takes: tuple[Type, ...]
    gives: Type
    method: bool
    run: Implementation

    def fits(self, arguments: tuple[Any, ...]) -> bool:
        """Whether values are of the types it takes, as far as can be seen from outside."""
        return len(arguments) == len(self.takes) and all(
            _is_of(one, value) for one, value in zip(self.takes, arguments, strict=True)
        )


def _is_of(declared: Type, value: Any) -> bool:
    """Whether a value, and what it holds if it is a list or may be missing, is of a type."""
    if declared.kind in ("param", "dyn"):
        return True
    found = type_of(value)
    if (declared.kind, declared.name) != (found.kind, found.name):
        return False
    held = value if declared.kind == "list" else value.held if isinstance(value, Maybe) else ()
    return all(_is_of(declared.parameters[0], one) for one in held)


def declared(table: Mapping[str, Implementation]) -> dict[str, list[Overload]]:
    """Functions by name from their declarations, several of which may stand in one line."""
    found: dict[str, list[Overload]] = {}
    for text, run in table.items():
        for one in text.split(" | "):
            name, overload = _overload(one, run)
            found.setdefault(name, []).append(overload)
    return found


def _overload(text: str, run: Implementation) -> tuple[str, Overload]:
    head, _, result = text.partition(" -> ")
    opened = _opening(head)
    name, inner = head[:opened], head[opened + 1 : -1]
    target, _, own = name.rpartition(".")
    method = bool(target) and _is_type(target)
    takes = _list(inner)
    if method:
        takes = (_type(target), *takes)
    return own if method else name, Overload(takes, _type(result), method, run)


def _opening(head: str) -> int:
    """Where the parenthesis of the arguments is: the one that the last character closes."""
    depth = 0
    for at in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if depth == 0:
            return at
    raise ValueError(head)


def _is_type(text: str) -> bool:
    name = text.partition("(")[0]
    known = (*_NAMED, *_OPAQUE, "list", "map", "optional_type")
    return name in known or (len(name) == 1 and name.isupper())


def _list(text: str) -> tuple[Type, ...]:
    words = _WORD.findall(text)
    found = []
    while words:
        found.append(_taken(words))
        if words:
            words.pop(0)
    return tuple(found)


def _type(text: str) -> Type:
    return _list(text)[0]


def _taken(words: list[str]) -> Type:
    name = words.pop(0)
    inner: list[Type] = []
    if words and words[0] == "(":
        words.pop(0)
        while words[0] != ")":
            inner.append(_taken(words))
            if words[0] == ",":
                words.pop(0)
        words.pop(0)
    if name in ("list", "map", "type") and inner:
        return Type("list" if name == "list" else "map" if name == "map" else "type",
                    parameters=tuple(inner))  # fmt: skip
    if name == "optional_type":
        return types.optional_of(inner[0])
    if name in _NAMED:
        return _NAMED[name]
    return Type("opaque", name) if name in _OPAQUE else Type("param", name)
