"""The options that commands share, and how they become settings."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gitopsd.cli.failures import Invocation
from gitopsd.cli.lazy import SectionOption
from gitopsd.cli.terminal import Terminal, libraries_hushed
from gitopsd.config import (
    PREFIX,
    CloudSettings,
    ClusterSettings,
    ScopeSettings,
    Settings,
    SourceSettings,
    cloud_credentials_present,
    default_cache,
)

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]

SOURCE = "Where the specs come from"
SCOPE = "What part of the fleet"
WORLD = "Where things run"
OUTPUT = "What is printed"

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_INSTANCE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: what it was told, where its words go, and how it may fail.

    `world` says whether it is about clusters and clouds, or about specs alone. `again` are the
    words by which another command finds the same, the target aside: those that were typed, for
    variables are still there when it is typed.
    """

    settings: Settings
    terminal: Terminal
    invocation: Invocation
    world: bool
    again: str = ""


def _option(name: str, section: str, text: str, **more: Any) -> Decorator:
    """An option `--name`, also read from `GITOPSD_NAME`, which its help names."""
    variable = PREFIX + name.lstrip("-").replace("-", "_").upper()
    return click.option(
        *more.pop("short", ()),
        name,
        cls=SectionOption,
        section=section,
        help=f"{text} [{variable}]",
        envvar=variable,
        **more,
    )


def _source(hidden: bool) -> list[Decorator]:
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    folder = click.Path(file_okay=False, path_type=Path)
    return [
        _option("--repo", SOURCE, "Read this Git repository instead of a folder.", metavar="URL",
                hidden=hidden),
        _option("--revision", SOURCE, "Branch, tag or commit of --repo; its default branch.",
                metavar="REF", hidden=hidden),
        _option("--git-token-file", SOURCE, "File with the token for https.", type=file,
                hidden=hidden),
        _option("--git-username", SOURCE, "User name that goes with the token.", default="git",
                show_default=True, hidden=hidden),
        _option("--git-ca-file", SOURCE, "Certificate authorities for https.", type=file,
                hidden=hidden),
        _option("--ssh-key", SOURCE, "Private key for ssh.", type=file, hidden=hidden),
        _option("--known-hosts", SOURCE, "Known host keys for ssh.", type=file, hidden=hidden),
        _option("--cache-dir", SOURCE, "Where clones are kept between runs.", type=folder,
                hidden=hidden),
    ]  # fmt: skip


def _scope() -> list[Decorator]:
    return [
        _option("--target", SCOPE, "Only this target of the fleet.", metavar="NAME"),
        _option("--instance", SCOPE, "The name in our marks; the fleet's.", metavar="NAME",
                callback=_instance),
    ]  # fmt: skip


def _world(hidden: bool) -> list[Decorator]:
    return [
        _option("--kubeconfig", WORLD, "Kubeconfig file.",
                metavar="FILE", hidden=hidden),
        _option("--context", WORLD, "Context that stands in for the target's kubeContext.",
                metavar="NAME", hidden=hidden),
        _option("--alb-endpoint", WORLD, "ALB API; the region's.", metavar="HOST[:PORT]",
                hidden=hidden),
        _option("--nlb-endpoint", WORLD, "NLB API; the region's.", metavar="HOST[:PORT]",
                hidden=hidden),
        _option("--record-namespace", WORLD, "Namespace of the record of each target.",
                metavar="NAME", default="gitopsd-system", show_default=True, hidden=hidden,
                callback=_namespace),
    ]  # fmt: skip


def _output() -> list[Decorator]:
    return [
        _option("--quiet", OUTPUT, "Only results and errors.", is_flag=True, short=("-q",)),
        _option("--verbose", OUTPUT, "Whole values, progress in pipes, causes of errors.",
                is_flag=True, short=("-v",)),
        _option("--no-color", OUTPUT, "No colours; NO_COLOR and TERM=dumb do the same.",
                is_flag=True),
    ]  # fmt: skip


