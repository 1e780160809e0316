"""Git's own listings and contents, as values."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from gitopsd.adapters.git.files import (
    LINK,
    REPOSITORY,
    UNREADABLE,
    is_passed_over,
    is_wanted,
    legible,
)

LINK_MODE = b"120000"
SUBMODULE_MODE = b"160000"
_FILE_MODES = (b"100644", b"100755", b"100664")


class Damaged(Exception):
    """An object that must be there is not, or cannot be read; the caller knows whose it is."""


class Gone(Exception):
    """A ref that the remote had once is there no more."""


@dataclass(slots=True)
class Listing:
    """YAML files of a tree: path -> blob id, sizes by id, and what was not followed.

    `links` are the other links, path -> blob id of their target: whether documents may stand where
    they lead is not known from their names.
    """

    files: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def total(self) -> int:
        """Bytes of all files."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of `ls-tree -r -z`; `raw` is the path, `size` is empty without `-l`."""

    mode: bytes
    id: str
    size: bytes
    raw: bytes


def entries(out: bytes) -> Iterator[Entry]:
    """The lines of the answer of `ls-tree -r -z`."""
    for line in out.split(b"\0"):
        head, tab, raw = line.partition(b"\t")
        if tab:
            mode, _, id_, *size = head.split()
            yield Entry(mode, id_.decode(), size[0] if size else b"", raw)


def parse_listing(out: bytes, folder: str = "") -> Listing | None:
    """The answer of `ls-tree -r -z`, of what is below `folder`, by paths relative to it.

    None when there is nothing at or below `folder`. Sizes are known with `-l` only; raises Damaged
    when one of them could not be told.
    """
    listing = Listing()
    prefix = os.fsencode(f"{folder}/" if folder else "")
    some = not folder
    for entry in entries(out):
        if entry.raw.startswith(prefix):
            some = True
            _add_entry(listing, os.fsdecode(entry.raw[len(prefix) :]), entry)
    return listing if some else None


def _add_entry(listing: Listing, path: str, entry: Entry) -> None:
    shown = legible(path)
    if is_passed_over(path):
        return
    if entry.mode == SUBMODULE_MODE:
        listing.skipped.append((shown or path, REPOSITORY))
    elif entry.mode == LINK_MODE:
        if is_wanted(path):
            listing.skipped.append((shown or path, LINK))
        else:
            listing.links[path] = entry.id
    elif entry.mode in _FILE_MODES and is_wanted(path):
        if shown is not None:
            listing.skipped.append((shown, UNREADABLE))
            return
        listing.files[path] = entry.id
        if entry.size:
            listing.sizes[entry.id] = _to_size(entry.size, entry.id)


def _to_size(text: bytes, id_: str) -> int:
    if not text.isdigit():  # git writes BAD for an object that it does not have
        raise Damaged(f"object {id_} is missing")
    return int(text)


def parse_contents(out: bytes) -> Iterator[tuple[str, bytes]]:
    """The answer of `cat-file --batch`; raises Damaged for an object that is missing."""
    at = 0
    while at < len(out):
        end = out.find(b"\n", at)
        head = out[at:end].split() if end >= 0 else []
        if len(head) != 3 or head[1] != b"blob":
            raise Damaged(out[at : at + 80].decode("ascii", "replace"))
        start = end + 1
        at = start + int(head[2])
        if at >= len(out):
            raise Damaged(f"object {head[0].decode()} ends early")
        yield head[0].decode(), out[start:at]
        at += 1


def blob_id(content: bytes, *, sha256: bool = False) -> str:
    """The id that git gives to these contents."""
    naming = start_blob_id(len(content), sha256=sha256)
    naming.update(content)
    return naming.hexdigest()


def start_blob_id(size: int, *, sha256: bool = False) -> hashlib._Hash:
    """A hash that becomes the id of `size` bytes once it is given them."""
    # SHA-1 is what git calls its objects by; nothing rests on it being hard to forge.
    naming = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
    naming.update(b"blob %d\0" % size)
    return naming
