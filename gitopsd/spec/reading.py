"""A whole repository: files -> documents by identity, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Protocol

from gitopsd.model.identity import EXPOSURE, FLEET, Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity
from gitopsd.spec.contents import Found, SpecCache
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.envelope import NOTHING
from gitopsd.spec.model import FleetSpec
from gitopsd.spec.problems import found

FLEET_FILE = "fleet.yaml"


class Files(Protocol):
    """The files of one revision (`ports.Tree`)."""

    @property
    def revision(self) -> str:
        """A commit id, with `+dirty` where files differ from it; `none` outside Git."""

    @property
    def files(self) -> Mapping[str, str]:
        """Path below the root -> id of the contents."""

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Entries that were not followed and may hold documents, and why."""

    @property
    def folder(self) -> str:
        """The part of the repository that counts as the root; "" for all of it."""


class Source(Protocol):
    """What a repository is read from; `ports.ConfigSource` is one."""

    def tree(self) -> Files:
        """The files of the revision: path -> id of its contents."""

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id; None for one above the limit on a file's size."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document of ours, and the file it stands in as messages name it."""

    file: str
    found: Found

    @property
    def identity(self) -> Identity | None:
        """What it is called, if that is certain."""
        identities = self.found.identities
        return identities[0] if len(identities) == 1 else None

    @property
    def position(self) -> Position:
        """Where it starts."""
        return Position(self.file, *self.found.place)


