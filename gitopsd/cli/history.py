"""`gitopsd history`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument

if TYPE_CHECKING:
    from gitopsd.cli.attending import Ear
    from gitopsd.model.history import PassEntry
    from gitopsd.model.ownership import Owner
    from gitopsd.wiring.sites import Place

_EXAMPLE = """\b
Examples:
  gitopsd history examples/repo
  gitopsd history --target hangzhou-edge --last 5 -o json"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option("--last", cls=SectionOption, type=click.IntRange(1, 50), default=50,
              show_default=True, help="How many passes of each target.")  # fmt: skip
@output_format("text", "json")
@common(world=True)
def history(call: Call, last: int, form: str) -> int:
    """List the last passes of each target, the latest first, as its record keeps them.

    Passes that end as the one before and write nothing are not told again. A target whose cluster
    does not begin to answer within 4 seconds is given up. Exit code 0, or 1 when a record could not
    be read.
    """
    from gitopsd.cli.outputs import envelope, to_json
    from gitopsd.cli.reading import read_targets
    from gitopsd.cli.targets import Failure, places, side_by_side, tell_failures

    found: dict[str, list[PassEntry]] = {}
    failures: list[Failure] = []
    works = {
        owner.target: partial(_passes, call, place, owner)
        for place, owner, _ in places(call, read_targets(call))
    }
    for target, one in side_by_side(call, works):
        if isinstance(one, Failure):
            failures.append(one)
        else:
            found[target] = one[:last]
    if form == "json":
        content = {
            "targets": [
                {"target": target, "passes": [entry.to_json() for entry in entries]}
                for target, entries in found.items()
            ],
            "failures": [failure.to_json() for failure in failures],
        }
        call.terminal.out(to_json(envelope("History", content)))
    elif found:
        call.terminal.out(_table(found))
    tell_failures(call, failures)
    return int(bool(failures))


def _passes(call: Call, place: Place, owner: Owner, ear: Ear) -> list[PassEntry]:
    """What the record of one target keeps, the latest first."""
    from gitopsd.wiring.sites import connect_site

    cluster = connect_site(place, call.settings, write=False, meter=ear).cluster
    ear.begin()
    record = cluster.record(owner)
    return list(reversed(record.history if record else ()))


def _table(found: dict[str, list[PassEntry]]) -> str:
    from gitopsd.typography import clean, columns

    head = ("TARGET", "TIME", "REVISION", "PLAN", "APPROVED", "OUTCOME", "WHAT WAS WRONG")
    rows = [
        (
            target,
            entry.time,
            entry.revision[:12],
            entry.plan[:12] or "-",
            entry.approval or "-",
            entry.outcome,
            entry.trouble,
        )
        for target, entries in found.items()
        for entry in entries
    ]
    return "\n".join(columns([head, *(tuple(map(clean, row)) for row in rows)]))
