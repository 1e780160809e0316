"""Reading the annotations of Services: prefixes, flags, numbers, and tables of them (facts §1).

The two controllers read the same keys in different ways. A table says for each key which field of
the model it sets and how its text is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from gitopsd.sandbox.controllers.objects import Item, annotations_of
from gitopsd.sandbox.controllers.services.outcome import ModelError

_PREFIX: Final = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
_LEGACY: Final = "service.beta.kubernetes.io/alicloud-loadbalancer-"
_BACKEND_TYPE: Final = "service.beta.kubernetes.io/backend-type"
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_LONG: Final = 1 << 63

Read = Callable[[str], Any]
"""From an annotation's text to a field's value; raises ValueError with the reason."""


class Options:
    """The annotations of one Service, without their prefix."""

    def __init__(self, service: Item) -> None:
        self._annotations = annotations_of(service)

    def get(self, key: str) -> str:
        """The value of a key, "" when it is absent; the present prefix wins over the older one."""
        older = self._annotations.get(_LEGACY + key, "")
        return self._annotations.get(_PREFIX + key, older)

    def has(self, key: str) -> bool:
        """Whether the key is there, also with an empty value."""
        return _PREFIX + key in self._annotations or _LEGACY + key in self._annotations

    @property
    def pods(self) -> bool:
        """Whether pods themselves are the backends; compared exactly."""
        return self._annotations.get(_BACKEND_TYPE) == "eni"


class Option(NamedTuple):
    """A key, the field it sets, how to read it, and the error for a text that cannot be read.

    The error is a template of `value` and `why`.
    """

    key: str
    field: str
    read: Read = str
    error: str = "{why}"


def fill(options: Options, table: Iterable[Option]) -> dict[str, Any]:
    """The fields that a table gives for the keys that have a value.

    Raises:
        ModelError: a value cannot be read.
    """
    found = {}
    for option in table:
        text = options.get(option.key)
        if not text:
            continue
        try:
            value = option.read(text)
        except ValueError as why:
            raise ModelError(option.error.format(value=text, why=why)) from why
        if value is not None:
            found[option.field] = value
    return found


def whole(text: str) -> int:
    """A whole number. Raises ValueError in the controllers' words."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    number = int(text)
    if not -_LONG <= number < _LONG:
        raise ValueError(f'strconv.Atoi: parsing "{text}": value out of range')
    return number


def counted(text: str) -> int | None:
    """A whole number where 0 stands for "not said"."""
    return whole(text) or None


def wrapped(text: str) -> int:
    """A whole number squeezed into 32 bits, as NLB's controller does."""
    return (whole(text) + (1 << 31)) % (1 << 32) - (1 << 31)


def wrapped_counted(text: str) -> int | None:
    """The same where 0 stands for "not said"."""
    return wrapped(text) or None


def is_on(text: str) -> bool:
    """A flag that is true for `on` in any case, and false for all else, `true` included."""
    return text.lower() == "on"


def listed(text: str) -> list[str]:
    """A comma-separated list, taken as written."""
    return text.split(",")


def percent(text: str) -> int:
    """A weight from 0 to 100. Raises ValueError."""
    number = whole(text)
    if number not in range(101):
        raise ValueError(text)
    return number


def bound_to(text: str, port: int, error: str) -> str:
    """What a list of `<something>:<port>` gives for a port, "" for nothing.

    Entries are read in order up to the one that fits, so a bad one counts only before it.

    Raises:
        ModelError: an entry has no colon; `error` is a template of `got`.
    """
    for entry in text.split(","):
        parts = entry.split(":")
        if len(parts) < 2:
            raise ModelError(error.format(got=f"[{' '.join(parts)}]"))
        if parts[1] == str(port):
            return parts[0]
    return ""


def tags(options: Options) -> list[str]:
    """Additional tags as `key=value`; a key alone has an empty value."""
    found = {}
    for entry in options.get("additional-resource-tags").strip().split(","):
        key, *values = entry.strip().split("=")
        if key:
            found[key] = values[0] if values else ""
    return sorted(f"{key}={value}" for key, value in found.items())
