"""Waiting for a lease: what its holder did meanwhile is looked at before anything is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage, local

LEASES, PLACE = "leases.coordination.k8s.io", ("gitopsd-system", "gitopsd-acme-hangzhou")
WAITING = "hangzhou: ada holds the lease to write here; waiting until it is done"


@pytest.fixture
def due(gitopsd: Gitopsd, repo: Path, stage: Stage) -> Path:
    """A repository with a change that is not applied yet, while another holds the lease."""
    assert gitopsd("apply", repo, "--yes").code == 0
    local(repo, "port: 443", "port: 8443")
    others = {"spec": {"holderIdentity": "ada", "leaseDurationSeconds": 3600}}
    stage.sandbox.cluster.patch(LEASES, *PLACE, others, manager="ada")
    return repo


def meanwhile(stage: Stage, *arguments: object) -> tuple[int, str]:
    """Run a command in a pipe; once it waits, the holder does the same work, and goes."""
    program = "from gitopsd.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments), "--wait"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if WAITING in line:
                ports = [{"name": "https", "port": 8443, "protocol": "TCP"}]
                stage.edit_service("checkout", {"spec": {"ports": ports}})
                free = {"spec": {"holderIdentity": ""}}
                stage.sandbox.cluster.patch(LEASES, *PLACE, free, manager="ada")
                break
        out, _ = process.communicate(timeout=300)
    return process.returncode, "".join(told) + out


def test_whoever_waited_for_a_lease_applies_to_what_its_holder_left(
    gitopsd: Gitopsd, due: Path, stage: Stage
) -> None:
    code, said = meanwhile(stage, "apply", due, "--yes")
    assert (code, said.count(WAITING)) == (0, 1), said
    assert gitopsd("plan", due, "--detailed-exitcode").code == 0


def test_a_plan_file_that_was_overtaken_while_its_lease_was_waited_for_is_refused(
    gitopsd: Gitopsd, due: Path, stage: Stage, tmp_path: Path
) -> None:
    assert gitopsd("plan", due, "--out", tmp_path / "plan.json").code == 0
    code, said = meanwhile(stage, "apply", tmp_path / "plan.json")
    assert code == 1
    assert "overtaken, so nothing was written" in said
