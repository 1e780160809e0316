"""The page docs/reference/commands.md, written from the commands themselves.

`python -m gitopsd.cli.reference docs/reference/commands.md` writes it; a test keeps it current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gitopsd.cli.lazy import BranchingCommand
from gitopsd.cli.root import COMMANDS, cli

_HEAD = """\
# Commands

<!-- Written by `make docs` from gitopsd/cli; edit the commands, not this page. -->

Every option of the sections "Where the specs come from", "What part of the fleet", "Where things
run" and "What is printed" may also be given by the environment variable named behind it. Options
win over the environment, the environment over defaults.

| Exit code | Meaning |
|---|---|
| 0 | it is as the command's own text says |
| 1 | errors in the specs; something failed, was held or refused; a wrong command line |
| 1 | the output cannot be written (disk full, stream closed); `drift`: 2 |
| 1 | `drift`: there is drift |
| 2 | `plan --detailed-exitcode`: there are changes |
| 2 | `drift`: unknown, or an error |
| 70 | a fault in gitopsd itself; `-v` shows where |
| 130 | interrupted |
| 141 | the reader of the output has gone |
"""
#: Wide enough for most options to stand on one line, narrow enough for a page.
_WIDTH = 100


def page() -> str:
    """The whole page as Markdown, ending with a line break."""
    parts = [_HEAD]
    with click.Context(cli, info_name="gitopsd") as root:
        for name in COMMANDS:
            command = cli.get_command(root, name)
            if command is not None:
                parts += _parts(command, root, name)
    return "\n".join(parts)


def _parts(command: click.Command, root: click.Context, name: str) -> Iterator[str]:
    """The part of a command, and those of the commands below it."""
    yield f"## gitopsd {name}\n\n```text\n{_help(command, root, name)}\n```\n"
    if isinstance(command, BranchingCommand):
        for below in command.commands_at:
            yield from _parts(command.branch(below), root, f"{name} {below}")


def _help(command: click.Command, root: click.Context, name: str) -> str:
    with click.Context(
        command,
        parent=root,
        info_name=name,
        terminal_width=_WIDTH,
        help_option_names=["-h", "--help"],
    ) as context:
        return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
