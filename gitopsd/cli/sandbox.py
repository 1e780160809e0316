"""`gitopsd sandbox`."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

_EXAMPLE = """\b
Examples:
  gitopsd sandbox --dir /tmp/sandbox
  kubectl --kubeconfig /tmp/sandbox/kubeconfig.yaml get services -A"""

_PORT = click.IntRange(0, 65535)


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@click.option(
    "--dir",
    "directory",
    cls=SectionOption,
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where its files go.",
)
@click.option("--persist", is_flag=True, help="Go on from what an earlier sandbox in DIR held.")
@click.option("--kubernetes-port", type=_PORT, default=0, help="Plain HTTP, for any client.")
@click.option("--tls-port", type=_PORT, default=0, help="HTTPS, for kubectl.")
@click.option("--alb-port", type=_PORT, default=0, help="ALB's API.")
@click.option("--nlb-port", type=_PORT, default=0, help="NLB's API.")
@output_only
def sandbox(
    terminal: Terminal,
    directory: Path,
    persist: bool,
    kubernetes_port: int,
    tls_port: int,
    alb_port: int,
    nlb_port: int,
) -> int:
    """Serve a Kubernetes API and the ALB and NLB APIs on loopback, until Ctrl-C or SIGTERM.

    DIR/kubeconfig.yaml and, once it serves, DIR/sandbox.json say how to reach it. A port of 0 is
    a free one.
    """
    from gitopsd.sandbox.embedded import run

    terminal.say(f"serving; {directory / 'sandbox.json'} says where, Ctrl-C ends it")
    run(
        directory,
        persist=persist,
        kubernetes_port=kubernetes_port,
        tls_port=tls_port,
        alb_port=alb_port,
        nlb_port=nlb_port,
    )
    return 0
