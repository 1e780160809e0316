"""`gitopsd version`."""

from __future__ import annotations

import platform

import click

from gitopsd import __version__
from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import output_format, output_only
from gitopsd.cli.outputs import envelope, to_json
from gitopsd.cli.terminal import Terminal


def sentence() -> str:
    """`gitopsd 0.1.0 (Python 3.11.9)`."""
    return f"gitopsd {__version__} (Python {platform.python_version()})"


@click.command(cls=SectionCommand, epilog="\b\nExample:\n  gitopsd version -o json")
@output_format("text", "json")
@output_only
def version(terminal: Terminal, form: str) -> None:
    """Print the version of gitopsd and of what it runs on.

    `-q` prints the bare number.
    """
    if form == "json":
        facts = {"version": __version__, "python": platform.python_version()}
        terminal.out(to_json(envelope("Version", facts)))
    elif terminal.quiet:
        terminal.out(__version__)
    else:
        terminal.out(sentence())
