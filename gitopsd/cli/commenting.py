"""What a comment on a pull request is made of."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitopsd.cli.basing import Compared, compare, read_base
from gitopsd.cli.options import Call
from gitopsd.cli.reading import Reading
from gitopsd.config import SourceSettings
from gitopsd.model.problem import Problem
from gitopsd.planning import PlanOptions
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.review import Review
from gitopsd.wiring.sources import within_repository


def review_of(
    call: Call,
    reading: Reading,
    options: PlanOptions,
    revision: str,
    *,
    offline: bool,
    forge: str,
) -> tuple[Compared, Review]:
    """Compare with a revision, and what there is to say of it."""
    base = read_base(call, reading, revision)
    compared = compare(call, reading, base, options, offline=offline)
    previews: tuple[Preview, ...] = tuple(compared.previews)
    where = _where(call)
    more = " --offline" if offline else ""
    review = Review(
        previews,
        base.title,
        reading.revision,
        news_of(reading.problems, _folder(reading), base.reading.problems, _folder(base.reading)),
        tuple((failure.target, str(failure.error)) for failure in compared.failures),
        tuple(base.warnings()),
        approve=lambda target, hash_: f"gitopsd approve {hash_} --target {target}{where}",
        whole=f"gitopsd plan --base {shlex.quote(revision)}{more} -o markdown{where}",
        forge=forge,
    )
    return compared, review


def folder_of(source: SourceSettings) -> str:
    """The folder of the specs from the top of its repository, however PATH is spelt; "." the top.

    Of a folder outside any local repository the path, without what says nothing.
    """
    within = None if source.repo else within_repository(source.path)
    return posixpath.normpath(within[1] if within else source.path)


def _folder(reading: Reading) -> str:
    return reading.source.tree().folder


def news_of(
    problems: Iterable[Problem], folder: str, earlier: Iterable[Problem], base: str
) -> tuple[Problem, ...]:
    """All errors, and the warnings that the change brings about.

    `folder` and `base` are the part of the repository that each names its files in (`ports.Tree`):
    the same folder is named from itself where it is read from the disk, and from the top where it
    is read out of a commit.
    """
    known = {name for problem in earlier for name in _names(problem, base)}
    return tuple(
        problem
        for problem in problems
        if problem.is_error or known.isdisjoint(_names(problem, folder))
    )


def _names(problem: Problem, folder: str) -> Iterator[tuple[object, ...]]:
    """By what a warning is known again: by its sentence wherever its line has moved to, and by its
    place whatever else the sentence names by now.
    """
    yield problem.id, problem.target, problem.what
    if place := problem.position:
        file = place.file.removeprefix(f"{folder}/") if folder else place.file
        yield problem.id, problem.target, replace(place, file=file)


def _where(call: Call) -> str:
    """PATH and the options that say where specs are, as they are repeated in commands."""
    source = call.settings.source
    words = ["--repo", source.repo] if source.repo else []
    words += [source.path] if source.path != "." else []
    return "".join(f" {shlex.quote(word)}" for word in words if word)
