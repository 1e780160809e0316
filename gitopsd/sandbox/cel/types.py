"""Types of expressions, what fits what, and how messages write them.

A type parameter stands for a type that is not known yet; `Bindings` learns what it is as values
meet it. The rules are those of cel-go's checker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal[
    "bool", "int", "uint", "double", "string", "bytes", "null_type", "google.protobuf.Duration",
    "google.protobuf.Timestamp", "dyn", "error", "list", "map", "object", "opaque", "type", "param",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """A type; objects and opaque types have a name, objects fields, the others parameters."""

    kind: Kind
    name: str = ""
    parameters: tuple[Type, ...] = ()
    fields: Mapping[str, Type] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        """The type as the compiler's messages write it."""
        name = _SHOWN.get(self.kind) or self.name or self.kind
        if not self.parameters:
            return name
        return f"{name}({', '.join(map(str, self.parameters))})"


_SHOWN: Final[Mapping[str, str]] = {
    "null_type": "null",
    "google.protobuf.Duration": "duration",
    "google.protobuf.Timestamp": "timestamp",
    "error": "!error!",
}
BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
NULL: Final = Type("null_type")
DURATION: Final = Type("google.protobuf.Duration")
TIMESTAMP: Final = Type("google.protobuf.Timestamp")
DYN: Final = Type("dyn")
ERROR: Final = Type("error")
TYPE: Final = Type("type")
_OPTIONAL: Final = "optional_type"
_OPEN: Final = ("dyn", "param")
_NULLABLE: Final = ("opaque", "object", "google.protobuf.Duration", "google.protobuf.Timestamp")


def list_of(element: Type) -> Type:
    """The type of a list."""
    return Type("list", parameters=(element,))


def map_of(key: Type, value: Type) -> Type:
    """The type of a map."""
    return Type("map", parameters=(key, value))


def optional_of(type_: Type) -> Type:
    """The type of a value that may be missing."""
    return Type("opaque", _OPTIONAL, (type_,))


def unwrapped(type_: Type) -> tuple[Type, bool]:
    """What an optional type holds, and whether it is one; another type holds itself."""
    if type_.kind == "opaque" and type_.name == _OPTIONAL:
        return type_.parameters[0], True
    return type_, False


class Bindings:
    """What is known of type parameters."""

    def __init__(self) -> None:
        self._known: dict[str, Type] = {}
        self._made = 0

    def fresh(self) -> Type:
        """A type parameter of which nothing is known."""
        self._made += 1
        return Type("param", f"_var{self._made - 1}")

    def assignable(self, left: Type, right: Type) -> bool:
        """Whether a value of one type may stand for the other; learns from it when it may."""
        return self.all_assignable((left,), (right,))

    def all_assignable(self, left: Sequence[Type], right: Sequence[Type]) -> bool:
        """The same for several at once: all or nothing is learnt."""
        before = dict(self._known)
        if len(left) == len(right) and self._list_fits(left, right):
            return True
        self._known = before
        return False

    def _list_fits(self, left: Sequence[Type], right: Sequence[Type]) -> bool:
        return all(self._fits(one, other) for one, other in zip(left, right, strict=True))

    def _fits(self, left: Type, right: Type) -> bool:
        if right.kind == "param":
            fits, known = self._binds(left, right)
            if fits or known:
                return fits
        if left.kind == "param":
            return self._binds(right, left)[0]
        return self._known_fit(left, right)

    def _known_fit(self, left: Type, right: Type) -> bool:
        kinds = (left.kind, right.kind)
        if "dyn" in kinds or "error" in kinds:
            return True
        if "null_type" in kinds:
            return all(one in (*_NULLABLE, "null_type") for one in kinds)
        if left.kind == right.kind and left.kind in ("opaque", "list", "map"):
            same = left.name == right.name and len(left.parameters) == len(right.parameters)
            return same and self._list_fits(left.parameters, right.parameters)
        return kinds == ("type", "type") or left == right

    def _binds(self, type_: Type, parameter: Type) -> tuple[bool, bool]:
        """Whether the type may stand for the parameter, and whether that stood for one before."""
        if type_ == parameter:
            return True, True
        known = self._known.get(parameter.name)
        if known is not None:
            if type_ == known:
                return True, True
            if not self._fits(type_, known):
                return False, True
            general = more_general(type_, known)
            if not self._mentions(general, parameter):
                self._known[parameter.name] = general
            return True, True
        if self._mentions(type_, parameter):
            return False, False
        self._known[parameter.name] = type_
        return True, False

    def _mentions(self, type_: Type, parameter: Type) -> bool:
        if type_ == parameter:
            return True
        if type_.kind == "param":
            known = self._known.get(type_.name)
            return known is not None and self._mentions(known, parameter)
        return any(self._mentions(one, parameter) for one in type_.parameters)

    def resolved(self, type_: Type, *, final: bool = False) -> Type:
        """The type with what is known put in; `final` takes the unknown for dynamic."""
        if type_.kind == "param":
            known = self._known.get(type_.name)
            if known is not None:
                return self.resolved(known, final=final)
            return DYN if final else type_
        if not type_.parameters:
            return type_
        inner = tuple(self.resolved(one, final=final) for one in type_.parameters)
        return Type(type_.kind, type_.name, inner, type_.fields)

    def instance(self, types: Sequence[Type]) -> list[Type]:
        """The types of a declaration with fresh parameters in place of its own."""
        fresh: dict[str, Type] = {}

        def renewed(type_: Type) -> Type:
            if type_.kind == "param":
                if type_.name not in fresh:
                    fresh[type_.name] = self.fresh()
                return fresh[type_.name]
            if not type_.parameters:
                return type_
            return Type(type_.kind, type_.name, tuple(map(renewed, type_.parameters)), type_.fields)

        return [renewed(one) for one in types]


def more_general(left: Type, right: Type) -> Type:
    """The one of two types that unify that says less."""
    return left if _is_less_specific(left, right) else right


def _is_less_specific(left: Type, right: Type) -> bool:
    if left.kind in _OPEN:
        return True
    if right.kind in _OPEN or left.kind != right.kind or left.name != right.name:
        return False
    if left.kind == "type":
        return True
    pairs = zip(left.parameters, right.parameters, strict=True)
    return all(_is_less_specific(one, other) for one, other in pairs)
