"""Alert rules and dashboard: about metrics that exist, and right in the eyes of Prometheus."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from gitopsd.daemon.http import Application, HttpServer
from gitopsd.daemon.metrics.families import FAMILIES
from gitopsd.daemon.webhooks import Receiver
from tests.deploy.manifests import DEPLOY, ROOT
from tests.scenarios.operating import eventually
from tests.unit.daemon.test_metrics import Stage, drift, ended

MONITORING = DEPLOY / "monitoring"
NAMES = re.compile(r"\bgitopsd_[a-z_]+\b")


def rules() -> list[dict[str, Any]]:
    content = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for rule in rules()]


def known() -> set[str]:
    return {family.sample for family in FAMILIES}


def test_alerts_and_panels_are_about_metrics_that_exist() -> None:
    assert {name for text in expressions() for name in NAMES.findall(text)} - known() == set()


def test_labels_in_queries_are_those_of_their_metrics() -> None:
    labels = {family.sample: {*family.labels, "le", "instance"} for family in FAMILIES}
    wrong = [
        (name, label)
        for text in expressions()
        for name, inside in re.findall(r"(gitopsd_[a-z_]+)\{(.*?)\}", text)
        for label in re.findall(r"(\w+)=", inside)
        if label not in labels[name]
    ]
    assert wrong == []


def test_every_metric_is_shown_or_watched() -> None:
    used = {name for text in expressions() for name in NAMES.findall(text)}
    assert known() - used == {"gitopsd_ready", "gitopsd_trouble"}  # /readyz tells these in words


def test_every_alert_says_what_it_means_and_has_its_section() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for rule in rules():
        assert f"### {rule['alert']}\n" in page
        assert {"summary", "description"} <= rule["annotations"].keys()
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_no_section_is_about_an_alert_that_is_gone() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^### (Gitopsd\w+)$", page, re.MULTILINE))
    assert told == {rule["alert"] for rule in rules()}


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian's package prometheus has it)")
    return found


def test_promtool_accepts_the_rules() -> None:
    promtool = needed("promtool")
    for arguments in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]):
        done = subprocess.run(
            [promtool, *arguments], cwd=MONITORING, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def busy() -> Stage:
    """Numbers of an operator to which something of every kind has happened."""
    stage = Stage()
    stage.end(ended(drift("Report")))
    stage.counts.called("ALB", "ListServerGroups", None, 0.1)
    stage.counts.paced("ALB", 0.1)
    stage.counts.answered("github", 202)
    return stage


def test_promtool_accepts_the_page() -> None:
    done = subprocess.run(
        [needed("promtool"), "check", "metrics"],
        input=busy().page()[2], capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_a_real_prometheus_scrapes_the_page_and_evaluates_every_rule(tmp_path: Path) -> None:
    prometheus = needed("prometheus")
    stage = busy()
    receiver = Receiver(lambda _: (), lambda _: None)
    server = HttpServer(Application(receiver, {"/metrics": stage.page}), "127.0.0.1:0")
    server.start()
    scraped = {"job_name": "gitopsd", "static_configs": [{"targets": [server.address]}]}
    config = tmp_path / "prometheus.yml"
    config.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(MONITORING / "alerts.yaml")],
                "scrape_configs": [scraped],
            }
        )
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        prometheus, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
    ]  # fmt: skip
    http = urllib3.PoolManager(retries=False)

    def asked(path: str, **fields: str) -> Any:
        try:
            answer = http.request("GET", f"http://{address}/api/v1/{path}", fields=fields)
        except urllib3.exceptions.HTTPError:
            return {}
        return json.loads(answer.data).get("data", {}) if answer.status == 200 else {}

    def seen() -> bool:
        return bool(asked("query", query="gitopsd_drift_age_seconds").get("result"))

    def judged() -> list[str]:
        groups = asked("rules").get("groups", [])
        return [rule["health"] for group in groups for rule in group["rules"]]

    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(seen)
        eventually(lambda: "unknown" not in judged())
        assert judged() == ["ok"] * len(rules())
        for text in expressions():
            query = re.sub(r"\$__rate_interval", "5m", text).replace("$", "")
            answer = http.request("GET", f"http://{address}/api/v1/query", fields={"query": query})
            assert answer.status == 200, answer.data
    finally:
        process.terminate()
        process.wait()
        server.stop()
        http.clear()
