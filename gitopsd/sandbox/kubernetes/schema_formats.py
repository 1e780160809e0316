"""Formats of texts that a JSON schema may ask for, and that the server knows."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

_UUID: Final = re.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
#: Formats that the server knows, also where nothing is checked here.
_OF_TEXTS: Final = (
    "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3",
    "uuid4", "uuid5", "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor",
    "byte", "password", "date", "duration", "datetime",
)  # fmt: skip
_OF_NUMBERS: Final = {"integer": ("int32", "int64"), "number": ("float", "double")}
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)")
_LABEL: Final = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,255}}$){_LABEL}(\.{_LABEL})*\.?")
_EMAIL: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_URI: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*:|/)[^\s]*")
_SPAN: Final = r"(\d+(\.\d*)?|\.\d+)"
_WORDS: Final = "(nano|micro|milli|sec|min|hour|day|week|d|w)[a-z]*"
_DURATION: Final = re.compile(rf"[+-]?({_SPAN}(ns|us|µs|ms|s|m|h))+|0|{_SPAN} ?{_WORDS}")


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00"))


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def format_of(schema: Mapping[str, Any]) -> str:
    """The format that a schema asks for; "" for none, and for one that its type does not know."""
    form, kind = schema.get("format") or "", schema.get("type") or ""
    if kind in ("", "string"):
        return form if form.replace("-", "") in _OF_TEXTS or form.startswith("k8s-") else ""
    return form if form in _OF_NUMBERS.get(kind, ()) else ""


def is_known(schema: Mapping[str, Any]) -> bool:
    """Whether the server knows a schema's format as one of its type."""
    return not schema.get("format") or bool(format_of(schema))


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "byte": _parses(lambda text: base64.b64decode(text, validate=True)),
    "date": _parses(date.fromisoformat),
    "date-time": _parses(_instant),
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "uuid": _matches(_UUID),
    "hostname": _matches(_HOST),
    "email": _matches(_EMAIL),
    "uri": _matches(_URI),
    "duration": _matches(_DURATION),
    "cidr": _parses(lambda text: ipaddress.ip_network(text, strict=False)),
}
