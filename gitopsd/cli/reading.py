"""Reading, checking and compiling the config repository: how every command about specs begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from gitopsd.cli.failures import Refusal
from gitopsd.cli.options import Call
from gitopsd.cli.problems import base_of, problem_lines, tally
from gitopsd.config import SourceSettings
from gitopsd.model.desired import DesiredState, DesiredTarget
from gitopsd.model.problem import Problem
from gitopsd.ports import ConfigSource, Tree
from gitopsd.wiring.sources import NOTHING_KEPT, KeptState, kept_state, open_config, saved_specs

if TYPE_CHECKING:
    from gitopsd.spec.document import SpecSet


class Pinned:
    """A source whose files are listed once, so that what is asked for later is of the same."""

    def __init__(self, source: ConfigSource) -> None:
        self._source = source
        self._tree: Tree | None = None

    def tree(self) -> Tree:
        """The files as they were when first asked for; raises as the source does."""
        if self._tree is None:
            self._tree = self._source.tree()
        return self._tree

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id; raises as the source does."""
        return self._source.blobs(ids)

    def content(self, file: str) -> bytes:
        """The contents of a file by the name that positions have; raises as the source does."""
        tree = self.tree()
        path = file.removeprefix(f"{tree.folder}/") if tree.folder else file
        ((_, content),) = self.blobs([tree.files[path]])
        return content or b""


class Reading:
    """What the repository says, what it compiles to, and the files as they were read."""

    def __init__(self, source: Pinned, state: DesiredState, read: Callable[[], SpecSet]) -> None:
        self.source = source
        self.state = state
        self._read = read

    @property
    def revision(self) -> str:
        """The revision of the files (`ports.Tree`)."""
        return self.source.tree().revision

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with the specs."""
        return self.state.problems

    @property
    def faulty(self) -> bool:
        """Whether any document has an error."""
        return self.state.faulty

    def at(self, targets: Mapping[str, DesiredTarget]) -> Reading:
        """The same, of these targets alone."""
        state = replace(self.state, targets=targets)
        return Reading(self.source, state, lambda: self.specs)

    @cached_property
    def specs(self) -> SpecSet:
        """The specs, read when they are first asked for; raises as the source does."""
        return self._read()


def read(call: Call) -> Reading:
    """Read, check and compile what the options name.

    Raises the WorldErrors of the source, and Refusal for a target that the fleet does not have.
    """
    if call.world:
        from gitopsd.wiring.sites import foresee_connecting

        foresee_connecting()
    source, scope = call.settings.source, call.settings.scope
    kept = kept_state(source, scope)
    reading = read_source(call, open_config(source), "reading specs", kept)
    _check_target(reading.state, scope.target)
    return reading


class NoTarget(Refusal):
    """The repository names no target."""


def read_targets(call: Call) -> Reading:
    """As `read`, for commands that are about targets and nothing else.

    Raises NoTarget when none is known, after the problems that make it so: silence would be taken
    for "done" or for "all is well".
    """
    reading = read(call)
    if not reading.state.targets:
        _tell(call, reading)
        raise NoTarget(
            "no target is known: " + _why_none(reading),
            "the folder, or --repo with its revision and PATH, must hold a right fleet.yaml",
        )
    return reading


def _why_none(reading: Reading) -> str:
    if not reading.state.fleet:
        return "fleet.yaml has errors, or is not there"
    return "the fleet has none"


def read_source(
    call: Call, opened: ConfigSource, doing: str, kept: KeptState = NOTHING_KEPT
) -> Reading:
    """Read, check and compile a source, which may lack the chosen target.

    `kept` is what an earlier run made of it: of the same files the same is not made again. Raises
    the WorldErrors of the source.
    """
    scope, settings = call.settings.scope, call.settings.source
    source = Pinned(opened)
    with call.terminal.progress() as progress:
        progress(doing)
        key = kept.key(source.tree())
        state = kept.load(key)
        if state is not None:
            return Reading(source, state, partial(_specs, source, settings))
        from gitopsd.engine.repository import read_repository

        saved = saved_specs(settings)
        reading = read_repository(
            source, saved.cache, instance=scope.instance, target=scope.target, progress=progress
        )
        if why := saved.save() or kept.save(reading.state, key):
            progress(f"what was read could not be kept for the next run: {why}")
    return Reading(source, reading.state, lambda: reading.specs)


def _specs(source: ConfigSource, settings: SourceSettings) -> SpecSet:
    from gitopsd.spec.reading import read_specs

    return read_specs(source, saved_specs(settings).cache)


def _check_target(state: DesiredState, wanted: str | None) -> None:
    if wanted is not None and state.fleet and wanted not in state.known:
        names = ", ".join(sorted(state.known))
        raise Refusal(f"the fleet has no target {wanted!r}", f"its targets are: {names}")


def tell_problems(call: Call, reading: Reading) -> None:
    """Print the problems to stderr, warnings in brief; with --quiet only the errors."""
    if _tell(call, reading) and not reading.state.targets:
        call.terminal.warn("no target is known, so there is nothing to look at")


def _tell(call: Call, reading: Reading) -> bool:
    """Print the problems; whether there was anything to tell."""
    terminal = call.terminal
    told = [p for p in reading.problems if p.is_error or not terminal.quiet]
    if not told:
        return False
    lines = problem_lines(
        told,
        terminal.error_palette,
        terminal.error_sentence_width,
        base=base_of(call.settings.source),
        brief=not terminal.verbose,
    )
    for line in lines:
        terminal.warn(line)
    shortened = not terminal.verbose and any(not problem.is_error for problem in told)
    more = "; gitopsd validate says more" if shortened else ""
    terminal.warn(f"{tally(reading.problems)}{more}\n")
    return True
