"""Commits beside the work tree, files changed in one step, and patches that git takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsd.adapters.git.committing import LocalRepository
from gitopsd.adapters.git.writing import write_file
from gitopsd.drift.patch import patch
from gitopsd.ports import RepositoryError
from tests.contract.git.authoring import Author, git


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests has a name, and it stands in a file of git's own."""
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n  name = Ann\n  email = ann@example.com\n[commit]\n  gpgSign = true\n"
    )
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv(f"GIT_{name}", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_commit_holds_the_change_and_leaves_work_tree_and_index_alone(
    tmp_path: Path, object_format: str
) -> None:
    author = Author(tmp_path / "repository", object_format=object_format)
    head = author.commit(a="a: 1\n", b="b: 1\n", c="c: 1\n")
    (author.folder / "b.yaml").chmod(0o755)
    head = author.commit()
    author.write("a.yaml", "unfinished")
    git(author.folder, "add", "a.yaml")
    before = git(author.folder, "status", "--porcelain")
    repository = LocalRepository(author.folder)
    branch = repository.branch("keep/it")
    files = {"b.yaml": b"b: 2\n", "c.yaml": b"", "new/d ü.yaml": b"d: 1\n"}
    made = repository.commit(branch, head, files, "Why: ü\n")
    assert git(author.folder, "rev-parse", "keep/it") == made
    assert git(author.folder, "rev-parse", "keep/it~") == head
    assert git(author.folder, "show", "keep/it:a.yaml") == "a: 1"
    assert git(author.folder, "show", "keep/it:b.yaml") == "b: 2"
    listed = git(author.folder, "-c", "core.quotePath=false", "ls-tree", "-r", "keep/it")
    assert [(line.split()[0], line.split("\t")[1]) for line in listed.splitlines()] == [
        ("100644", "a.yaml"),
        ("100755", "b.yaml"),
        ("100644", "new/d ü.yaml"),
    ]
    assert git(author.folder, "log", "-1", "--format=%an %ae %s", "keep/it") == (
        "Ann ann@example.com Why: ü"
    )
    assert git(author.folder, "status", "--porcelain") == before


def test_a_branch_that_is_there_is_built_upon(author: Author) -> None:
    head = author.commit(a="a: 1\n")
    repository = LocalRepository(author.folder)
    first = repository.commit(repository.branch("keep"), head, {"a.yaml": b"a: 2\n"}, "one")
    branch = repository.branch("keep")
    assert branch.commit == first
    second = repository.commit(branch, first, {"a.yaml": b"a: 3\n"}, "two")
    assert git(author.folder, "rev-list", "keep").split() == [second, first, head]


def test_a_branch_that_moved_meanwhile_is_left_as_it_is(author: Author) -> None:
    head = author.commit(a="a: 1\n")
    repository = LocalRepository(author.folder)
    stale = repository.branch("keep")
    first = repository.commit(stale, head, {"a.yaml": b"a: 2\n"}, "one")
    with pytest.raises(RepositoryError, match="moved meanwhile"):
        repository.commit(stale, head, {"a.yaml": b"a: 3\n"}, "two")
    assert git(author.folder, "rev-parse", "keep") == first


def test_a_branch_that_is_checked_out_is_refused(author: Author) -> None:
    author.commit(a="a: 1\n")
    with pytest.raises(RepositoryError, match="checked out"):
        LocalRepository(author.folder).branch("main")


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b", "HEAD^"])
def test_what_cannot_be_a_branch_is_refused(author: Author, name: str) -> None:
    author.commit(a="a: 1\n")
    with pytest.raises(RepositoryError):
        LocalRepository(author.folder).branch(name)


def test_without_a_name_nobody_commits(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    head = author.commit(a="a: 1\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    repository = LocalRepository(author.folder)
    with pytest.raises(RepositoryError, match="who commits"):
        repository.commit(repository.branch("keep"), head, {"a.yaml": b""}, "why")
    assert git(author.folder, "branch", "--list", "keep") == ""


def test_a_file_is_changed_only_if_it_is_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    path.chmod(0o640)
    write_file(path, b"a: 1\n", b"a: 2\n")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"a: 2\n", 0o640)
    with pytest.raises(RepositoryError, match="changed since"):
        write_file(path, b"a: 1\n", b"a: 3\n")
    write_file(path, b"a: 2\n", b"")
    assert list(tmp_path.glob("*.yaml")) == []


@pytest.mark.parametrize("path", ["a.yaml", "with space/ü.yaml", 'odd"\\name.yaml'])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a: 1\nb: 2\n", b"a: 1\nb: 3\n"),
        (b"a: 1\r\nb: 2\r\n", b"a: 1\r\nb: 3\r\nc: 4\r\n"),
        (b"a: 1\nb: 2", b"a: 1\nb: 2\nc: 3"),
        (b"a: 1\nb: 2", b"a: 1\nb: 2\n"),
        ("\ufeffa: ü\x0c\n".encode(), "\ufeffa: 茶\n".encode()),
        (b"a: 1\n", b""),
    ],
)
def test_git_applies_a_patch_byte_for_byte(
    author: Author, path: str, before: bytes, after: bytes
) -> None:
    author.write(path, before)
    author.commit()
    git(author.folder, "apply", given=patch(path, before, after).encode())
    file = author.folder / path
    assert (file.read_bytes() if file.exists() else b"") == after
