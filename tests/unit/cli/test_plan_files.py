"""Plan files: applied exactly as they are, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.cli.outputs import SCHEMAS
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage, edited, local

OURS = {"checkout", "tea-forward-1"}


@pytest.fixture
def saved(gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert gitopsd("plan", repo, "--out", path).code == 0
    return path


def test_a_saved_plan_is_applied_exactly_and_once(
    gitopsd: Gitopsd, repo: Path, stage: Stage, saved: Path
) -> None:
    local(repo, "weight: 20", "weight: 30")  # what happens in Git meanwhile does not matter
    assert gitopsd("apply", saved).code == 0
    assert stage.services() == OURS
    again = gitopsd("apply", saved)
    assert again.code == 1
    assert "overtaken" in again.err


def test_a_plan_file_fits_its_schema(gitopsd: Gitopsd, saved: Path) -> None:
    jsonschema.validate(json.loads(saved.read_text()), SCHEMAS["plan"])


def edit_payload(document: dict[str, Any]) -> None:
    step = next(s for s in document["plans"][0]["steps"] if s["kind"] == "Service")
    step["payload"]["manifest"]["spec"]["type"] = "NodePort"


def edit_hash(document: dict[str, Any]) -> None:
    document["plans"][0]["hash"] = "0" * 64


def drop_steps(document: dict[str, Any]) -> None:
    document["plans"][0]["steps"] = []


@pytest.mark.parametrize("edit", [edit_payload, edit_hash, drop_steps])
def test_a_plan_file_edited_by_hand_is_refused(
    gitopsd: Gitopsd, stage: Stage, saved: Path, edit: Any
) -> None:
    said = gitopsd("apply", edited(saved, edit))
    assert (said.code, stage.services()) == (1, set())
    assert "was changed after it was written" in said.err


def later_format(document: dict[str, Any]) -> None:
    document["plans"][0]["format"] = 99


def later_version(document: dict[str, Any]) -> None:
    document["apiVersion"] = "output.gitopsd.io/v9"


@pytest.mark.parametrize("edit", [later_format, later_version])
def test_a_plan_file_of_another_version_is_refused(
    gitopsd: Gitopsd, stage: Stage, saved: Path, edit: Any
) -> None:
    said = gitopsd("apply", edited(saved, edit))
    assert (said.code, stage.services()) == (1, set())
    assert "another version of gitopsd" in said.err


@pytest.mark.parametrize("content", ["", "[]", "{}", "apiVersion: v1\n", '{"kind": "Drift"}'])
def test_a_file_that_is_no_plan_is_refused(
    gitopsd: Gitopsd, tmp_path: Path, stage: Stage, content: str
) -> None:
    path = tmp_path / "some.json"
    path.write_text(content)
    said = gitopsd("apply", path)
    assert said.code == 1
    assert "is not a plan file" in said.err


def test_an_overtaken_plan_file_is_refused_with_what_moved(
    gitopsd: Gitopsd, stage: Stage, saved: Path
) -> None:
    stage.make_service("checkout")
    said = gitopsd("apply", saved)
    assert (said.code, stage.services()) == (1, {"checkout"})
    assert "overtaken" in said.err
    assert "Service/default/checkout" in said.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target", "beijing"], "no plan for target"),
        (["--instance", "other"], "was made for instance"),
        (["--adopt", "Service/a/b"], "says already"),
    ],
)
def test_a_plan_file_is_not_bent(
    gitopsd: Gitopsd, stage: Stage, saved: Path, options: list[str], words: str
) -> None:
    said = gitopsd("apply", saved, *options)
    assert (said.code, stage.services()) == (1, set())
    assert words in said.err


def test_a_plan_that_cannot_be_saved_is_told(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    said = gitopsd("plan", repo, "--out", repo / "nowhere" / "plan.json")
    assert said.code == 1
    assert "cannot be saved" in said.err
