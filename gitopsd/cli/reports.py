"""`gitopsd reports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument, reports_option

if TYPE_CHECKING:
    from gitopsd.model.report import DriftReport

_EXAMPLE = """\b
Examples:
  gitopsd reports --reports /var/lib/gitopsd/reports
  gitopsd reports --reports cluster --about Exposure/shop/tea --all
  gitopsd reports --reports cluster -o json"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option("--about", cls=SectionOption, metavar="NAME",
              help="Only those about this KIND/NS/NAME, or with this fingerprint.")  # fmt: skip
@click.option("--all", "everything", cls=SectionOption, is_flag=True,
              help="Those that are resolved too.")  # fmt: skip
@reports_option
@output_format("text", "json")
@common(world=True)
def reports(call: Call, form: str, reports: str | None, about: str | None, everything: bool) -> int:
    """List the drift reports that `gitopsd drift --reports` keeps for the fleet in PATH.

    Nothing is observed and nothing is written. Exit code 0, or 1 when reports could not be read.
    """
    from gitopsd.cli.failures import Refusal
    from gitopsd.cli.outputs import envelope, to_json
    from gitopsd.cli.reading import read_targets
    from gitopsd.cli.reporting import find, stored
    from gitopsd.cli.targets import tell_failures

    if reports is None:
        raise Refusal("nobody said where the reports are", "name the place with --reports")
    found, unreadable, failures = stored(call, read_targets(call), reports)
    chosen = [report for report in found if everything or report.open]
    if about is not None:
        chosen = find(chosen, about)
    if form == "json":
        content = {
            "reports": [report.to_json() for report in chosen],
            "unreadable": unreadable,
            "failures": [failure.to_json() for failure in failures],
        }
        call.terminal.out(to_json(envelope("Reports", content)))
    else:
        call.terminal.out(_table(chosen) if chosen else "no reports")
    for text in unreadable:
        call.terminal.warn(f"a drift report cannot be read: {text}")
    tell_failures(call, failures)
    return int(bool(failures))


def _table(chosen: list[DriftReport]) -> str:
    from gitopsd.typography import clean, columns

    head = ("REPORT", "TARGET", "SUBJECT", "REASON", "STATE", "SINCE", "WHAT")
    rows = [
        (
            report.fingerprint,
            report.target,
            str(report.subject or f"{len(report.rows)} findings"),
            str(report.reason),
            _state(report),
            report.opened_at,
            report.summary,
        )
        for report in chosen
    ]
    return "\n".join(columns([head, *(tuple(map(clean, row)) for row in rows)]))


def _state(report: DriftReport) -> str:
    """`Open`, `Open, fight`, `Open, escalated`, `Resolved, corrected`."""
    words = [str(report.state)]
    if not report.open:
        words += [str(report.resolution)] if report.resolution else []
    elif report.fighters:
        words.append("fight")
    elif report.escalated_at:
        words.append("escalated")
    return ", ".join(words)
