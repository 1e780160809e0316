"""`gitopsd validate`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument
from gitopsd.cli.outputs import envelope, problems_json, to_json
from gitopsd.cli.problems import base_of, problem_lines, tally
from gitopsd.spec.document import SpecSet
from gitopsd.typography import count

_EXAMPLE = """\b
Examples:
  gitopsd validate examples/repo
  gitopsd validate --repo https://git.example.com/acme/exposures.git --revision main"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@output_format("text", "json")
@common(world=False)
def validate(call: Call, form: str) -> int:
    """Check the specs in PATH (the current folder) and tell everything that is wrong at once.

    Nothing but the files is needed: no cluster, no account. Exit code 0: no errors (warnings may
    be there), 1: errors.
    """
    from gitopsd.cli.reading import read

    reading = read(call)
    terminal, problems = call.terminal, reading.problems
    errors = sum(problem.is_error for problem in problems)
    if form == "json":
        content = {
            "problems": problems_json(problems),
            "errors": errors,
            "warnings": len(problems) - errors,
            "exposures": len(reading.specs.exposures),
            "serverGroups": len(reading.specs.server_groups),
            "files": reading.specs.files,
            "ignoredDocuments": reading.specs.ignored,
        }
        terminal.out(to_json(envelope("Validation", content)))
        return int(errors > 0)
    told = [p for p in problems if p.is_error or not terminal.quiet]
    base = base_of(call.settings.source)
    for line in problem_lines(told, terminal.palette, terminal.sentence_width, base=base):
        terminal.out(line)
    if not terminal.quiet:
        terminal.out(f"{_read(reading.specs)}: {tally(problems)}")
    return int(errors > 0)


def _read(specs: SpecSet) -> str:
    """`8 Exposures, 3 ServerGroups in 12 files (4 documents of other API groups ignored)`."""
    parts = [
        count(len(specs.exposures), "Exposure"),
        count(len(specs.server_groups), "ServerGroup"),
    ]
    other = count(specs.ignored, "document") + " of other API groups ignored"
    text = f"{', '.join(parts)} in {count(specs.files, 'file')}"
    return f"{text} ({other})" if specs.ignored else text
