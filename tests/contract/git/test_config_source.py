"""What holds for every ConfigSource: the same repository reads the same from disk and from Git."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitRepository, Limits, LocalFolder, open_source
from gitopsd.ports import ConfigSource, RepositoryError
from gitopsd.spec.reading import read_specs
from tests.contract.git.authoring import Author, git
from tests.unit.spec.sources import FLEET, exposure

Open = Callable[..., ConfigSource]


@pytest.fixture(params=["folder", "repository"])
def open_(request: pytest.FixtureRequest, author: Author, cache: Path) -> Open:
    """Opens what the author has committed, from the disk or out of Git."""

    def folder(path: str = ".", limits: Limits | None = None) -> ConfigSource:
        return LocalFolder(author.folder / path, limits=limits)

    def repository(path: str = ".", limits: Limits | None = None) -> ConfigSource:
        return GitRepository(str(author.folder), cache_dir=cache, folder=path, limits=limits)

    return folder if request.param == "folder" else repository


def contents(source: ConfigSource) -> dict[str, bytes | None]:
    files = source.tree().files
    by_id = dict(source.blobs(sorted(set(files.values()))))
    return {path: by_id[id_] for path, id_ in files.items()}


def test_yaml_files_are_found_below_the_root_and_nothing_else(author: Author, open_: Open) -> None:
    for path in ("a.yaml", "b/c/d.yml", ".hidden.yaml", ".ci/x.yaml", "b/.x/y.yaml", "c.json",
                 "d.YAML", "yaml", "e.yaml.bak", "-f.yaml", "größe 1.yaml"):  # fmt: skip
        author.write(path, f"{path}\n")
    author.commit()
    assert contents(open_()) == {
        path: f"{path}\n".encode() for path in ("-f.yaml", "a.yaml", "b/c/d.yml", "größe 1.yaml")
    }


def test_the_revision_is_the_commit(author: Author, open_: Open) -> None:
    commit = author.commit(a="x")
    assert open_().tree().revision == commit


def test_contents_are_called_what_git_calls_them(author: Author, open_: Open) -> None:
    author.commit(a="x", b="x")
    id_ = git(author.folder, "rev-parse", "HEAD:a.yaml")
    assert dict(open_().tree().files) == {"a.yaml": id_, "b.yaml": id_}


def test_a_folder_of_the_repository_counts_as_its_root(author: Author, open_: Open) -> None:
    author.write("envs/prod/fleet.yaml", FLEET)
    author.write("envs/prod/x/a.yaml", "a")
    author.write("other.yaml", "b")
    commit = author.commit()
    tree = open_("envs/prod").tree()
    assert set(tree.files) == {"fleet.yaml", "x/a.yaml"}
    assert tree.revision == commit


def test_a_folder_that_does_not_exist_is_an_error(author: Author, open_: Open) -> None:
    author.commit(a="x")
    with pytest.raises(RepositoryError, match="nothing"):
        open_("nothing").tree()


def test_links_and_submodules_are_told_and_not_followed(author: Author, open_: Open) -> None:
    inner = Author(author.folder / "vendored")
    inner.commit(x="x")
    author.write("real.yaml")
    (author.folder / "link.yaml").symlink_to("real.yaml")
    (author.folder / "etc").symlink_to("/etc")
    (author.folder / "notes.md").symlink_to("README.md")
    author.write("README.md")
    (author.folder / "read.me").symlink_to("README.md")
    author.write("other/x.yaml")
    (author.folder / "v1.2").symlink_to("other")
    (author.folder / ".hidden").symlink_to("other")
    author.commit()
    tree = open_().tree()
    assert set(tree.files) == {"real.yaml", "other/x.yaml"}
    assert dict(tree.skipped) == {
        "link.yaml": "it is a symbolic link",
        "v1.2": "it is a symbolic link",
        "etc": "it is a symbolic link",
        "vendored": "it is a repository of its own (a submodule)",
    }


def test_a_submodule_of_any_name_is_told(author: Author, open_: Open) -> None:
    Author(author.folder / "specs.d").commit(x="x")
    Author(author.folder / ".tools").commit(x="x")
    author.commit()
    assert dict(open_().tree().skipped) == {
        "specs.d": "it is a repository of its own (a submodule)"
    }


def test_a_link_in_a_folder_that_counts_as_the_root_is_told(author: Author, open_: Open) -> None:
    author.write("shared/a.yaml")
    author.write("env/prod/b.yaml")
    (author.folder / "env" / "prod" / "apps").symlink_to("../../shared")
    (author.folder / "env" / "prod" / "notes").symlink_to("b.yaml")
    author.commit()
    tree = open_("env/prod").tree()
    assert dict(tree.skipped) == {"apps": "it is a symbolic link"}


def test_a_file_of_another_sort_is_told(author: Author) -> None:
    author.commit(a="x")
    os.mkfifo(author.folder / "pipe.yaml")
    tree = LocalFolder(author.folder).tree()
    assert dict(tree.skipped) == {"pipe.yaml": "it is not a regular file"}


def test_a_name_that_cannot_be_shown_is_told_in_a_form_that_can(
    author: Author, open_: Open
) -> None:
    author.write("ok.yaml")
    Path(os.fsdecode(os.fsencode(author.folder) + b"/bad\xff.yaml")).write_text("x")
    (author.folder / "new\nline.yaml").write_text("x")
    author.commit()
    tree = open_().tree()
    assert set(tree.files) == {"ok.yaml"}
    assert sorted(path for path, _ in tree.skipped) == ["bad\\udcff.yaml", "new\\x0aline.yaml"]


def test_a_file_above_the_limit_has_no_contents(author: Author, open_: Open) -> None:
    author.commit(a="x" * 11, b="x" * 10)
    assert contents(open_(limits=Limits(file_bytes=10))) == {"a.yaml": None, "b.yaml": b"x" * 10}


def test_too_many_or_too_much_is_an_error(author: Author, open_: Open) -> None:
    author.commit(a="aaaa", b="bbbb", c="cccc")
    with pytest.raises(RepositoryError, match="more than 2 YAML files"):
        open_(limits=Limits(files=2)).tree()
    with pytest.raises(RepositoryError, match="MiB of YAML"):
        open_(limits=Limits(total_bytes=8)).tree()


def test_a_repository_without_yaml_is_an_empty_tree(author: Author, open_: Open) -> None:
    author.write("README.md")
    author.commit()
    assert dict(open_().tree().files) == {}


def test_no_contents_are_asked_for_at_no_cost(author: Author, open_: Open) -> None:
    author.commit(a="x")
    assert list(open_().blobs([])) == []


def test_repositories_named_by_sha_256_are_read_alike(tmp_path: Path, cache: Path) -> None:
    author = Author(tmp_path / "config", object_format="sha256")
    commit = author.commit(a="x")
    folder = LocalFolder(author.folder)
    repository = GitRepository(str(author.folder), cache_dir=cache)
    assert folder.tree() == repository.tree()
    assert repository.tree().revision == commit
    assert contents(repository) == {"a.yaml": b"x"}


def test_specs_are_read_from_either(author: Author, open_: Open) -> None:
    author.commit(fleet=FLEET, a=exposure())
    specs = read_specs(open_())
    assert specs.fleet is not None
    assert len(specs.exposures) == 1
    assert specs.problems == ()


def test_a_path_opens_a_folder_and_a_url_a_repository(author: Author, cache: Path) -> None:
    author.commit(a="x")
    assert isinstance(open_source(author.folder), LocalFolder)
    opened = open_source(".", url=f"file://{author.folder}", revision="main", cache_dir=cache)
    assert isinstance(opened, GitRepository)
    with pytest.raises(RepositoryError, match="cache"):
        open_source(url=str(author.folder))
