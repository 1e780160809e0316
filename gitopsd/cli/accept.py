"""`gitopsd drift accept`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gitopsd.cli.destination import Destination, destination_options
from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, output_format, path_argument

if TYPE_CHECKING:
    from gitopsd.cli.accepting import Accepted
    from gitopsd.cli.landing import Landing

_EXAMPLE = """\b
Examples:
  gitopsd drift accept checkout examples/repo | git apply
  gitopsd drift accept ServerGroup/shop/warehouse --path 'servers[192.168.20.11:8080].weight'
  gitopsd drift accept shop/tea --commit --branch keep-weights -m "Keep tonight's weights"
  gitopsd drift accept shop/tea --pull-request --branch keep-weights"""

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
@destination_options
@output_format("patch", "json")
@common(world=True)
def accept(
    call: Call,
    name: str,
    paths: tuple[str, ...],
    destination: Destination,
    form: str,
) -> int:  # fmt: skip
    """Take what was changed behind Git's back into Git: edit the spec of NAME so that it says so.

    NAME is an Exposure or a ServerGroup, as NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME; a Service
    or an Ingress stands for its Exposure. The edit is the smallest one that does it, proved by
    compiling it and comparing with what was found, and printed as a patch for git apply. Clusters
    and cloud are only read. With --pull-request people are asked to merge it.

    Exit code 0: all of it is in the edit, or nothing had drifted; 1: no spec can say some of it;
    2: something could not be read or judged.
    """
    from gitopsd.cli.accepting import accepted
    from gitopsd.cli.landing import landing
    from gitopsd.cli.reading import read

    way = landing(call.settings.source, write=destination.write, branch=destination.branch)
    call = replace(call, settings=replace(call.settings, source=way.source))
    reading = read(call)
    found = accepted(call, reading, name, paths)
    made = ""
    if found.edit is not None and found.edit.accepted:
        revision = reading.source.tree().revision
        made = way.land(found.edit, revision, destination.message or found.message)
    asked = _ask(call, way, found, made, destination)
    if form == "json":
        commit = made if destination.commit else None
        call.terminal.out(found.json(way.folder, commit=commit, pull_request=asked))
    else:
        found.tell(call.terminal, way.folder, made, destination.branch, asked=asked is not None)
        if asked:
            call.terminal.out(asked)
    return _REFUSED if found.edit is not None and found.edit.refused else 0


def _ask(
    call: Call, way: Landing, found: Accepted, made: str, destination: Destination
) -> str | None:
    """Ask people to merge it, where that was wished; answers where they find it.

    A branch that had the edit already was perhaps committed by a run that got no further.
    """
    from gitopsd.cli.landing import OnBranch
    from gitopsd.cli.merging import Wish, ask_to_merge

    if destination.forge is None or not isinstance(way, OnBranch):
        return None
    commit = made or (way.branch.commit if found.edit is None else "")
    if not commit:
        return None
    wish = Wish(commit, destination.into, destination.message)
    return ask_to_merge(call, way, found, destination.forge, wish)
