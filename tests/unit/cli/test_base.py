"""`gitopsd plan --base`."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from gitopsd.cli.schemas import SCHEMAS
from tests.contract.git.authoring import git
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage, local


@pytest.fixture
def changed(repo: Path) -> Path:
    """The repository on a branch that raises a weight and takes `checkout` away."""
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "one")
    git(repo, "checkout", "-q", "-b", "change")
    local(repo, "weight: 20}", "weight: 30}")
    text = (repo / "exposures.yaml").read_text()
    (repo / "exposures.yaml").write_text(text.split("---\n")[1])
    git(repo, "commit", "-q", "-a", "-m", "two")
    return repo


@pytest.fixture
def inner(changed: Path) -> Path:
    """The folder that all of it was moved into by one more commit."""
    folder = changed / "env" / "prod"
    folder.mkdir(parents=True)
    for name in ("fleet.yaml", "exposures.yaml", "warehouse.yaml"):
        (changed / name).rename(folder / name)
    git(changed, "add", "-A")
    git(changed, "commit", "-q", "-m", "moved")
    return folder


def test_without_a_cluster_two_revisions_are_compared(gitopsd: Gitopsd, changed: Path) -> None:
    said = gitopsd("plan", "--base", "main", "--offline", changed)
    assert said.code == 0
    assert "- delete  Service default/checkout" in said.out
    assert "~ change  Ingress default/tea" in said.out
    assert "no cluster was asked" in said.out
    assert "plan " not in said.out.split("Compared with")[0].replace("hangzhou", "")


def test_a_revision_compared_with_itself_brings_nothing(gitopsd: Gitopsd, changed: Path) -> None:
    said = gitopsd("plan", "--base", "change", "--offline", "--detailed-exitcode", changed)
    assert said.code == 0
    assert "nothing to do" in said.out
    for base in ("main", "HEAD~1", "change^"):
        said = gitopsd("plan", "--base", base, "--offline", "--detailed-exitcode", changed)
        assert said.code == 2


def test_uncommitted_changes_count(gitopsd: Gitopsd, changed: Path) -> None:
    local(changed, "weight: 80}", "weight: 70}")
    assert "70" in gitopsd("plan", "--base", "change", "--offline", changed).out


def test_a_part_of_a_repository_is_compared_with_the_same_part(
    gitopsd: Gitopsd, inner: Path
) -> None:
    local(inner, "weight: 80}", "weight: 70}")
    said = gitopsd("plan", "--base", "change", "--offline", inner)
    assert said.out.startswith("hangzhou: 1 to change\n")


def test_a_repository_by_its_url_is_compared_too(
    gitopsd: Gitopsd, changed: Path, tmp_path: Path
) -> None:
    said = gitopsd(
        "plan", "--repo", changed, "--revision", "change", "--base", "main", "--offline",
        "--cache-dir", tmp_path / "cache",
    )  # fmt: skip
    assert "- delete  Service default/checkout" in said.out
    assert "has commits" not in said.err


def test_the_json_says_what_comes_with_the_change_and_is_no_plan_to_apply(
    gitopsd: Gitopsd, changed: Path, tmp_path: Path
) -> None:
    said = gitopsd("plan", "--base", "main", "--offline", "-o", "json", changed)
    jsonschema.validate(said.json, SCHEMAS["plan"])
    base = said.json["base"]
    assert (said.json["plans"], base["name"], base["offline"], base["ahead"]) == (
        [], "main", True, False,
    )  # fmt: skip
    assert base["revision"] == git(changed, "rev-parse", "main")
    (target,) = base["targets"]
    assert target["brought"] == [step["key"] for step in target["steps"]] != []


def test_with_a_cluster_what_is_due_anyway_is_told_apart(
    gitopsd: Gitopsd, changed: Path, stage: Stage
) -> None:
    git(changed, "checkout", "-q", "main")
    assert gitopsd("apply", "--yes", changed).code == 0
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    git(changed, "checkout", "-q", "change")
    said = gitopsd("plan", "--base", "main", "-o", "json", changed)
    jsonschema.validate(said.json, SCHEMAS["plan"])
    (target,) = said.json["base"]["targets"]
    assert target["brought"] == [step["key"] for step in said.json["plans"][0]["steps"]]
    assert [step["key"] for step in target["dropped"]] == ["update Service default/checkout"]
    text = gitopsd("plan", "--base", "main", changed).out
    assert "1 step of main" in text


@pytest.mark.parametrize("remote", [False, True])
def test_where_the_base_lacks_the_folder_all_of_it_is_new(
    gitopsd: Gitopsd, changed: Path, inner: Path, remote: bool
) -> None:
    place = ["--repo", changed.as_uri(), "--revision", "change", "env/prod"] if remote else [inner]
    said = gitopsd("plan", "--base", "main", "--offline", *place)
    assert said.code == 0
    assert "has no specs here: all of them are new" in said.err
    assert "+ create  Ingress default/tea" in said.out
    assert "error" not in said.err


def test_with_and_without_a_base_the_plan_has_one_hash(
    gitopsd: Gitopsd, changed: Path, stage: Stage
) -> None:
    alone = gitopsd("plan", "-o", "json", changed).json["plans"]
    beside = gitopsd("plan", "--base", "main", "-o", "json", changed).json["plans"]
    assert [item["hash"] for item in beside] == [item["hash"] for item in alone]


def test_a_base_that_went_on_is_told(gitopsd: Gitopsd, changed: Path) -> None:
    git(changed, "checkout", "-q", "main")
    git(changed, "commit", "-q", "--allow-empty", "-m", "three")
    git(changed, "checkout", "-q", "change")
    said = gitopsd("plan", "--base", "main", "--offline", changed)
    assert "has commits that this revision lacks" in said.err


def test_errors_of_the_base_are_told_as_its_own(gitopsd: Gitopsd, changed: Path) -> None:
    git(changed, "checkout", "-q", "main")
    local(changed, "port: 443", "port: 443000")
    git(changed, "commit", "-q", "-a", "-m", "broken")
    git(changed, "checkout", "-q", "-b", "mended")
    local(changed, "port: 443000", "port: 443")
    said = gitopsd("plan", "--base", "main", "--offline", changed)
    assert "1 error of its own" in said.err
    assert said.code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "nowhere"], "has no revision 'nowhere' here"),
        (["--base", "--evil"], "cannot be the name"),
        (["--base", "main", "--offline", "--out", "x"], "--offline asks none"),
        (["--offline"], "name the other with --base"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    gitopsd: Gitopsd, changed: Path, arguments: list[str], words: str
) -> None:
    said = gitopsd("plan", *arguments, changed)
    assert said.code != 0
    assert words in said.err


def test_a_folder_outside_git_has_no_other_revision(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("plan", "--base", "main", "--offline", repo)
    assert "is in no Git repository" in said.err
