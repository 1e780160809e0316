"""What every form is built from: the closed mapping, numbers with bounds, days, the unknown."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


def _whole(value: object) -> object:
    """`80.0` is the whole number 80, as it is to a JSON Schema."""
    return int(value) if type(value) is float and value.is_integer() else value


#: Of every whole number; it stands behind the bounds, so that a JSON Schema shows them.
WHOLE = BeforeValidator(_whole)
Port = Annotated[int, Field(ge=1, le=65535), WHOLE]
Weight = Annotated[int, Field(ge=0, le=100), WHOLE]
#: A number whose range only a check knows, or nobody; the bound is there to have one.
Amount = Annotated[int, Field(ge=0, le=1_000_000), WHOLE]

#: The form of a day; which of them exist is checked besides.
DAY = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"


def exactly(pattern: str) -> str:
    """A pattern of JSON Schema that the whole text must match, in every dialect of patterns."""
    return f"^{pattern}$(?!\\n)"


def _day(value: object) -> object:
    """A day as `YYYY-MM-DD`; nothing else that pydantic would take for one (numbers, times)."""
    if isinstance(value, str) and re.fullmatch(DAY, value):
        try:
            return datetime.datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=datetime.UTC).date()
        except ValueError:
            pass
    if value is None or type(value) is datetime.date:
        return value
    raise PydanticCustomError("day", "a day as YYYY-MM-DD")


Day = Annotated[datetime.date | None, BeforeValidator(_day)]


class Unknown(Exception):
    """Somebody asked for a field of which a document says nothing that can be relied on.

    Only parts of documents with a mistake of form have such fields (see `salvage`).
    """


class Part(BaseModel):
    """Base of everything users write: closed, immutable, camelCase outside, no coercion.

    A key with nothing behind it, or null, is a key that was left out, wherever it may be.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    if not TYPE_CHECKING:  # to mypy every field is there

        def __getattr__(self, name: str) -> Any:
            if name in type(self).model_fields:
                raise Unknown(name)
            return super().__getattr__(name)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict) or None not in value.values():
            return value
        optional = _optional(cls)
        return {key: v for key, v in value.items() if v is not None or key not in optional}


@cache
def _optional(form: type[Part]) -> frozenset[str]:
    """The names of fields that may be left out, as users write them."""
    fields = form.model_fields.items()
    return frozenset(info.alias or name for name, info in fields if not info.is_required())
