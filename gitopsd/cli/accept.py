"""`gitopsd drift accept`."""

from __future__ import annotations

from dataclasses import replace

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Examples:
  gitopsd drift accept checkout examples/repo | git apply
  gitopsd drift accept ServerGroup/shop/warehouse --path 'servers[192.168.20.11:8080].weight'
  gitopsd drift accept shop/tea --commit --branch keep-weights -m "Keep tonight's weights\""""

#: Exit code: something that has drifted cannot be said by a spec.
_REFUSED = 1


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("name")
@path_argument
@click.option(
    "--path",
    "paths",
    cls=SectionOption,
    multiple=True,
    metavar="[KIND/]PATH",
    help="Only what differs at this path or below it; may be given several times.",
)
@click.option(
    "--write",
    is_flag=True,
    cls=SectionOption,
    help="Change the file in PATH instead of printing a patch.",
)
@click.option(
    "--commit",
    is_flag=True,
    cls=SectionOption,
    help="Commit the edit to --branch; work tree and index stay as they are.",
)
@click.option(
    "--branch",
    metavar="NAME",
    cls=SectionOption,
    help="The branch of --commit, made at HEAD when it is missing.",
)
@click.option("-m", "--message", metavar="TEXT", cls=SectionOption, help="The message of --commit.")
@output_format("patch", "json")
@common(world=True)
def accept(
    call: Call,
    name: str,
    paths: tuple[str, ...],
    write: bool,
    commit: bool,
    branch: str | None,
    message: str | None,
    form: str,
) -> int:  # fmt: skip
    """Take what was changed behind Git's back into Git: edit the spec of NAME so that it says so.

    NAME is an Exposure or a ServerGroup, as NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME; a Service
    or an Ingress stands for its Exposure. The edit is the smallest one that does it, proved by
    compiling it and comparing with what was found, and printed as a patch for git apply. Clusters
    and cloud are only read.

    Exit code 0: all of it is in the edit, or nothing had drifted; 1: no spec can say some of it;
    2: something could not be read or judged.
    """
    from gitopsd.cli.accepting import accepted
    from gitopsd.cli.landing import landing
    from gitopsd.cli.reading import read

    _check(write=write, commit=commit, branch=branch, message=message)
    way = landing(call.settings.source, write=write, branch=branch)
    call = replace(call, settings=replace(call.settings, source=way.source))
    reading = read(call)
    found = accepted(call, reading, name, paths)
    made = ""
    if found.edit is not None and found.edit.accepted:
        revision = reading.source.tree().revision
        made = way.land(found.edit, revision, message or found.message)
    if form == "json":
        call.terminal.out(found.json(way.folder, commit=made if commit else None))
    else:
        found.tell(call.terminal, way.folder, made, branch)
    return _REFUSED if found.edit is not None and found.edit.refused else 0


def _check(*, write: bool, commit: bool, branch: str | None, message: str | None) -> None:
    if write and commit:
        raise click.UsageError("--write and --commit are two ways to go; choose one")
    if commit and branch is None:
        raise click.UsageError("--commit needs --branch NAME, the branch to commit to")
    if not commit and (branch is not None or message is not None):
        raise click.UsageError("--branch and --message are about --commit, and it was not given")
