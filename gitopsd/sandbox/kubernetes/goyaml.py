"""YAML as the server's library reads it: YAML 1.1 with exceptions, turned into JSON.

Scalars are resolved by go-yaml's rules and not by PyYAML's, of which only the parser is used: no
numbers to the base of 60, dates stay texts, tags that nobody knows are passed over. Keys become
texts, as sigs.k8s.io/yaml makes them.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import yaml

from gitopsd.sandbox.kubernetes.goyaml_scalars import (
    BINARY,
    MERGE,
    STRING,
    ScalarError,
    key_text,
    resolved,
    shown,
)

_Parser: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LEAVES: Final = (yaml.AliasEvent, yaml.ScalarEvent)
_LONGEST: Final = 1 << 63
#: From where on a document that repeats itself by aliases is refused.
_FEW_ALIASES: Final = 100
_FEW_NODES: Final = 1000
_MOSTLY: Final = 0.99
_NO_MAP: Final = "yaml: map merge requires map or sequence of maps as the value"


class YamlError(ValueError):
    """A text that is no YAML, or has no counterpart in JSON; told as the server does."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a text holds, and a sentence for each key of it that was set before."""

    value: Any
    repeated: list[str]


def read(text: bytes) -> Document:
    """The first document of a text; None stands for no document.

    Raises:
        YamlError: it cannot be read.
    """
    try:
        root = _Composer(text).first()
    except yaml.YAMLError as error:
        raise YamlError(f"yaml: {_fault(error)}") from error
    if root is None:
        return Document(None, [])
    reader = _Reader()
    value = reader.value(root)
    return Document(_as_json(value), reader.repeated)


def _fault(error: yaml.YAMLError) -> str:
    """The parser's complaint in the wording and line count of the server's library."""
    if isinstance(error, yaml.reader.ReaderError):
        return str(error.reason)
    if not isinstance(error, yaml.MarkedYAMLError):
        return str(error)
    problem, context = error.problem_mark, error.context_mark
    line = problem.line if problem is not None else 0
    if line and isinstance(error, yaml.scanner.ScannerError):
        line += 1
    if not line and context is not None:
        line = context.line
    where = f"line {line}: " if line else ""
    return f"{where}{error.problem}"


@dataclass(slots=True, eq=False)
class _Node:
    """A piece of a document: a scalar has a text, a mapping its keys and values in turn."""

    kind: str
    line: int
    tag: str = ""
    text: str = ""
    plain: bool = False
    children: list[_Node] = field(default_factory=list)
    target: _Node | None = None

    @property
    def merges(self) -> bool:
        """Whether this key stands for the members of what it leads to."""
        return self.kind == "scalar" and self.text == "<<" and (self.plain or self.tag == MERGE)


class _Composer:
    """Builds nodes from what the parser meets."""

    def __init__(self, text: bytes) -> None:
        self._parser = _Parser(text)
        self._anchors: dict[str, _Node] = {}

    def first(self) -> _Node | None:
        """The first document's node; what comes behind is not looked at."""
        self._parser.get_event()
        if self._parser.check_event(yaml.StreamEndEvent):
            return None
        self._check_version(self._parser.get_event())
        root = self._node()
        self._parser.get_event()
        return root

    @staticmethod
    def _check_version(start: Any) -> None:
        if start.version not in (None, (1, 1)):
            line = start.start_mark.line
            where = f"line {line}: " if line else ""
            raise YamlError(f"yaml: {where}found incompatible YAML document")

    def _node(self) -> _Node:
        event: Any = self._parser.get_event()
        line = event.start_mark.line + 1
        is_alias, is_scalar = (isinstance(event, kind) for kind in _LEAVES)
        if is_alias:
            target = self._anchors.get(event.anchor)
            if target is None:
                raise YamlError(f"yaml: unknown anchor '{event.anchor}' referenced")
            return _Node("alias", line, text=event.anchor, target=target)
        if is_scalar:
            made = _Node("scalar", line, event.tag or "", event.value, event.implicit[0])
        else:
            inside = isinstance(event, yaml.MappingStartEvent)
            made = _Node("mapping" if inside else "sequence", line, event.tag or "")
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        if made.kind != "scalar":
            while not self._parser.check_event(yaml.MappingEndEvent, yaml.SequenceEndEvent):
                made.children.append(self._node())
            self._parser.get_event()
        return made


