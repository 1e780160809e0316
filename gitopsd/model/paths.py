"""Dotted paths into JSON values, as people read and write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PART = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


def join(parts: Iterable[str | int]) -> str:
    """`("spec", "ports", "443/TCP", "name")` becomes `spec.ports[443/TCP].name`."""
    text = ""
    for part in parts:
        if isinstance(part, str) and _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]"
    return text


def split(path: str) -> tuple[str, ...]:
    """The parts of a joined path, as texts: `spec.rules[0].host` is `("spec", "rules", "0", …)`.

    What stands in brackets is one part, whatever dots it holds.
    """
    return tuple(quoted or plain for quoted, plain in _PART.findall(path))


def within(path: str, parent: str) -> bool:
    """Whether `path` is `parent` or lies below it; the empty parent holds everything."""
    return not parent or path == parent or (path.startswith(parent) and path[len(parent)] in ".[")


def route_place(host: str, path: str) -> str:
    """`demo.example.com/tea`: how paths name a route of an Ingress; without a host its path alone.

    A bracket would end the name in a joined path, and is written as in a URL.
    """
    return f"{host}{path or '/'}".replace("]", "%5D")
