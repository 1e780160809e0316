"""Values as YAML text, in the style of what stands where they go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gitopsd.spec.scalars import is_date, resolve

#: Plain text that no YAML reader takes for anything else, wherever it stands.
_PLAIN = re.compile(r"[A-Za-z0-9_/$.][A-Za-z0-9_/$.@-]*")


def scalar(value: Any, style: str = "") -> str:
    """A scalar; text keeps the quotes that `style` names, and gets some where it needs them."""
    if not isinstance(value, str):
        return "null" if value is None else json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    plain = _PLAIN.fullmatch(value) and resolve(value) == (value, False) and not is_date(value)
    if plain and style != '"':
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def flow(value: Any) -> str:
    """A value on one line: `{port: 80, hosts: [a, b]}`."""
    if isinstance(value, dict):
        inner = ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def block(value: dict[str, Any]) -> Iterator[str]:
    """The lines of a mapping with content; lists of mappings have an entry in each line."""
    for key, item in value.items():
        if isinstance(item, list) and item and all(isinstance(entry, dict) for entry in item):
            yield f"{scalar(key)}:"
            yield from (f"- {flow(entry)}" for entry in item)
        else:
            yield f"{scalar(key)}: {flow(item)}"
