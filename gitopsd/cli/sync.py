"""`gitopsd sync`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Examples:
  gitopsd sync examples/repo
  gitopsd sync --target hangzhou-edge"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@output_format("text", "json")
@common(world=True)
def sync(call: Call, form: str) -> int:
    """Ask the operator to look for new commits and begin a pass now.

    The request is an annotation on each target's record, and goes when the operator has answered
    it. Exit code 0: asked, 1: refused or failed.
    """
    from gitopsd.cli.asking import Request, ask
    from gitopsd.cli.targets import now
    from gitopsd.model.requests import SYNC

    asked = now()
    said = "asked for a pass; gitopsd status says what came of it"
    return ask(call, Request(SYNC, lambda _: asked, lambda _: said), form)
