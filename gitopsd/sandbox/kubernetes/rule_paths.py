"""The path by which a rule says which field it is about: `.spec.ports['http']`."""

from __future__ import annotations

import re
from typing import Any, Final

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\]")
_ESCAPE: Final = re.compile(r"\\(.)")
_SHORT: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
                 "'": "'", "\\": "\\"}  # fmt: skip


def normalized(path: str, schema: dict[str, Any]) -> str | None:
    """The path as refusals write it; None for one that leads to no field of the schema."""
    shown, place = "", 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            return None
        place = step.end()
        name = step[1] if step[1] is not None else _unescaped(step[2])
        properties, extra = schema.get("properties"), schema.get("additionalProperties")
        below = (properties or {}).get(name) if properties is not None else extra
        if name is None or not isinstance(below, dict):
            return None
        if properties is None:
            shown += f"[{name}]"
        else:
            shown += f".{name}" if shown else name
        schema = below
    return shown


def _unescaped(text: str) -> str | None:
    if any(one not in _SHORT for one in _ESCAPE.findall(text)):
        return None
    return _ESCAPE.sub(lambda found: _SHORT[found[1]], text)
