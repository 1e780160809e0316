"""YAML to plain values, with the place of every key and value, and problems instead of crashes.

Built over the events of PyYAML's C parser: no recursion, so a hostile file meets our limits and not
the end of the stack; no constructors, so a file can only become text, numbers, truth values, lists
and mappings. What YAML offers beyond that (anchors, aliases, tags, keys that are not text) is
refused with its place. Limits and their reasons: `Limits`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml
from yaml import events

from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.building import Abandoned, DocumentBuilder, LoadedDocument
from gitopsd.spec.places import PathTable
from gitopsd.spec.problems import found
from gitopsd.spec.syntax import explain

#: 256 KiB: several hundred specs, or a group with a thousand servers (facts §3.3).
MAX_BYTES = 256 * 1024

#: Characters that YAML forbids, that cannot be seen, or that only some versions of YAML and some
#: editors take for a line break.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a file holds. Positions in it name no file: contents are cached by blob id.

    `documents` are those that could be read, the last one perhaps in part. Unless the file is
    `complete`, it may hold others that nobody can identify, and `problems` says why.
    """

    documents: tuple[LoadedDocument, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True


def load(content: bytes, paths: PathTable | None = None) -> LoadedFile:
    """Read a file of documents; whatever `content` is, the answer is a value.

    `paths` lets the documents of many files share what their positions have in common.
    """
    if len(content) > MAX_BYTES:
        return _unreadable(too_large(len(content)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unreadable(_not_utf8(content, error))
    if control := _FORBIDDEN.search(text):
        return _unreadable(_control_character(text, control))
    documents: list[LoadedDocument] = []
    builder = DocumentBuilder(paths or PathTable())
    try:
        _read(text, builder, documents)
    except yaml.YAMLError as error:
        return LoadedFile(tuple(documents), (explain(error, text),), complete=False)
    except Abandoned as end:
        return LoadedFile((*documents, builder.part()), (end.problem,), complete=False)
    return LoadedFile(tuple(documents))


def too_large(size: int | None = None) -> Problem:
    """The problem of a file above the limit, at its beginning: nothing of it is read.

    `size` is in bytes, where it is known.
    """
    told = f"The file has {size:,} bytes" if size else "The file is too large"
    return found("GX0002", f"{told}; at most {MAX_BYTES:,} bytes are read.", Position("", 1, 1))


def _read(text: str, builder: DocumentBuilder, documents: list[LoadedDocument]) -> None:
    """Add the documents that hold anything; raises YAMLError as the parser does, and Abandoned."""
    parser = yaml.CSafeLoader(text)
    next_event = parser.get_event
    handlers = builder.handlers
    try:
        while (kind := type(event := next_event())) is not events.StreamEndEvent:
            if (handler := handlers.get(kind)) is not None:
                handler(event)
            elif kind is events.DocumentEndEvent and (document := builder.finish()) is not None:
                documents.append(document)
    finally:
        parser.dispose()


def _unreadable(problem: Problem) -> LoadedFile:
    return LoadedFile(problems=(problem,), complete=False)


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> Problem:
    before = content[: error.start].decode("utf-8", errors="replace")
    what = f"The byte 0x{content[error.start]:02X} is not UTF-8 text."
    return found("GX0003", what, _end_of(before))


def _control_character(text: str, match: re.Match[str]) -> Problem:
    code = ord(match.group())
    what = f"The file holds the character U+{code:04X}, which cannot be seen."
    mend = ""
    if code >= 0x20:  # those before it are refused as escapes, too
        mend = f"Remove it; if it is meant, write it as \\u{code:04X} in double quotes."
    return found("GX0004", what, _end_of(text[: match.start()]), mend=mend)


def _end_of(text: str) -> Position:
    """The place right after `text`."""
    line = text.count("\n") + 1
    return Position("", line, len(text) - text.rfind("\n"))
