"""`gitopsd drift` as a page to send around, in the reader's language, and kept reports on it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage

EDIT = {"spec": {"ports": [{"name": "https", "port": 443, "targetPort": 9443}]}}


def test_the_page_tells_which_connections_go_elsewhere(
    gitopsd: Gitopsd, repo: Path, stage: Stage, tmp_path: Path
) -> None:
    gitopsd("apply", repo, "--yes")
    stage.edit_service("checkout", EDIT)
    place = tmp_path / "reports"
    said = gitopsd("drift", repo, "-o", "html", "--reports", str(place))
    page = ET.fromstring(said.out.partition("\n")[2])
    text = "".join(page.itertext())
    assert said.code == 1
    assert "100 % of the connections to port 443/TCP now go to app=checkout → 9443" in text
    assert "kubectl-edit" in text

    chinese = gitopsd("drift", repo, "-o", "markdown", "--lang", "zh", "--reports", str(place))
    assert "端口 443/TCP 的连接中，100% 现在转发到 app=checkout → 9443" in chinese.out
    assert "开始时间" in chinese.out

    (kept,) = gitopsd("drift", repo, "-o", "json", "--reports", str(place)).json["targets"]
    [impact] = [report["impact"] for report in kept["reports"]]
    assert [(route["route"], route["moved"]) for route in impact] == [("443/TCP", 100.0)]
    assert {route["state"] for route in kept["routes"]} >= {"moved", "as wanted"}


def test_a_target_that_cannot_be_reached_is_on_the_page(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("drift", repo, "-o", "html")
    assert said.code == 2
    assert "Nothing could be read" in said.out
    assert "kubeconfig" in said.out


def test_without_drift_the_page_says_that_all_is_well(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    gitopsd("apply", repo, "--yes")
    said = gitopsd("drift", repo, "-o", "html", "--lang", "zh")
    assert said.code == 0
    assert "均与 Git 一致" in said.out
