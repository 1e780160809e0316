"""Documents out of parser events, one value at a time, without recursion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yaml import events

from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.document import Path
from gitopsd.spec.places import PathNode, PathTable, Place
from gitopsd.spec.problems import found
from gitopsd.spec.scalars import is_date, resolve
from gitopsd.spec.wording import brief, quoted

#: The deepest spec is nested ten times; the others belong to other API groups.
MAX_DEPTH = 50
#: A group with the thousand servers that an ALB allows (facts §3.3) has about nine thousand.
MAX_NODES = 20_000
#: More problems than this in one document help nobody: so many errors are told, and so many
#: warnings, which never take the place of an error.
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """One document as plain values.

    `values` and `keys` map a path to the line and column, from 1, of its value and of the key
    before it. `broken` are the paths whose value could not be taken as written; `problems` say why
    of the first of them. `dates` are plain texts that other tools take for a day, each with its
    path and place: only the form of the document tells whether a day is meant there. One that is
    not `complete` was abandoned on the way.
    """

    value: Any
    place: Place
    values: dict[Path, Place]
    keys: dict[Path, Place]
    broken: frozenset[Path] = frozenset()
    problems: tuple[Problem, ...] = ()
    dates: tuple[tuple[Path, str, Place], ...] = ()
    complete: bool = True


class Abandoned(Exception):
    """The document goes beyond a limit; the rest of its file is not read.

    Going on would be safe for us and not for the parser: what it does per bracket grows with the
    brackets that are open, so 60 KB of them would take it a quarter of a minute. `problem` says
    which limit, and where.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class _Frame:
    """A mapping or list that is still open; a mapping waits for a key or for that key's value."""

    __slots__ = ("container", "key", "node", "wants_key")

    def __init__(self, container: dict[str, Any] | list[Any], node: PathNode) -> None:
        self.container = container
        self.node = node
        self.key = ""
        self.wants_key = type(container) is dict


