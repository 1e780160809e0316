"""What a request's JSON becomes when the server reads it into its own type.

Unknown members are dropped (and named), zero values that the type does not write are left out,
members that are always written get their zero, defaults are filled in, times are normalised.
Members come out in the order in which the type declares them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from gitopsd.sandbox.kubernetes.scalars import (
    OWN_READERS,
    READERS,
    DecodeError,
    Place,
    mismatch,
)
from gitopsd.sandbox.kubernetes.schema import ANY, Field, Type
from gitopsd.sandbox.kubernetes.structure import MISSING
from gitopsd.sandbox.kubernetes.unstructured import converted

#: A struct without a name in JSON, in the path of a value.
_INLINED: Final = re.compile(r"<\w+>\.")


@dataclass(slots=True)
class Decoder:
    """Reads values into a type; `unknown` collects the paths of members nobody declared.

    `converting` reads an object that the server already holds in untyped form, after an apply or a
    strategic merge: its conversion is laxer about numbers and refuses in words of its own.
    """

    unknown: list[str] = field(default_factory=list)
    converting: bool = False
    misfit: DecodeError | None = None

    def read(self, type_: Type, value: Any) -> Any:
        """The value as the server holds it.

        Raises:
            DecodeError: a value cannot be read into its type.
        """
        read = self._value(type_, value, "", "")
        if self.misfit is not None:
            raise self.misfit
        return read

    def _missed(self, misfit: DecodeError) -> Any:
        """Go on behind a value of a wrong kind: only what comes later may be found worse.

        Raises:
            DecodeError: at once where an object is converted.
        """
        if self.converting:
            raise misfit
        self.misfit = self.misfit or misfit
        return MISSING

    def _value(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if value is None:
            return MISSING
        if self.converting:
            value = converted(type_, value)
        form = type_.form
        if form == "any":
            return value
        inside = _INSIDE.get(form)
        if inside is not None:
            return inside(self, type_, value, path, owner)
        try:
            return READERS[form](type_, value, Place(path, owner))
        except DecodeError as error:
            if form in OWN_READERS:
                raise
            return self._missed(error)

    def _object(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if not isinstance(value, dict):
            return self._missed(mismatch(type_, value, Place(path, owner)))
        read: dict[str, Any] = {}
        prefix = path + "." if path else ""
        given = self._members(type_, value, prefix)
        for name, known in type_.fields.items():
            held = given.get(name, MISSING)
            if held is MISSING and known.presence == "always" and known.type.form == "object":
                held = self._object(known.type, {}, prefix + name, type_.go)
            held = _filled(known, held)
            if held is not MISSING:
                read[name] = held
        if type_.element is not None:
            read.update({name: one for name, one in given.items() if name not in type_.fields})
        return read

    def _members(self, type_: Type, value: dict[str, Any], prefix: str) -> dict[str, Any]:
        """The members in the order of the document, in which the server finds fault with them."""
        given: dict[str, Any] = {}
        for name, member in value.items():
            known = type_.fields.get(name)
            if known is not None:
                at = f"{prefix}<{known.inlined}>.{name}" if known.inlined else prefix + name
                given[name] = self._value(known.type, member, at, type_.go)
            elif type_.element is not None:
                given[name] = member
            else:
                self.unknown.append(_INLINED.sub("", prefix) + name)
        return given

    def _schema_or_boolean(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            raise DecodeError("boolean or JSON schema expected")
        return self._value(type_.element or ANY, value, path, owner)

    def _schema_or_list(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        """A schema or a list; the server's reader passes over anything else."""
        element = type_.element or ANY
        if isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, str):
                    self._value(element, item, f"{path}[{index}]", owner)
            return value
        return self._value(element, value, path, owner) if isinstance(value, dict) else MISSING

    def _map(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if not isinstance(value, dict):
            return self._missed(mismatch(type_, value, Place(path, owner)))
        element = type_.element or ANY
        read: dict[str, Any] = {}
        for name, member in value.items():
            held = self._value(element, member, path, owner)
            read[name] = element.zero if held is MISSING else held
        return {name: read[name] for name in sorted(read)}

    def _list(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if not isinstance(value, list):
            return self._missed(mismatch(type_, value, Place(path, owner)))
        element = type_.element or ANY
        read = []
        for index, item in enumerate(value):
            given = {} if item is None and element.form == "object" else item
            held = self._value(element, given, f"{path}[{index}]", owner)
            read.append(element.zero if held is MISSING else held)
        return read


#: How values are read that hold others.
_INSIDE: Final = {
    "object": Decoder._object,
    "map": Decoder._map,
    "list": Decoder._list,
    "schema-or-boolean": Decoder._schema_or_boolean,
    "schema-or-list": Decoder._schema_or_list,
}


def _filled(known: Field, held: Any) -> Any:
    """A member after omission of zero values, defaults and forced presence."""
    empty = held is MISSING or (known.presence == "zero" and _is_zero(known.type, held))
    if not empty:
        return held
    if known.default is not None:
        return known.default
    return known.type.zero if known.presence == "always" else MISSING


def _is_zero(type_: Type, value: Any) -> bool:
    if type_.form in ("object", "any", "int-or-string"):
        return False
    return not value
