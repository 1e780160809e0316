"""Carrying out plans from the command line: signals, progress, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from gitopsd.cli.interrupts import handled
from gitopsd.cli.options import Call
from gitopsd.cli.outputs import envelope, problems_json, to_json
from gitopsd.cli.planfile import SavedPlan
from gitopsd.cli.targets import Failure, now
from gitopsd.engine.execution import Execution, execute, writes
from gitopsd.engine.observation import observe_target
from gitopsd.engine.staleness import moved_since
from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Operation, Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.approvals import objection_to
from gitopsd.planning.render import outcome_markdown, outcome_text
from gitopsd.ports import Progress, Site
from gitopsd.typography import Meaning, clean, count
from gitopsd.wiring.sites import connect_writer


@dataclass(frozen=True, slots=True)
class Task:
    """One target's plan, and what is needed to carry it out."""

    plan: Plan
    observed: ObservedTarget
    site: Site
    owner: Owner

    def unseen(self) -> tuple[str, ...]:
        """What could not be observed, and why; whether the plan still holds is unknown then."""
        return tuple(f"{gap.what}: {gap.why}" for gap in self.observed.gaps)

    def not_approved(self, now: datetime, what: str) -> str:
        """Why the approval in the plan, called `what`, does not count any more; "" when it does."""
        approval = self.plan.approval
        return objection_to(approval, self.observed.record, now, what) if approval else ""

    def moved(self) -> tuple[str, ...]:
        """What is no longer as the plan expects it."""
        return moved_since(self.plan, self.observed)


def task_of(call: Call, saved: SavedPlan, progress: Progress) -> Task:
    """Observe afresh what a saved plan is about. Raises WorldError."""
    owner = Owner(saved.plan.instance, saved.plan.target)
    site = connect_writer(saved.place, owner, call.settings)
    if site.term:
        site.term.look()
    observed = observe_target(_subject_matter(saved.plan), site, owner, progress)
    return Task(saved.plan, observed, site, owner)


def _subject_matter(plan: Plan) -> DesiredTarget:
    """As much of a desired state as an observation needs to look at what the plan is about."""
    objects = {
        step.identity: DesiredObject(step.identity, step.owner, step.payload["manifest"])
        for step in plan.steps
        if "manifest" in step.payload
    }
    groups = {
        step.identity: DesiredGroup(
            step.identity, step.payload["product"], {}, (), adopt_id=step.group_id
        )
        for step in plan.steps
        if step.kind == "ServerGroup" and step.operation is Operation.ADOPT
    }
    return DesiredTarget(plan.target, objects, groups)


@dataclass(slots=True)
class Executions:
    """The execution of all chosen plans, one target after the other.

    Nothing is written before every target's lease is ours; with `wait`, one that another holds is
    waited for.
    """

    call: Call
    wait: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _stop: bool = False
    _leave: bool = False
    _kept: ExitStack | None = None

    def run(self, tasks: Sequence[Task], again: Callable[[int, Progress], Task]) -> None:
        """Carry the plans out.

        Where another has had the lease since the task was observed, it may have written: `again`
        looks afresh and answers the task, by its number in `tasks`, as it is now. The first Ctrl-C
        lets the steps under way end and begins no more, the second leaves them.
        """
        self.call.invocation.writing = True
        with (
            handled(self._interrupt),
            self.call.terminal.progress() as progress,
            self._leases(tasks, progress) as moved,
        ):
            for number, known in enumerate(tasks):
                if self._stop:
                    self.skipped.append(known.plan.target)
                    continue
                task = again(number, progress) if number in moved else known
                context = Execution(
                    task.site,
                    task.owner,
                    now(),
                    progress,
                    lambda: self._stop,
                    lambda: self._leave,
                )
                self.outcomes.append(execute(task.plan, task.observed, context))

    @contextmanager
    def _leases(self, tasks: Sequence[Task], progress: Progress) -> Iterator[set[int]]:
        """Hold every lease that is needed; the tasks whose lease another has had meanwhile."""
        moved: set[int] = set()
        with ExitStack() as stack:
            for number, task in enumerate(tasks):
                term = task.site.term
                if term and writes(task.plan, task.observed, now()):
                    progress(f"{task.plan.target}: waiting for its lease")
                    met = partial(self._tell_holder, task.plan.target)
                    held = term.held(wait=self.wait, stop=lambda: self._stop, met=met)
                    if stack.enter_context(held):
                        moved.add(number)
            yield moved
            if self._leave:  # a request may be under way still: the leases end by themselves
                self._kept = stack.pop_all()
                self.call.invocation.left = True

    def _tell_holder(self, target: str, holder: str) -> None:
        """Say what the time goes to, in a pipe too: a job that stands still is looked at."""
        until = "it is done" if self.wait else "it shows whether it is still at work"
        self.call.terminal.say(
            f"{target}: {clean(holder)} holds the lease to write here; waiting until {until}"
        )

    def _interrupt(self) -> None:
        if self._leave:
            raise KeyboardInterrupt
        if self._stop:
            self._leave = True
            return
        self._stop = True
        self.call.terminal.warn("\nstopping after the steps under way; Ctrl-C again leaves now")

    @property
    def interrupted(self) -> bool:
        """Whether anything was left undone because somebody stopped us."""
        return bool(self.skipped) or any(o.count(StepState.INTERRUPTED) for o in self.outcomes)

    @property
    def ok(self) -> bool:
        """Whether everything that was planned is done, on complete observations."""
        return all(outcome.ok and outcome.plan.complete for outcome in self.outcomes)

    def show(self, form: str, problems: Sequence[Problem], failures: Sequence[Failure]) -> None:
        """Print what became of the plans, and after an interrupt how it goes on."""
        terminal = self.call.terminal
        if form == "json":
            content: dict[str, Any] = {
                "outcomes": [outcome.to_json() for outcome in self.outcomes],
                "problems": problems_json(problems),
                "failures": [failure.to_json() for failure in failures],
            }
            terminal.out(to_json(envelope("Outcome", content)))
        elif form == "markdown":
            terminal.out("\n\n".join(outcome_markdown(outcome) for outcome in self.outcomes))
        else:
            for outcome in self.outcomes:
                text = outcome_text(
                    outcome,
                    palette=terminal.palette,
                    width=terminal.width,
                    full=terminal.verbose or self.interrupted,
                )
                terminal.out(text)
        if self.interrupted:
            terminal.warn(terminal.error_palette.paint(self._said(), Meaning.WARNING))

    def _said(self) -> str:
        steps = [result for outcome in self.outcomes for result in outcome.results]
        done = sum(result.state is StepState.DONE for result in steps)
        text = f"interrupted: {done:,} of {count(len(steps), 'step')} were done"
        if self.skipped:
            text += f"; not begun: {', '.join(self.skipped)}"
        return f"{text}. Run the same command again: it goes on from what it finds."
