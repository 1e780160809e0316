"""Writing a JSON value field by field, each with the reason of its value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from gitopsd.model.desired import Origin
from gitopsd.model.paths import join
from gitopsd.spec.document import Document, Path

#: A field that was set: where, the rule, and where the spec asks for it (None: nowhere).
Reason = tuple[Path, str, Path]


class Origins(Mapping[str, Origin]):
    """The reasons of all fields by dotted path, worked out when somebody asks for one.

    Ten thousand objects are compiled on every pass, and few are ever asked why.
    """

    def __init__(self, document: Document[Any], reasons: Callable[[], Iterable[Reason]]) -> None:
        self._document = document
        self._reasons = reasons

    @cached_property
    def _resolved(self) -> dict[str, Origin]:
        return {
            join(path): Origin(rule, self._document.where(*written))
            for path, rule, written in self._reasons()
        }

    def __getitem__(self, path: str) -> Origin:
        return self._resolved[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._resolved)

    def __len__(self) -> int:
        return len(self._resolved)


class Draft:
    """A manifest, or the parameters of a call, being written for one document.

    `content` is what was written so far. When `recording`, `reasons` say for every leaf which rule
    set it and which path of the document it acted on.
    """

    def __init__(self, document: Document[Any], *, recording: bool = False) -> None:
        self.document = document
        self.content: dict[str, Any] = {}
        self.reasons: list[Reason] = []
        self._recording = recording

    def put(self, value: Any, rule: str, written: Path, *path: str | int) -> None:
        """Set the field at `path`; lists grow by setting the index after their last."""
        place: Any = self.content
        for part, following in pairwise(path):
            if part.__class__ is int:
                if part == len(place):
                    place.append([] if following.__class__ is int else {})
                place = place[part]
            else:
                inner = place.get(part)
                if inner is None:
                    inner = place[part] = [] if following.__class__ is int else {}
                place = inner
        last = path[-1]
        if last.__class__ is int:
            place.append(value)
        else:
            place[last] = value
        if self._recording:
            self.reasons.append((path, rule, written))


def written(
    document: Document[Any], write: Callable[[Draft], object]
) -> tuple[dict[str, Any], Origins]:
    """What `write` writes, and the reasons: it is called again for them when they are asked for."""
    draft = Draft(document)
    write(draft)

    def reasons() -> list[Reason]:
        recorded = Draft(document, recording=True)
        write(recorded)
        return recorded.reasons

    return draft.content, Origins(document, reasons)
