"""The commands that people are told to type, typed while an operator runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gitopsd.cli.root import run
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.scenarios.operating import EXPOSURE, followed, open_shop, replica
from tests.scenarios.world import edit, objects

pytestmark = pytest.mark.usefixtures("keys")


def test_the_command_that_leads_an_alarm_puts_drift_right_beside_the_operator(
    sandbox: Sandbox,
    tmp_path: Path,
    server: Server,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It holds the lease all the time, and gives it to who waits."""
    monkeypatch.setenv("GITOPSD_KUBECONFIG", str(sandbox.kubeconfig))
    monkeypatch.setenv("GITOPSD_ALB_ENDPOINT", sandbox.alb)
    monkeypatch.setenv("GITOPSD_NLB_ENDPOINT", sandbox.nlb)
    shop = open_shop(tmp_path, server, namespace)
    text = EXPOSURE.format(name="tea", namespace=namespace, port=80) + "  drift: {mode: Report}\n"
    shop.author.write("tea.yaml", text)
    commit = shop.push()
    folder = str(shop.author.folder)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended", revision=commit, done=1)
        edit(sandbox, "Service", namespace, "tea", {"spec": {"externalTrafficPolicy": "Local"}})
        assert run(["drift", "--target", "edge", folder]) != 0
        (command,) = re.findall(r"gitopsd (apply --correct .*)", capsys.readouterr().out)
        assert run([*shlex.split(command), "--yes"]) == 0
        service = objects(sandbox, "Service", namespace)["tea"]
        assert service["spec"]["externalTrafficPolicy"] == "Cluster"
