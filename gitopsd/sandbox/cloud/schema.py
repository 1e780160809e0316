"""The vocabulary in which an operation's parameters are written down as data.

An `Operation` is its name and two lists of `Field`: those that travel in the query string and those
that travel in the form body (wire format, "where parameters travel"). A `Field` knows its type and
limits; nested objects and lists are Fields again. Nothing here looks at a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["string", "integer", "long", "boolean", "struct", "list"]
Access = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or member of a nested object.

    `choices` are the allowed texts (letter case counts). `minimum`/`maximum` bound a number, the
    length of a text, or the number of items of a list. `pattern` must match the whole text.
    `fields` are the members of a struct; `item` describes the items of a list.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: re.Pattern[str] | None = None
    fields: tuple[Field, ...] = ()
    item: Field | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: its name, where its parameters travel, whether it changes anything, whether that
    takes a job which goes on after the answer, and the HTTP methods it may be called with.
    """

    name: str
    query: tuple[Field, ...] = ()
    form: tuple[Field, ...] = ()
    access: Access = "read"
    job: bool = False
    methods: tuple[str, ...] = ("GET", "POST")

    @property
    def accepts(self) -> frozenset[str]:
        """Names of all parameters."""
        return frozenset(field.name for field in (*self.query, *self.form))


def text(
    name: str,
    *choices: str,
    minimum: int | None = None,
    maximum: int | None = None,
    pattern: re.Pattern[str] | None = None,
) -> Field:
    """A text; `minimum` and `maximum` bound its length in characters."""
    return Field(name, "string", choices=choices, minimum=minimum, maximum=maximum, pattern=pattern)


def integer(name: str, minimum: int | None = None, maximum: int | None = None) -> Field:
    """A 32-bit number with inclusive bounds."""
    return Field(name, "integer", minimum=minimum, maximum=maximum)


def long(name: str, minimum: int | None = None, maximum: int | None = None) -> Field:
    """A 64-bit number with inclusive bounds."""
    return Field(name, "long", minimum=minimum, maximum=maximum)


def flag(name: str) -> Field:
    """A truth value; letter case on the wire does not count."""
    return Field(name, "boolean")


def struct(name: str, *fields: Field) -> Field:
    """A nested object, flattened with dots on the wire."""
    return Field(name, "struct", fields=fields)


def texts(name: str, limit: int | None = None, *choices: str) -> Field:
    """A list of texts with at most `limit` items."""
    return Field(name, "list", maximum=limit, item=text(name, *choices))


def structs(name: str, limit: int | None, *fields: Field) -> Field:
    """A list of objects with at most `limit` items."""
    return Field(name, "list", maximum=limit, item=struct(name, *fields))


def required(field: Field) -> Field:
    """The same field, not to be left out."""
    return replace(field, required=True)
