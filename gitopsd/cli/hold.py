"""`gitopsd drift hold`."""

from __future__ import annotations

import functools
from typing import Any

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, Command, common, output_format, path_argument

_EXAMPLE = """\b
Examples:
  gitopsd drift hold checkout --path spec.ports --until 2h --reason 'incident 4711'
  gitopsd drift hold shop/tea --path Ingress/spec.rules --until 2027-01-31 --reason migration
  gitopsd drift hold shop/tea --path 'Ingress/spec.rules[tea.example.com/].backend' --until 2h \\
      --reason 'incident 4712'
  gitopsd drift hold --list examples/repo
  gitopsd drift hold --release checkout"""


def _listing(command: Command) -> Command:
    """With --list the one word that is given is PATH, for there is no NAME."""

    @functools.wraps(command)
    def wrapper(name: str | None, path: str | None, listing: bool, **rest: Any) -> Any:
        if listing and path is None:
            name, path = None, name
        return command(name=name, path=path, listing=listing, **rest)

    return wrapper


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("name", required=False)
@path_argument
@click.option(
    "--path",
    "place",
    cls=SectionOption,
    metavar="[KIND/]PATH",
    help="What is left alone: a path as gitopsd drift prints it, and all below it.",
)
@click.option(
    "--until",
    cls=SectionOption,
    metavar="WHEN",
    help="A time (2027-01-31T18:00:00Z), a day that still counts, or a span (2h, 3d).",
)
@click.option("--reason", cls=SectionOption, metavar="TEXT", help="Why, for who finds it.")
@click.option(
    "--release",
    is_flag=True,
    cls=SectionOption,
    help="Lift the holds of NAME, all of them or the one of --path.",
)
@click.option("--list", "listing", is_flag=True, cls=SectionOption, help="List all holds.")
@output_format("text", "json")
@_listing
@common(world=True)
def hold(
    call: Call,
    name: str | None,
    place: str | None,
    until: str | None,
    reason: str | None,
    release: bool,
    listing: bool,
    form: str,
) -> int:  # fmt: skip
    """Leave a change made by hand alone for a time, as an incident may ask for.

    NAME is an Exposure or a ServerGroup, as NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME. The hold
    is kept on the target's record, counts as an exception of the drift policy would, and ends by
    itself. What should stay for longer belongs into Git. Exit code 0: done, 2: refused or failed.
    """
    from gitopsd.cli.holding import Wish, list_holds, place_hold, release_holds

    if listing:
        if name or place or until or reason or release:
            raise click.UsageError("--list takes PATH and nothing else")
        return list_holds(call, form)
    if name is None:
        raise click.UsageError("NAME is missing: the Exposure or ServerGroup that it is about")
    if release:
        if until or reason:
            raise click.UsageError("--release takes NAME and --path, and nothing else")
        return release_holds(call, name, place, form)
    absent = [word for word, given in (("--path", place), ("--until", until),
                                       ("--reason", reason)) if not given]  # fmt: skip
    if absent:
        raise click.UsageError(f"a hold needs {' and '.join(absent)}")
    return place_hold(call, name, Wish(place or "", until or "", reason or ""), form)
