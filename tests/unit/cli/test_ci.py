"""`gitopsd ci`, in a pipeline of each forge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.cli.pipelines import pipeline_of
from tests.contract.forges.gitlab import GitLabReceiver
from tests.contract.forges.receiving import Account, Fault
from tests.contract.forges.repos import GiteaReceiver, GitHubReceiver
from tests.contract.git.authoring import git
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import KEYS, Stage, local

TOKEN = "s3cr3t-t0ken"
RECEIVERS: dict[str, type[Any]] = {
    "github": GitHubReceiver,
    "gitlab": GitLabReceiver,
    "gitea": GiteaReceiver,
}


@pytest.fixture
def branch(repo: Path) -> Path:
    """The repository on a branch that takes an Exposure away, as a pipeline has cloned it."""
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "one")
    git(repo, "update-ref", "refs/remotes/origin/main", "main")
    git(repo, "checkout", "-q", "-b", "change")
    text = (repo / "exposures.yaml").read_text()
    (repo / "exposures.yaml").write_text(text.split("---\n")[1])
    git(repo, "commit", "-q", "-a", "-m", "two")
    return repo


def variables(kind: str, url: str, number: int) -> dict[str, str]:
    """What the pipeline of a pull request says of itself."""
    if kind == "gitlab":
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": url,
            "CI_PROJECT_PATH": "acme/exposures",
            "CI_MERGE_REQUEST_IID": str(number),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "GITLAB_TOKEN": TOKEN,
        }
    return {
        "GITHUB_ACTIONS": "true",
        **({"GITEA_ACTIONS": "true"} if kind == "gitea" else {}),
        "GITHUB_API_URL": url,
        "GITHUB_REPOSITORY": "acme/exposures",
        "GITHUB_REF": f"refs/pull/{number}/{'head' if kind == 'gitea' else 'merge'}",
        "GITHUB_BASE_REF": "main",
        "GITHUB_TOKEN": TOKEN,
    }


@pytest.fixture(params=sorted(RECEIVERS))
def pipeline(
    request: pytest.FixtureRequest, branch: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    with RECEIVERS[request.param]() as receiver:
        receiver.accounts[TOKEN] = Account(41, "gitopsd")
        receiver.accounts["another"] = Account(66, "stranger")
        receiver.number = receiver.pull("change", git(branch, "rev-parse", "HEAD"))
        for name, value in variables(request.param, receiver.url, receiver.number).items():
            monkeypatch.setenv(name, value)
        yield receiver


def test_a_pipeline_needs_to_be_told_nothing(
    gitopsd: Gitopsd, branch: Path, stage: Stage, pipeline: Any
) -> None:
    git(branch, "checkout", "-q", "main")
    assert gitopsd("apply", "--yes", branch).code == 0
    git(branch, "checkout", "-q", "change")
    said = gitopsd("ci", branch)
    assert said.code == 0
    assert re.fullmatch(r"https://forge\.example/acme/exposures/\S+\n", said.out)
    (body,) = pipeline.bodies(pipeline.number)
    plan = gitopsd("plan", "-o", "json", branch).json["plans"][0]
    assert body.splitlines()[1] == "## gitopsd: 1 to delete"
    assert f"`{plan['hash']}`" in body
    assert TOKEN not in said.out + said.err + body


def test_the_next_push_edits_the_comment_in_place(
    gitopsd: Gitopsd, branch: Path, pipeline: Any
) -> None:
    pipeline.say(pipeline.number, "another", "looks good to me")
    gitopsd("ci", "--offline", branch)
    local(branch, "weight: 80}", "weight: 70}")
    git(branch, "commit", "-q", "-a", "-m", "three")
    gitopsd("ci", "--offline", branch)
    other, body = pipeline.bodies(pipeline.number)
    assert other == "looks good to me"
    assert "1 to change, 1 to delete" in body
    assert git(branch, "rev-parse", "HEAD") in body


def test_two_environments_have_a_comment_each(
    gitopsd: Gitopsd, branch: Path, pipeline: Any
) -> None:
    for spelt in (branch, f"{branch}/", branch / "targets" / ".."):
        gitopsd("ci", "--offline", spelt)
        gitopsd("ci", "--offline", "--target", "hangzhou", branch)
        gitopsd("ci", "--offline", "--comment-name", "prod", branch)
    assert len(pipeline.bodies(pipeline.number)) == 3


def test_errors_of_documents_and_a_target_out_of_reach_are_said_and_are_the_exit_code(
    gitopsd: Gitopsd, branch: Path, pipeline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITOPSD_KUBECONFIG", str(branch / "nowhere"))
    for name in KEYS:
        monkeypatch.setenv(name, "never-used")
    local(branch, "weight: 80}", "weight: 800}")
    said = gitopsd("ci", branch)
    assert said.code == 1
    (body,) = pipeline.bodies(pipeline.number)
    assert "2 errors, 1 target not reached" in body or "1 error, 1 target not reached" in body
    assert "> **Error** " in body
    assert "> **Not reached** `hangzhou`" in body


def test_a_forge_that_refuses_is_the_exit_code_and_nobody_hears_the_token(
    gitopsd: Gitopsd, branch: Path, pipeline: Any
) -> None:
    pipeline.faults.extend([Fault(403, body=b'{"message": "s3cr3t-t0ken may not"}')] * 3)
    said = gitopsd("ci", "--offline", "-v", branch)
    assert said.code == 1
    assert TOKEN not in said.out + said.err
    assert "acme/exposures at Git" in said.err


def test_a_token_may_lie_in_a_file(
    gitopsd: Gitopsd, branch: Path, pipeline: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    said = gitopsd("ci", "--offline", branch)
    assert (said.code, pipeline.bodies(pipeline.number)) == (1, [])
    assert "GITOPSD_FORGE_TOKEN" in said.err
    file = tmp_path / "token"
    file.write_text(TOKEN)
    assert gitopsd("ci", "--offline", "--forge-token-file", file, branch).code == 0


def test_outside_a_pipeline_everything_can_be_said_and_what_is_missing_is_named(
    gitopsd: Gitopsd, branch: Path
) -> None:
    assert "--base REF" in gitopsd("ci", branch).err
    assert "--forge github" in gitopsd("ci", "--base", "main", branch).err
    told = ("ci", "--base", "main", "--forge", "gitea")
    assert "--forge-repo" in gitopsd(*told, branch).err
    assert "--forge-url" in gitopsd(*told, "--forge-repo", "acme/exposures", branch).err


def test_the_comment_can_be_printed_instead(gitopsd: Gitopsd, branch: Path) -> None:
    said = gitopsd("ci", "--base", "main", "--offline", "--print", branch)
    assert said.code == 0
    assert said.out.startswith("## gitopsd: 1 to delete\n")


def test_a_pipeline_of_a_push_has_no_pull_request() -> None:
    found = pipeline_of({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main"})
    assert (found.kind, found.pull_request, found.base) == ("github", None, None)
    assert pipeline_of({"GITLAB_CI": "true"}).pull_request is None


def test_an_older_gitea_that_names_no_api_is_found_by_its_address() -> None:
    environment = {"GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example/"}
    assert pipeline_of(environment).url == "https://git.example/api/v1"


def test_a_pipeline_for_merged_results_is_compared_with_the_very_commit() -> None:
    environment = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "a" * 40,
    }
    assert pipeline_of(environment).base == "a" * 40
