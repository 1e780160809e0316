"""`gitopsd drift`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gitopsd.cli.lazy import BranchingCommand
from gitopsd.cli.options import Call, common, output_format, path_argument, reports_option
from gitopsd.cli.pages import FORMS, language_option

if TYPE_CHECKING:
    from gitopsd.cli.targets import Sight
    from gitopsd.drift.render import Language, Page
    from gitopsd.engine.judging import Judgement
    from gitopsd.planning import PlanOptions

#: Commands below this one: name -> module, attribute, one line of help.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "hold": ("gitopsd.cli.hold", "hold", "Leave a change made by hand alone for a time."),
    "accept": ("gitopsd.cli.accept", "accept", "Take what was changed by hand into Git."),
}

#: Exit codes: somebody changed something; it cannot be said whether.
_DRIFT, _UNKNOWN = 1, 2

_EXAMPLE = """\b
Examples:
  gitopsd drift examples/repo
  gitopsd drift --target hangzhou-edge -o json
  gitopsd drift -o markdown > report.md
  gitopsd drift -o html --lang zh > report.html
  gitopsd drift --reports /var/lib/gitopsd/reports"""


@click.command(cls=BranchingCommand, commands_at=COMMANDS, epilog=_EXAMPLE)
@path_argument
@reports_option
@output_format(*FORMS)
@language_option()
@common(world=True)
def drift(call: Call, form: str, reports: str | None, language: Language) -> int:
    """Tell what was changed behind Git's back since the last apply. Writes nothing.

    What Git has changed and nobody has applied yet is told as a change and is no drift. With
    --reports each finding is followed from look to look: opened, refreshed, escalated when it stays
    too long, resolved, reopened; and these reports are all that is written. Exit code 0: no drift,
    1: drift, 2: something could not be read, judged or kept.
    """
    from gitopsd.cli.allowances import Allowed
    from gitopsd.cli.outputs import envelope, problems_json, to_json
    from gitopsd.cli.pages import show_pages
    from gitopsd.cli.plan import plan_options
    from gitopsd.cli.reading import read, tell_problems
    from gitopsd.cli.reporting import Reporting
    from gitopsd.cli.targets import Failure, look, now, tell_failures
    from gitopsd.drift.render import Page, page_json

    reading = read(call)
    options = plan_options(call, reading, Allowed())
    pages: list[Page] = []
    failures: list[Failure] = []
    reporting = Reporting(call, reports, reading.revision)
    with call.terminal.progress() as progress:
        for seen in look(call, reading, progress, write=False, health=True):
            if isinstance(seen, Failure):
                failures.append(seen)
                continue
            judged = _judged(seen, options)
            if failure := reporting.follow(seen, judged):
                failures.append(failure)
            page = Page(
                judged.assessment,
                reporting.reports(seen.owner.target),
                judged.routes,
                at=now(),
                revision=reading.revision,
                again=call.again,
                instance=seen.owner.instance,
            )
            pages.append(page)
    if form == "json":
        content = {
            "targets": [page_json(page) for page in pages],
            "problems": problems_json(reading.problems),
            "failures": [failure.to_json() for failure in failures],
            "reporting": reporting.to_json(),
        }
        call.terminal.out(to_json(envelope("Drift", content)))
    else:
        tell_problems(call, reading)
        show_pages(call, pages, failures, form, language)
    reporting.tell()
    tell_failures(call, failures)
    return _exit_code(pages, unknown=bool(failures) or reading.faulty)


def _judged(seen: Sight, options: PlanOptions) -> Judgement:
    """How a target stands, and what the operator will do about it, as far as its record tells."""
    from gitopsd.cli.targets import moment
    from gitopsd.engine.judging import judge_target
    from gitopsd.engine.neighbourhood import look_around
    from gitopsd.engine.withheld import closed_at, withheld_at

    observed = look_around(seen.desired, seen.observed, seen.site.cluster, seen.owner)
    record, at = seen.observed.record, moment()
    options = replace(options, closed=closed_at(record, at))
    withheld = withheld_at(record, at)
    return judge_target(seen.desired, observed, seen.owner, options, withheld=withheld)


def _exit_code(pages: list[Page], *, unknown: bool) -> int:
    from gitopsd.model.verdict import State

    found = [page.assessment for page in pages]
    if unknown or any(item.gaps or item.count(State.UNKNOWN) for item in found):
        return _UNKNOWN
    return _DRIFT if any(item.drifted for item in found) else 0
