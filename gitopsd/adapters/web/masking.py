"""Keeping secrets out of what a service says, however it spells them."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import unquote

_MASK = "***"
#: So many characters of a secret in a row are too many to be told. A service may cut its words.
_PIECE = 8
#: How often words may have been escaped, one time over the other.
_ESCAPES = 3


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets: whole ones, pieces of them, percent-encoded or as HTML.

    What is escaped is told unescaped, so that no way to write a secret is overlooked.
    """
    plain = _unescaped(text)
    folded = _folded(plain)
    hidden = [False] * len(plain)
    for word in {_folded(_unescaped(secret)) for secret in secrets} - {""}:
        size = min(_PIECE, len(word))
        pieces = {word[at : at + size] for at in range(len(word) - size + 1)}
        for at in range(len(folded) - size + 1):
            if folded[at : at + size] in pieces:
                hidden[at : at + size] = [True] * size
    told, before = [], False
    for char, is_hidden in zip(plain, hidden, strict=True):
        if not is_hidden:
            told.append(char)
        elif not before:
            told.append(_MASK)
        before = is_hidden
    return "".join(told)


def _unescaped(text: str) -> str:
    for _ in range(_ESCAPES):
        text = html.unescape(unquote(text)).replace("\\/", "/")
    return text


def _folded(text: str) -> str:
    """Without upper case, each character in its place."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
