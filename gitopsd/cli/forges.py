"""The options that name a forge, and how they become settings."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gitopsd.cli.failures import Refusal
from gitopsd.cli.lazy import SectionOption
from gitopsd.cli.options import Command, decorated
from gitopsd.cli.pipelines import TOKEN, Pipeline, pipeline_of
from gitopsd.config import ForgeKind, ForgeSettings

SECTION = "Where the pull request is"


@dataclass(frozen=True, slots=True)
class ForgeChoice:
    """What a person said of the forge, and what the pipeline says of what was left out."""

    kind: ForgeKind | None
    url: str | None
    repository: str | None
    token_file: Path | None
    ca_file: Path | None
    pipeline: Pipeline

    def settings(self) -> ForgeSettings:
        """The forge's settings; raises Refusal that names what is missing."""
        kind = self.kind or self.pipeline.kind
        # What a pipeline says of its own forge is nothing about another one.
        pipeline = self.pipeline if kind == self.pipeline.kind else Pipeline()
        repository = self.repository or pipeline.repository
        url = self.url or pipeline.url
        variable = None if self.token_file else self.pipeline.token_variable
        if kind is None:
            raise _missing("the forge is not known", "--forge github, gitlab or gitea")
        if not repository:
            raise _missing("the repository at the forge is not known", "--forge-repo OWNER/NAME")
        if kind == "gitea" and not url:
            raise _missing("the address of the Gitea is not known", "--forge-url URL")
        if self.token_file is None and variable is None:
            how = f"--forge-token-file FILE, or the variable {TOKEN}"
            raise _missing("there is no token for the forge", how)
        return ForgeSettings(
            kind, repository, self.token_file, variable, url=url, ca_file=self.ca_file
        )


def forge_options(command: Command) -> Command:
    """--forge and what goes with it. The command gets a `ForgeChoice` as `forge`."""

    @functools.wraps(command)
    def wrapper(*arguments: Any, **rest: Any) -> Any:
        choice = ForgeChoice(
            rest.pop("forge_kind"),
            rest.pop("forge_url"),
            rest.pop("forge_repo"),
            rest.pop("forge_token_file"),
            rest.pop("forge_ca_file"),
            pipeline_of(os.environ),
        )
        return command(*arguments, forge=choice, **rest)

    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return decorated(
        wrapper,
        [
            _option("--forge", "Which forge it is; a pipeline knows.", "forge_kind",
                    type=click.Choice(["github", "gitlab", "gitea"])),
            _option("--forge-url", "Address of its API, such as https://HOST/api/v1.",
                    metavar="URL"),
            _option("--forge-repo", "The repository there; a pipeline knows.",
                    metavar="OWNER/NAME"),
            _option("--forge-token-file", f"File with the token; else the variable {TOKEN}.",
                    type=file),
            _option("--forge-ca-file", "Certificate authorities for it.", type=file),
        ],
    )  # fmt: skip


def _option(name: str, text: str, parameter: str | None = None, **more: Any) -> Any:
    names = (name, parameter) if parameter else (name,)
    return click.option(*names, cls=SectionOption, section=SECTION, help=text, **more)


def _missing(what: str, how: str) -> Refusal:
    return Refusal(f"{what}: this is no pipeline that says so", f"say {how}")
