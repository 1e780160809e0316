"""The outcome of compiling as YAML for people: one document for each object and server group."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gitopsd.compiler.catalogue import RULES
from gitopsd.compiler.rendering import group_json, group_origins, object_json, ordered
from gitopsd.model.desired import DesiredState, DesiredTarget, Origin
from gitopsd.model.ownership import Owner
from gitopsd.model.paths import join
from gitopsd.typography import count

#: Text that every YAML reader takes for text when it stands without quotes.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_TAKEN_FOR_OTHERS = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|none|nan|inf)")

Keys = tuple[str | int, ...]
_NO_ORIGINS: Mapping[str, Origin] = MappingProxyType({})


def render_yaml(
    state: DesiredState, *, instance: str | None = None, explain: bool = False
) -> Iterator[str]:
    """Lines without line ends. Each target starts with a comment; server groups stand under a key
    `serverGroup`, so that no document is taken for an object of a cluster that is none.

    With `explain` every field is followed by a comment: the rule, why, and the spec line.
    """
    for target in state.targets.values():
        owner = Owner(instance or state.fleet, target.name)
        yield _heading(target)
        for item in ordered(target.objects):
            yield "---"
            yield from yaml_lines(object_json(item), item.origins if explain else {})
        for group in ordered(target.groups):
            yield "---"
            origins = group_origins(group, owner) if explain else {}
            shifted = {f"serverGroup.{path}": origin for path, origin in origins.items()}
            yield from yaml_lines({"serverGroup": group_json(group, owner)}, shifted)


def _heading(target: DesiredTarget) -> str:
    parts = [count(len(target.objects), "object"), count(len(target.groups), "server group")]
    if target.retiring:
        parts.append("retiring")
    if target.held:
        parts.append(f"{count(len(target.held), 'document')} held")
    return f"# target {target.name}: {', '.join(parts)}"


def yaml_lines(value: Any, origins: Mapping[str, Origin] = _NO_ORIGINS) -> Iterator[str]:
    """A mapping with content as YAML, a comment behind each field that `origins` explain."""
    notes = {path: _note(origin) for path, origin in origins.items()}
    yield from _block(value, (), "", notes)


def _note(origin: Origin) -> str:
    place = f" ({origin.position})" if origin.position else ""
    return f"  # {origin.rule}: {RULES[origin.rule].because}{place}"


def _block(value: Any, keys: Keys, indent: str, notes: Mapping[str, str]) -> Iterator[str]:
    """The lines of a mapping or list with content; `keys` lead to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", item, (*keys, key), indent, notes)
    else:
        for index, item in enumerate(value):
            yield from _item(item, (*keys, index), indent, notes)


def _entry(
    start: str, item: Any, keys: Keys, indent: str, notes: Mapping[str, str]
) -> Iterator[str]:
    note = notes.get(join(keys), "") if notes else ""
    if isinstance(item, dict | list) and item:
        deeper = indent if isinstance(item, list) else indent + "  "
        yield start + note
        yield from _block(item, keys, deeper, notes)
    else:
        yield f"{start} {_scalar(item)}{note}"


def _item(item: Any, keys: Keys, indent: str, notes: Mapping[str, str]) -> Iterator[str]:
    """One entry of a list: its first line carries the dash."""
    if isinstance(item, dict | list) and item:
        lines = _block(item, keys, indent + "  ", notes)
        yield f"{indent}- {next(lines).lstrip()}"
        yield from lines
    else:
        yield from _entry(f"{indent}-", item, keys, indent, notes)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and not _TAKEN_FOR_OTHERS.fullmatch(value):
            return value
        if '"' in value and "'" not in value and value.isprintable():
            return f"'{value}'"  # JSON inside an annotation stays readable
    odd = (
        isinstance(value, str) and not value.isprintable()
    )  # line ends that JSON leaves as they are
    return json.dumps(value, ensure_ascii=odd)
