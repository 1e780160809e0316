"""Members that a body names twice: the last one counts, and a strict reader objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from gitopsd.sandbox.kubernetes.gotext import quote


def doubled_in_json(body: bytes) -> list[str]:
    """What a strict reader says of a JSON body, a sentence for each member named again."""
    return [f"duplicate field {quote(path)}" for path in doubled(body)]


def doubled_in_yaml(body: bytes) -> list[str]:
    """What a strict reader says of a YAML body: one sentence with a line for each such key.

    A body that is no YAML has none; whoever decodes it says what is wrong with it.
    """
    try:
        root = yaml.compose(body, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return []
    lines = [
        f"  line {key.start_mark.line + 1}: key {quote(key.value)} already set in map"
        for key in _repeated(root)
    ]
    return ["\n".join(["yaml: unmarshal errors:", *lines])] if lines else []


def _repeated(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)


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
