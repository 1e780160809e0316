"""What is held, as a person at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import EXPOSURES, FLEET, Gitopsd
from tests.unit.cli.stage import Stage, local

OURS = {"checkout", "tea-forward-1"}
ONE_MORE = """\
---
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: e{number}, namespace: default}}
spec:
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: e{number}}}}}
  ports: [{{name: https, port: 443}}]
"""


def annotate(stage: Stage, value: str) -> None:
    """kubectl annotate configmap gitopsd-acme-hangzhou gitopsd.io/approve=…"""
    patch = {"metadata": {"annotations": {"gitopsd.io/approve": value}}}
    stage.sandbox.cluster.patch(
        "configmaps", "gitopsd-system", "gitopsd-acme-hangzhou", patch, manager="kubectl-annotate"
    )


def test_an_annotation_on_the_record_approves_the_plan_it_names_once(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    before = stage.service("checkout")
    (repo / "fleet.yaml").write_text(FLEET + "  guards: {maxDeletes: 0}\n")
    (repo / "exposures.yaml").write_text(EXPOSURES.partition("---\n")[2])
    held = gitopsd("plan", repo, "-o", "json")
    assert held.code == 1
    annotate(stage, held.json["plans"][0]["hash"])
    shown = gitopsd("plan", repo)
    assert shown.code == 0
    assert "approved, although 1 deletion in one pass: maxDeletes allows 0" in shown.out
    assert gitopsd("apply", repo, "--yes").code == 0
    assert stage.services() == OURS - {"checkout"}
    stage.put_back(before)
    again = gitopsd("apply", repo, "--yes")
    assert (again.code, stage.services()) == (1, OURS)
    assert "counts once" in " ".join(again.out.split())


def test_a_hold_names_the_line_behind_it_as_it_can_be_opened(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    local(repo, "{pods: {selector: {app: tea}, targetPort: 8080}, ", "{service: x, ")
    said = gitopsd("plan", repo)
    assert said.code == 1
    (place,) = [line.strip() for line in said.out.splitlines() if "exposures.yaml" in line]
    assert place == f"at: {repo}/exposures.yaml:18:7"
    markdown = gitopsd("plan", repo, "-o", "markdown").out
    assert "(`exposures.yaml:18:7`)" in markdown


def test_a_replacement_gives_its_reason_once(gitopsd: Gitopsd, repo: Path, stage: Stage) -> None:
    gitopsd("apply", repo, "--yes")
    local(repo, "{type: CLB, scheme: Internet}", "{type: CLB, scheme: Intranet}")
    said = gitopsd("plan", repo)
    assert " ".join(said.out.split()).count("its address changes") == 1
    assert "--replace Service/default/checkout" in said.out


def test_another_instance_does_not_take_what_is_ours_by_adopt_alone(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    beta = ["--instance", "beta", "--adopt", "Exposure/default/checkout"]
    gitopsd("apply", repo, "--yes", *beta)
    labels = (stage.service("checkout") or {})["metadata"]["labels"]
    assert labels["gitopsd.io/instance"] == "acme"
    gitopsd("apply", repo, "--yes", *beta, "--adopt-from", "acme/hangzhou")
    labels = (stage.service("checkout") or {})["metadata"]["labels"]
    assert labels["gitopsd.io/instance"] == "beta"
    told = gitopsd("plan", repo)
    assert told.code == 1
    assert "belongs to another gitopsd (instance beta" in " ".join(told.out.split())


def test_drift_of_most_of_a_target_is_shown_once_and_waits_for_its_hash(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    more = "".join(ONE_MORE.format(number=number) for number in range(6))
    (repo / "exposures.yaml").write_text(EXPOSURES + more)
    gitopsd("apply", repo, "--yes")
    for number in range(6):
        stage.edit_service(f"e{number}", {"spec": {"externalTrafficPolicy": "Local"}})
    held = gitopsd("apply", repo, "--yes")
    assert held.code == 1
    plan, outcome = held.out.split("6 steps: 6 held")
    assert plan.count("drifted alike") == outcome.count("drifted alike") == 1
    assert (stage.service("e0") or {})["spec"]["externalTrafficPolicy"] == "Local"
    name = gitopsd("plan", repo, "-o", "json").json["plans"][0]["hash"]
    assert gitopsd("apply", repo, "--yes", "--approve", name).code == 0
    assert (stage.service("e0") or {})["spec"]["externalTrafficPolicy"] == "Cluster"


@pytest.mark.parametrize("place", ["nowhere", "fleet.yaml"])
def test_a_place_that_is_no_folder_says_what_to_name_instead(
    gitopsd: Gitopsd, repo: Path, place: str
) -> None:
    said = gitopsd("plan", repo / place)
    assert said.code == 1
    assert "→ name the folder" in said.err


def test_an_owner_to_adopt_from_has_two_names(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("plan", repo, "--adopt-from", "beta")
    assert said.code == 1
    assert "is not INSTANCE/TARGET" in said.err
