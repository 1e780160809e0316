"""The small part of JSONPath that printer columns use."""

from __future__ import annotations

import re
from typing import Any, Final

_STEP: Final = re.compile(
    r"\.(?P<name>(?:\\.|[^.\[\]\\])+)"
    r"|\[(?P<index>-?\d+|\*)\]"
    r"|\[\?\(@\.(?P<key>[\w-]+)\s*==\s*[\"'](?P<value>[^\"']*)[\"']\)\]"
    r"|\['(?P<quoted>[^']*)'\]"
)


def found_by(path: str, item: Any) -> list[Any]:
    """Values at a path such as `.status.conditions[?(@.type=="Ready")].status`.

    Names, `\\.` in names, `['name']`, `[0]`, `[*]` and filters by one equal member are understood;
    anything else finds nothing.
    """
    text = path if path.startswith((".", "[")) else "." + path
    found, position = [item], 0
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            return []
        position = step.end()
        found = [value for one in found for value in _stepped(step, one)]
    return found


def _stepped(step: re.Match[str], value: Any) -> list[Any]:
    name = step["name"] if step["name"] is not None else step["quoted"]
    if name is not None:
        key = name.replace("\\.", ".")
        return [value[key]] if isinstance(value, dict) and key in value else []
    if not isinstance(value, list):
        return []
    if step["key"] is not None:
        return [
            one for one in value
            if isinstance(one, dict) and str(one.get(step["key"])) == step["value"]
        ]  # fmt: skip
    if step["index"] == "*":
        return value
    index = int(step["index"])
    return [value[index]] if -len(value) <= index < len(value) else []
