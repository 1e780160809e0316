"""What was compiled before, so that only what a commit touches is compiled again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from gitopsd.compiler.site import Site
from gitopsd.model.identity import Identity
from gitopsd.spec.document import Document

T = TypeVar("T")


class _Kept(NamedTuple):
    """Something compiled, and all that it was compiled from."""

    documents: tuple[Document[Any], ...]
    site: Site
    made: Any


class CompileMemory:
    """Things that were compiled, by target and identity, from one compile to the next.

    A thing is taken over when the documents that went into it are the same contents in the same
    file, read from the same `SpecCache`, and its site (the target, who owns it, the fleet's mode)
    is equal. `compiled` are the identities for which that was not so in the last compile. For one
    thread at a time.
    """

    def __init__(self) -> None:
        self.compiled: set[Identity] = set()
        self._before: dict[tuple[str, Identity], _Kept] = {}
        self._now: dict[tuple[str, Identity], _Kept] = {}

    def turn(self) -> None:
        """Begin a compile: what the last one did not meet is forgotten."""
        self._before, self._now = self._now, {}
        self.compiled = set()

    def made(self, documents: Sequence[Document[Any]], site: Site, make: Callable[[Site], T]) -> T:
        """What `make` makes of the first document, which may refer to the others, for a site.

        The site must hold nothing beside what is made of these documents: it is kept.
        """
        identity = documents[0].identity
        key = site.target.name, identity
        known = self._before.get(key)
        if known is None or not _same(known, documents, site):
            self.compiled.add(identity)
            known = _Kept(tuple(documents), site, make(site))
        self._now[key] = known
        made: T = known.made
        return made


def _same(known: _Kept, documents: Sequence[Document[Any]], site: Site) -> bool:
    """Contents are compared by being the very same: a cache reads equal ones once."""
    if len(known.documents) != len(documents):
        return False
    alike = all(
        old.spec is new.spec
        and old.positions is new.positions
        and (old.identity, old.file) == (new.identity, new.file)
        for old, new in zip(known.documents, documents, strict=True)
    )
    old = known.site
    ours = (old.owner, old.policy) == (site.owner, site.policy)
    return alike and ours and (old.target is site.target or old.target == site.target)
