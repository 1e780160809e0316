"""The workflow files in docs: what they run exists, and what they set is what it reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd.cli.pipelines import pipeline_of
from gitopsd.cli.root import COMMANDS
from tests.deploy.manifests import ROOT

FOLDER = ROOT / "docs/workflows"
ACTIONS = ["github", "gitea"]


def workflow(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def commands(content: Any) -> list[str]:
    """Every line of a script that runs gitopsd."""
    if isinstance(content, dict):
        return [line for item in content.values() for line in commands(item)]
    if isinstance(content, list):
        return [line for item in content for line in commands(item)]
    lines = content.splitlines() if isinstance(content, str) else []
    return [line.strip() for line in lines if re.search(r"(^|\s)gitopsd [a-z]", line)]


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)
def test_a_workflow_runs_commands_that_there_are(path: Path) -> None:
    found = commands(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert found
    for line in found:
        words = shlex.split(line)
        assert words[words.index("gitopsd") + 1] in COMMANDS


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_has_the_history_and_a_token_and_leaves_no_credentials_behind(name: str) -> None:
    checkout, plan = workflow(name)["jobs"]["plan"]["steps"]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    given = dict.fromkeys(plan["env"], "x")
    assert pipeline_of({"GITHUB_ACTIONS": "true", **given}).token_variable == "GITHUB_TOKEN"


def test_github_gives_the_token_no_more_than_it_needs_and_forks_nothing() -> None:
    content = workflow("github")
    assert content["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "pull_request" in content[True]  # YAML 1.1 reads the key `on` so
    assert "pull_request_target" not in content[True]
    assert "head.repo.full_name" in content["jobs"]["plan"]["if"]


def test_gitlab_runs_for_merge_requests_with_the_history() -> None:
    job = workflow("gitlab")["gitopsd"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert job["variables"]["GIT_DEPTH"] == "0"
    text = (FOLDER / "gitlab.yaml").read_text(encoding="utf-8")
    assert pipeline_of({"GITLAB_CI": "true", "GITLAB_TOKEN": "x"}).token_variable in text


@pytest.mark.parametrize("page", ["docs/pull-requests.md"])
def test_the_pages_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
