"""`gitopsd schema`."""

from __future__ import annotations

from typing import Any

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal
from gitopsd.typography import columns

_EXAMPLE = """\b
Examples:
  gitopsd schema > gitopsd.schema.json
  gitopsd schema exposure
  gitopsd schema --list"""

#: What is printed without a name: what an editor needs.
_DEFAULT = "all"


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("name", required=False)
@click.option("--list", "listing", cls=SectionOption, is_flag=True,
              help="List the names, each with what it is about.")  # fmt: skip
@output_only
def schema(terminal: Terminal, name: str | None, listing: bool) -> None:
    """Print the JSON Schema called NAME; without one that of all kinds of specs together.

    Point your editor at it, and it completes and checks specs as you type. Names of specs: all,
    fleet, exposure, servergroup, settings; --list names the outputs too.
    """
    import orjson

    from gitopsd.cli.failures import Refusal

    found = _schemas()
    if listing:
        terminal.out("\n".join(columns([(key, text) for key, (text, _) in found.items()])))
        return
    chosen = (name or _DEFAULT).lower()
    if chosen not in found:
        raise Refusal(f"there is no schema {name!r}", f"there are: {', '.join(found)}")
    terminal.out(orjson.dumps(found[chosen][1], option=orjson.OPT_INDENT_2).decode())


def _schemas() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name -> what it is about, and the schema: what users write first, then the outputs."""
    from gitopsd.cli.schemas import SCHEMAS
    from gitopsd.daemon.settings import settings_schema
    from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP
    from gitopsd.spec.schema import combined_schema, kind_schema

    found = {_DEFAULT: ("all kinds in one schema, for editors", combined_schema())}
    for kind in (FLEET, EXPOSURE, SERVER_GROUP):
        found[kind.lower()] = (f"kind {kind}", kind_schema(kind))
    found["settings"] = ("gitopsd.yaml, the settings of gitopsd serve", settings_schema())
    return found | {name: (content["description"], content) for name, content in SCHEMAS.items()}
