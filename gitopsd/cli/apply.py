"""`gitopsd apply`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitopsd.cli.allowances import Allowed, allowances
from gitopsd.cli.failures import INTERRUPTED, Refusal
from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, reports_option
from gitopsd.typography import count

if TYPE_CHECKING:
    from gitopsd.cli.executing import Executions, Task
    from gitopsd.cli.reading import Reading
    from gitopsd.cli.targets import Failure, Sight
    from gitopsd.model.plan import Plan
    from gitopsd.ports import Progress

_EXAMPLE = """\b
Examples:
  gitopsd apply examples/repo
  gitopsd apply --repo https://git.example.com/acme/exposures.git --yes
  gitopsd plan --out plan.json && gitopsd apply plan.json"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("path", required=False, metavar="[PATH|PLANFILE]")
@click.option("--yes", "-y", cls=SectionOption, is_flag=True, help="Do not ask.")
@click.option("--wait", cls=SectionOption, is_flag=True,
              help="Wait for others that write to the target.")  # fmt: skip
@allowances
@reports_option
@output_format("text", "json", "markdown")
@common(world=True)
def apply(
    call: Call,
    form: str,
    yes: bool,
    wait: bool,
    allowed: Allowed,
    reports: str | None,
) -> int:
    """Bring clusters and cloud to what the specs in PATH (the current folder) say.

    The plan is shown, and on a terminal you are asked before anything is written; elsewhere --yes
    is needed. A PLANFILE of `plan --out` is what was agreed to already: it is applied without a
    question, exactly as it is, or refused if anything it is about has moved or something cannot
    be observed.

    Exit code 0: all is applied, 1: something failed, was held or refused.
    """
    plan_file = Path(call.settings.source.path)
    if call.settings.source.repo is None and plan_file.is_file():
        return _from_file(call, plan_file, allowed, form, reports, wait=wait)
    return _from_specs(call, allowed, form, reports, yes=yes, wait=wait)


def _from_specs(
    call: Call, allowed: Allowed, form: str, reports: str | None, *, yes: bool, wait: bool
) -> int:
    from gitopsd.cli.executing import Executions
    from gitopsd.cli.plan import (
        check_approval,
        make_plans,
        plan_again,
        plan_options,
        show,
        tell_pointless,
    )
    from gitopsd.cli.problems import base_of
    from gitopsd.cli.reading import read, tell_problems
    from gitopsd.cli.reporting import Reporting, verdicts
    from gitopsd.cli.targets import tell_failures

    reading = read(call)
    options = plan_options(call, reading, allowed)
    planning = make_plans(call, reading, options, write=True)
    if form == "text":
        tell_problems(call, reading)
        show(call, planning.plans, form, {}, base=base_of(call.settings.source))
    tell_failures(call, planning.failures)
    tell_pointless(call, reading, planning, allowed)
    check_approval(planning, allowed)
    if planning.steps and not yes:
        _ask(call, planning.steps)
    tasks = list(map(_task, planning.plans, planning.sights))

    def again(number: int, progress: Progress) -> Task:
        agreed = planning.plans[number]
        plan, sight = plan_again(planning, number, options, progress)
        if not yes and plan.hash != agreed.hash:
            raise Refusal(
                f"somebody else wrote to {plan.target} since it was looked at, and the plan"
                " is another one now; nothing was written",
                "the same command shows it",
            )
        return _task(plan, sight)

    execution = Executions(call, wait=wait)
    execution.run(tasks, again)
    failed = Reporting(call, reports, reading.revision).correct(
        [(sight.place, sight.owner) for sight in planning.sights],
        execution.outcomes,
        verdicts(planning.sights, planning.plans) if reports else {},
    )
    return _finish(execution, reading, [*planning.failures, *failed], form)


def _task(plan: Plan, sight: Sight) -> Task:
    from gitopsd.cli.executing import Task

    return Task(plan, sight.observed, sight.site, sight.owner)


def _ask(call: Call, steps: int) -> None:
    """Ask the person at the terminal; refuse where there is none."""
    if not call.terminal.interactive:
        raise Refusal(
            f"nobody can be asked about {count(steps, 'step')}: this is not a terminal",
            "look at the plan, then say --yes, or apply a file of plan --out",
        )
    if not click.confirm(f"\nDo {count(steps, 'step')}?", err=True):
        raise Refusal("not confirmed, so nothing was written")


def _from_file(
    call: Call, path: Path, allowed: Allowed, form: str, reports: str | None, *, wait: bool
) -> int:
    from gitopsd.cli.executing import Executions, task_of
    from gitopsd.cli.plan import show
    from gitopsd.cli.planfile import read_plan_file
    from gitopsd.cli.reporting import Reporting

    if allowed.any:
        raise Refusal(
            f"{path} says already what is adopted, replaced, approved and corrected",
            "give these options to plan, or to apply with the folder of the specs",
        )
    saved = read_plan_file(path)
    _check_scope(call, path, {item.plan.target for item in saved}, saved[0].plan.instance)
    chosen = [item for item in saved if call.settings.scope.target in (None, item.plan.target)]
    if form == "text":
        show(call, [item.plan for item in chosen], form, {})
    with call.terminal.progress() as progress:
        tasks: list[Task] = [task_of(call, item, progress) for item in chosen]
    _check_tasks(path, tasks)

    def again(number: int, progress: Progress) -> Task:
        task = task_of(call, chosen[number], progress)
        _check_tasks(path, [task])
        return replace(task, site=tasks[number].site)  # the lease is held there

    execution = Executions(call, wait=wait)
    execution.run(tasks, again)
    targets = [(item.place, task.owner) for item, task in zip(chosen, tasks, strict=True)]
    failed = Reporting(call, reports, "").correct(targets, execution.outcomes, {})
    return _finish(execution, None, failed, form)


def _check_tasks(path: Path, tasks: Sequence[Task]) -> None:
    """Refuse before the first write what cannot be done exactly as it was planned and approved.

    Gaps come first: what could not be read would look as if somebody had changed it.
    """
    from gitopsd.cli.targets import moment

    unseen = [f"{task.plan.target}: {text}" for task in tasks for text in task.unseen()]
    if unseen:
        raise Refusal(
            f"whether {path} still holds cannot be told, so nothing was written: "
            + "; ".join(unseen),
            "mend what could not be read, and apply the file again",
        )
    for task in tasks:
        if objection := task.not_approved(moment(), f"the approval in {path}"):
            raise Refusal(
                f"{objection}; nothing was written",
                "plan again, look at what is held, and approve that plan",
            )
    moved = [sentence for task in tasks for sentence in task.moved()]
    if moved:
        raise Refusal(
            f"{path} is overtaken, so nothing was written: " + "; ".join(moved),
            "plan again and look at what is different",
        )


def _check_scope(call: Call, path: Path, targets: set[str], instance: str) -> None:
    scope = call.settings.scope
    if scope.target is not None and scope.target not in targets:
        raise Refusal(
            f"{path} holds no plan for target {scope.target!r}",
            f"it is for: {', '.join(sorted(targets))}",
        )
    if scope.instance is not None and scope.instance != instance:
        raise Refusal(
            f"{path} was made for instance {instance!r}, not for {scope.instance!r}",
            "leave --instance out, or plan again",
        )


def _finish(
    execution: Executions,
    reading: Reading | None,
    failures: list[Failure],
    form: str,
) -> int:
    execution.show(form, reading.problems if reading else (), failures)
    if execution.interrupted:
        return INTERRUPTED
    faulty = bool(failures) or (reading is not None and reading.faulty)
    return int(faulty or not execution.ok)
