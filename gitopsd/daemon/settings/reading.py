"""From the bytes of `gitopsd.yaml` to settings, or to what is wrong with them and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from gitopsd.daemon.crontab import cron_problem
from gitopsd.daemon.settings.form import OperatorSettings, Repository, Schedule
from gitopsd.daemon.settings.odd import Odd, is_zone, odd_dashboard, odd_sinks
from gitopsd.daemon.settings.standins import names_are_known, rest_of
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.ports.remotes import Transport, parse_url
from gitopsd.spec.building import LoadedDocument
from gitopsd.spec.document import Path
from gitopsd.spec.forms import dotted
from gitopsd.spec.mistakes import Shape, explain, where
from gitopsd.spec.problems import READING, unusable_setting
from gitopsd.spec.schema import DIALECT
from gitopsd.spec.yaml import load

_SSH, _WEB = ("ssh_key_file", "known_hosts_file"), ("token_file", "ca_file")
#: Credentials that a way to a repository has no use for. A path on this machine stands for one that
#: is not known, too.
_NOT_FOR: Mapping[Transport, Sequence[str]] = {
    "https": _SSH,
    "http": (*_SSH, "ca_file"),
    "ssh": _WEB,
    "file": (),
}


def read_settings(content: bytes, file: str) -> tuple[OperatorSettings | None, tuple[Problem, ...]]:
    """The settings in `content`, and every problem with its place in `file`.

    There are settings exactly when none of the problems is an error.
    """
    loaded = load(content)
    problems = list(loaded.problems)
    settings: OperatorSettings | None = None
    if not problems and len(loaded.documents) != 1:
        what = f"The file holds {len(loaded.documents)} documents, and one is expected."
        problems.append(unusable_setting(what))
    for document in loaded.documents[:1]:
        problems += document.problems
        settings, more, faulty = _form(document)
        problems += more
        whole = settings is not None and not document.problems
        odd = _odd(settings, named=names_are_known(faulty)) if settings and whole else ()
        problems += [
            unusable_setting(what, where(document, path), mend=mend)
            for path, what, mend in odd
            if not any(_meet(path, other) for other in faulty)
        ]
    placed = tuple(sorted((_in(file, problem) for problem in problems), key=Problem.sort_key))
    return (None if any(p.is_error for p in placed) else settings), placed


def _meet(one: Path, other: Path) -> bool:
    """Whether one of two places is the other or within it."""
    return all(a == b for a, b in zip(one, other, strict=False))


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    schema = OperatorSettings.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, "$id": "urn:gitopsd.io:settings", **schema, "title": "gitopsd.yaml"}


def _in(file: str, problem: Problem) -> Problem:
    """A problem as it stands in this file; why it matters is not what it would be in a spec."""
    place = problem.position or Position("")
    why = READING["GX0050"].why
    return replace(problem, position=Position(file, place.line, place.column), why=why)


def _form(
    document: LoadedDocument,
) -> tuple[OperatorSettings | None, list[Problem], frozenset[Path]]:
    """The settings, what is wrong with their form, and where.

    Where something is, they are those without it, so that the rest is told of as well.
    """
    if not isinstance(document.value, dict):
        what = "The file must be a mapping that begins with repositories."
        return None, [unusable_setting(what)], frozenset()
    try:
        settings = OperatorSettings.model_validate(document.value, by_alias=True, by_name=False)
    except ValidationError as error:
        faulty = frozenset(tuple(each["loc"]) for each in error.errors())
        problems = explain(Shape(OperatorSettings, root=()), error, document, None)
    else:
        return settings, [], frozenset()
    return rest_of(document.value, faulty), problems, faulty


def _odd(settings: OperatorSettings, *, named: bool) -> Iterator[Odd]:
    """What no form can say: names given twice, times that do not exist, ways that contradict.

    Unless all repositories are `named`, a name that is none of theirs may be one.
    """
    names: set[str] = set()
    for index, repository in enumerate(settings.repositories):
        path: Path = ("repositories", index)
        if repository.name in names:
            what = f"Two repositories are called {repository.name}."
            yield (*path, "name"), what, "Give each a name of its own."
        names.add(repository.name)
        yield from _odd_repository(repository, path)
    yield from odd_sinks(settings.sinks, frozenset(names) if named else None)
    yield from odd_dashboard(settings.dashboard)


def _odd_repository(repository: Repository, path: Path) -> Iterator[Odd]:
    for name, schedule in (("sync", repository.sync), ("drift", repository.drift)):
        yield from _odd_schedule(schedule, (*path, name))
    keys = repository.signatures
    if keys is not None and not keys.gpg_key_files and keys.ssh_signers_file is None:
        what = f"{dotted((*path, 'signatures'))} names nobody whose signature counts."
        yield (*path, "signatures"), what, "Write gpgKeyFiles or sshSignersFile."
    yield from _odd_credentials(repository, (*path, "credentials"))


def _odd_credentials(repository: Repository, path: Path) -> Iterator[Odd]:
    """What is for another kind of URL than the repository's."""
    transport = parse_url(repository.url).transport
    for name in _NOT_FOR[transport]:
        if getattr(repository.credentials, name) is not None:
            inner = (*path, to_camel(name))
            what = f"{dotted(inner)} means nothing to a repository that is reached by {transport}."
            yield inner, what, "Remove it, or correct the url."


def _odd_schedule(schedule: Schedule, path: Path) -> Iterator[Odd]:
    name = dotted(path)
    if (schedule.cron is None) == (schedule.every_seconds is None):
        yield path, f"{name} must have either everySeconds or cron.", "Write one of the two."
    if schedule.cron is not None and (why := cron_problem(schedule.cron)):
        what = f"{name}.cron {why}."
        yield (*path, "cron"), what, "Write five fields, as in 0 3 * * mon-fri."
    zones: list[tuple[Path, str]] = [(("timezone",), schedule.timezone)]
    if schedule.window is not None:
        zones.append((("window", "timezone"), schedule.window.timezone))
        if schedule.window.start == schedule.window.end:
            what = f"{name}.window ends when it starts."
            yield (*path, "window"), what, "Leave it out, or give it a length."
    for inner, zone in zones:
        if not is_zone(zone):
            what = f"{dotted((*path, *inner))} is no time zone that is known here."
            yield (*path, *inner), what, "Write one such as Asia/Shanghai or UTC."
