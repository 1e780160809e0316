"""What the config repository asks for: read, checked and compiled, as every pass begins."""

from __future__ import annotations

from dataclasses import dataclass

from gitopsd.compiler import CompileMemory, compile_specs
from gitopsd.model.desired import DesiredState
from gitopsd.model.problem import Problem
from gitopsd.ports import UNTRACED, ConfigSource, Progress, Tracer
from gitopsd.rules import check
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.document import SpecSet
from gitopsd.spec.reading import read_specs
from gitopsd.typography import count


@dataclass(frozen=True, slots=True)
class Reading:
    """What the repository says and what it compiles to. `state.problems` holds all problems."""

    specs: SpecSet
    state: DesiredState

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with the specs."""
        return self.state.problems

    @property
    def faulty(self) -> bool:
        """Whether any document has an error."""
        return self.state.faulty


def read_repository(
    source: ConfigSource,
    cache: SpecCache,
    *,
    instance: str | None,
    target: str | None = None,
    memory: CompileMemory | None = None,
    progress: Progress = lambda _: None,
    tracer: Tracer = UNTRACED,
) -> Reading:
    """Read, check and compile a revision, for all its targets or for one.

    Contents that `cache` knows are not read again, and what `memory` knows is not compiled again.
    `tracer` is told of the phases.
    Raises the errors of `ConfigSource`.
    """
    with tracer.span("read"):
        specs = read_specs(source, cache)
    progress(f"checking {count(len(specs.exposures), 'Exposure')}")
    with tracer.span("check"):
        problems = (*specs.problems, *check(specs))
    with tracer.span("compile"):
        state = compile_specs(specs, problems, instance=instance, target=target, memory=memory)
    return Reading(specs, state)
