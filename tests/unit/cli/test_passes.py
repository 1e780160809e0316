"""plan, apply and drift against a sandbox: what they print, what they do, and how they end."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from gitopsd.cli.schemas import SCHEMAS
from gitopsd.sandbox.kubernetes.faults import Fault
from tests.unit.cli.conftest import FLEET, Gitopsd
from tests.unit.cli.stage import KEYS, Stage, local

OURS = {"checkout", "tea-forward-1"}


def test_the_loop_closes(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    assert gitopsd("plan", repo, "--detailed-exitcode").code == 2
    applied = gitopsd("apply", repo, "--yes")
    assert (applied.code, stage.services()) == (0, OURS)
    assert "6 steps: 6 done" in applied.out
    again = gitopsd("plan", repo, "--detailed-exitcode")
    assert (again.code, again.out) == (0, "hangzhou: nothing to do\n")
    assert gitopsd("drift", repo).code == 0
    assert gitopsd("apply", repo).code == 0


def test_a_server_that_takes_its_time_over_writes_is_waited_for(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    slow = Fault("latency", ("patch",), ("services",), times=0, seconds=4.5)
    stage.sandbox.cluster.faults.add(slow)
    applied = gitopsd("apply", repo, "--yes")
    assert (applied.code, stage.services()) == (0, OURS), applied.out


def test_plan_and_drift_write_nothing(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    gitopsd("plan", repo)
    gitopsd("drift", repo)
    assert stage.services() == set()


def test_apply_without_a_terminal_and_without_yes_writes_nothing(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    said = gitopsd("apply", repo)
    assert (said.code, stage.services()) == (1, set())
    assert "4 to create" in said.out
    assert "--yes" in said.err


def test_drift_names_path_values_manager_and_time(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    said = gitopsd("drift", repo, "-o", "json")
    jsonschema.validate(said.json, SCHEMAS["drift"])
    [verdict] = [v for v in said.json["targets"][0]["verdicts"] if v["state"] == "drifted"]
    [difference] = verdict["differences"]
    assert said.code == 1
    assert difference["path"] == "spec.externalTrafficPolicy"
    assert (difference["old"], difference["new"]) == ("Cluster", "Local")
    assert (difference["manager"], difference["operation"]) == ("kubectl-edit", "Update")
    assert difference["time"]


def test_apply_puts_drift_right(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    assert gitopsd("apply", repo, "--yes").code == 0
    assert (stage.service("checkout") or {})["spec"]["externalTrafficPolicy"] == "Cluster"
    assert gitopsd("drift", repo).code == 0


def test_a_change_in_git_is_no_drift(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    gitopsd("apply", repo, "--yes")
    local(repo, "weight: 20", "weight: 30")
    said = gitopsd("drift", repo)
    assert said.code == 0
    assert "changed in Git, not applied yet" in said.out


def test_every_json_output_fits_its_schema(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    plan = gitopsd("plan", repo, "-o", "json")
    jsonschema.validate(plan.json, SCHEMAS["plan"])
    applied = gitopsd("apply", repo, "--yes", "-o", "json")
    jsonschema.validate(applied.json, SCHEMAS["apply"])
    assert plan.json["plans"][0]["hash"] == applied.json["outcomes"][0]["hash"]


def test_markdown_has_a_headline_for_each_target(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    assert gitopsd("plan", repo, "-o", "markdown").out.startswith("### `hangzhou`: 4 to create")
    applied = gitopsd("apply", repo, "--yes", "-o", "markdown")
    assert applied.out.startswith("### `hangzhou`: 6 steps: 6 done")
    assert gitopsd("drift", repo, "-o", "markdown").out.startswith("### `hangzhou`: 3 in sync")


# --- what is held ----------------------------------------------------------------------------


def test_a_service_of_others_is_held_until_it_is_adopted(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    stage.make_service("checkout")
    held = gitopsd("apply", repo, "--yes")
    assert held.code == 1
    assert "--adopt Service/default/checkout" in held.out
    assert "labels" not in (stage.service("checkout") or {})["metadata"]
    assert gitopsd("apply", repo, "--yes", "--adopt", "Service/default/checkout").code == 0
    assert (stage.service("checkout") or {})["metadata"]["labels"][
        "gitopsd.io/target"
    ] == "hangzhou"


def test_a_missing_namespace_holds_its_exposures_and_nothing_else(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    other = (repo / "exposures.yaml").read_text().partition("---")[0]
    (repo / "other.yaml").write_text(other.replace("namespace: default", "namespace: nowhere"))
    said = gitopsd("apply", repo, "--yes")
    assert said.code == 1
    assert "namespace nowhere does not exist" in said.out
    assert stage.services() == OURS


def test_a_document_with_an_error_is_held_and_the_rest_goes_on(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    local(repo, "scheme: Internet", "schema: Internet")
    local(repo, "weight: 20", "weight: 30")
    said = gitopsd("apply", repo, "--yes")
    assert said.code == 1
    assert "error GX" in said.err
    assert "1 step: 1 done" in said.out
    assert stage.services() == OURS


def test_a_hash_that_names_no_plan_approves_nothing(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    said = gitopsd("apply", repo, "--yes", "--approve", "0" * 64)
    assert (said.code, stage.services()) == (1, set())
    assert "moved since" in said.err


def test_deletions_beyond_the_guard_wait_for_the_approval_of_that_very_plan(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    (repo / "fleet.yaml").write_text(FLEET + "  guards: {maxDeletes: 0}\n")
    tea = (repo / "exposures.yaml").read_text().partition("---\n")[2]
    (repo / "exposures.yaml").write_text(tea)
    held = gitopsd("apply", repo, "--yes")
    assert (held.code, stage.services()) == (1, OURS)
    wanted = gitopsd("plan", repo, "-o", "json").json["plans"][0]["hash"]
    assert f"gitopsd apply --approve {wanted}" in held.out
    assert gitopsd("apply", repo, "--yes", "--approve", wanted).code == 0
    assert stage.services() == OURS - {"checkout"}


def test_what_is_held_beside_what_was_done_can_be_approved_by_the_name_it_is_told_with(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    (repo / "fleet.yaml").write_text(FLEET + "  guards: {maxDeletes: 0}\n")
    checkout, _, tea = (repo / "exposures.yaml").read_text().partition("---\n")
    renamed = checkout.replace("name: checkout", "name: till")
    (repo / "exposures.yaml").write_text(f"{renamed}---\n{tea}")
    held = gitopsd("apply", repo, "--yes")
    assert (held.code, stage.services()) == (1, OURS | {"till"})
    wanted = re.findall(r"--approve\s+([0-9a-f]{64})", held.out)[-1]
    assert gitopsd("apply", repo, "--yes", "--approve", wanted).code == 0
    assert stage.services() == OURS - {"checkout"} | {"till"}


def test_what_cannot_be_changed_is_made_anew_only_when_asked(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    before = (stage.service("checkout") or {})["metadata"]["uid"]
    local(repo, "scheme: Internet", "scheme: Intranet")
    held = gitopsd("apply", repo, "--yes")
    assert held.code == 1
    assert "its address changes" in held.out
    assert (stage.service("checkout") or {})["metadata"]["uid"] == before
    done = gitopsd("apply", repo, "--yes", "--replace", "Service/default/checkout")
    assert done.code == 0
    assert (stage.service("checkout") or {})["metadata"]["uid"] != before


def test_correct_puts_right_once_what_is_only_to_be_reported(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    (repo / "fleet.yaml").write_text(FLEET + "  drift: {mode: Report}\n")
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    assert gitopsd("apply", repo, "--yes").code == 0
    assert gitopsd("drift", repo).code == 1
    assert gitopsd("apply", repo, "--yes", "--correct").code == 0
    assert gitopsd("drift", repo).code == 0


# --- the world fails -------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "code"), [("plan", 1), ("drift", 2), ("apply", 1)])
def test_an_api_server_without_rights_is_told_and_never_green(
    gitopsd: Gitopsd, repo: Path, stage: Stage, command: str, code: int
) -> None:
    said = gitopsd(command, repo, "--context", "gitopsd-sandbox-restricted")
    assert said.code == code
    assert "forbidden" in said.out + said.err


@pytest.mark.parametrize(("command", "code"), [("plan", 1), ("drift", 2), ("apply", 1)])
def test_refused_cloud_credentials_are_told_and_never_green(
    gitopsd: Gitopsd,
    repo: Path,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    code: int,
) -> None:
    monkeypatch.setenv(KEYS[1], "wrong")
    said = gitopsd(command, repo)
    assert said.code == code
    assert "SignatureDoesNotMatch" in said.out + said.err


@pytest.mark.parametrize(("command", "code"), [("plan", 1), ("drift", 2), ("apply", 1)])
def test_a_kubeconfig_that_does_not_exist_is_told(
    gitopsd: Gitopsd, repo: Path, stage: Stage, command: str, code: int
) -> None:
    said = gitopsd(command, repo, "--kubeconfig", repo / "nothing.yaml")
    assert said.code == code
    assert "nothing.yaml" in said.err
    assert "Traceback" not in said.err


def test_one_target_that_cannot_be_reached_does_not_stop_the_others(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    second = FLEET.partition("targets:\n")[2].replace("name: hangzhou", "name: beijing", 1)
    second = second.replace("region:", "kubeContext: missing\n    region:", 1)
    (repo / "fleet.yaml").write_text(FLEET + second)
    for name in ("exposures.yaml", "warehouse.yaml"):
        path = repo / name
        path.write_text(path.read_text().replace("spec:\n", "spec:\n  targets: [hangzhou]\n"))
    said = gitopsd("apply", repo, "--yes")
    assert said.code == 1
    assert "beijing: " in said.err
    assert stage.services() == OURS
    assert gitopsd("plan", repo, "--target", "hangzhou").code == 0


def test_one_context_cannot_stand_for_two_targets(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    second = FLEET.partition("targets:\n")[2].replace("name: hangzhou", "name: beijing", 1)
    second = second.replace("region:", "kubeContext: missing\n    region:", 1)
    (repo / "fleet.yaml").write_text(FLEET + second)
    for name in ("exposures.yaml", "warehouse.yaml"):
        path = repo / name
        path.write_text(path.read_text().replace("spec:\n", "spec:\n  targets: [hangzhou]\n"))
    said = gitopsd("plan", repo, "--context", "gitopsd-sandbox")
    assert said.code == 1
    assert "--target" in said.err
