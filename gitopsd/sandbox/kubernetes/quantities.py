"""Amounts of a node's resources: read and written anew as the server does."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Final

_SYNTAX: Final = re.compile(
    r"([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d+)", re.ASCII
)
MALFORMED: Final = (
    "quantities must match the regular expression "
    r"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15,
                   "E": 18}  # fmt: skip


def value_of(text: str) -> Decimal:
    """The number that a quantity stands for.

    Raises:
        ValueError: it is none, in the server's words.
    """
    match = _SYNTAX.fullmatch(text.strip())
    if match is None:
        raise ValueError(MALFORMED)
    number, suffix = Decimal(match[1] + match[2]), match[3]
    if suffix in _BINARY:
        return number * Decimal(1024) ** _BINARY[suffix]
    exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
    return number.scaleb(exponent)


def canonical(text: str) -> str:
    """A quantity as the server writes it: no fraction, and the greatest suffix that fits.

    Raises:
        ValueError: it is none, in the server's words.
    """
    number = value_of(text)
    match = _SYNTAX.fullmatch(text.strip())
    suffix = match[3] if match else ""
    scale = 9 if suffix in ("n", "u") else 3
    number = number.scaleb(scale).to_integral_value(ROUND_CEILING).scaleb(-scale)
    whole = number == number.to_integral_value()
    if suffix in _BINARY and whole and abs(number) >= 1024:
        return _with_binary(int(number))
    exponent = 0 if not number else _thousands(number)
    shown = str(int(number.scaleb(-exponent)))
    if suffix[:1] in ("e", "E") and suffix not in _DECIMAL:
        return f"{shown}e{exponent}" if exponent else shown
    return shown + next((name for name, one in _DECIMAL.items() if one == exponent), "")


def _with_binary(number: int) -> str:
    power = 0
    while number and number % 1024 == 0 and power < 6:
        number, power = number // 1024, power + 1
    return f"{number}{['', *_BINARY][power]}"


def _thousands(number: Decimal) -> int:
    exponent = -9
    while exponent < 18 and number.scaleb(-exponent - 3) % 1 == 0:
        exponent += 3
    return exponent
