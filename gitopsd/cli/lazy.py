"""Click's commands and groups, loaded only when called and with their options in sections."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import click

from gitopsd.cli.streams import ClosedPipe
from gitopsd.cli.terminal import Terminal


def _say_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print a command's help as any other result: a closed pipe ends it like one."""
    if wanted and not ctx.resilient_parsing:
        Terminal().out(ctx.get_help())
        ctx.exit()


class SectionOption(click.Option):
    """An option that `--help` lists under a heading of its own."""

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class SectionCommand(click.Command):
    """A command whose `--help` groups its options by section, in the order of first use."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help, through our own output."""
        return _ours(super().get_help_option(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options; what is wrong with them is said in this command's name."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one definition list per section."""
        found: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = None
            if isinstance(parameter, click.Option):  # arguments are told in the text above
                record = parameter.get_help_record(ctx)
            if record is not None:
                found.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for title, records in found.items():
            with formatter.section(title):
                formatter.write_dl(records)


class BranchingCommand(SectionCommand):
    """A command that has others below it, told by the first word behind it.

    `commands_at` maps their names to module, attribute and a line of help. A folder with the name
    of one of them is reached as `./NAME`.
    """

    def __init__(
        self, *args: Any, commands_at: Mapping[str, tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def branch(self, name: str) -> click.Command:
        """Import a command below this one."""
        module, attribute, _ = self.commands_at[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:  # fmt: skip
        """The context of the command that the words name: this one, or one below it."""
        if args and args[0] in self.commands_at:
            name, *rest = args
            return self.branch(name).make_context(f"{info_name} {name}", rest, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, and then the commands below."""
        super().format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in self.commands_at.items()])


class SectionGroup(SectionCommand, click.Group):
    """Commands that share the options in front of them."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by section, then the commands below."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def _ours(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.callback = _say_help
    return option


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports a command's module when it is called.

    `commands_at` maps a name to its module, the attribute there, and one line of help.
    """

    def __init__(
        self, *args: Any, commands_at: Mapping[str, tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help, through our own output."""
        return _ours(super().get_help_option(ctx))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Click would end the process in silence at any pipe that broke."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command; say of a command's option where it goes."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if place := self._place_of(ctx, words, error.option_name):
                raise click.UsageError(place, ctx) from error
            raise

    def _place_of(self, ctx: click.Context, words: list[str], option: str) -> str:
        """Where an option goes that stands before the command; "" for one that no command has."""
        named = next((word for word in words if word in self.commands_at), None)
        name = named or "plan"  # it has all that the commands share
        command = self.get_command(ctx, name)
        known = {text: item for item in command.params for text in item.opts} if command else {}
        if option not in known:
            return ""
        takes = "" if getattr(known[option], "is_flag", False) else " …"
        article = "the" if named else "a"
        return f"{option} goes behind {article} command: gitopsd {name} {option}{takes}"

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the table."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None for an unknown name."""
        if cmd_name not in self.commands_at:
            return None
        module, attribute, _ = self.commands_at[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands by the table's words, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in self.commands_at.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and args[0] not in self.commands_at and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands_at, n=1)
            hint = f" Did you mean {near[0]}?" if near else " See gitopsd --help."
            raise click.UsageError(f"there is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)
