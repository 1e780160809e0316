"""`gitopsd sandbox`."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitopsd.cli.failures import Refusal
from gitopsd.cli.faults import OrderType
from gitopsd.cli.lazy import BranchingCommand, SectionOption
from gitopsd.cli.options import output_only
from gitopsd.cli.terminal import Terminal

if TYPE_CHECKING:
    from gitopsd.sandbox.embedded import Sandbox

_EXAMPLE = """\b
Examples:
  gitopsd sandbox --dir /tmp/sandbox
  . /tmp/sandbox/environment.sh && gitopsd plan examples/repo       (in another terminal)
  kubectl --kubeconfig /tmp/sandbox/kubeconfig.yaml get services -A
  gitopsd sandbox --dir /tmp/sandbox --fault cloud:throttle:AddServers*:times=3,retry-after=2"""

#: Shell lines that point gitopsd at the sandbox; beside kubeconfig.yaml and sandbox.json.
_ENVIRONMENT = "environment.sh"

_BELOW = {
    "fault": ("gitopsd.cli.faults", "fault", "Order what goes wrong on a sandbox that runs."),
}

_PORT = click.IntRange(0, 65535)


class TokenType(click.ParamType[tuple[str, str]]):
    """A bearer token and the user it stands for: TOKEN=USER."""

    name = "TOKEN=USER"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The pair; a usage error for anything else."""
        if isinstance(value, tuple):
            return value
        token, _, user = str(value).rpartition("=")
        if not token or not user or any(char.isspace() for char in token):
            self.fail("write it as TOKEN=USER, for example devtoken=dev", param, ctx)
        return token, user


class VpcType(click.ParamType[tuple[str, tuple[str, ...]]]):
    """A VPC and its address ranges: VPC=CIDR,..."""

    name = "VPC=CIDR,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[str, ...]]:
        """The VPC's id and its ranges; a usage error for anything else."""
        if isinstance(value, tuple):
            return value
        from ipaddress import ip_network

        vpc, _, ranges = str(value).partition("=")
        try:
            found = tuple(str(ip_network(each)) for each in ranges.split(","))
        except ValueError as wrong:
            self.fail(
                f"{wrong}; write it as VPC=CIDR,..., for example vpc-sandbox=192.168.0.0/16",
                param,
                ctx,
            )
        return vpc, found


@click.command(cls=BranchingCommand, commands_at=_BELOW, epilog=_EXAMPLE)
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
@click.option(
    "--no-controllers", is_flag=True, help="Leave out the stand-ins of the cloud's controllers."
)
@click.option(
    "--token",
    "known",
    type=TokenType(),
    multiple=True,
    envvar="GITOPSD_SANDBOX_TOKENS",
    help="Know this bearer token as that user, beside those in DIR/sandbox.json; may be given "
    "several times. User admin may do everything, any other what everybody may: discovery, and "
    "asking about itself. Tokens of a sandbox guard nothing and are no secrets. Also from "
    "GITOPSD_SANDBOX_TOKENS, several with spaces between.",
)
@click.option(
    "--vpc",
    "vpcs",
    type=VpcType(),
    multiple=True,
    help="The address ranges of a VPC; may be given several times. Members of groups in it, and "
    "pods, are then judged by them: inside or outside. The clusters' own is vpc-sandbox.",
)
@click.option(
    "--fault",
    "faults",
    type=OrderType(),
    multiple=True,
    help="Let this go wrong; may be given several times. See gitopsd sandbox fault -h.",
)
@click.option(
    "--seed",
    type=int,
    help="Repeat what would be random: which requests a fault with a "
    "chance strikes, and the ids given out.",
)
@output_only
def sandbox(
    terminal: Terminal,
    directory: Path,
    known: tuple[tuple[str, str], ...],
    vpcs: tuple[tuple[str, tuple[str, ...]], ...],
    **asked: Any,
) -> int:
    """Serve a Kubernetes API and the ALB and NLB APIs on loopback, until Ctrl-C or SIGTERM.

    Once it serves, DIR/sandbox.json and DIR/kubeconfig.yaml say how to reach it, and
    DIR/environment.sh sets the variables by which gitopsd finds it. A port of 0 is a free one.
    """
    return _serve(terminal, directory, known=dict(known), vpcs=dict(vpcs), **asked)


def _serve(terminal: Terminal, directory: Path, *, no_controllers: bool, **asked: Any) -> int:
    """Serve in the foreground; `asked` are arguments of `embedded.run`."""
    from gitopsd.sandbox.embedded import run

    environment = directory / _ENVIRONMENT

    def announce(served: Sandbox) -> None:
        environment.touch(mode=0o600)
        environment.write_text(_environment(served), encoding="utf-8")
        terminal.say(f"serving Kubernetes at {served.kubernetes_url}, ALB at {served.alb}, NLB at "
                     f"{served.nlb}; Ctrl-C ends it")  # fmt: skip
        terminal.say(f"to use it from another shell: . {environment}")

    try:
        run(directory, controllers=not no_controllers, ready=announce, **asked)
    except OSError as error:
        why = f"the sandbox cannot serve from {directory}: {error.strerror or error}"
        raise Refusal(why, "choose another port (0 is a free one), or another folder") from error
    finally:
        with suppress(OSError):  # the folder itself may be what was wrong
            environment.unlink(missing_ok=True)
    return 0


def _environment(served: Sandbox) -> str:
    """Lines for a shell."""
    values = {
        "GITOPSD_KUBECONFIG": served.kubeconfig.absolute(),
        "GITOPSD_ALB_ENDPOINT": served.alb,
        "GITOPSD_NLB_ENDPOINT": served.nlb,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": served.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": served.access_key_secret,
    }
    return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in values.items())
