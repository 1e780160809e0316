"""A branch goes to where the clone came from: by token, never by force, and no hook is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsd.adapters.git import GitAccess, push
from gitopsd.ports import RepositoryError, Unauthenticated
from tests.contract.git.authoring import Author, git
from tests.contract.git.serving import Manners, serve

REF = "refs/heads/keep"


@pytest.fixture
def origin(author: Author, tmp_path: Path) -> Path:
    """A bare repository that takes pushes over http, as remote `origin` of the author's."""
    root = tmp_path / "served"
    root.mkdir()
    git(root, "init", "-q", "--bare", "-b", "main", "config.git")
    git(root / "config.git", "config", "http.receivepack", "true")
    git(author.folder, "remote", "add", "origin", str(root / "config.git"))
    return root / "config.git"


def test_a_commit_becomes_a_branch_and_goes_on(author: Author, origin: Path) -> None:
    first, second = author.commit(a="a: 1\n"), author.commit(a="a: 2\n")
    push(author.folder, REF, first, GitAccess())
    push(author.folder, REF, second, GitAccess())
    push(author.folder, REF, second, GitAccess())
    assert git(origin, "rev-parse", REF) == second


def test_what_others_pushed_is_not_overwritten(author: Author, origin: Path) -> None:
    first, second = author.commit(a="a: 1\n"), author.commit(a="a: 2\n")
    push(author.folder, REF, second, GitAccess())
    with pytest.raises(RepositoryError, match="has commits there that are not here"):
        push(author.folder, REF, first, GitAccess())
    assert git(origin, "rev-parse", REF) == second


def test_a_branch_that_the_server_refuses_is_told_in_its_words(
    author: Author, origin: Path
) -> None:
    commit = author.commit(a="a: 1\n")
    git(origin, "config", "receive.maxInputSize", "1")
    with pytest.raises(RepositoryError):
        push(author.folder, REF, commit, GitAccess())
    assert git(origin, "for-each-ref") == ""


def test_a_name_that_is_no_branch_is_refused(author: Author, origin: Path) -> None:
    commit = author.commit(a="a: 1\n")
    with pytest.raises(RepositoryError, match="cannot be the name"):
        push(author.folder, "refs/heads/a..b", commit, GitAccess())


def test_the_token_goes_to_the_server_and_into_no_error(author: Author, origin: Path) -> None:
    commit = author.commit(a="a: 1\n")
    manners = Manners(password="s3cr3t")
    with serve(origin.parent, manners) as server:
        git(author.folder, "remote", "set-url", "origin", f"{server.url}/config.git")
        with pytest.raises(Unauthenticated) as caught:
            push(author.folder, REF, commit, GitAccess(token="wr0ng"))
        assert "wr0ng" not in str(caught.value)
        push(author.folder, REF, commit, GitAccess(token="s3cr3t"))
    assert git(origin, "rev-parse", REF) == commit


def test_an_origin_with_credentials_in_its_address_is_refused(author: Author, origin: Path) -> None:
    commit = author.commit(a="a: 1\n")
    git(author.folder, "remote", "set-url", "origin", "https://bot:s3cr3t@git.example/a/b.git")
    with pytest.raises(RepositoryError) as caught:
        push(author.folder, REF, commit, GitAccess())
    assert "s3cr3t" not in str(caught.value)


def test_a_hook_of_the_clone_is_not_run(author: Author, origin: Path, tmp_path: Path) -> None:
    commit = author.commit(a="a: 1\n")
    hook = author.folder / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    push(author.folder, REF, commit, GitAccess())
    assert not (tmp_path / "ran").exists()
