"""The command `gitopsd` and the table of its commands."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from gitopsd.cli.failures import Invocation, guarded, leave
from gitopsd.cli.interrupts import leave_at_once
from gitopsd.cli.lazy import LazyGroup
from gitopsd.cli.streams import replace_missing
from gitopsd.cli.terminal import Terminal

#: Name -> module, attribute, one line of help; in the order in which a newcomer meets them.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("gitopsd.cli.demo", "demo", "See the whole loop run, in a minute, on this machine."),
    "validate": ("gitopsd.cli.validate", "validate", "Check the specs; needs nothing but files."),
    "render": ("gitopsd.cli.render", "render", "Print what the specs become."),
    "plan": ("gitopsd.cli.plan", "plan", "Show what apply would do, and what it would hold."),
    "apply": ("gitopsd.cli.apply", "apply", "Bring clusters and cloud to what the specs say."),
    "drift": ("gitopsd.cli.drift", "drift", "Tell what was changed behind Git's back."),
    "status": ("gitopsd.cli.status", "status", "Say how each target stands, in a line."),
    "history": ("gitopsd.cli.history", "history", "List the last passes of each target."),
    "sync": ("gitopsd.cli.sync", "sync", "Ask the operator for a pass now."),
    "suspend": ("gitopsd.cli.suspend", "suspend", "Ask the operator to write nothing for a time."),
    "resume": ("gitopsd.cli.resume", "resume", "Let the operator write again."),
    "ci": ("gitopsd.cli.ci", "ci", "Say on a pull request what merging it would do."),
    "approve": ("gitopsd.cli.approve", "approve", "Let the operator do what a plan's guards hold."),
    "serve": ("gitopsd.cli.serve", "serve", "Run as the operator: follow Git, and keep it so."),
    "reports": ("gitopsd.cli.reports", "reports", "List the drift reports that are kept."),
    "crds": ("gitopsd.cli.crds", "crds", "Print the kinds that a cluster needs for reports."),
    "sandbox": ("gitopsd.cli.sandbox", "sandbox", "Serve a cluster and a cloud to try things on."),
    "schema": ("gitopsd.cli.schema", "schema", "Print the JSON Schemas of specs and outputs."),
    "version": ("gitopsd.cli.version", "version", "Print the version."),
}


def _say_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """`gitopsd --version` says what `gitopsd version` does."""
    if wanted and not ctx.resilient_parsing:
        from gitopsd.cli.version import sentence

        Terminal().out(sentence())
        ctx.exit()


@click.group(
    cls=LazyGroup,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExample:\n  gitopsd validate examples/repo\n  gitopsd plan --help",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version,
              help="Print the version and exit.")  # fmt: skip
def cli() -> None:
    """Exposures in Git become Services, Ingresses and server groups, and stay so.

    Write an Exposure, push it, and gitopsd compiles it for every cluster of the fleet, shows what
    would change, applies it, and tells when reality has moved.
    """


#: Commands that end their own children and servers when they are interrupted.
_ORDERLY = frozenset({"demo", "sandbox", "serve"})


def run(arguments: Sequence[str], *, at_once: bool = False) -> int:
    """Run one command line and answer its exit code; nothing is raised.

    With `at_once`, Ctrl-C ends the process without waiting for requests that are under way.
    """
    invocation = Invocation(arguments)
    replace_missing()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character says ?
    if at_once and invocation.command not in _ORDERLY:
        leave_at_once(invocation)
    code = guarded(
        invocation,
        lambda: cli.main(
            args=list(arguments) or ["--help"],
            prog_name="gitopsd",
            standalone_mode=False,
            obj=invocation,
        ),
    )
    if at_once and invocation.left:
        leave(code)
    return code


def main() -> NoReturn:
    """The console script.

    A command makes many small values and few cycles: collecting less often takes a fifth off a
    pass over a thousand objects and adds nothing to its peak memory, and leaving the last cycles
    to the kernel another tenth (`make bench`). Our forms need no plugin that happens to be
    installed, and looking for one takes longer than reading a repository.
    """
    gc.set_threshold(100_000, 50, 100)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:], at_once=True)
    gc.freeze()
    sys.exit(code)
