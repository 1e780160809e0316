"""Dotted paths into JSON values, as people read and write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def join(parts: Iterable[str | int]) -> str:
    """`("spec", "ports", "443/TCP", "name")` becomes `spec.ports[443/TCP].name`."""
    text = ""
    for part in parts:
        if isinstance(part, str) and _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]"
    return text


def within(path: str, parent: str) -> bool:
    """Whether `path` is `parent` or lies below it; the empty parent holds everything."""
    return not parent or path == parent or (path.startswith(parent) and path[len(parent)] in ".[")
