"""The type of an object as data: fields, list kinds, keys, defaults, what is always written.

One `Type` tree per kind drives everything that depends on structure: decoding a request, keying
lists in server-side apply, strategic merge patches, ownership and the published OpenAPI.

Field names in `struct(...)` may end in a mark that says when the field is written out:

* no mark: left out when it holds the zero value of its type ("", 0, false, empty list or map);
* `?`: left out only when absent, so a zero given by a client is kept (Go: a pointer);
* `!`: always written, with its zero value when nobody gave one (Go: no `omitempty`, or a struct).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

Form = Literal[
    "string", "integer", "number", "boolean", "int-or-string", "time", "micro-time", "bytes",
    "quantity", "object", "map", "list", "any", "schema-or-boolean", "schema-or-list",
]  # fmt: skip
Presence = Literal["zero", "null", "always"]
ListKind = Literal["atomic", "set", "map"]


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """A node of a kind's structure.

    `form` says what values look like. `object` has `fields` (and `element` for other keys when
    they are allowed), `map` and `list` have `element`. `atomic` values are owned and replaced as a
    whole. `keys` identify the items of a list of kind `map`. `patch_key` (or `patch_merge` for
    lists of scalars) is what a strategic merge patch merges by. `go` is the type's name in
    messages. `bits` is the size of an integer. What is `nullable` has null as its zero value.
    """

    form: Form
    go: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    element: Type | None = None
    atomic: bool = False
    list_kind: ListKind = "atomic"
    keys: tuple[str, ...] = ()
    patch_key: str = ""
    patch_merge: bool = False
    bits: int = 64
    nullable: bool = False

    def child(self, name: str) -> Type | None:
        """The type of the member `name` of an object or map; None when it is not declared."""
        known = self.fields.get(name)
        return known.type if known is not None else self.element

    @property
    def zero(self) -> Any:
        """The zero value, as the server writes it for a field that is always present."""
        if self.nullable:
            return None
        if self.form == "object":
            return {
                name: known.type.zero
                for name, known in self.fields.items()
                if known.presence == "always"
            }
        return _ZEROS.get(self.form)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A declared member: its type, when it is written, and the value it gets when left out.

    `inlined` is the struct without a name of its own in JSON that declares it; messages show it.
    """

    type: Type
    presence: Presence = "zero"
    default: Any = None
    inlined: str = ""


_ZEROS: Final[dict[Form, Any]] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "int-or-string": 0,
    "bytes": "",
}
_MARKS: Final[dict[str, Presence]] = {"?": "null", "!": "always"}

STRING: Final = Type("string", "string")
INT32: Final = Type("integer", "int32", bits=32)
INT64: Final = Type("integer", "int64")
BOOLEAN: Final = Type("boolean", "bool")
NUMBER: Final = Type("number", "float64")
INT_OR_STRING: Final = Type("int-or-string", "intstr.IntOrString")
TIME: Final = Type("time", "v1.Time")
MICRO_TIME: Final = Type("micro-time", "v1.MicroTime")
POINTER: Final = Type("string", "string", nullable=True)
BYTES: Final = Type("bytes", "[]uint8")
QUANTITY: Final = Type("quantity", "resource.Quantity")
UID: Final = Type("string", "types.UID")
ANY: Final = Type("any", "interface {}")


def struct(
    go: str, members: Mapping[str, Type | Field], *, atomic: bool = False, open_: bool = False
) -> Type:
    """An object with declared members; `open_` ones accept and keep further members of any type."""
    fields: dict[str, Field] = {}
    for marked, member in members.items():
        name = marked.rstrip("?!")
        known = member if isinstance(member, Field) else Field(member)
        fields[name] = replace(known, presence=_MARKS.get(marked[len(name) :], "zero"))
    return Type("object", go, fields=fields, element=ANY if open_ else None, atomic=atomic)


def named(go: str) -> Type:
    """A text of a type of its own, which messages name."""
    return Type("string", f"v1.{go}")


def defaulted(type_: Type, value: Any) -> Field:
    """A member that gets `value` when the request leaves it out or gives its zero value."""
    return Field(type_, default=value)


def mapping(element: Type, *, atomic: bool = False) -> Type:
    """A map from arbitrary keys to `element`."""
    return Type("map", f"map[string]{element.go}", element=element, atomic=atomic)


def atomic_list(element: Type) -> Type:
    """A list that is owned and replaced as a whole."""
    return Type("list", f"[]{element.go}", element=element, atomic=True)


def set_list(element: Type, *, patch_merge: bool = False) -> Type:
    """A list of distinct scalars, each owned by itself."""
    return Type(
        "list", f"[]{element.go}", element=element, list_kind="set", patch_merge=patch_merge
    )


def map_list(element: Type, *keys: str, patch_key: str = "") -> Type:
    """A list of objects identified by `keys`, each item and its fields owned by themselves."""
    return Type(
        "list", f"[]{element.go}", element=element, list_kind="map", keys=keys, patch_key=patch_key
    )
