"""A revision of a repository: which commit it means, and what keeps it steady."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitRepository
from gitopsd.ports import RepositoryError
from gitopsd.spec.reading import read_specs
from tests.contract.git.authoring import Author, git
from tests.unit.spec.sources import FLEET


def opened(author: Author, cache: Path, revision: str = "HEAD") -> GitRepository:
    return GitRepository(str(author.folder), revision, cache_dir=cache)


def read(repository: GitRepository) -> dict[str, bytes | None]:
    files = repository.tree().files
    by_id = dict(repository.blobs(list(files.values())))
    return {path: by_id[id_] for path, id_ in files.items()}


def the_clone(cache: Path) -> Path:
    (clone,) = cache.glob("*/clone.git")
    return clone


# --- what a revision means --------------------------------------------------------------------


def test_a_revision_may_be_a_branch_a_tag_a_commit_or_its_beginning(
    author: Author, cache: Path
) -> None:
    first = author.commit(a="1")
    git(author.folder, "tag", "light")
    git(author.folder, "tag", "-a", "heavy", "-m", "x")
    git(author.folder, "branch", "feature/x")
    second = author.commit(a="2")
    meanings = {
        "main": second,
        "HEAD": second,
        "refs/heads/main": second,
        second: second,
        "feature/x": first,
        "light": first,
        "heavy": first,
        "refs/tags/heavy": first,
        first: first,
        first[:10]: first,
    }
    for revision, commit in meanings.items():
        assert opened(author, cache, revision).tree().revision == commit, revision


def test_a_branch_goes_before_a_tag_of_its_name(author: Author, cache: Path) -> None:
    author.commit(a="1")
    git(author.folder, "tag", "main")
    second = author.commit(a="2")
    assert opened(author, cache, "main").tree().revision == second


def test_a_branch_whose_name_ends_like_another_is_not_taken_for_it(
    author: Author, cache: Path
) -> None:
    commit = author.commit(a="1")
    git(author.folder, "checkout", "-q", "-b", "old/refs/heads/main")
    author.commit(a="2")
    assert opened(author, cache, "main").tree().revision == commit


def test_a_missing_branch_names_those_that_exist(author: Author, cache: Path) -> None:
    author.commit(a="1")
    git(author.folder, "tag", "v1")
    with pytest.raises(RepositoryError) as caught:
        opened(author, cache, "mian").tree()
    assert "no branch, tag or commit 'mian'" in caught.value.detail
    assert caught.value.mend == "it has main, v1"


def test_the_list_of_what_exists_stays_short_and_starts_with_what_is_near(
    author: Author, cache: Path
) -> None:
    author.commit(a="1")
    for number in range(20):
        git(author.folder, "branch", f"b{number:02}")
    with pytest.raises(RepositoryError) as caught:
        opened(author, cache, "mainn").tree()
    assert caught.value.mend.startswith("it has main, ")
    assert caught.value.mend.endswith("and 13 more")


@pytest.mark.parametrize("revision", ["0" * 40, "0" * 39 + "1", "deadbeef", "1234567"])
def test_a_commit_that_does_not_exist_is_an_error(
    author: Author, cache: Path, revision: str
) -> None:
    author.commit(a="1")
    with pytest.raises(RepositoryError, match="no branch, tag or commit"):
        opened(author, cache, revision).tree()


def test_a_branch_that_is_gone_gives_way_to_a_tag_of_its_name_and_comes_back(
    author: Author, cache: Path
) -> None:
    first = author.commit(a="1")
    git(author.folder, "tag", "next")
    git(author.folder, "branch", "next")
    second = author.commit(b="2")
    repository = GitRepository(str(author.folder), "next", cache_dir=cache)
    assert repository.fetch() == first
    git(author.folder, "branch", "-D", "next")
    git(author.folder, "tag", "-f", "next", second)
    assert repository.fetch() == second
    git(author.folder, "branch", "next", first)
    assert repository.fetch() == first
    git(author.folder, "branch", "-D", "next")
    git(author.folder, "tag", "-d", "next")
    with pytest.raises(RepositoryError, match="no branch, tag or commit"):
        repository.fetch()


def test_a_tag_of_something_else_leads_to_no_commit(author: Author, cache: Path) -> None:
    author.commit(a="1")
    git(author.folder, "tag", "blob", git(author.folder, "rev-parse", "HEAD:a.yaml"))
    with pytest.raises(RepositoryError, match="leads to no commit"):
        opened(author, cache, "blob").tree()


@pytest.mark.parametrize(
    "revision",
    ["", "-x", "--upload-pack=x", "a b", "a..b", "main^", "main~1", "a:b", "a\nb", "@{u}", "@",
     "x.lock", "/x", "x/", ".x", "a*"],
)  # fmt: skip
def test_what_cannot_be_a_revision_is_refused_before_anything_runs(
    author: Author, cache: Path, revision: str
) -> None:
    with pytest.raises(RepositoryError, match="cannot be the name"):
        opened(author, cache, revision)
    assert not cache.exists()


@pytest.mark.parametrize("folder", ["/etc", "..", "a/../..", "a\0b"])
def test_a_folder_must_lie_within_the_repository(author: Author, cache: Path, folder: str) -> None:
    with pytest.raises(RepositoryError, match="within"):
        GitRepository(str(author.folder), cache_dir=cache, folder=folder)


def test_a_repository_without_commits_is_told_so(author: Author, cache: Path) -> None:
    with pytest.raises(RepositoryError, match="no commits yet"):
        opened(author, cache, "main").tree()
    with pytest.raises(RepositoryError, match="no commits yet"):
        opened(author, cache).tree()


def test_a_folder_that_is_no_repository_is_told_so(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryError, match="no Git repository"):
        GitRepository(str(tmp_path / "plain"), cache_dir=cache).tree()


# --- steadiness -------------------------------------------------------------------------------


def test_a_folder_inside_a_repository_says_how_to_name_both(author: Author, cache: Path) -> None:
    author.write("env/prod/a.yaml")
    author.commit()
    with pytest.raises(RepositoryError, match="inside the repository") as caught:
        GitRepository(str(author.folder / "env" / "prod"), cache_dir=cache)
    assert f"--repo {author.folder} env/prod" in caught.value.mend


def test_a_bare_repository_below_a_work_tree_is_a_repository(author: Author, cache: Path) -> None:
    commit = author.commit(a="x")
    git(author.folder, "clone", "-q", "--bare", ".", "mirrors/config.git")
    bare = GitRepository(str(author.folder / "mirrors" / "config.git"), cache_dir=cache)
    assert bare.tree().revision == commit


def test_a_shallow_clone_hands_out_what_it_has(author: Author, tmp_path: Path, cache: Path) -> None:
    author.commit(a="1")
    author.commit(a="2")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{author.folder}", str(shallow))
    assert (shallow / ".git" / "shallow").exists()
    repository = GitRepository(str(shallow), cache_dir=cache)
    assert read(repository) == {"a.yaml": b"2"}
    author.commit(a="3")
    git(shallow, "fetch", "-q", "--depth=1", "origin", "main")
    git(shallow, "reset", "-q", "--hard", "FETCH_HEAD")
    assert repository.fetch() == git(author.folder, "rev-parse", "HEAD")
    assert read(repository) == {"a.yaml": b"3"}


def test_files_are_named_within_the_repository_when_a_folder_is_its_root(
    author: Author, cache: Path
) -> None:
    author.write("env/prod/fleet.yaml", FLEET)
    author.write("env/prod/a.yaml", "a: [")
    author.commit()
    source = GitRepository(str(author.folder), cache_dir=cache, folder="./env/prod/")
    (problem,) = read_specs(source).problems
    assert str(problem.position) == "env/prod/a.yaml:1:5"


def test_a_pass_sees_one_commit_however_the_branch_moves(author: Author, cache: Path) -> None:
    first = author.commit(a="1")
    repository = opened(author, cache)
    assert repository.tree().revision == first
    second = author.commit(a="2")
    assert repository.tree().revision == first
    assert read(repository) == {"a.yaml": b"1"}
    assert repository.fetch() == second
    assert read(repository) == {"a.yaml": b"2"}


def test_a_branch_that_was_rewritten_is_followed(author: Author, cache: Path) -> None:
    author.commit(a="1")
    opened(author, cache).tree()
    git(author.folder, "commit", "-q", "--amend", "--allow-empty", "-m", "again")
    commit = git(author.folder, "rev-parse", "HEAD")
    assert opened(author, cache).tree().revision == commit


def test_a_second_process_continues_from_the_clone(author: Author, cache: Path) -> None:
    author.commit(a="1")
    opened(author, cache).tree()
    before = {path.name for path in the_clone(cache).rglob("*.pack")}
    author.commit(b="2")
    assert set(read(opened(author, cache))) == {"a.yaml", "b.yaml"}
    assert before <= {path.name for path in the_clone(cache).rglob("*.pack")}


def test_when_the_fetch_fails_what_was_pinned_stays(author: Author, cache: Path) -> None:
    first = author.commit(a="1")
    repository = opened(author, cache)
    repository.tree()
    author.folder.rename(author.folder.with_name("moved"))
    with pytest.raises(RepositoryError):
        repository.fetch()
    assert repository.tree().revision == first
    assert read(repository) == {"a.yaml": b"1"}


@pytest.mark.parametrize("revision", ["HEAD", "main", "v1"])
def test_what_was_fetched_last_can_be_recalled_without_the_repository(
    author: Author, cache: Path, revision: str
) -> None:
    commit = author.commit(a="1")
    git(author.folder, "tag", "v1")
    assert opened(author, cache, revision).recall() is None
    opened(author, cache, revision).fetch()
    shutil.rmtree(author.folder / ".git")
    repository = opened(author, cache, revision)
    assert repository.recall() == commit
    assert read(repository) == {"a.yaml": b"1"}


def test_a_commit_can_be_recalled_by_its_id(author: Author, cache: Path) -> None:
    commit = author.commit(a="1")
    assert opened(author, cache, commit).recall() is None
    opened(author, cache).fetch()
    assert opened(author, cache, commit).recall() == commit


def damage_head(clone: Path) -> None:
    (clone / "HEAD").write_text("nonsense")


def damage_objects(clone: Path) -> None:
    for path in (clone / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"nonsense")


def damage_blobs(clone: Path) -> None:
    """Take away what only reading a file notices."""
    git(clone, "unpack-objects", "-q", given=b"".join(_packs(clone)))
    listing = git(clone, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    for id_ in (line.split()[0] for line in listing if " blob " in line):
        (clone / "objects" / id_[:2] / id_[2:]).unlink()


def _packs(clone: Path) -> list[bytes]:
    packs = []
    for pack in (clone / "objects" / "pack").glob("*"):
        if pack.suffix == ".pack":
            packs.append(pack.read_bytes())
        pack.unlink()
    return packs


def damage_everything(clone: Path) -> None:
    shutil.rmtree(clone)


@pytest.mark.parametrize("damage", [damage_head, damage_objects, damage_blobs, damage_everything])
@pytest.mark.parametrize("moved", [False, True], ids=["same", "moved"])
def test_a_damaged_clone_is_made_anew(
    author: Author, cache: Path, damage: object, moved: bool
) -> None:
    author.commit(a="1")
    opened(author, cache).tree()
    assert callable(damage)
    damage(the_clone(cache))
    if moved:
        author.commit(b="2")
    expected = {"a.yaml": b"1", "b.yaml": b"2"} if moved else {"a.yaml": b"1"}
    assert read(opened(author, cache)) == expected
    assert sorted(path.name for path in the_clone(cache).parent.iterdir()) == ["clone.git", "lock"]


@pytest.mark.parametrize("damaged", [False, True], ids=["whole", "damaged"])
def test_a_remote_that_fails_every_fetch_takes_nothing_away(
    author: Author, cache: Path, damaged: bool
) -> None:
    first = author.commit(a="1")
    opened(author, cache, "main").tree()
    if damaged:
        damage_blobs(the_clone(cache))
    second = author.commit(b="2")
    blob = git(author.folder, "rev-parse", "HEAD:b.yaml")
    lost = author.folder / ".git" / "objects" / blob[:2] / blob[2:]
    away = lost.rename(author.folder / "away")
    with pytest.raises(RepositoryError, match="cannot hand out"):
        read(opened(author, cache, "main"))
    assert opened(author, cache, "main").recall() == first
    assert sorted(path.name for path in the_clone(cache).parent.iterdir()) == ["clone.git", "lock"]
    away.rename(lost)
    repository = opened(author, cache, "main")
    assert read(repository) == {"a.yaml": b"1", "b.yaml": b"2"}
    assert repository.tree().revision == second


def test_a_clone_that_cannot_be_made_anew_is_kept(author: Author, cache: Path) -> None:
    first = author.commit(a="1")
    repository = opened(author, cache, "main")
    files = repository.tree().files
    damage_blobs(the_clone(cache))
    author.folder.rename(author.folder.with_name("away"))
    with pytest.raises(RepositoryError, match="no Git repository"):
        dict(repository.blobs(list(files.values())))
    assert repository.recall() == first


def test_damage_in_the_middle_of_a_pass_keeps_its_commit(author: Author, cache: Path) -> None:
    first = author.commit(a="1")
    repository = opened(author, cache)
    files = repository.tree().files
    author.commit(a="2")
    damage_objects(the_clone(cache))
    assert dict(repository.blobs(list(files.values()))) == {files["a.yaml"]: b"1"}
    assert repository.tree().revision == first


def test_processes_that_share_a_cache_do_not_disturb_each_other(
    author: Author, cache: Path
) -> None:
    commit = author.commit(**{f"f{n}": str(n) for n in range(50)})
    code = (
        "import sys; from pathlib import Path; from gitopsd.adapters.git import GitRepository\n"
        "r = GitRepository(sys.argv[1], cache_dir=Path(sys.argv[2]))\n"
        "t = r.tree(); print(t.revision, len(list(r.blobs(list(t.files.values())))))"
    )
    command = [sys.executable, "-c", code, str(author.folder), str(cache)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate() for process in running] == [(f"{commit} 50\n", "")] * 4


def test_a_cache_that_cannot_be_written_is_an_error(author: Author, tmp_path: Path) -> None:
    author.commit(a="1")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RepositoryError, match="cannot be used"):
        opened(author, tmp_path / "file").tree()


# --- what is untrusted ------------------------------------------------------------------------


def test_a_tree_that_leads_outside_never_arrives(author: Author, cache: Path) -> None:
    author.commit(a="1")
    blob = git(author.folder, "rev-parse", "HEAD:a.yaml")
    inner = author.raw_tree((b"100644", b"x.yaml", blob))
    author.commit_tree(author.raw_tree((b"40000", b"..", inner)))
    with pytest.raises(RepositoryError, match="could do harm"):
        opened(author, cache).tree()


def test_a_tree_of_an_old_tool_is_read(author: Author, cache: Path) -> None:
    author.commit(a="1")
    inner = author.raw_tree((b"100644", b"x.yaml", git(author.folder, "rev-parse", "HEAD:a.yaml")))
    author.commit_tree(author.raw_tree((b"040000", b"old", inner)))
    assert read(opened(author, cache)) == {"old/x.yaml": b"1"}


def test_a_submodule_that_would_run_a_program_never_arrives(author: Author, cache: Path) -> None:
    first = author.commit(a="1")
    repository = opened(author, cache)
    repository.tree()
    author.write(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch\n')
    author.commit()
    with pytest.raises(RepositoryError, match="could do harm"):
        repository.fetch()
    assert repository.tree().revision == first


def test_hooks_filters_and_attributes_of_a_repository_mean_nothing(
    author: Author, cache: Path, tmp_path: Path
) -> None:
    author.write(".gitattributes", "* filter=bad text eol=crlf ident export-ignore\n")
    author.write(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n')
    author.commit(a="$Id$\n")
    trap = f"touch {tmp_path}/sprung"
    for name in ("filter.bad.smudge", "core.fsmonitor", "uploadpack.packObjectsHook"):
        git(author.folder, "config", name, trap)
    hook = author.folder / ".git" / "hooks" / "reference-transaction"
    hook.write_text(f"#!/bin/sh\n{trap}\n")
    hook.chmod(0o755)
    assert read(opened(author, cache)) == {"a.yaml": b"$Id$\n"}
    assert not (tmp_path / "sprung").exists()


def test_many_files_are_read_in_runs(author: Author, cache: Path) -> None:
    texts = {f"f{n}": f"{n}" * 200_000 for n in range(1, 8)}
    author.commit(**texts)
    assert read(opened(author, cache)) == {f"{n}.yaml": t.encode() for n, t in texts.items()}
