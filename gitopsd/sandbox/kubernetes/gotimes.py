"""Points and spans of time read as Go's `time` package reads them, refused in its words."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

RFC3339: Final = "2006-01-02T15:04:05Z07:00"
RFC3339_MICRO: Final = "2006-01-02T15:04:05.000000Z07:00"
#: What each element of a layout takes: digits, and the lowest and highest number, if bounded.
_ELEMENTS: Final = {
    "2006": (r"\d{4}", "", 0, 9999),
    "01": (r"\d\d", "month", 1, 12),
    "02": (r"\d\d", "", 0, 99),
    "15": (r"\d\d?", "hour", 0, 23),
    "04": (r"\d\d", "minute", 0, 59),
    "05": (r"\d\d", "second", 0, 59),
    ".000000": (r"[.,]\d{6}", "", 0, 10**6),
}
_PARTS: Final = re.compile(r"2006|01|02|15|04|05|\.000000|Z07:00|.")
_ANY_FRACTION: Final = re.compile(r"[.,]\d+")
_ZONE: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_SPAN: Final = re.compile(r"(\d*)(?:\.(\d*))?([^\d.]*)")
_UNITS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9,
    "h": 3600 * 10**9,
}  # fmt: skip


class TimeError(ValueError):
    """A text is no time; the message is Go's."""


def _quoted(text: str) -> str:
    """As the package quotes: byte by byte what is not printable ASCII."""
    shown = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            shown.append("\\" + char)
        else:
            shown.append(char if 0x20 <= byte < 0x80 else f"\\x{byte:02x}")
    return '"' + "".join(shown) + '"'


def parse_instant(layout: str, text: str) -> datetime:
    """The instant that a text says in a layout (RFC3339, or RFC3339_MICRO).

    Raises:
        TimeError: it does not fit.
    """
    rest, found, micros = text, [], 0
    zone = UTC
    elements = [one[0] for one in _PARTS.finditer(layout)]
    for at, element in enumerate(elements):
        if element == "Z07:00":
            zone, rest = _zone(layout, text, rest)
            continue
        known = _ELEMENTS.get(element)
        if known is None:
            if not rest.startswith(element):
                raise _misfit(layout, text, rest, element)
            rest = rest[1:]
            continue
        pattern, name, least, most = known
        match = re.match(pattern, rest, re.ASCII)
        if match is None:
            raise _misfit(layout, text, rest, element)
        rest = rest[match.end() :]
        if element == ".000000":
            micros = int(match[0][1:])
            continue
        number = int(match[0])
        if not least <= number <= most:
            raise TimeError(f"parsing time {_quoted(text)}: {name} out of range")
        found.append(number)
        if element == "05" and elements[at + 1] != ".000000":
            fraction = _ANY_FRACTION.match(rest)
            rest = rest[fraction.end() :] if fraction else rest
    if rest:
        raise TimeError(f"parsing time {_quoted(text)}: extra text: {_quoted(rest)}")
    year, month, day, hour, minute, second = found
    if not 1 <= day <= (monthrange(max(year, 1), month)[1]):
        raise TimeError(f"parsing time {_quoted(text)}: day out of range")
    return datetime(max(year, 1), month, day, hour, minute, second, micros, tzinfo=zone).astimezone(
        UTC
    )


def _misfit(layout: str, text: str, rest: str, element: str) -> TimeError:
    return TimeError(
        f"parsing time {_quoted(text)} as {_quoted(layout)}: "
        f"cannot parse {_quoted(rest)} as {_quoted(element)}"
    )


def _zone(layout: str, text: str, rest: str) -> tuple[timezone, str]:
    if rest.startswith("Z"):
        return UTC, rest[1:]
    match = _ZONE.match(rest)
    if match is None:
        raise _misfit(layout, text, rest, "Z07:00")
    hours, minutes = int(match[2]), int(match[3])
    for what, number, most in (("hour", hours, 24), ("minute", minutes, 60)):
        if number > most:
            raise TimeError(f"parsing time {_quoted(text)}: time zone offset {what} out of range")
    span = timedelta(hours=hours, minutes=minutes)
    if span >= timedelta(days=1):  # Python knows no such zone, and nobody sends one
        raise TimeError(f"parsing time {_quoted(text)}: time zone offset hour out of range")
    return timezone(-span if match[1] == "-" else span), rest[match.end() :]


def check_span(text: str) -> None:
    """Refuse what is no duration such as `1h2m`.

    Raises:
        TimeError: with what is wrong.
    """
    whole, total = f"time: invalid duration {_quoted(text)}", 0.0
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return
    if not rest:
        raise TimeError(whole)
    while rest:
        match = _SPAN.match(rest)
        assert match is not None  # noqa: S101 - every part may be empty
        digits, fraction, unit = match[1], match[2] or "", match[3]
        if not digits and not fraction:
            raise TimeError(whole)
        if not unit:
            raise TimeError(f"time: missing unit in duration {_quoted(text)}")
        if unit not in _UNITS:
            raise TimeError(f"time: unknown unit {_quoted(unit)} in duration {_quoted(text)}")
        total += float(f"{digits or 0}.{fraction or 0}") * _UNITS[unit]
        if total >= 2**63:
            raise TimeError(whole)
        rest = rest[match.end() :]
