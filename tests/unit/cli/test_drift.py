"""drift against a sandbox: what Git moved is told apart from what was done behind its back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from gitopsd.model.ownership import INSTANCE
from tests.unit.cli.conftest import EXPOSURES, Gitopsd, Said
from tests.unit.cli.stage import Stage, local

INGRESSES = "ingresses.networking.k8s.io"


def causes(said: Any, resource: str) -> dict[str, str]:
    """What `drift -o json` says of a resource: path to cause, the digest left out."""
    return {
        item["path"]: item["cause"]
        for target in said.json["targets"]
        for verdict in target["verdicts"]
        for item in verdict["differences"]
        if item["resource"] == resource and not item["path"].endswith("digest]")
    }


@pytest.mark.parametrize("mark", ["app.kubernetes.io/managed-by", "gitopsd.io/instance"])
def test_what_git_moved_stays_a_change_when_a_mark_of_ours_was_taken_off(
    gitopsd: Gitopsd, repo: Path, stage: Stage, mark: str
) -> None:
    gitopsd("apply", repo, "--yes")
    local(repo, "weight: 80", "weight: 20")
    local(repo, "port: 443", "port: 444")
    patch = {"metadata": {"labels": {mark: None}}}
    stage.sandbox.cluster.patch(INGRESSES, "default", "tea", patch, manager="kubectl-edit")
    stage.edit_service("checkout", patch)
    said = gitopsd("drift", repo, "-o", "json")
    assert causes(said, "Ingress/default/tea") == {
        "metadata.annotations[alb.ingress.kubernetes.io/actions.forward]": "change",
        f"metadata.labels[{mark}]": "drift",
    }
    assert causes(said, "Service/default/checkout") == {
        "spec.ports[443/TCP]": "change",
        "spec.ports[444/TCP]": "change",
        f"metadata.labels[{mark}]": "drift",
    }
    text = gitopsd("drift", repo).out
    assert "gitopsd apply --adopt Ingress/default/tea" in text
    assert "gitopsd apply --target" not in text
    assert "drift accept" not in text
    assert "Something was added" not in text


def test_a_record_namespace_that_does_not_exist_is_told_even_where_nothing_is_to_do(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    assert "GX1015" not in gitopsd("plan", repo, "-o", "json").out
    said = gitopsd("plan", repo, "--record-namespace", "nonsuch")
    assert "nothing to do" in said.out
    assert "namespace nonsuch, in which the record of target hangzhou" in " ".join(said.out.split())
    assert "kubectl create namespace nonsuch" in said.out


@pytest.mark.parametrize("name", ["x y", "Record", "-a", "", "a" * 64, "a.b"])
def test_a_record_namespace_without_a_legal_name_is_refused(
    gitopsd: Gitopsd, repo: Path, name: str
) -> None:
    said = gitopsd("plan", repo, "--record-namespace", name)
    assert said.code == 1
    assert "a namespace is named with a-z, 0-9 and -, at most 63 characters" in said.err


def test_a_mode_with_an_end_falls_back_to_the_fleets_and_says_that_it_ended(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    policy = "drift: {mode: Ignore, until: %s, reason: migration}"
    whole = f"spec:\n  {policy}\n  loadBalancer: {{type: CLB"
    before = (repo / "exposures.yaml").read_text()
    running = before.replace("spec:\n  loadBalancer: {type: CLB", whole % "2999-01-31")
    (repo / "exposures.yaml").write_text(running)
    assert "1 drifted" not in gitopsd("drift", repo).out
    (repo / "exposures.yaml").write_text(running.replace("2999-01-31", "2020-01-31"))
    said = gitopsd("drift", repo)
    text = " ".join(said.out.split())
    assert "1 drifted" in text
    assert "drift mode Ignore (migration; exposures.yaml:5:" in text
    assert "has ended (until 2020-01-31): the mode around it counts again" in text
    told = gitopsd("drift", repo, "--reports", tmp_path / "reports")
    text = " ".join(told.out.split())
    assert "exceptions of the drift policy that have ended" in text
    assert "the mode of the whole until 2020-01-31; the mode around it counts again" in text
    assert "2020-01-31 by" not in text
    assert "(absent) → 2020-01-31" not in text
    assert "drift mode Report" not in text


def test_the_fleets_mode_may_end_and_give_way_to_correct(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    fleet = (repo / "fleet.yaml").read_text()
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    for until, steps in (("2999-01-31", "nothing to do"), ("2020-01-31", "1 to change")):
        ends = f"  drift: {{mode: Ignore, until: {until}, reason: freeze}}\n"
        (repo / "fleet.yaml").write_text(fleet + ends)
        assert steps in gitopsd("plan", repo).out


def offered(said: Said) -> list[str]:
    """The commands that a page offers."""
    lines = (line.strip() for line in said.out.splitlines())
    return [line for line in lines if line.startswith(("gitopsd ", "kubectl "))]


def test_offered_commands_name_what_was_typed_and_work_as_they_stand(
    gitopsd: Gitopsd, repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITOPSD_KUBECONFIG")
    typed = ["--instance", "other", "--kubeconfig", str(stage.sandbox.kubeconfig), str(repo)]
    gitopsd("apply", *typed, "--yes")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    found = offered(gitopsd("drift", *typed))
    assert found
    assert all(shlex.join(typed) in line for line in found)
    assert f"{repo}/exposures.yaml:" in gitopsd("drift", *typed).out
    (correct,) = (line for line in found if line.startswith("gitopsd apply "))
    assert gitopsd(*shlex.split(correct)[1:], "--yes").code == 0
    assert gitopsd("drift", *typed).code == 0


def test_what_lost_our_labels_before_it_left_git_is_offered_its_ways_out(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"metadata": {"labels": {INSTANCE: None}}})
    (repo / "exposures.yaml").write_text(EXPOSURES.partition("---\n")[2])
    found = offered(gitopsd("drift", repo))
    label = "kubectl -n default label --overwrite service checkout "
    back, keep, *_ = (line.removeprefix(label) for line in found if line.startswith(label))
    assert keep == f"{INSTANCE}=none"
    stage.edit_service("checkout", {"metadata": {"labels": dict([keep.split("=")])}})
    assert gitopsd("drift", repo).code == 0
    labels = dict(pair.split("=") for pair in back.split())
    stage.edit_service("checkout", {"metadata": {"labels": labels}})
    assert gitopsd("apply", repo, "--yes").code == 0
    left = stage.service("checkout")  # its load balancer goes first
    assert left is None or "deletionTimestamp" in left["metadata"]


def test_a_switched_type_is_not_laid_at_our_door(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", {"spec": {"type": "ClusterIP"}})
    said = gitopsd("drift", repo).out
    assert "spec.externalTrafficPolicy" in said
    assert "by gitopsd" not in said