def _instance(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """An instance is a label value, a tag value and part of group names."""
    from gitopsd.profiles.names import INSTANCE_LENGTH

    if value is None:
        return None
    if len(value) > INSTANCE_LENGTH or not _INSTANCE.fullmatch(value):
        raise click.BadParameter(
            f"an instance is named with a-z, 0-9 and -, at most {INSTANCE_LENGTH} characters",
            param_hint="'--instance'",
        )
    return value


def _namespace(_: click.Context, __: click.Parameter, value: str) -> str:
    """A namespace has a name that Kubernetes takes."""
    if not _NAMESPACE.fullmatch(value):
        raise click.BadParameter(
            "a namespace is named with a-z, 0-9 and -, at most 63 characters",
            param_hint="'--record-namespace'",
        )
    return value


def output_only(command: Command) -> Command:
    """For commands that read no specs: -q, -v and --no-color. The command gets a `Terminal`."""

    @functools.wraps(command)
    def wrapper(quiet: bool, verbose: bool, no_color: bool, **rest: Any) -> Any:
        terminal = _terminal(quiet, verbose, no_color).terminal
        return command(terminal, **rest)

    return decorated(wrapper, _output())


def common(*, world: bool) -> Decorator:
    """For commands about specs: where from, which part, where things run, what is printed.

    The command gets a `Call`. Every such command takes the same options, so that a script may pass
    one set to all; those that a command has no use for (`world=False`) are left out of its help.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapper(path: str | None, **given: Any) -> Any:
            invocation = _terminal(*(given.pop(name) for name in ("quiet", "verbose", "no_color")))
            terminal = invocation.terminal or Terminal()
            again = _again(path, given)
            settings, rest = _settings(path, given)
            with nullcontext() if terminal.verbose else libraries_hushed():
                return command(Call(settings, terminal, invocation, world, again), **rest)

        options = [*_source(False), *_scope(), *_world(not world), *_output()]
        return decorated(wrapper, options)

    return decorate


def decorated(command: Command, options: list[Decorator]) -> Command:
    """The command with all these options, the first of them first in its help."""
    for option in reversed(options):
        command = option(command)
    return command


def _terminal(quiet: bool, verbose: bool, no_color: bool) -> Invocation:
    invocation = click.get_current_context().find_object(Invocation) or Invocation(())
    invocation.terminal = Terminal(quiet, verbose, no_color)
    return invocation


def _settings(path: str | None, given: dict[str, Any]) -> tuple[Settings, dict[str, Any]]:
    take = given.pop
    told = frozenset(filter(_is_told, given))
    source = SourceSettings(
        path=path or ".",
        repo=take("repo"),
        revision=take("revision") or "HEAD",
        token_file=take("git_token_file"),
        username=take("git_username"),
        ca_file=take("git_ca_file"),
        ssh_key=take("ssh_key"),
        known_hosts=take("known_hosts"),
        cache=take("cache_dir") or default_cache(),
    )
    if source.repo is None and source.revision != "HEAD":
        raise click.UsageError("--revision names a revision of --repo, and there is no --repo")
    cluster = ClusterSettings(take("kubeconfig"), take("context"), take("record_namespace"))
    cloud = CloudSettings(take("alb_endpoint"), take("nlb_endpoint"), cloud_credentials_present())
    scope = ScopeSettings(take("target"), take("instance"))
    return Settings(source, cluster, cloud, scope, told), given


def _again(path: str | None, given: Mapping[str, Any]) -> str:
    """What was typed of where specs come from and where things run, and PATH, ready to type."""
    context = click.get_current_context()
    words = [
        word
        for option in context.command.params
        if isinstance(option, SectionOption)
        and option.section in (SOURCE, SCOPE, WORLD)
        and option.name not in (None, "target")
        and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
        for word in (option.opts[-1], str(given[option.name]))
    ]
    return shlex.join([*words, *([path] if path else [])])


def _is_told(name: str) -> bool:
    """Whether an option was given, be it by a variable or with the very value it has anyway."""
    source = click.get_current_context().get_parameter_source(name)
    return source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


def output_format(*names: str) -> Decorator:
    """The option `-o`, with the first name as its default."""
    return click.option(
        "-o", "--output", "form", cls=SectionOption, type=click.Choice(names), default=names[0],
        show_default=True, help="Form of the output.",
    )  # fmt: skip


def reports_option(command: Command) -> Command:
    """--reports. The command gets it as `reports`: `cluster`, a folder, or None."""
    text = "Keep drift reports here: a folder, or the word cluster for custom resources."
    return _option("--reports", OUTPUT, text, metavar="DIR|cluster")(command)


def path_argument(command: Command) -> Command:
    """PATH: the folder with fleet.yaml (with --repo, a folder inside the repository)."""
    return click.argument("path", required=False)(command)
