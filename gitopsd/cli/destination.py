"""Where an accepted edit goes: the options of `drift accept`, checked together."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import click

from gitopsd.cli.forges import SECTION, ForgeChoice, forge_options
from gitopsd.cli.lazy import SectionOption
from gitopsd.cli.options import Command, decorated
from gitopsd.config import ForgeSettings


@dataclass(frozen=True, slots=True)
class Destination:
    """A file, a commit on a branch, a pull request of that branch into another; or none of them.

    `forge` is set for a pull request, which is a commit too.
    """

    write: bool
    branch: str | None
    message: str | None
    into: str
    forge: ForgeSettings | None

    @property
    def commit(self) -> bool:
        """Whether the edit becomes a commit."""
        return self.branch is not None


def destination_options(command: Command) -> Command:
    """--write, --commit, --pull-request and so on. The command gets a `Destination`."""

    @functools.wraps(command)
    def wrapper(
        *arguments: Any,
        write: bool,
        commit: bool,
        pull_request: bool,
        branch: str | None,
        message: str | None,
        into: str,
        forge: ForgeChoice,
        **rest: Any,
    ) -> Any:
        commit = commit or pull_request
        _check(write=write, commit=commit, branch=branch, message=message)
        settings = forge.settings() if pull_request else None
        chosen = Destination(write, branch, message, into, settings)
        return command(*arguments, destination=chosen, **rest)

    return decorated(
        wrapper,
        [
            _option("--write", is_flag=True,
                    help="Change the file in PATH instead of printing a patch."),
            _option("--commit", is_flag=True,
                    help="Commit the edit to --branch; work tree and index stay as they are."),
            _option("--branch", metavar="NAME",
                    help="The branch of --commit, made at HEAD when it is missing."),
            _option("-m", "--message", metavar="TEXT", help="The message of --commit."),
            _option("--pull-request", is_flag=True, section=SECTION,
                    help="Besides --commit: push --branch to origin and ask for its merge."),
            _option("--into", metavar="BRANCH", default="main", show_default=True,
                    section=SECTION, help="The branch that --pull-request is for."),
            forge_options,
        ],
    )  # fmt: skip


def _option(*names: str, **more: Any) -> Any:
    return click.option(*names, cls=SectionOption, **more)


def _check(*, write: bool, commit: bool, branch: str | None, message: str | None) -> None:
    if write and commit:
        raise click.UsageError("--write and --commit are two ways to go; choose one")
    if commit and branch is None:
        raise click.UsageError(
            "--commit needs --branch NAME, the branch to commit to; --pull-request does too"
        )
    if not commit and (branch is not None or message is not None):
        raise click.UsageError("--branch and --message are about --commit, and it was not given")
