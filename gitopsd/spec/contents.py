"""What one file holds, whatever it is called: contents -> typed specs and problems.

Nothing here knows the file's name, so the answer is cached by the id of the contents and serves
under any path.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from gitopsd.model.identity import Identity
from gitopsd.model.problem import Problem
from gitopsd.spec.building import MAX_PROBLEMS, LoadedDocument, ambiguous_text
from gitopsd.spec.document import Path
from gitopsd.spec.envelope import NOTHING, is_foreign, open_envelope
from gitopsd.spec.forms import KINDS, dotted, takes_date
from gitopsd.spec.mistakes import Shape, explain, strays_in, where
from gitopsd.spec.model import Spec
from gitopsd.spec.part import Part
from gitopsd.spec.places import PathTable, Place
from gitopsd.spec.problems import found
from gitopsd.spec.salvage import salvage
from gitopsd.spec.yaml import load, too_large


@dataclass(frozen=True, slots=True)
class Found:
    """One document of ours.

    `identities` are all that it could be, and `glimpse` what is known of it while there are none
    (see `Envelope`). `spec` is None exactly when one of the
    `problems`, or of those of its file, is an error: no mistake goes untold. `part` is then what
    its spec says all the same (see `salvage`), where its `kind` is known.
    """

    identities: tuple[Identity, ...]
    spec: Spec | None
    place: Place
    positions: Mapping[Path, Place]
    problems: tuple[Problem, ...] = ()
    kind: str | None = None
    part: Part | None = None
    glimpse: Identity = NOTHING


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: our documents, how many others, and whether that is all of it."""

    found: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    ignored: int = 0


class SpecCache:
    """Contents that were read before, by the id of their bytes.

    It lives as long as a process; `saved` carries it to the next one. `added` says whether it has
    read anything itself.
    """

    def __init__(self) -> None:
        self._contents: dict[str, Contents] = {}
        self._paths = PathTable()
        self.added = False

    def __contains__(self, blob_id: object) -> bool:
        return blob_id in self._contents

    def __getitem__(self, blob_id: str) -> Contents:
        return self._contents[blob_id]

    def __len__(self) -> int:
        return len(self._contents)

    def add(self, blob_id: str, content: bytes | None) -> None:
        """Read contents (None: larger than the limit) and keep what they hold."""
        self.added = True
        if content is None:
            self._contents[blob_id] = Contents(problems=(too_large(),), complete=False)
        else:
            self._contents[blob_id] = read_contents(content, self._paths)

    def put(self, blob_id: str, contents: Contents) -> None:
        """Keep contents that are known already."""
        self._contents[blob_id] = contents

    def items(self) -> ItemsView[str, Contents]:
        """All contents by the id of their bytes."""
        return self._contents.items()

    def ids(self) -> frozenset[str]:
        """The ids of all contents."""
        return frozenset(self._contents)

    def keep(self, blob_ids: Iterable[str]) -> None:
        """Forget all others."""
        wanted = set(blob_ids)
        self._contents = {key: value for key, value in self._contents.items() if key in wanted}


def read_contents(content: bytes, paths: PathTable | None = None) -> Contents:
    """Read one file; every mistake in it becomes a problem, whose position names no file."""
    file = load(content, paths)
    ours = [document for document in file.documents if not is_foreign(document)]
    return Contents(
        found=tuple(_type(document) for document in ours),
        problems=file.problems,
        complete=file.complete,
        ignored=len(file.documents) - len(ours),
    )


def typed(kind: str, spec: object) -> Spec | str:
    """A `spec` of this kind as a value; a sentence where it does not have the form of one."""
    try:
        return KINDS[kind].model_validate(spec, by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{dotted(('spec', *first['loc']))} cannot be that ({first['msg']})"


def _type(document: LoadedDocument) -> Found:
    envelope = open_envelope(document)
    if not document.complete:  # what is missing in it may only not have been read
        return Found(envelope.identities, None, document.place, document.values, document.problems)
    subject = envelope.identities[0] if len(envelope.identities) == 1 else None
    problems = [*document.problems, *envelope.problems, *_odd_dates(document, envelope.kind)]
    spec: Spec | None = None
    part: Part | None = None
    if envelope.kind is not None and envelope.readable and "spec" in document.value:
        try:
            spec = KINDS[envelope.kind].model_validate(
                document.value["spec"], by_alias=True, by_name=False
            )
        except ValidationError as error:
            shape = Shape(KINDS[envelope.kind], kind=envelope.kind)
            problems += explain(shape, error, document, subject)
            envelope.strays += strays_in(shape, error, document.value)
        if document.broken or any(problem.is_error for problem in problems):
            part = salvage(KINDS[envelope.kind], document, ("spec",), envelope.strays)
    if document.broken or any(problem.is_error for problem in problems):
        spec = None
    if spec is None and not any(problem.is_error for problem in problems):
        problems.append(_unexplained(document, envelope.kind))
    return Found(
        identities=envelope.identities,
        spec=spec,
        place=document.place,
        positions=document.values,
        problems=tuple(replace(problem, subject=subject) for problem in problems),
        kind=envelope.kind,
        part=part,
        glimpse=envelope.glimpse,
    )


def _odd_dates(document: LoadedDocument, kind: str | None) -> Iterator[Problem]:
    """Warnings for plain days where text is meant: other tools make a time of them."""
    for path, text, place in document.dates[:MAX_PROBLEMS]:
        if kind is None or path[:1] != ("spec",) or not takes_date(KINDS[kind], path[1:]):
            yield ambiguous_text(text, place)


def _unexplained(document: LoadedDocument, kind: str | None) -> Problem:
    """For a document that was refused, and nothing else says why: it must never look right."""
    what = f"spec does not have the form of {kind or 'any kind'}."
    mend = "Compare it with the JSON Schema that gitopsd schema prints."
    return found("GX0033", what, where(document, ("spec",)), mend=mend)