class DocumentBuilder:
    """Takes events; `finish` answers the document they made, and the next one begins.

    Raises Abandoned when a document goes beyond a limit; `part` then answers what came before.
    """

    def __init__(self, paths: PathTable) -> None:
        self._paths = paths
        self._begin()
        #: What takes an event of each type; others mean nothing within a document.
        self.handlers: dict[type, Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.MappingStartEvent: self._open_mapping,
            events.SequenceStartEvent: self._open_sequence,
            events.MappingEndEvent: self._close,
            events.SequenceEndEvent: self._close,
            events.AliasEvent: self._alias,
        }

    def finish(self) -> LoadedDocument | None:
        """The document that ends here; None when it is empty."""
        empty = self._value is None and not self._errors
        document = None if empty else self._document(complete=True)
        self._begin()
        return document

    def part(self) -> LoadedDocument:
        """The document as far as it was read."""
        return self._document(complete=False)

    def _document(self, *, complete: bool) -> LoadedDocument:
        return LoadedDocument(
            self._value,
            self._place,
            self._values,
            self._keys,
            frozenset(self._broken),
            (*self._errors, *self._warnings),
            tuple(self._dates),
            complete,
        )

    def _begin(self) -> None:
        self._root = self._paths.root()
        self._stack: list[_Frame] = []
        self._frame: _Frame | None = None
        self._value: Any = None
        self._place: Place = (1, 1)
        self._values: dict[Path, Place] = {}
        self._keys: dict[Path, Place] = {}
        self._broken: set[Path] = set()
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []
        self._dates: list[tuple[Path, str, Place]] = []
        self._nodes = 0
        self._skipping = 0

    # --- events --------------------------------------------------------------------------------

    def _scalar(self, event: Any) -> None:
        if self._skipping:
            return
        frame = self._frame
        if frame is not None and frame.wants_key:
            self._key(event, frame)
            return
        node, place = self._enter(event, frame)
        if event.anchor is not None or event.tag is not None:
            self._refuse(event, node, place)
        value: Any = event.value
        if event.implicit[0]:  # neither quotes nor a tag: it may be more than text
            value, ambiguous = resolve(value)
            if ambiguous:
                self._warn(value, place)
            elif type(value) is str and is_date(value):
                self._dates.append((node.path, value, place))
        elif event.style == '"' and not value.isprintable():
            self._check_escapes(value, node, place)
        self._attach(frame, value)

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {})

    def _open_sequence(self, event: Any) -> None:
        self._open(event, [])

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        frame = self._frame
        if self._skipping or (frame is not None and frame.wants_key):
            if not self._skipping and frame is not None:
                self._odd_key(event, frame)
            self._skipping += 1
            _limit_depth(self._skipping, event)
            return
        node, place = self._enter(event, frame)
        if event.anchor is not None or event.tag is not None:
            self._refuse(event, node, place)
        _limit_depth(len(self._stack) + 1, event)
        self._attach(frame, container)
        self._frame = _Frame(container, node)
        self._stack.append(self._frame)

    def _close(self, _event: Any) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        self._stack.pop()
        self._frame = self._stack[-1] if self._stack else None

    def _alias(self, event: Any) -> None:
        if self._skipping:
            return
        frame = self._frame
        if frame is not None and frame.wants_key:
            self._odd_key(event, frame)
            return
        node, place = self._enter(event, frame)
        self._break("GX0006", f"The alias *{brief(event.anchor)} is used here.", node, place)
        self._attach(frame, None)

    # --- steps ---------------------------------------------------------------------------------

    def _key(self, event: Any, frame: _Frame) -> None:
        text: str = event.value
        node = self._paths.child(frame.node, text)
        place = self._paths.place(event.start_mark)
        if event.anchor is not None or event.tag is not None:
            self._refuse(event, node, place)
        if event.implicit[0] and (resolve(text)[1] or is_date(text)):
            self._warn(text, place)
        frame.key = text
        frame.wants_key = False
        if text in frame.container:
            line = self._keys[node.path][0]
            what = f"The key {quoted(text)} stands here a second time; the first is in line {line}."
            self._break("GX0005", what, node, place)
        else:
            self._keys[node.path] = place

    def _odd_key(self, event: Any, frame: _Frame) -> None:
        """A key that is a list, a mapping or an alias: its value goes the way of a field `?`."""
        place = self._paths.place(event.start_mark)
        self._break("GX0010", "This key is not plain text.", frame.node, place)
        frame.key = "?"
        frame.wants_key = False
        self._keys.setdefault((*frame.node.path, "?"), place)

    def _enter(self, event: Any, frame: _Frame | None) -> tuple[PathNode, Place]:
        """Note where a value stands, and its path."""
        place = self._paths.place(event.start_mark)
        if frame is None:
            node = self._root
            self._place = place
        elif type(frame.container) is dict:
            node = self._paths.child(frame.node, frame.key)
        else:
            node = self._paths.child(frame.node, len(frame.container))
        self._values.setdefault(node.path, place)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            what = f"The document holds more than {MAX_NODES:,} values."
            raise Abandoned(found("GX0009", what, Position("", *place)))
        return node, place

    def _attach(self, frame: _Frame | None, value: Any) -> None:
        if frame is None:
            self._value = value
        elif isinstance(frame.container, dict):
            frame.container.setdefault(frame.key, value)  # of two equal keys the first stays
            frame.wants_key = True
        else:
            frame.container.append(value)

    # --- problems ------------------------------------------------------------------------------

    def _refuse(self, event: Any, node: PathNode, place: Place) -> None:
        if event.anchor is not None:
            self._break("GX0006", f"The anchor &{brief(event.anchor)} is set here.", node, place)
        if event.tag is not None:
            self._break("GX0007", f"The tag {brief(event.tag)} stands here.", node, place)

    def _check_escapes(self, text: str, node: PathNode, place: Place) -> None:
        odd = next((c for c in text if ord(c) < 0x20 and c not in "\t\n\r"), None)
        if odd is not None:
            what = f"The text holds the character U+{ord(odd):04X}, which cannot be seen."
            self._break("GX0004", what, node, place, mend="Remove it.")

    def _warn(self, text: str, place: Place) -> None:
        if len(self._warnings) < MAX_PROBLEMS:
            self._warnings.append(ambiguous_text(text, place))

    def _break(self, id_: str, what: str, node: PathNode, place: Place, mend: str = "") -> None:
        self._broken.add(node.path)
        if len(self._errors) < MAX_PROBLEMS:
            self._errors.append(found(id_, what, Position("", *place), mend=mend))


def ambiguous_text(text: str, place: Place) -> Problem:
    """The warning for plain text that other tools take for something else."""
    what = f"{quoted(text)} is text here; other tools read it differently."
    return found("GX0012", what, Position("", *place))


def _limit_depth(depth: int, event: Any) -> None:
    if depth > MAX_DEPTH:
        mark = event.start_mark
        what = f"This is nested more than {MAX_DEPTH} levels deep."
        raise Abandoned(found("GX0008", what, Position("", mark.line + 1, mark.column + 1)))
