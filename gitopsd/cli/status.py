"""`gitopsd status`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Examples:
  gitopsd status examples/repo
  gitopsd status --target hangzhou-edge -o json"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@output_format("text", "json")
@common(world=True)
def status(call: Call, form: str) -> int:
    """Say how each target stands: a line for it, and one for each thing that is wrong now.

    Reads Git, the cluster and the cloud, and the record that passes leave. Writes nothing. A target
    whose cluster does not begin to answer within 4 seconds, or that answers nothing for 10, is
    given up. Exit code 0: all is well, 1: something is wrong, 2: a target could not be looked at,
    or none is known.
    """
    from gitopsd.cli.outputs import envelope, to_json
    from gitopsd.cli.reading import read_targets, tell_problems
    from gitopsd.cli.standing import Standing, standings, table
    from gitopsd.cli.targets import Failure, tell_failures

    found: list[Standing] = []
    failures: list[Failure] = []
    reading = read_targets(call)
    for one in standings(call, reading):
        if isinstance(one, Failure):
            failures.append(one)
        else:
            found.append(one)
    if form == "json":
        content = {
            "targets": [standing.to_json() for standing in found],
            "failures": [failure.to_json() for failure in failures],
        }
        call.terminal.out(to_json(envelope("Status", content)))
    elif found:
        call.terminal.out(table(found, call.terminal))
    if form != "json":
        tell_problems(call, reading)
    tell_failures(call, failures)
    if failures:
        return 2
    return int(reading.faulty or any(standing.wrong for standing in found))
