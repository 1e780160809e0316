"""`gitopsd sandbox fault`: order what goes wrong on a sandbox that is running."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gitopsd.cli.failures import Refusal
from gitopsd.cli.lazy import SectionCommand, SectionGroup
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

_EXAMPLE = """\b
An order is SIDE:KIND[:WHERE][:NAME=VALUE,...], for example:
  cloud:throttle:AddServersToServerGroup:times=3,retry-after=2
  nlb:job-fails:Create*:code=SystemBusy,message=try later
  kubernetes:conflict:patch/services/shop/web
  kubernetes:latency:*/ingresses:seconds=0.2,chance=0.1
  cloud:clock:seconds=3600

\b
SIDE is kubernetes, cloud, alb or nlb. WHERE is an operation of the cloud, or
VERBS/RESOURCE/NAMESPACE/NAME with + between verbs; * matches anything. Every kind takes times
(1, or always), after (so many pass first) and chance (0 to 1). docs/sandbox.md lists the kinds."""


class OrderType(click.ParamType[str]):
    """A fault as it is ordered on the command line."""

    name = "order"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        """What help shows for a value."""
        return "ORDER"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the order's syntax; it travels on as text."""
        from gitopsd.sandbox.faults import FaultSyntaxError, check_order

        try:
            check_order(value)
        except FaultSyntaxError as wrong:
            self.fail(str(wrong), param, ctx)
        return value


@click.group(cls=SectionGroup, epilog=_EXAMPLE)
@click.option("--dir", "directory", required=True, metavar="DIR",
              type=click.Path(file_okay=False, path_type=Path),
              help="The folder of the sandbox that is running.")  # fmt: skip
@click.pass_context
def fault(ctx: click.Context, directory: Path) -> None:
    """Order what goes wrong on the sandbox that runs in DIR, list it, or take it back."""
    ctx.obj = directory


@fault.command(cls=SectionCommand)
@click.argument("orders", type=OrderType(), nargs=-1, required=True, metavar="ORDER...")
@output_only
@click.pass_obj
def add(directory: Path, terminal: Terminal, orders: tuple[str, ...]) -> int:
    """Put orders in force: all of them, or none when one is not understood."""
    _show(terminal, _ask(directory, "POST", list(orders)))
    return 0


@fault.command("list", cls=SectionCommand)
@output_only
@click.pass_obj
def list_(directory: Path, terminal: Terminal) -> int:
    """Show the orders, and how many requests each has struck."""
    _show(terminal, _ask(directory, "GET"))
    return 0


@fault.command(cls=SectionCommand)
@output_only
@click.pass_obj
def clear(directory: Path, terminal: Terminal) -> int:
    """Take all orders back; clocks go right again, and jobs that were stuck go on."""
    _show(terminal, _ask(directory, "DELETE"))
    return 0


def _show(terminal: Terminal, orders: Sequence[dict[str, Any]]) -> None:
    for one in orders:
        state = "used up" if one["spent"] else "in force"
        terminal.out(f"{state:8}  struck {one['struck']:<5} {one['fault']}")
    if not orders:
        terminal.say("no faults are in force")


def _ask(directory: Path, method: str, body: object = None) -> list[dict[str, Any]]:
    """Ask the running sandbox. Raises Refusal when there is none, or when it refuses."""
    # Imported here: to serve a sandbox takes the orders' syntax and no client.
    from urllib import error, request

    try:
        about = json.loads((directory / "sandbox.json").read_text(encoding="utf-8"))["kubernetes"]
    except OSError as missing:
        raise Refusal(
            f"no sandbox runs in {directory}: it has no sandbox.json",
            f"gitopsd sandbox --dir {directory}",
        ) from missing
    asked = request.Request(  # noqa: S310 - the URL is the sandbox's own, on loopback
        about["url"] + "/sandbox/faults",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {about['tokens']['admin']}"},
    )
    try:
        with request.build_opener(request.ProxyHandler({})).open(asked, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found
    except error.HTTPError as refused:
        raise Refusal(json.load(refused)["message"]) from refused
    except error.URLError as lost:
        raise Refusal(
            f"the sandbox in {directory} does not answer: {lost.reason}",
            f"gitopsd sandbox --dir {directory}",
        ) from lost
