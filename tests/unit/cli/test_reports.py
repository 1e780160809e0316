"""drift --reports, reports and crds against a sandbox: one drift is told once, to its end."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from gitopsd.cli.reporting import find
from gitopsd.cli.schemas import SCHEMAS
from gitopsd.sandbox.embedded import Sandbox
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage
from tests.unit.drift.looks import MINUTE, Story, drift, look

DRIFT = {"spec": {"externalTrafficPolicy": "Local"}}


def install(sandbox: Sandbox, text: str) -> None:
    kinds = "customresourcedefinitions.apiextensions.k8s.io"
    for manifest in yaml.safe_load_all(text):
        sandbox.cluster.create(kinds, manifest, manager="kubectl")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "reports")


@pytest.fixture
def in_cluster(stage: Stage, gitopsd: Gitopsd) -> str:
    """The word for custom resources, in a cluster that knows their kind."""
    install(stage.sandbox, gitopsd("crds").out)
    return "cluster"


def test_one_drift_is_opened_refreshed_resolved_and_reopened(
    gitopsd: Gitopsd, repo: Path, stage: Stage, in_cluster: str
) -> None:
    gitopsd("apply", repo, "--yes")
    quiet = gitopsd("drift", repo, "--reports", in_cluster)
    assert (quiet.code, "nothing new; 0 open" in quiet.err) == (0, True)

    stage.edit_service("checkout", DRIFT)
    assert "1 opened; 1 open" in gitopsd("drift", repo, "--reports", in_cluster).err
    again = gitopsd("drift", repo, "--reports", in_cluster)
    assert (again.code, "1 refreshed; 1 open" in again.err) == (1, True)

    gitopsd("apply", repo, "--yes")
    assert "1 resolved; 0 open" in gitopsd("drift", repo, "--reports", in_cluster).err
    stage.edit_service("checkout", DRIFT)
    assert "1 reopened; 1 open" in gitopsd("drift", repo, "--reports", in_cluster).err


def test_reports_are_listed_with_what_moved_and_since_when(
    gitopsd: Gitopsd, repo: Path, stage: Stage, folder: str
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    gitopsd("drift", repo, "--reports", folder)
    said = gitopsd("reports", repo, "--reports", folder, "-o", "json")
    jsonschema.validate(said.json, SCHEMAS["reports"])
    [report] = said.json["reports"]
    assert report["summary"] == "spec.externalTrafficPolicy: Cluster → Local (kubectl-edit)"
    assert (report["subject"], report["reason"]) == ("Exposure/default/checkout", "field-changed")
    table = gitopsd("reports", repo, "--reports", folder, "--about", "Exposure/default/checkout")
    assert report["fingerprint"] in table.out
    assert gitopsd("reports", repo, "--reports", folder, "--about", "tea").out == "no reports\n"


def test_a_report_about_many_is_found_by_each_of_its_findings() -> None:
    story = Story()
    story.after(MINUTE, look(*(drift(f"tea-{number}") for number in range(25))))
    row = story.only.rows[3]
    for name in (str(row.subject), str(row.resource), row.fingerprint, story.only.fingerprint):
        assert find([story.only], name) == [story.only]
    assert find([story.only], "Exposure/shop/tea") == []


def test_apply_tells_in_the_report_that_it_was_put_right(
    gitopsd: Gitopsd, repo: Path, stage: Stage, folder: str
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    gitopsd("drift", repo, "--reports", folder)
    assert "1 resolved; 0 open" in gitopsd("apply", repo, "--yes", "--reports", folder).err
    [report] = gitopsd("reports", repo, "--reports", folder, "--all", "-o", "json").json["reports"]
    assert (report["state"], report["resolution"]) == ("Resolved", "corrected")


def test_apply_alone_tells_what_it_put_right(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    said = gitopsd("apply", repo, "--yes", "--reports", tmp_path / "r")
    assert "1 opened, 1 resolved; 0 open" in said.err


def test_a_plan_file_tells_what_it_put_right_too(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    gitopsd("drift", repo, "--reports", tmp_path / "r")
    gitopsd("plan", repo, "--out", tmp_path / "plan.json")
    said = gitopsd("apply", tmp_path / "plan.json", "--reports", tmp_path / "r")
    assert "1 resolved; 0 open" in said.err


def test_the_json_of_drift_says_what_became_of_the_reports(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    said = gitopsd("drift", repo, "--reports", tmp_path / "r", "-o", "json")
    jsonschema.validate(said.json, SCHEMAS["drift"])
    [told] = said.json["reporting"]
    assert (told["target"], told["events"]) == ("hangzhou", {"opened": 1})


def test_without_a_place_no_report_is_kept(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    assert gitopsd("drift", repo).err == ""


def test_a_cluster_without_the_kind_is_told_how_to_get_it(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    said = gitopsd("drift", repo, "--reports", "cluster")
    assert said.code == 2
    assert "gitopsd crds | kubectl apply" in said.err


def test_a_broken_file_is_told_and_the_others_are_kept(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", DRIFT)
    gitopsd("drift", repo, "--reports", folder)
    (folder / "acme" / "hangzhou" / "0123456789abcdef.json").write_text("{")
    said = gitopsd("drift", repo, "--reports", folder)
    assert "cannot be read" in said.err
    assert "1 refreshed; 1 open" in said.err


def test_reports_without_a_place_asks_for_one(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("reports", repo)
    assert said.code == 1
    assert "--reports" in said.err


def test_the_printed_kinds_are_such_as_kubectl_shows_in_columns(
    gitopsd: Gitopsd, stage: Stage
) -> None:
    shown: dict[str, list[str]] = {}
    for manifest in yaml.safe_load_all(gitopsd("crds").out):
        install(stage.sandbox, json.dumps(manifest))
        [version] = manifest["spec"]["versions"]
        columns = [column["name"] for column in version["additionalPrinterColumns"]]
        shown[manifest["spec"]["names"]["kind"]] = columns
    assert shown.keys() == {"DriftReport", "Exposure", "ServerGroup"}
    assert shown["DriftReport"][:6] == ["Target", "Subject", "Reason", "State", "Since", "What"]
    assert {"Target", "Revision", "Ready", "Drift"} <= set(shown["Exposure"])
