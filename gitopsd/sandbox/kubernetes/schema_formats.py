"""Formats of texts that a JSON schema may ask for, and that the server knows.

Each is what the server's libraries make of it, which is laxer here and stricter there than the
standard of its name.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats, ip_formats
from gitopsd.sandbox.kubernetes.mail_addresses import is_mail_address
from gitopsd.sandbox.kubernetes.request_uris import is_request_uri

_OF_NUMBERS: Final = {"integer": ("int32", "int64"), "number": ("float", "double")}


def format_of(schema: Mapping[str, Any]) -> str:
    """The format that a schema asks for; "" for none, and for one that its type does not know.

    Hyphens in its name mean nothing and are left out.
    """
    form, kind = schema.get("format") or "", schema.get("type") or ""
    if kind in ("", "string"):
        bare = form.replace("-", "")
        return bare if bare in FORMATS else ""
    return form if form in _OF_NUMBERS.get(kind, ()) else ""


def is_known(schema: Mapping[str, Any]) -> bool:
    """Whether the server knows a schema's format as one of its type."""
    return not schema.get("format") or bool(format_of(schema))


def _matches(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags | re.A)
    return lambda text: compiled.fullmatch(text) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


# -- names

#: A label, or several of which the last has two letters at least.
_HOST: Final = _matches(
    r"[a-z0-9](-?[a-z0-9]{0,62})?"
    r"|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.I,
)
_LONGEST_HOST, _LONGEST_LABEL = 255, 63


def _is_host(text: str) -> bool:
    """A host's name, which may have letters of all scripts, and symbols as well as digits."""
    if len(text.encode()) > _LONGEST_HOST:
        return False
    if any(len(label.encode()) > _LONGEST_LABEL for label in text.split(".")):
        return False
    return _HOST("".join(map(_in_ascii, text)))


def _in_ascii(char: str) -> str:
    return {"L": "a", "S": "0"}.get(unicodedata.category(char)[0], char)


# -- addresses


def _is_ipv4(text: str) -> bool:
    return "." in text and ip_formats.parsed(text) is not None


def _is_network(text: str) -> bool:
    """An address, a slash and a length; zeros may lead them, and bits be set behind the length."""
    first, _, length = text.partition("/")
    address = ip_formats.parsed(first)
    if address is None or not re.fullmatch("[0-9]+", length):
        return False
    return int(length) <= address.max_prefixlen


def _is_ipv6(text: str) -> bool:
    return ":" in text and "%" not in text and _parses(ipaddress.IPv6Address)(text)


_PAIR, _FOUR = "[0-9a-f]{2}", "[0-9a-f]{4}"
#: Six, eight or twenty bytes: in pairs, in fours, or at a stretch.
_IS_MAC: Final = _matches(
    "|".join(
        [f"{_PAIR}([:-]){_PAIR}(\\1{_PAIR}){{4}}((\\1{_PAIR}){{2}}((\\1{_PAIR}){{12}})?)?"]
        + [f"{_FOUR}(\\.{_FOUR}){{{count}}}" for count in (2, 3, 9)]
        + [f"({_PAIR}){{{count}}}" for count in (6, 8, 20)]
    ),
    re.I,
)

# -- numbers with a check digit

_BLANKS: Final = re.compile(r"[\s-]+", re.A)
_ISBN10: Final = _matches("[0-9]{9}[0-9X]")
_ISBN13: Final = _matches("[0-9]{13}")
_CARD: Final = _matches(
    "4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    "|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}"
)


def _is_isbn10(text: str) -> bool:
    bare = _BLANKS.sub("", text)
    values = [10 if char == "X" else int(char) for char in bare] if _ISBN10(bare) else [1]
    return sum(index * value for index, value in enumerate(values, start=1)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    bare = _BLANKS.sub("", text)
    values = [int(char) for char in bare] if _ISBN13(bare) else [1]
    return sum(value * (3 if index % 2 else 1) for index, value in enumerate(values)) % 10 == 0


def _is_card(text: str) -> bool:
    """A card's number with anything between its digits; every second one counts twice."""
    digits = re.sub("[^0-9]", "", text)
    counted = (int(char) * (1 + index % 2) for index, char in enumerate(reversed(digits)))
    return _CARD(digits) and sum(one - 9 if one > 9 else one for one in counted) % 10 == 0


# -- times

_DAY: Final = _matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK: Final = re.compile(
    "([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})", re.A
)
_LATEST: Final = ("23", "59", "59")
_SPAN: Final = _matches(r"[+-]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)")
_COUNTED: Final = re.compile("([0-9]+)[ \t\n\f\r]*([A-Za-zµ]+)")
_UNITS: Final = re.compile(
    "ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|week.*"
)
_LONGEST_COUNT: Final = 1 << 63


def _is_day(text: str) -> bool:
    """A day of the calendar, which has a year 0 in Go: one of 366 days."""
    if not _DAY(text):
        return False
    year = text[:4] if text[:4] != "0000" else "2000"
    return _parses(date.fromisoformat)(year + text[4:])


def _is_moment(text: str) -> bool:
    day, _, clock = text.lower().partition("t")
    found = _CLOCK.fullmatch(clock.partition("t")[0])
    if not _is_day(day) or found is None:
        return False
    return all(part <= latest for part, latest in zip(found.groups(), _LATEST, strict=False))


def _is_duration(text: str) -> bool:
    """A span of Go's, or any text in which a number and a unit stand beside each other."""
    counted = _COUNTED.findall(text)
    if any(int(number) >= _LONGEST_COUNT for number, _ in counted):
        return False
    return _SPAN(text) or any(_UNITS.fullmatch(unit.lower()) for _, unit in counted)


_COLOR: Final = r"\s*(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])\s*"
_HEX4: Final = "[0-9a-f]{4}"


def _uuid(third: str = _HEX4, fourth: str = _HEX4) -> Callable[[str], bool]:
    return _matches(f"[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{third}-?{fourth}-?[0-9a-f]{{12}}", re.I)


#: What is checked of a text, by the format without its hyphens.
FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {
    "bsonobjectid": _matches("[0-9a-f]{24}", re.I),
    "byte": _matches("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "cidr": _is_network,
    "creditcard": _is_card,
    "date": _is_day,
    "datetime": _is_moment,
    "duration": _is_duration,
    "email": is_mail_address,
    "hexcolor": _matches("#?([0-9a-f]{3}|[0-9a-f]{6})", re.I),
    "hostname": _is_host,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "k8slongname": lambda text: not formats.dns_subdomain(text),
    "k8sshortname": lambda text: not formats.dns_label(text),
    "mac": _IS_MAC,
    "password": lambda _: True,
    "rgbcolor": _matches(rf"rgb\({_COLOR},{_COLOR},{_COLOR}\)"),
    "ssn": _matches("(?=.{11}$)[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}"),
    "uri": is_request_uri,
    "uuid": _uuid(),
    "uuid3": _uuid("3[0-9a-f]{3}"),
    "uuid4": _uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
    "uuid5": _uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
}
