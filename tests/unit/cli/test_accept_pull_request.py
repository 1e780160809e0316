"""drift accept --pull-request: the edit is pushed, and people are asked to merge it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.cli.schemas import SCHEMAS
from tests.contract.forges.gitlab import GitLabReceiver
from tests.contract.forges.receiving import Account, Fault
from tests.contract.forges.repos import GiteaReceiver, GitHubReceiver
from tests.contract.git.authoring import git
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage

SELECTOR = {"spec": {"selector": {"app": "other"}}}


#: What is the same at every forge is tried at one.
ONE = pytest.mark.parametrize("clone", ["github"], indirect=True)


class Clone:
    """A clone of a repository at a forge, with something drifted."""

    def __init__(self, folder: Path, origin: Path, kind: str, forge: Any) -> None:
        self.folder, self.origin, self.kind, self.forge = folder, origin, kind, forge

    def accept(self, *more: str) -> tuple[object, ...]:
        """The command line."""
        there = ("--forge", self.kind, "--forge-url", self.forge.url)
        asked = ("--pull-request", "--branch", "keep", "--forge-repo", "acme/exposures", *there)
        return ("drift", "accept", "checkout", self.folder, *asked, *more)

    def pushed(self) -> str:
        """What the forge has as branch keep, and so can open a pull request for."""
        commit = git(self.origin, "rev-parse", "refs/heads/keep")
        self.forge.branches["keep"] = commit
        return commit

    def opened(self) -> list[dict[str, Any]]:
        if self.kind == "gitlab":
            return list(self.forge.merge_requests.values())
        return [item for item in self.forge.issues.values() if item.get("pull_request")]


@pytest.fixture(params=["github", "gitlab", "gitea"])
def clone(
    request: pytest.FixtureRequest, gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Clone]:  # fmt: skip
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ann@example.com")
    monkeypatch.setenv("GITOPSD_FORGE_TOKEN", "t0ken")
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "first")
    origin = tmp_path / "origin.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(repo, "remote", "add", "origin", str(origin))
    git(repo, "push", "-q", "origin", "main")
    assert gitopsd("apply", repo, "--yes").code == 0
    stage.edit_service("checkout", SELECTOR)
    receiver: type[Any] = {
        "github": GitHubReceiver, "gitlab": GitLabReceiver, "gitea": GiteaReceiver,
    }[request.param]  # fmt: skip
    with receiver() as running:
        running.accounts["t0ken"] = Account(41, "gitopsd")
        yield Clone(repo, origin, request.param, running)


def as_a_forge(clone: Clone) -> None:
    """Let the forge know of branches as they are pushed."""
    answer = clone.forge.answer

    def look_first(asked: Any) -> Any:
        clone.pushed()
        return answer(asked)

    clone.forge.answer = look_first


def test_the_edit_is_pushed_and_its_merge_asked_for_once(gitopsd: Gitopsd, clone: Clone) -> None:
    as_a_forge(clone)
    said = gitopsd(*clone.accept("-o", "json"))
    assert said.code == 0
    jsonschema.validate(said.json, SCHEMAS["acceptance"])
    assert said.json["commit"] == clone.pushed()
    (opened,) = clone.opened()
    assert said.json["pullRequest"].startswith("https://forge.example/acme/exposures/")
    assert (
        opened["title"] == "Accept what was changed by hand: Exposure/default/checkout at hangzhou"
    )
    body = opened.get("body") or opened["description"]
    assert "behind Git's back" in body
    assert "- `Service/default/checkout spec.selector.app`: checkout → other" in body
    assert git(clone.folder, "status", "--porcelain") == ""
    again = gitopsd(*clone.accept())
    assert again.code == 0
    assert again.out.strip() == said.json["pullRequest"]
    assert len(clone.opened()) == 1


@ONE
def test_what_the_forge_refused_is_asked_again_by_the_same_command(
    gitopsd: Gitopsd, clone: Clone
) -> None:
    as_a_forge(clone)
    clone.forge.faults.append(Fault(403))
    failed = gitopsd(*clone.accept())
    assert (failed.code, clone.opened()) == (2, [])
    said = gitopsd(*clone.accept())
    assert (said.code, len(clone.opened())) == (0, 1)
    told = "Exposure/default/checkout has not drifted at hangzhou from what branch keep says"
    assert f"{told}: its merge is asked for" in " ".join(said.err.split())
    assert "nothing to accept" not in said.err


@ONE
def test_a_branch_that_others_pushed_to_is_not_overwritten(gitopsd: Gitopsd, clone: Clone) -> None:
    git(clone.folder, "checkout", "-q", "--orphan", "theirs")
    git(clone.folder, "commit", "-q", "-m", "theirs")
    git(clone.folder, "push", "-q", "origin", "theirs:keep")
    theirs = git(clone.folder, "rev-parse", "theirs")
    git(clone.folder, "checkout", "-q", "main")
    said = gitopsd(*clone.accept())
    assert said.code == 2
    assert "has commits there that are not here" in said.err
    assert clone.pushed() == theirs
    assert clone.opened() == []


@ONE
def test_a_clone_of_nothing_has_nowhere_to_push_to(gitopsd: Gitopsd, clone: Clone) -> None:
    git(clone.folder, "remote", "remove", "origin")
    assert "git remote add origin URL" in gitopsd(*clone.accept()).err


@ONE
def test_without_a_forge_nothing_is_committed(
    gitopsd: Gitopsd, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITOPSD_FORGE_TOKEN")
    said = gitopsd(*clone.accept())
    assert "GITOPSD_FORGE_TOKEN" in said.err
    assert git(clone.folder, "branch", "--list", "keep") == ""
