"""`gitopsd render`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument
from gitopsd.cli.outputs import envelope, to_json

_EXAMPLE = """\b
Examples:
  gitopsd render examples/repo
  gitopsd render examples/repo -o json --explain
  gitopsd render examples/repo --target hangzhou-edge | head -40"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@output_format("yaml", "json")
@click.option("--explain", is_flag=True, help="Say of every field which rule and line set it.")
@common(world=False)
def render(call: Call, form: str, explain: bool) -> int:
    """Print the objects and server groups that the specs in PATH (the current folder) become.

    An id that is not known before apply stands as <namespace/name>. Exit code 0, or 1 when a
    document has errors: those go to stderr (with -o json into "problems"), the rest is printed.
    """
    from gitopsd.cli.reading import read, tell_problems
    from gitopsd.compiler.rendering import render as rendered
    from gitopsd.compiler.yaml_text import render_yaml

    reading = read(call)
    instance = call.settings.scope.instance
    if form == "json":
        content = rendered(reading.state, instance=instance, explain=explain)
        call.terminal.out(to_json(envelope("Rendering", content)))
    else:
        tell_problems(call, reading)
        lines = list(render_yaml(reading.state, instance=instance, explain=explain))
        if lines:
            call.terminal.out("\n".join(lines))
    return int(reading.faulty)
