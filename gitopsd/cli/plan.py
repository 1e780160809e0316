"""`gitopsd plan`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitopsd.cli.allowances import Allowed, allowances
from gitopsd.cli.failures import Refusal
from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument
from gitopsd.model.plan import Plan
from gitopsd.typography import Meaning

if TYPE_CHECKING:
    from gitopsd.cli.planfile import SavedPlan
    from gitopsd.cli.reading import Reading
    from gitopsd.cli.targets import Failure, Sight
    from gitopsd.planning import PlanOptions
    from gitopsd.ports import Progress

#: Exit codes with --detailed-exitcode, as other planners have them: 0 nothing, 1 error, 2 changes.
_CHANGES = 2

_EXAMPLE = """\b
Examples:
  gitopsd plan examples/repo
  gitopsd plan --repo https://git.example.com/acme/exposures.git --out plan.json
  gitopsd plan --adopt Service/shop/checkout -o markdown
  gitopsd plan --base origin/main
  gitopsd plan --base main --offline
  gitopsd plan --check=cloud"""


@dataclass(slots=True)
class Planning:
    """The plans of the chosen targets, and the targets for which there is none."""

    sights: list[Sight] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    refused: bool = False

    @property
    def sound(self) -> bool:
        """Whether everything was seen, nothing is held, and the cloud, if asked, would agree."""
        if self.failures or self.refused:
            return False
        return all(plan.complete and not plan.holds for plan in self.plans)

    @property
    def steps(self) -> int:
        """How many steps will be done."""
        return sum(len(plan.active) for plan in self.plans)

    def saved(self) -> list[SavedPlan]:
        """The plans with the places that they were made for."""
        from gitopsd.cli.planfile import SavedPlan

        return [SavedPlan(plan, sight.place) for plan, sight in _pairs(self)]

    def show(self, call: Call, form: str, document: dict[str, object], *, base: str) -> None:
        """Print the plans in the form that was asked for, `base` before the names of files."""
        show(call, self.plans, form, document, base=base)


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option(
    "--out", cls=SectionOption, type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan here, for apply.",
)  # fmt: skip
@allowances
@output_format("text", "json", "markdown")
@click.option(
    "--check",
    cls=SectionOption,
    type=click.Choice(["cloud"]),
    help="Ask the cloud by dry runs whether it would refuse any of it, and tell what it could"
    " not be asked: it answers for one call as things are now.",
)
@click.option(
    "--base",
    cls=SectionOption,
    metavar="REF",
    help="Compare with this branch, tag or commit: what the change brings about.",
)
@click.option(
    "--offline",
    cls=SectionOption,
    is_flag=True,
    help="With --base: ask no cluster and no cloud, compare the revisions alone.",
)
@click.option("--detailed-exitcode", is_flag=True, help="0 nothing to do, 2 changes, 1 the rest.")
@common(world=True)
def plan(
    call: Call,
    form: str,
    out: Path | None,
    allowed: Allowed,
    check: str | None,
    base: str | None,
    offline: bool,
    detailed_exitcode: bool,
) -> int:  # fmt: skip
    """Show what apply would do for the specs in PATH (the current folder). Writes nothing.

    With --base it also says which of it comes with the change from REF to these specs, and what
    REF would do instead.

    Exit code 0; 1 when a document has errors, something could not be observed, a guard holds
    something back, or the cloud would refuse something. With --detailed-exitcode: 0 nothing to
    do, 2 there are changes.
    """
    from gitopsd.cli.planfile import plan_document, write_plan_file
    from gitopsd.cli.problems import base_of
    from gitopsd.cli.reading import read, tell_problems
    from gitopsd.cli.targets import tell_failures

    _check_offline(base, offline=offline, out=out, check=check, approve=allowed.approve)
    reading = read(call)
    planning = planned(call, reading, plan_options(call, reading, allowed), base, offline=offline)
    if check:
        ask_cloud(call, planning)
    document = plan_document(planning.saved(), reading.problems, planning.failures)
    if form != "json":
        tell_problems(call, reading)
    planning.show(call, form, document, base=base_of(call.settings.source))
    tell_failures(call, planning.failures)
    if not offline:
        tell_pointless(call, reading, planning, allowed)
    check_approval(planning, allowed)
    if out:
        write_plan_file(out, document)
        call.terminal.say(f"saved; to apply exactly this: gitopsd apply {out}")
        _tell_incomplete(call, planning, out)
    if reading.faulty or not planning.sound:
        return 1
    return _CHANGES if detailed_exitcode and planning.steps else 0


def planned(
    call: Call, reading: Reading, options: PlanOptions, revision: str | None, *, offline: bool
) -> Planning:
    """The plans of the chosen targets, beside those of `revision` where one is given."""
    if revision is None:
        return make_plans(call, reading, options, write=False)
    from gitopsd.cli.basing import compare, read_base

    base = read_base(call, reading, revision)
    for sentence in base.warnings():
        warn(call, sentence)
    return compare(call, reading, base, options, offline=offline)


def _check_offline(
    revision: str | None, *, offline: bool, out: Path | None, check: str | None, approve: str | None
) -> None:
    if offline and revision is None:
        raise click.UsageError("--offline compares two revisions: name the other with --base REF")
    for option, given in (("--out", out), ("--check", check), ("--approve", approve)):
        if offline and given is not None:
            raise click.UsageError(
                f"{option} is about a plan for a cluster, and --offline asks none"
            )


def _pairs(planning: Planning) -> list[tuple[Plan, Sight]]:
    return list(zip(planning.plans, planning.sights, strict=True))


def ask_cloud(call: Call, planning: Planning) -> None:
    """Add to each plan what the cloud says to it."""
    from gitopsd.cli.checking import with_answers

    with call.terminal.progress() as progress:
        for index, (plan, sight) in enumerate(_pairs(planning)):
            planning.plans[index], refused = with_answers(plan, sight, call.settings, progress)
            planning.refused |= refused


def plan_options(call: Call, reading: Reading, allowed: Allowed) -> PlanOptions:
    """What a person allows for this one plan, with the day and the revision it is made for."""
    from gitopsd.cli.targets import moment
    from gitopsd.planning import PlanOptions

    state, now = reading.state, moment()
    return PlanOptions(
        now.date(),
        adopt=frozenset(allowed.adopt),
        adopt_from=frozenset(allowed.adopt_from),
        replace=frozenset(allowed.replace),
        approve=allowed.approve,
        correct=allowed.correct,
        revision=reading.revision,
        fleet=state.fleet,
        targets=frozenset(state.known) if state.fleet else None,
        now=now,
        again=call.again,
    )


def tell_pointless(call: Call, reading: Reading, planning: Planning, allowed: Allowed) -> None:
    """Warn of --adopt and --replace that name nothing which these plans take over or make anew."""
    from gitopsd.cli.pointless import pointless

    for sentence in pointless(reading.state.targets, planning.sights, planning.plans, allowed):
        warn(call, sentence)


def _tell_incomplete(call: Call, planning: Planning, path: Path) -> None:
    """Say at once what will keep a saved plan from being applied."""
    for plan, sight in _pairs(planning):
        if gaps := ", ".join(gap.what for gap in sight.observed.gaps):
            warn(
                call,
                f"{path} is of little use yet: at {plan.target} these could not be read: {gaps}."
                " What that hides is not in it, and apply refuses it until they can be",
            )
    for failure in planning.failures:
        warn(call, f"{path} holds no plan for {failure.target}, which could not be reached")


def warn(call: Call, sentence: str) -> None:
    """Say something that people should know before they go on."""
    label = call.terminal.error_palette.paint("warning:", Meaning.WARNING)
    call.terminal.say(f"{label} {sentence}")


def check_approval(planning: Planning, allowed: Allowed) -> None:
    """Raises Refusal when the approved plan is none of those that were made."""
    if allowed.approve and allowed.approve not in {plan.hash for plan in planning.plans}:
        raise Refusal(
            f"no plan is called {allowed.approve}: Git or reality has moved since",
            "look at the plan as it is now, and approve that one",
        )


def make_plans(call: Call, reading: Reading, options: PlanOptions, *, write: bool) -> Planning:
    """Observe and plan the chosen targets; one that cannot be reached does not stop the others."""
    from gitopsd.cli.targets import Failure, look
    from gitopsd.engine.planning import plan_target

    planning = Planning()
    with call.terminal.progress() as progress:
        for seen in look(call, reading, progress, write=write):
            if isinstance(seen, Failure):
                planning.failures.append(seen)
                continue
            progress(f"{seen.owner.target}: comparing")
            planning.sights.append(seen)
            planning.plans.append(plan_target(seen.desired, seen.observed, seen.owner, options))
    return planning


def plan_again(
    planning: Planning, number: int, options: PlanOptions, progress: Progress
) -> tuple[Plan, Sight]:
    """Observe and plan the target of that number afresh; Planning holds the new plan then.

    Raises WorldError.
    """
    from gitopsd.engine.observation import observe_target
    from gitopsd.engine.planning import plan_target

    seen = planning.sights[number]
    observed = observe_target(seen.desired, seen.site, seen.owner, progress)
    planning.sights[number] = replace(seen, observed=observed)
    planning.plans[number] = plan_target(seen.desired, observed, seen.owner, options)
    return planning.plans[number], planning.sights[number]


def show(
    call: Call, plans: Sequence[Plan], form: str, document: dict[str, object], *, base: str = ""
) -> None:
    """Print the plans in the form that was asked for, `base` before the names of files."""
    from gitopsd.cli.outputs import to_json
    from gitopsd.planning.render import plan_markdown, plan_text

    terminal = call.terminal
    if form == "json":
        terminal.out(to_json(document))
        return
    if form == "markdown" and plans:
        terminal.out("\n\n".join(plan_markdown(plan, full=terminal.verbose) for plan in plans))
        return
    for index, item in enumerate(plans):
        text = plan_text(
            item,
            palette=terminal.palette,
            width=terminal.width,
            full=terminal.verbose,
            base=base,
        )
        terminal.out(f"\n{text}" if index else text)
        for hint in hints(call, item):
            terminal.out(terminal.palette.paint(f"  {hint}", Meaning.QUIET))


def hints(call: Call, item: Plan) -> Iterator[str]:
    """Which options show or do more of this plan."""
    from gitopsd.model.approval import scope, to_type
    from gitopsd.planning.render import is_new

    where = scope(item.target, call.again)
    ways = (to_type(step.hold.release, item.hash, where) for step in item.holds if step.hold)
    if way := next(filter(None, ways), ""):
        yield f"to approve what is held: {way}"
    terse = not (call.terminal.verbose or call.terminal.quiet)
    if terse and any(is_new(step) for step in item.steps):
        yield "every field of what is created: -v"
