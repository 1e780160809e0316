"""Settings from values that stand in no file."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_snake

from gitopsd.spec.part import Part

Form = TypeVar("Form", bound=Part)


class Unfit(ValueError):
    """A value that the file could not say either: its `field`, and `why`."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}")
        self.field = field
        self.why = why


def fitting(form: type[Form], **values: Any) -> Form:
    """A part of the settings from values by the names of their fields. Raises Unfit."""
    try:
        return form.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        names = [to_snake(part) for part in first["loc"] if isinstance(part, str)]
        whole = first["type"] == "unusable"
        why = f"{first['msg']} ({first['ctx']['mend']})" if whole else f"must be {first['msg']}"
        raise Unfit(names[-1], why) from error
