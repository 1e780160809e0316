"""`gitopsd schema`."""

from __future__ import annotations

from typing import Any

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

_EXAMPLE = """\b
Examples:
  gitopsd schema                       list the schemas
  gitopsd schema all > gitopsd.schema.json
  gitopsd schema plan"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("name", required=False)
@output_only
def schema(terminal: Terminal, name: str | None) -> None:
    """Print the JSON Schema called NAME, of what users write or of an output; or list them.

    Point your editor at `all` and it completes and checks specs as you type.
    """
    import orjson

    from gitopsd.cli.failures import Refusal

    found = _schemas()
    if name is None:
        for key, (text, _) in found.items():
            terminal.out(f"{key:<12} {text}")
        return
    if name.lower() not in found:
        raise Refusal(f"there is no schema {name!r}", f"there are: {', '.join(found)}")
    content = found[name.lower()][1]
    terminal.out(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())


def _schemas() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name -> what it is about, and the schema: what users write first, then the outputs."""
    from gitopsd.cli.outputs import SCHEMAS
    from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP
    from gitopsd.spec.schema import combined_schema, kind_schema

    found = {"all": ("all kinds in one schema, for editors", combined_schema())}
    for kind in (FLEET, EXPOSURE, SERVER_GROUP):
        found[kind.lower()] = (f"kind {kind}", kind_schema(kind))
    return found | {name: (content["description"], content) for name, content in SCHEMAS.items()}
