"""Where each value of a document stands in its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import events

from gitopsd.spec.document import Path
from gitopsd.spec.scalars import resolve


@dataclass(slots=True)
class Node:
    """A value and its extent: `text[start:end]`, counted in characters.

    `style` is the quote or block indicator of a scalar, "" for a plain one. Of a mapping `keys`
    are the keys' nodes, beside the `items` that are their values. The extent of a block collection
    ends with its last value: what follows are comments, and they belong to nobody.
    """

    start: int
    end: int
    kind: type
    flow: bool = False
    style: str = ""
    value: Any = None
    keys: list[Node] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def at(self, path: Path) -> Node:
        """The node that `path` leads to. Raises LookupError."""
        node = self
        for part in path:
            node = node.items[node.index(part)]
        return node

    def index(self, part: str | int) -> int:
        """Which of the items a key or a number names. Raises LookupError."""
        if isinstance(part, int):
            return range(len(self.items))[part]
        for number, key in enumerate(self.keys):
            if key.value == part:
                return number
        raise KeyError(part)

    def starts(self, number: int) -> int:
        """Where an item begins: at its key, where it has one."""
        return self.keys[number].start if self.keys else self.items[number].start


@dataclass(frozen=True, slots=True)
class Tree:
    """A document's root, and the extent of the document with its `---` line."""

    root: Node
    start: int
    end: int


def trees(text: str) -> list[Tree]:
    """The documents of a text that hold anything, in order. Raises yaml.YAMLError."""
    found: list[Tree] = []
    parser = yaml.CSafeLoader(text)
    try:
        starts: list[int] = []
        roots: list[Node] = []
        while not isinstance(event := _next(parser), events.StreamEndEvent):
            if type(event) is events.DocumentStartEvent:
                starts.append(_index(event.start_mark) if event.explicit else -1)
                roots.append(_node(parser, _next(parser), text))
    finally:
        parser.dispose()
    for number, (start, root) in enumerate(zip(starts, roots, strict=True)):
        following = starts[number + 1] if number + 1 < len(starts) else len(text)
        if root.kind is not type(None):
            found.append(Tree(root, max(start, 0), following))
    return found


def _next(parser: Any) -> Any:
    return parser.get_event()


def _index(mark: Any) -> int:
    index: int = mark.index  # every event of the C parser has its marks
    return index


def _node(parser: Any, event: Any, text: str) -> Node:
    """The node that `event` begins; a document is no deeper than the reader allows."""
    start = _index(event.start_mark)
    if type(event) is events.ScalarEvent:
        return _scalar(event, text)
    if type(event) not in (events.MappingStartEvent, events.SequenceStartEvent):
        raise yaml.YAMLError("an alias stands here")
    mapping = type(event) is events.MappingStartEvent
    node = Node(start, start, dict if mapping else list, flow=bool(event.flow_style))
    closing = events.MappingEndEvent if mapping else events.SequenceEndEvent
    while type(event := _next(parser)) is not closing:
        if mapping:
            node.keys.append(_node(parser, event, text))
            event = _next(parser)
        node.items.append(_node(parser, event, text))
    node.end = _index(event.end_mark) if node.flow else _last(node)
    return node


def _last(node: Node) -> int:
    return node.items[-1].end if node.items else node.start


def _scalar(event: Any, text: str) -> Node:
    start, end = _index(event.start_mark), _index(event.end_mark)
    value: Any = resolve(event.value)[0] if event.implicit[0] else event.value
    style = event.style or ""
    if style in ("|", ">"):  # its extent reaches to whatever follows
        end = start + len(text[start:end].rstrip())
    return Node(start, end, type(value), style=style, value=value)
