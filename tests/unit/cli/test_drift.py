"""drift against a sandbox: what Git moved is told apart from what was done behind its back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Gitopsd
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
