"""`gitopsd crds`."""

from __future__ import annotations

import click

from gitopsd.cli.lazy import SectionCommand
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

_EXAMPLE = """\b
Example:
  gitopsd crds | kubectl apply --server-side -f -"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@output_only
def crds(terminal: Terminal) -> None:
    """Print the CustomResourceDefinitions of gitopsd as YAML, to be applied to a cluster.

    A cluster needs them where drift reports are kept in it (--reports cluster).
    """
    from gitopsd.crds import manifests

    terminal.out(manifests().rstrip("\n"))
