"""What can be told of documents with a mistake of form, and what must not be.

Their specs know what is right in them (`spec.salvage`); a check that asks for more is broken off by
`Unknown` and tells no more of that document. Two things keep that from costing other mistakes:

- An entry of one of the lists below is never wrong because another one is missing. So checks look
  a second time, at the entries alone of which everything is known.
- A check across documents sees a refused one where it could look through it alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitopsd.spec.document import Document, Path
from gitopsd.spec.part import Part
from gitopsd.spec.salvage import assembled, is_whole

#: Of each kind, the lists whose entries are judged one by one.
_LISTS = ("targets", "routes", "ports", "servers")


@dataclass(frozen=True)
class Excerpt(Document[Any]):
    """A refused document without the entries in which something is in doubt.

    `lists` are the lists, as paths, that lost some.
    """

    lists: frozenset[Path] = frozenset()

    def tells(self, path: Path) -> bool:
        """Whether what is wrong there is so in the whole document too: within an entry it is."""
        return len(path) > 2 and path[:2] in self.lists


def excerpt(document: Document[Any]) -> Excerpt | None:
    """What is wholly known of each list; None where no list lost an entry."""
    fields: dict[str, Any] = dict(vars(document.spec))
    kept = {
        name: [index for index, entry in enumerate(fields[name]) if is_whole(entry)]
        for name in _LISTS
        if name in fields and not is_whole(fields[name])
    }
    if not kept:
        return None
    for name, indexes in kept.items():
        fields[name] = [fields[name][index] for index in indexes]
        if not indexes:  # an empty list would say that there is none
            del fields[name]
    spec: Part = document.spec
    return Excerpt(
        document.identity,
        assembled(type(spec), fields, spec.model_fields_set),
        document.file,
        dict(_moved(document, kept)),
        frozenset(("spec", name) for name in kept),
    )


def _moved(
    document: Document[Any], kept: dict[str, list[int]]
) -> Iterator[tuple[Path, tuple[int, int]]]:
    """The positions, with the entries counted as they are now."""
    now = {(name, old): new for name, indexes in kept.items() for new, old in enumerate(indexes)}
    for path, place in document.positions.items():
        if len(path) < 3 or path[1] not in kept:
            yield path, place
        elif (place_now := now.get((str(path[1]), int(path[2])))) is not None:
            yield (*path[:2], place_now, *path[3:]), place
