"""Where symbolic links lead within a tree, without following them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from gitopsd.adapters.git.objects import LINK_MODE, SUBMODULE_MODE, entries


@dataclass(frozen=True, slots=True)
class Layout:
    """All paths of a repository: regular files, folders, and links and submodules (`closed`)."""

    files: frozenset[str]
    folders: frozenset[str]
    closed: frozenset[str]

    @classmethod
    def of(cls, out: bytes) -> Layout:
        """From the answer of `ls-tree -r -z`."""
        files: set[str] = set()
        closed: set[str] = set()
        for entry in entries(out):
            odd = entry.mode in (LINK_MODE, SUBMODULE_MODE)
            (closed if odd else files).add(os.fsdecode(entry.raw))
        folders = {above for path in files | closed for above in _above(path)}
        return cls(frozenset(files), frozenset(folders), frozenset(closed))

    def may_hide(self, link: str, target: bytes) -> bool:
        """Whether documents may stand where a link leads: in a folder, or where nobody can tell."""
        path = posixpath.join(posixpath.dirname(link), os.fsdecode(target))
        place = posixpath.normpath(path)
        if place.startswith(("/", "..")) or place in self.folders or place == ".":
            return True
        return any(part in self.closed for part in (place, *_above(place)))


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first."""
    while path := path.rpartition("/")[0]:
        yield path
