"""`gitopsd resume`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Example:
  gitopsd resume --target hangzhou-edge"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@output_format("text", "json")
@common(world=True)
def resume(call: Call, form: str) -> int:
    """Let the operator write again where it was suspended. Exit code 0: asked, 1: failed."""
    from gitopsd.cli.asking import Request, ask
    from gitopsd.model.requests import SUSPEND

    def said(before: str | None) -> str:
        return "it was not suspended" if before is None else "resumed"

    return ask(call, Request(SUSPEND, lambda _: None, said), form)
