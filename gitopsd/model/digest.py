"""Canonical bytes of JSON values, and digests of them."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

#: A label value holds at most 63 characters; 40 hexadecimal digits are 160 bits.
_LENGTH = 40


def canonical(value: Any) -> bytes:
    """The one serialisation of a JSON value: UTF-8, sorted keys, no blanks."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """A short digest for labels, tags and comparisons: 40 hexadecimal digits of SHA-256."""
    return hashlib.sha256(canonical(value)).hexdigest()[:_LENGTH]


def is_digest(text: str) -> bool:
    """Whether a text could have come out of `digest`."""
    return len(text) == _LENGTH and not set(text) - set("0123456789abcdef")


def full_digest(value: Any) -> str:
    """The whole SHA-256 in hexadecimal, where people are asked to trust it (plan hashes)."""
    return hashlib.sha256(canonical(value)).hexdigest()
