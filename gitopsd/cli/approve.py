"""`gitopsd approve`."""

from __future__ import annotations

import re

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import Call, common, output_format, path_argument

_EXAMPLE = """\b
Example:
  gitopsd plan --target hangzhou-edge      # prints the hash of the plan
  gitopsd approve HASH --target hangzhou-edge"""

_HASH = re.compile(r"[0-9a-f]{64}")


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.argument("hash_", metavar="HASH")
@path_argument
@output_format("text", "json")
@common(world=True)
def approve(call: Call, hash_: str, form: str) -> int:
    """Let the operator do what the guards of one plan hold.

    HASH names the plan, as gitopsd plan and gitopsd status print it. The approval counts for 24
    hours and once, and only while that is still what there is to do; approvals of other plans stay.
    Exit code 0: given, 1: refused or failed.
    """
    from gitopsd.cli.asking import Request, ask
    from gitopsd.cli.failures import Refusal
    from gitopsd.cli.targets import moment
    from gitopsd.model.approval import APPROVE, approve_too

    if not _HASH.fullmatch(hash_):
        raise Refusal("HASH is 64 digits of 0-9 and a-f", "gitopsd plan prints the hash of a plan")
    time = moment()
    said = f"plan {hash_[:12]} is approved for 24 hours"
    given = Request(APPROVE, lambda stands: approve_too(stands, hash_, time), lambda _: said)
    return ask(call, given, form, one=True)