class _Map(dict[tuple[type, Any], tuple[Any, Any]]):
    """A mapping whose keys are of any type: 1, 1.0 and true are three keys."""


class _Reader:
    """The values of nodes, with keys as they are."""

    def __init__(self) -> None:
        self.repeated: list[str] = []
        self._followed: set[int] = set()
        self._read = 0
        self._read_again = 0

    def value(self, node: _Node) -> Any:
        self._count()
        if node.target is not None:
            return self._by_alias(node, node.target, self.value)
        if node.kind == "scalar":
            return _scalar(node)
        if node.kind == "sequence":
            return [self.value(child) for child in node.children]
        return self._members(node, _Map())

    def _count(self) -> None:
        self._read += 1
        self._read_again += bool(self._followed)
        large = self._read_again > _FEW_ALIASES and self._read > _FEW_NODES
        if large and self._read_again / self._read > _MOSTLY:
            raise YamlError("yaml: document contains excessive aliasing")

    def _by_alias(self, node: _Node, target: _Node, read: Callable[[_Node], Any]) -> Any:
        if id(target) in self._followed:
            raise YamlError(f"yaml: anchor '{node.text}' value contains itself")
        self._followed.add(id(target))
        try:
            return read(target)
        finally:
            self._followed.discard(id(target))

    def _members(self, node: _Node, into: _Map) -> _Map:
        pairs = zip(node.children[::2], node.children[1::2], strict=True)
        for name, child in pairs:
            if name.merges:
                self._merge(child, into)
                continue
            key = self.value(name)
            if isinstance(key, (list, _Map)):
                raise YamlError(f"yaml: invalid map key: {_in_go(key)}")
            member = self.value(child)
            if (type(key), key) in into:
                self.repeated.append(f"line {child.line}: key {shown(key)} already set in map")
            into[type(key), key] = (key, member)
        return into

    def _merge(self, node: _Node, into: _Map) -> None:
        parts = reversed(node.children) if node.kind == "sequence" else [node]
        for part in parts:
            target = part.target or part
            if target.kind != "mapping":
                raise YamlError(_NO_MAP)
            self._count()
            if part.target is None:
                self._members(part, into)
            else:
                self._by_alias(part, target, lambda one: self._members(one, into))


def _scalar(node: _Node) -> Any:
    if not node.tag and not node.plain:
        return node.text
    if node.tag == BINARY:
        try:
            decoded = base64.b64decode(node.text.replace("\n", ""), validate=True)
        except binascii.Error as error:
            raise YamlError("yaml: !!binary value contains invalid base64 data") from error
        return decoded.decode("utf-8", "replace")
    try:
        tag, value = resolved(node.tag, node.text)
    except ScalarError as error:
        raise YamlError(f"yaml: {error}") from error
    return node.text if tag == STRING else value


def _as_json(value: Any) -> Any:
    """A value as it comes out of JSON again: texts as keys, whole numbers as integers."""
    if isinstance(value, _Map):
        return {_as_name(key, member): _as_json(member) for key, member in value.values()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlError(f"json: unsupported value: {_NOT_FINITE.get(value, 'NaN')}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return value


_NOT_FINITE: Final = {math.inf: "+Inf", -math.inf: "-Inf"}


def number(value: float) -> float:
    """A number as the server's JSON holds it: an integer if it is one of 64 bits."""
    if isinstance(value, float):
        whole = int(Decimal(repr(value))) if value.is_integer() else _LONGEST
    else:
        whole = value
    return whole if -_LONGEST <= whole < _LONGEST else float(value)


def _as_name(key: Any, member: Any) -> str:
    text = key_text(key)
    if text is not None:
        return text
    kind, told = ("%!s(<nil>)", "<nil>") if key is None else ("uint64", f"{key:#x}")
    held = "<nil>" if member is None else _in_go(member)
    raise YamlError(f"unsupported map key of type: {kind}, key: {told}, value: {held}")


def _in_go(value: Any) -> str:
    """A value that was not turned into JSON yet, as Go's %#v shows it."""
    if isinstance(value, _Map):
        return "map[interface {}]interface {}{" + ", ".join(_pairs_in_go(value)) + "}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_in_go(item) for item in value) + "}"
    return shown(value)


def _pairs_in_go(value: _Map) -> Iterator[str]:
    for key, member in value.values():
        yield f"{shown(key)}:{_in_go(member)}"
