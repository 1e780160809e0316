"""Asking people to merge an edit: the branch is pushed, and a pull request opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitopsd.cli.accepting import Accepted
from gitopsd.cli.landing import OnBranch
from gitopsd.cli.options import Call
from gitopsd.config import ForgeSettings
from gitopsd.typography import shorten
from gitopsd.wiring.services import open_forge
from gitopsd.wiring.sources import push_branch


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be merged into which branch, and the person's own words for it."""

    commit: str
    into: str
    message: str | None


def ask_to_merge(
    call: Call, way: OnBranch, found: Accepted, settings: ForgeSettings, wish: Wish
) -> str:
    """Push the branch and open the pull request, or find the one that is open; answers its URL.

    Raises the errors of repository and forge.
    """
    name = way.branch.ref.removeprefix("refs/heads/")
    with call.terminal.progress() as progress:
        progress(f"pushing {name}")
        push_branch(Path(way.source.repo or "."), way.branch.ref, wish.commit, way.source)
        forge = open_forge(settings)
        title, _, rest = (wish.message or found.message).partition("\n")
        body = rest.strip() if wish.message else ""
        text = "\n\n".join(part for part in (body, found.description) if part)
        progress(f"asking for {name} to be merged into {wish.into}")
        made = forge.open_pull_request(
            name,
            wish.into,
            shorten(title, forge.limits.title),
            shorten(text, forge.limits.body),
        )
    return made.url
