"""Keeping secrets out of what a service says, however it spells them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_MASK = "***"
#: So many characters of a secret in a row are too many to be told. A service may cut its words.
_PIECE = 8
#: How often words may have been escaped, one time over the other.
_ESCAPES = 3
_TAG = re.compile(r"<[^<>]*>")
#: A character by its number, as in JSON and JavaScript; half a pair of surrogates is none.
_CODE = re.compile(r"\\u(?![dD][89a-fA-F])([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets: whole ones, pieces of them, percent-encoded, as HTML or with
    `\\u0041`, and with blanks, tags or signs that nobody sees between their characters.

    What is escaped is told unescaped, so that no way to write a secret is overlooked.
    """
    plain = _unescaped(text)
    words = {_folded(_unescaped(secret)) for secret in secrets}
    hidden = [False] * len(plain)
    for places, form in ((range(len(plain)), str), (_solid(plain), _pressed)):
        read = _folded("".join(plain[at] for at in places))
        for word in set(map(form, words)) - {""}:
            for first, last in _found(read, word):
                for at in range(places[first], places[last] + 1):
                    hidden[at] = True
    told, before = [], False
    for char, is_hidden in zip(plain, hidden, strict=True):
        if not is_hidden:
            told.append(char)
        elif not before:
            told.append(_MASK)
        before = is_hidden
    return "".join(told)


def _found(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where pieces of a word begin and end."""
    size = min(_PIECE, len(word))
    pieces = {word[at : at + size] for at in range(len(word) - size + 1)}
    for at in range(len(text) - size + 1):
        if text[at : at + size] in pieces:
            yield at, at + size - 1


def _solid(text: str) -> list[int]:
    """The places of the characters that are read when tags, blanks and the unseen are left out."""
    tags = {at for tag in _TAG.finditer(text) for at in range(*tag.span())}
    return [at for at, char in enumerate(text) if at not in tags and _is_seen(char)]


def _pressed(word: str) -> str:
    return "".join(filter(_is_seen, word))


def _is_seen(char: str) -> bool:
    return char.isprintable() and not char.isspace()


def _unescaped(text: str) -> str:
    for _ in range(_ESCAPES):
        text = html.unescape(unquote(text)).replace("\\/", "/")
        text = _CODE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    return text


def _folded(text: str) -> str:
    """Without upper case, each character in its place."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
