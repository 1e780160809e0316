"""`gitopsd history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument

if TYPE_CHECKING:
    from gitopsd.model.history import PassEntry

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

    Passes that end as the one before and write nothing are not told again. Exit code 0, or 1 when
    a record could not be read.
    """
    from gitopsd.cli.outputs import envelope, to_json
    from gitopsd.cli.reading import read_targets
    from gitopsd.cli.targets import Failure, places, tell_failures
    from gitopsd.ports import WorldError
    from gitopsd.wiring.sites import connect_site

    found: dict[str, list[PassEntry]] = {}
    failures: list[Failure] = []
    for place, owner, _ in places(call, read_targets(call)):
        try:
            record = connect_site(place, call.settings, write=False).cluster.record(owner)
        except WorldError as error:
            failures.append(Failure(owner.target, error))
        else:
            found[owner.target] = list(reversed(record.history if record else ()))[:last]
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
