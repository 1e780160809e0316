"""Specs out of a Git repository instead of a folder, and what can be wrong with it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Gitopsd

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True,
        env={**os.environ, **IDENTITY},
    )  # fmt: skip


@pytest.fixture
def pushed(repo: Path) -> Path:
    """The repository with a commit on main, and one more Exposure on branch next."""
    git(repo, "init", "--initial-branch=main")
    git(repo, "add", ".")
    git(repo, "commit", "-m", "first")
    git(repo, "checkout", "-b", "next")
    text = (repo / "exposures.yaml").read_text().partition("---")[0]
    (repo / "more.yaml").write_text(text.replace("name: checkout", "name: more"))
    git(repo, "add", ".")
    git(repo, "commit", "-m", "second")
    git(repo, "checkout", "main")
    return repo


@pytest.mark.parametrize(("revision", "exposures"), [("main", 2), ("next", 3)])
def test_a_revision_is_read_without_a_checkout(
    gitopsd: Gitopsd, pushed: Path, revision: str, exposures: int
) -> None:
    said = gitopsd("validate", "--repo", pushed, "--revision", revision)
    assert said.code == 0
    assert said.out.startswith(f"{exposures} Exposures")


def test_uncommitted_changes_count_in_a_folder_and_not_in_a_repository(
    gitopsd: Gitopsd, pushed: Path
) -> None:
    (pushed / "exposures.yaml").write_text("nonsense: [\n")
    assert gitopsd("validate", pushed).code == 1
    assert gitopsd("validate", "--repo", pushed).code == 0


def test_a_folder_within_the_repository_may_be_its_root(gitopsd: Gitopsd, pushed: Path) -> None:
    (pushed / "production").mkdir()
    for path in pushed.glob("*.yaml"):
        path.rename(pushed / "production" / path.name)
    git(pushed, "add", "--all")
    git(pushed, "commit", "-m", "a folder for each environment")
    assert gitopsd("validate", "--repo", pushed).code == 1
    assert gitopsd("validate", "production", "--repo", pushed).code == 0


@pytest.mark.parametrize(("command", "code"), [("validate", 1), ("plan", 1), ("drift", 2)])
@pytest.mark.parametrize(
    ("url", "revision", "words"),
    [
        (None, "nowhere", "nowhere"),
        ("https://127.0.0.1:1/acme/exposures.git", "main", "127.0.0.1"),
        ("https://user:secret@example.com/x.git", "main", "credentials"),
        ("ext::sh -c touch% x", "main", "not allowed"),
        ("no/such/folder", "main", "no/such/folder"),
    ],
)
def test_a_repository_that_cannot_be_read_is_told(
    gitopsd: Gitopsd,
    pushed: Path,
    command: str,
    code: int,
    url: str | None,
    revision: str,
    words: str,
) -> None:
    said = gitopsd(command, "--repo", url or pushed, "--revision", revision)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert "secret" not in said.err
    assert "Traceback" not in said.err
