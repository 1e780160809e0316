"""`gitopsd suspend`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Examples:
  gitopsd suspend --reason 'incident 4711' --until 2h
  gitopsd suspend --target hangzhou-edge --reason 'load test' --until 2027-01-31T18:00:00Z"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option("--reason", cls=SectionOption, metavar="TEXT", required=True,
              help="Why, for who finds it.")  # fmt: skip
@click.option("--until", cls=SectionOption, metavar="WHEN",
              help="A time (2027-01-31T18:00:00Z), a day that still counts, or a span (2h, 3d); "
                   "until somebody resumes.")  # fmt: skip
@output_format("text", "json")
@common(world=True)
def suspend(call: Call, reason: str, until: str | None, form: str) -> int:
    """Ask the operator to write nothing to the chosen targets for a time.

    It goes on looking and telling. The step that is under way is finished; gitopsd apply by hand
    still writes. Exit code 0: asked, 1: refused or failed.
    """
    from gitopsd.cli.asking import Request, ask
    from gitopsd.cli.failures import Refusal
    from gitopsd.cli.holding import ending
    from gitopsd.cli.targets import moment
    from gitopsd.model.approval import stamp
    from gitopsd.model.drifthold import LONGEST
    from gitopsd.model.requests import SUSPEND, Suspension

    if len(reason) > LONGEST:
        raise Refusal(f"--reason has {len(reason)} characters", f"at most {LONGEST} are kept")
    now = moment()
    asked = Suspension(reason, ending(until, now) if until else "", stamp(now))
    return ask(call, Request(SUSPEND, lambda _: asked.text, lambda _: str(asked)), form)
