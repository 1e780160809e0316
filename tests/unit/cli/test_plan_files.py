"""Plan files: applied exactly as they are, or refused with the reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.cli.schemas import SCHEMAS
from tests.unit.cli.conftest import FLEET, Gitopsd
from tests.unit.cli.stage import KEYS, Stage, edited, local

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


def test_a_saved_first_plan_says_how_to_pin_its_cluster_when_it_is_applied(
    gitopsd: Gitopsd, saved: Path
) -> None:
    assert "clusterUid: " in gitopsd("apply", saved).out


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


def test_a_spec_in_the_place_of_a_plan_is_told_where_specs_are_read(
    gitopsd: Gitopsd, repo: Path
) -> None:
    said = gitopsd("apply", repo / "fleet.yaml")
    assert said.code == 1
    assert "name the folder that it is in" in said.err


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


# --- what cannot be observed -----------------------------------------------------------------


@pytest.fixture
def deleting(gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path) -> Path:
    """A plan file that deletes the Service of one Exposure, and nothing else."""
    assert gitopsd("apply", repo, "--yes").code == 0
    drop_checkout(repo)
    path = tmp_path / "deleting.json"
    assert gitopsd("plan", repo, "--out", path).code == 0
    return path


def drop_checkout(repo: Path) -> None:
    path = repo / "exposures.yaml"
    path.write_text(path.read_text().partition("---\n")[2])


def test_a_plan_file_deletes_nothing_while_the_cloud_cannot_be_read(
    gitopsd: Gitopsd, stage: Stage, deleting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv(KEYS[1], "wrong")
        said = gitopsd("apply", deleting)
    assert (said.code, stage.services()) == (1, OURS)
    assert "nothing was written" in said.err
    assert "hangzhou: the " in said.err
    assert "SignatureDoesNotMatch" in said.err
    assert gitopsd("apply", deleting).code == 0
    assert stage.services() == OURS - {"checkout"}


def test_a_plan_file_creates_nothing_while_the_cloud_cannot_be_read(
    gitopsd: Gitopsd, stage: Stage, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS[1], "wrong")
    said = gitopsd("apply", saved)
    assert (said.code, stage.services()) == (1, set())


def test_a_forbidden_look_is_not_told_as_a_change(
    gitopsd: Gitopsd, stage: Stage, deleting: Path
) -> None:
    said = gitopsd("apply", deleting, "--context", "gitopsd-sandbox-restricted")
    assert (said.code, stage.services()) == (1, OURS)
    assert "forbidden" in said.err
    assert "nothing was written" in said.err
    assert "has changed since" not in said.err


def test_a_plan_file_of_an_incomplete_plan_says_at_once_what_keeps_it_from_being_applied(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    with monkeypatch.context() as wrong:
        wrong.setenv(KEYS[1], "wrong")
        said = gitopsd("plan", repo, "--out", path)
        assert said.code == 1
        assert f"warning: {path} is of little use yet: at hangzhou" in said.err
        assert "could not be read: the ALB server groups, the NLB server groups" in said.err
        assert "apply refuses it" in said.err
        assert gitopsd("apply", path).code == 1
    assert "warning" not in gitopsd("plan", repo, "--out", path).err


# --- what a person allows --------------------------------------------------------------------


def test_a_plan_file_holds_what_its_plan_was_allowed_to_take_over(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    stage.make_service("checkout")
    path = tmp_path / "plan.json"
    assert gitopsd("plan", repo, "--adopt", "Service/default/checkout", "--out", path).code == 0
    assert gitopsd("apply", path).code == 0
    labels = (stage.service("checkout") or {})["metadata"]["labels"]
    assert labels["gitopsd.io/target"] == "hangzhou"


def test_a_held_plan_can_be_approved_when_its_file_is_made(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    (repo / "fleet.yaml").write_text(FLEET + "  guards: {maxDeletes: 0}\n")
    drop_checkout(repo)
    path = tmp_path / "plan.json"
    assert gitopsd("plan", repo, "--out", path).code == 1
    name = json.loads(path.read_text())["plans"][0]["hash"]
    refused = gitopsd("apply", path, "--approve", name)
    assert (refused.code, stage.services()) == (1, OURS)
    assert "give these options to plan" in refused.err
    assert gitopsd("plan", repo, "--approve", name, "--out", path).code == 0
    assert gitopsd("apply", path).code == 0
    assert stage.services() == OURS - {"checkout"}


@pytest.fixture
def approved(gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path) -> Path:
    """A plan file that deletes one Service because a person approved that."""
    gitopsd("apply", repo, "--yes")
    (repo / "fleet.yaml").write_text(FLEET + "  guards: {maxDeletes: 0}\n")
    drop_checkout(repo)
    name = gitopsd("plan", repo, "-o", "json").json["plans"][0]["hash"]
    path = tmp_path / "plan.json"
    assert gitopsd("plan", repo, "--approve", name, "--out", path).code == 0
    return path


def test_an_approval_in_a_plan_file_is_used_once(
    gitopsd: Gitopsd, stage: Stage, approved: Path
) -> None:
    name = json.loads(approved.read_text())["plans"][0]["hash"]
    before = stage.service("checkout")
    assert gitopsd("apply", approved).code == 0
    (used,) = stage.record()["approvals"]
    assert used["hash"] == name
    assert used["used"] >= used["given"]
    stage.put_back(before)
    again = gitopsd("apply", approved)
    assert (again.code, stage.services()) == (1, OURS)
    assert "the approval in" in again.err
    assert "counts once" in again.err


def test_an_approval_in_a_plan_file_grows_old(
    gitopsd: Gitopsd, stage: Stage, approved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(hours=25)
    monkeypatch.setattr("gitopsd.cli.targets.moment", lambda: tomorrow)
    said = gitopsd("apply", approved)
    assert (said.code, stage.services()) == (1, OURS)
    assert "counts for 24 hours" in said.err


def test_a_plan_approved_by_another_name_is_shown_and_not_saved(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    said = gitopsd("plan", repo, "--approve", "0" * 64, "--out", path)
    assert (said.code, path.exists()) == (1, False)
    assert "4 to create" in said.out
    assert "moved since" in said.err


def test_a_plan_file_can_put_right_once_what_is_only_to_be_reported(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    (repo / "fleet.yaml").write_text(FLEET + "  drift: {mode: Report}\n")
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    assert gitopsd("plan", repo, "--detailed-exitcode").code == 0
    path = tmp_path / "plan.json"
    assert gitopsd("plan", repo, "--correct", "--detailed-exitcode", "--out", path).code == 2
    assert gitopsd("apply", path).code == 0
    assert gitopsd("drift", repo).code == 0


@pytest.mark.parametrize("command", ["plan", "apply"])
@pytest.mark.parametrize("option", ["--adopt", "--replace"])
def test_a_kind_that_no_plan_is_about_is_refused(
    gitopsd: Gitopsd, repo: Path, command: str, option: str
) -> None:
    said = gitopsd(command, repo, option, "Deployment/default/checkout")
    assert said.code == 1
    assert "names no kind that plans are about" in said.err
    assert "Service, Ingress, ServerGroup and Exposure" in said.err


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
@pytest.mark.parametrize("option", ["--adopt", "--replace"])
def test_a_name_that_the_specs_do_not_want_is_warned_of(
    gitopsd: Gitopsd, repo: Path, stage: Stage, command: list[str], option: str
) -> None:
    said = gitopsd(*command, repo, option, "Service/default/chekout")
    assert said.code == 0
    assert f"warning: {option} Service/default/chekout does nothing" in said.err
    assert "hangzhou" in said.err


@pytest.mark.parametrize(
    "name",
    [
        "Service/default/checkout",
        "Exposure/default/checkout",
        "ServerGroup/default/warehouse",
        "Ingress/default/tea",
    ],
)
def test_adopting_what_is_not_there_is_warned_of(
    gitopsd: Gitopsd, repo: Path, stage: Stage, name: str
) -> None:
    said = gitopsd("plan", repo, "--adopt", name)
    assert f"warning: --adopt {name} does nothing: there is nothing of others" in said.err


@pytest.mark.parametrize("name", ["Service/default/checkout", "Exposure/default/checkout"])
def test_adopting_what_is_there_is_not_warned_of(
    gitopsd: Gitopsd, repo: Path, stage: Stage, name: str
) -> None:
    stage.make_service("checkout")
    assert "warning" not in gitopsd("plan", repo, "--adopt", name).err


@pytest.mark.parametrize("name", ["Service/default/checkout", "Exposure/default/checkout"])
def test_adopting_for_a_document_with_errors_is_warned_of(
    gitopsd: Gitopsd, repo: Path, stage: Stage, name: str
) -> None:
    stage.make_service("checkout")
    local(repo, "{name: checkout, namespace", "{name: checkout, labels: {}, namespace")
    said = gitopsd("plan", repo, "--adopt", name)
    assert f"--adopt {name} does nothing" in said.err
    assert "has errors" in said.err
