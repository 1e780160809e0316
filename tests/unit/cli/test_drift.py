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
