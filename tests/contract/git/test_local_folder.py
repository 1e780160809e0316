"""A folder on the disk: what its author sees is what is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitopsd.adapters.git import LocalFolder
from gitopsd.ports import RepositoryError
from tests.contract.git.authoring import Author, git


def revision(folder: Path) -> str:
    return LocalFolder(folder).tree().revision


def test_outside_git_there_is_no_revision(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a")
    tree = LocalFolder(tmp_path).tree()
    assert (tree.revision, set(tree.files)) == ("none", {"a.yaml"})


def test_before_the_first_commit_there_is_no_revision(author: Author) -> None:
    author.write("a.yaml")
    assert revision(author.folder) == "none"


@pytest.mark.parametrize("change", ["edited", "added", "deleted", "staged"])
def test_uncommitted_changes_are_read_and_told(author: Author, change: str) -> None:
    commit = author.commit(a="a", b="b")
    if change == "deleted":
        (author.folder / "a.yaml").unlink()
    else:
        author.write("new.yaml" if change == "added" else "a.yaml", "changed")
    if change == "staged":
        git(author.folder, "add", "-A")
    assert revision(author.folder) == f"{commit}+dirty"


def test_what_is_no_spec_file_does_not_make_it_dirty(author: Author) -> None:
    commit = author.commit(a="a")
    author.write("README.md", "notes")
    (author.folder / "a.yaml").touch()
    assert revision(author.folder) == commit


def test_a_folder_of_a_repository_is_dirty_by_its_own_files_only(author: Author) -> None:
    author.write("x/a.yaml")
    author.write("y/a.yaml")
    commit = author.commit()
    author.write("y/a.yaml", "changed")
    assert revision(author.folder / "x") == commit
    assert revision(author.folder / "y") == f"{commit}+dirty"


def test_a_linked_worktree_has_a_revision(author: Author, tmp_path: Path) -> None:
    commit = author.commit(a="a")
    git(author.folder, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert revision(tmp_path / "linked") == commit


def test_a_large_file_that_is_committed_is_not_dirty(author: Author) -> None:
    commit = author.commit(a="x" * 300_000)
    assert revision(author.folder) == commit
    author.write("a.yaml", "x" * 300_001)
    assert revision(author.folder) == f"{commit}+dirty"


def test_contents_are_those_of_the_listing_whatever_is_written_meanwhile(author: Author) -> None:
    author.commit(a="before")
    folder = LocalFolder(author.folder)
    files = folder.tree().files
    author.write("a.yaml", "after")
    assert dict(folder.blobs([files["a.yaml"]])) == {files["a.yaml"]: b"before"}


def test_each_listing_sees_the_folder_anew(author: Author) -> None:
    author.commit(a="before")
    folder = LocalFolder(author.folder)
    first = folder.tree().files["a.yaml"]
    author.write("a.yaml", "after")
    assert folder.tree().files["a.yaml"] != first


def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert LocalFolder(tmp_path).tree().skipped == (("a.yaml", "it is not a regular file"),)


def test_the_folder_itself_may_be_reached_by_a_link(author: Author, tmp_path: Path) -> None:
    commit = author.commit(a="a")
    (tmp_path / "here").symlink_to(author.folder)
    tree = LocalFolder(tmp_path / "here").tree()
    assert (tree.revision, set(tree.files)) == (commit, {"a.yaml"})


@pytest.mark.parametrize(
    ("path", "detail"),
    [("nothing", "does not exist"), ("file", "not a fol"), ("x" * 300, "too long")],
)
def test_a_path_that_is_no_folder_is_an_error(tmp_path: Path, path: str, detail: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RepositoryError, match=detail):
        LocalFolder(tmp_path / path).tree()


def test_a_damaged_repository_is_an_error_and_not_the_absence_of_one(author: Author) -> None:
    author.commit(a="a")
    (author.folder / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(RepositoryError):
        LocalFolder(author.folder).tree()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder to somebody else")
def test_a_repository_of_another_user_is_read(author: Author) -> None:
    commit = author.commit(a="a")
    for path in (author.folder, *author.folder.rglob("*")):
        os.chown(path, 12345, 12345)
    assert revision(author.folder) == commit


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir(mode=0o000)
    with pytest.raises(RepositoryError, match="Permission"):
        LocalFolder(tmp_path).tree()


def test_a_repository_cannot_run_programs(author: Author, tmp_path: Path) -> None:
    author.write(".gitattributes", "*.yaml filter=bad\n")
    author.commit(a="a")
    trap = f"touch {tmp_path}/sprung"
    for name in ("core.fsmonitor", "core.pager", "filter.bad.clean", "filter.bad.smudge",
                 "core.sshCommand", "alias.rev-parse", "diff.external"):  # fmt: skip
        git(author.folder, "config", name, trap)
    author.write("a.yaml", "changed")
    assert revision(author.folder).endswith("+dirty")
    assert not (tmp_path / "sprung").exists()


def test_variables_of_an_enclosing_git_command_are_not_believed(
    author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = author.commit(a="a")
    other = Author(tmp_path / "other")
    other.commit(b="b")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / "index"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=true'")
    assert revision(author.folder) == commit


def test_a_folder_outside_git_is_read_without_git_python(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a")
    code = (
        "import sys; from gitopsd.adapters.git import LocalFolder;"
        f"LocalFolder({str(tmp_path)!r}).tree(); sys.exit('git' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
