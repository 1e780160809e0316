"""Members that a body names twice: the last one counts, and a strict reader objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from gitopsd.sandbox.kubernetes import goyaml
from gitopsd.sandbox.kubernetes.gotext import quote


def doubled_in_json(body: bytes) -> list[str]:
    """What a strict reader says of a JSON body, a sentence for each member named again."""
    return [f"duplicate field {quote(path)}" for path in doubled(body)]


def doubled_in_yaml(body: bytes) -> list[str]:
    """What a strict reader says of a YAML body: one sentence with a line for each such key.

    A body that is no YAML has none; whoever decodes it says what is wrong with it.
    """
    try:
        found = [] if _is_plain_json(body) else goyaml.read(body).repeated
    except goyaml.YamlError:
        return []
    return ["\n".join(["yaml: unmarshal errors:", *(f"  {one}" for one in found)])] if found else []


def _is_plain_json(body: bytes) -> bool:
    """Whether a body is JSON that names nothing twice, as most of those are that are applied."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return not doubled(body)


def doubled(body: bytes) -> list[str]:
    """The paths of members named more than once, such as `data.a` or `spec.ports[0].name`.

    A body that is no JSON has none; whoever decodes it says what is wrong with it.
    """
    names: dict[int, list[str]] = {}

    def remember(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            listed = [name for name, _ in pairs]
            names[id(made)] = [name for index, name in enumerate(listed) if name in listed[:index]]
        return made

    try:
        value = json.loads(body, object_pairs_hook=remember)
    except ValueError:
        return []
    return list(_paths(value, "", names)) if names else []


def _paths(value: Any, path: str, names: dict[int, list[str]]) -> Iterator[str]:
    if isinstance(value, dict):
        for name in names.get(id(value), ()):
            yield f"{path}.{name}".lstrip(".")
        for name, member in value.items():
            yield from _paths(member, f"{path}.{name}".lstrip("."), names)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, f"{path}[{index}]", names)
