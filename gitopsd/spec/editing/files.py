"""Edits of one document of a file, proved by reading the file again."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from gitopsd.model.identity import Identity
from gitopsd.spec.editing.edits import Edit, applied
from gitopsd.spec.editing.nodes import trees
from gitopsd.spec.editing.text import Unplaced, splices
from gitopsd.spec.envelope import is_foreign, open_envelope
from gitopsd.spec.yaml import load

_BOM = "\ufeff"


def find(content: bytes, identity: Identity) -> int | None:
    """Which of the documents of a file this is; None unless exactly one is."""
    found = [
        number
        for number, document in enumerate(load(content).documents)
        if not is_foreign(document) and open_envelope(document).identities == (identity,)
    ]
    return found[0] if len(found) == 1 else None


def edited(content: bytes, number: int, edits: Sequence[Edit]) -> bytes | None:
    """The file with the `number`-th of its documents edited and every other byte as it was.

    The answer is proved: read again it holds what the edits make of the values, and nothing else
    is different. None where the layout leaves no place for an edit.
    """
    before = load(content)
    if not before.complete or before.documents[number].broken:
        return None
    wanted = [document.value for document in before.documents]
    text, bom = _decoded(content)
    try:
        wanted[number] = applied(wanted[number], edits)
        for edit in edits:
            pieces = splices(text, trees(text)[number].root, edit)
            for start, end, new in sorted(pieces, reverse=True):
                text = text[:start] + new + text[end:]
    except (Unplaced, LookupError, yaml.YAMLError):
        return None
    result = f"{bom}{text}".encode()
    after = load(result)
    right = after.complete and [document.value for document in after.documents] == wanted
    return result if right else None


def without(content: bytes, number: int) -> bytes | None:
    """The file without one of its documents; empty when no other one stands in it.

    None where the layout does not allow it.
    """
    before = load(content)
    if not before.complete:
        return None
    wanted = [document.value for document in before.documents]
    del wanted[number]
    if not wanted:
        return b""
    text, bom = _decoded(content)
    tree = trees(text)[number]
    result = f"{bom}{text[: tree.start]}{text[tree.end :]}".encode()
    after = load(result)
    right = after.complete and [document.value for document in after.documents] == wanted
    return result if right else None


def _decoded(content: bytes) -> tuple[str, str]:
    text = content.decode()
    return (text[1:], _BOM) if text.startswith(_BOM) else (text, "")
