"""`gitopsd demo`: the whole job on the embedded sandbox, each step checked as it is shown.

What belongs here: a stage (repository, sandbox, commands) and a story told on it. What does not:
anything that does the work itself; the commands that run are the ones that users run.
"""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

_EXAMPLE = """\b
Examples:
  gitopsd demo
  gitopsd demo --keep"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.option("--keep", cls=SectionOption, is_flag=True,
              help="Leave the sandbox running, and say what to try next.")  # fmt: skip
@output_only
def demo(terminal: Terminal, keep: bool) -> int:
    """Watch commits become a cluster's and a cloud's state, in under a minute, on this machine.

    Makes a Git repository from the examples, starts the sandbox, applies, shows that a second pass
    finds nothing to do, pushes a new weight, edits things behind Git's back, shows the drift and
    its correction, takes an Exposure away, and leaves the rest to the operator. Needs no cluster
    and no account.

    Exit code 0 only if all of it held.
    """
    from gitopsd.cli.demo.story import tell

    return tell(terminal, keep=keep)