@dataclass(slots=True)
class _Findings:
    """What the files say, gathered file by file.

    Files are named by their path within the repository; `fleet_file` is the one of the root.
    """

    fleet_file: str
    placed: list[_Placed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unidentified: set[str] = field(default_factory=set)
    glimpses: list[Identity] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    ignored: int = 0


def read_specs(source: Source, cache: SpecCache | None = None) -> SpecSet:
    """Read every document of a repository.

    Contents that `cache` knows are not asked for; afterwards it holds those of this revision. What
    users did wrong is in the answer's problems; raises only what `source` raises when the
    repository cannot be reached.
    """
    tree = source.tree()
    cache = SpecCache() if cache is None else cache
    unread = sorted({blob_id for blob_id in tree.files.values() if blob_id not in cache})
    for blob_id, content in source.blobs(unread) if unread else ():
        cache.add(blob_id, content)
    cache.keep(tree.files.values())
    findings = _gather(tree, cache)
    fleet = _fleet(findings, tree)
    duplicates = _duplicates(findings)
    exposures: dict[Identity, Document[Any]] = {}
    server_groups: dict[Identity, Document[Any]] = {}
    held = duplicates | _mistaken(findings)
    for placed in findings.placed:
        identity, spec = placed.identity, placed.found.spec
        if identity is not None and identity.kind != FLEET and identity not in held:
            into = exposures if identity.kind == EXPOSURE else server_groups
            into[identity] = Document(identity, spec, placed.file, placed.found.positions)
    return SpecSet(
        fleet=fleet,
        exposures=exposures,
        server_groups=server_groups,
        problems=tuple(sorted(findings.problems, key=Problem.sort_key)),
        held=frozenset(identity for identity in held if identity.kind != FLEET),
        unidentified=tuple(sorted(findings.unidentified)),
        unread=tuple(sorted(findings.unread)),
        glimpses=tuple(sorted(set(findings.glimpses))),
        refused=tuple(_refused(findings, held, fleet)),
        ignored=findings.ignored,
        files=len(tree.files),
        revision=tree.revision,
    )


def _gather(tree: Files, cache: SpecCache) -> _Findings:
    root = f"{tree.folder}/" if tree.folder else ""
    findings = _Findings(root + FLEET_FILE)
    for path in sorted(tree.files):
        file, contents = root + path, cache[tree.files[path]]
        findings.ignored += contents.ignored
        findings.problems += _at(file, contents.problems)
        if not contents.complete:
            findings.unidentified.add(file)
            findings.glimpses.append(NOTHING)
        for document in contents.found:
            findings.placed.append(_Placed(file, document))
            if document.problems:
                findings.problems += _at(file, document.problems)
            if not document.identities:
                findings.unidentified.add(file)
                findings.glimpses.append(document.glimpse)
    for path, why in tree.skipped:
        wanted = PurePosixPath(path).suffix in (".yaml", ".yml")
        severity = Severity.ERROR if wanted else None
        what, place = f"{root}{path} is not read: {why}.", Position(root + path)
        findings.problems.append(found("GX0013", what, place, severity=severity))
        findings.unread.append(root + path)
    return findings


def _at(file: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    for problem in problems:
        place = problem.position or Position("")
        yield replace(problem, position=Position(file, place.line, place.column))


def _duplicates(findings: _Findings) -> set[Identity]:
    """Identities that stand more than once, with a problem at each that names the others."""
    by_identity: dict[Identity, list[_Placed]] = {}
    for placed in findings.placed:
        identity = placed.identity
        if identity is not None and identity.kind != FLEET:
            by_identity.setdefault(identity, []).append(placed)
    twice = {identity: all_ for identity, all_ in by_identity.items() if len(all_) > 1}
    for identity, all_ in twice.items():
        for placed in all_:
            others = ", ".join(str(other.position) for other in all_ if other is not placed)
            what = f"{identity} stands here and in {others}."
            findings.problems.append(found("GX0026", what, placed.position, subject=identity))
    return set(twice)


def _mistaken(findings: _Findings) -> set[Identity]:
    """Identities of documents with errors: all that such a document could be."""
    return {
        identity
        for placed in findings.placed
        if placed.found.spec is None or placed.identity is None
        for identity in placed.found.identities
    }


def _refused(
    findings: _Findings, held: set[Identity], fleet: Document[FleetSpec] | None
) -> Iterator[Document[Any]]:
    """The documents that are not taken, as far as they say something."""
    for placed in findings.placed:
        kind, identity = placed.found.kind, placed.identity
        if kind == FLEET:
            taken = fleet is not None or placed.file != findings.fleet_file
        else:
            taken = identity is not None and identity not in held
        spec = placed.found.spec or placed.found.part
        if kind is not None and spec is not None and not taken:
            named = identity or Identity(kind, "", "")
            yield Document(named, spec, placed.file, placed.found.positions)


def _fleet(findings: _Findings, tree: Files) -> Document[FleetSpec] | None:
    """The Fleet of the root's `fleet.yaml`, if there is exactly one and the file is right.

    A file whose documents cannot be told apart is not: what is missing in it may be a second Fleet.
    """
    fleets = [p for p in findings.placed if p.identity and p.identity.kind == FLEET]
    at_root = [placed for placed in fleets if placed.file == findings.fleet_file]
    for placed in fleets:
        if placed.file != findings.fleet_file:
            what = f"This Fleet stands in {placed.file}."
            subject = placed.identity
            findings.problems.append(found("GX0042", what, placed.position, subject=subject))
    if not at_root:
        _report_missing(findings, tree)
    if len(at_root) > 1:
        for placed in at_root:
            what = f"{findings.fleet_file} holds {len(at_root)} Fleets; one is expected."
            findings.problems.append(found("GX0041", what, placed.position))
        return None
    if findings.fleet_file in findings.unidentified:
        return None
    for placed in at_root:
        identity, spec = placed.identity, placed.found.spec
        if identity is not None and isinstance(spec, FleetSpec):
            return Document(identity, spec, placed.file, placed.found.positions)
    return None


def _report_missing(findings: _Findings, tree: Files) -> None:
    file = findings.fleet_file
    if any(p.is_error and p.position and p.position.file == file for p in findings.problems):
        return  # why it cannot be read is told already
    if not tree.files and not findings.problems:
        findings.problems.append(found("GX0043", "There is no *.yaml or *.yml file here."))
    elif FLEET_FILE in tree.files:
        what = f"{file} holds no Fleet."
        findings.problems.append(found("GX0040", what, Position(file)))
    else:
        what = f"There is no {file}." if tree.folder else f"There is no {file} at the root."
        findings.problems.append(found("GX0040", what))
