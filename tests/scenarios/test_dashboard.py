"""The page of a running operator: what a browser shows is what passes have left in the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import urllib3

from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.dashboard import DashboardApp
from gitopsd.daemon.http import Application, HttpServer
from gitopsd.daemon.settings import Dashboard
from gitopsd.daemon.webhooks import Receiver
from gitopsd.model.requests import SUSPEND
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.scenarios.operating import (
    EXPOSURE,
    Replica,
    Shop,
    eventually,
    followed,
    open_shop,
    replica,
)
from tests.scenarios.world import edit, objects
from tests.unit.daemon.dashboard.chromium import PROGRAM, browser

pytestmark = pytest.mark.usefixtures("keys")
WRONG = EXPOSURE.format(name="oats", namespace="{namespace}", port=99999)


class Shown:
    """An operator and its page."""

    def __init__(self, running: Replica) -> None:
        self.running = running
        self.app = DashboardApp(running.operator, Dashboard)
        self.server = HttpServer(
            Application(Receiver(lambda _: [], lambda _: None), {}, part=self.app), "127.0.0.1:0"
        )

    def get(self, path: str) -> Any:
        url = f"http://{self.server.address}/api/v1/{path}"
        answer = urllib3.request("GET", url, retries=False)
        assert answer.status == 200, (path, answer.data)
        return answer.json()

    def rows(self) -> dict[str, dict[str, str]]:
        content = self.get("exposures")
        found = [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]
        return {row["name"]: row for row in found}


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


@pytest.fixture
def page(sandbox: Sandbox, tmp_path: Path, shop: Shop) -> Iterator[Shown]:
    """The page of an operator that has applied one Exposure and found a mistake in another."""
    shop.author.write("oats.yaml", WRONG.replace("{namespace}", shop.namespace))
    shop.expose(80)
    made: Future[Shown] = Future()  # no pass ends unseen, however early that is

    def ended(*told: Any) -> None:
        made.result(120).app.views.pass_ended(*told)

    with replica(sandbox, tmp_path, [followed(shop)], ended=ended) as running:
        shown = Shown(running)
        made.set_result(shown)
        shown.server.start()
        try:
            running.log.wait("pass.ended", done=1)
            eventually(lambda: "tea" in shown.rows())
            yield shown
        finally:
            shown.app.hub.close()
            shown.server.stop()


def test_a_pass_is_shown_with_its_objects_reasons_phases_and_problems(
    page: Shown, sandbox: Sandbox, shop: Shop
) -> None:
    row = page.rows()["tea"]
    live = objects(sandbox, "Service", shop.namespace)["tea"]
    assert row["created"] == live["metadata"]["creationTimestamp"]
    commit = page.get("overview")["repositories"][0]["revision"]
    assert row["revision"] == commit[:12]
    told = page.get(f"exposures/{shop.name}/edge/Exposure/{shop.namespace}/tea")
    fields = {field["path"]: field for part in told["parts"] for field in part["fields"]}
    port = fields["spec.ports[0].port"]
    assert (port["value"], port["rule"][:2], port["position"][:9]) == (80, "GR", "tea.yaml:")
    assert [path for path, field in fields.items() if "because" not in field] == []
    (target,) = page.get("passes")["targets"]
    assert {"observe", "plan", "apply"} <= target["passes"][-1]["seconds"].keys()
    problem = page.get("problems")["problems"][0]
    assert (problem["file"], problem["severity"]) == ("oats.yaml", "error")
    assert problem["line"] > 1


def test_drift_and_a_suspension_come_and_go_on_the_page(
    page: Shown, sandbox: Sandbox, shop: Shop
) -> None:
    desk = page.running.operator.targets[f"{shop.name}/edge"]
    record = f"gitopsd-{shop.name}-edge"
    note = {"metadata": {"annotations": {SUSPEND: json.dumps({"reason": "moving house"})}}}
    edit(sandbox, "ConfigMap", "gitopsd-system", record, note)
    page.running.another_pass()  # from now on each one goes by it
    policy = {"spec": {"externalTrafficPolicy": "Local"}}
    edit(sandbox, "Service", shop.namespace, "tea", policy)
    desk.wish(Wish.DRIFT)
    eventually(lambda: page.rows()["tea"]["state"] == "drifted")
    told = page.get(f"exposures/{shop.name}/edge/Exposure/{shop.namespace}/tea")
    paths = [one["path"] for one in told["verdict"]["differences"]]
    assert "spec.externalTrafficPolicy" in paths
    assert page.get("holds")["targets"][0]["suspended"]["reason"] == "moving house"
    assert page.get("overview")["targets"][0]["suspended"]
    edit(sandbox, "ConfigMap", "gitopsd-system", record,
         {"metadata": {"annotations": {SUSPEND: None}}})  # fmt: skip
    desk.wish(Wish.DRIFT)
    eventually(lambda: page.rows()["tea"]["state"] != "drifted")
    live = objects(sandbox, "Service", shop.namespace)
    assert live["tea"]["spec"]["externalTrafficPolicy"] != "Local"


@pytest.mark.skipif(not PROGRAM, reason="there is no Chromium on this machine")
@pytest.mark.timeout(600)
def test_a_browser_sees_a_commit_arrive(page: Shown, shop: Shop, tmp_path: Path) -> None:
    with browser(tmp_path / "profile") as chromium:
        tab = chromium.page()
        tab.open(f"http://{page.server.address}/")
        tab.wait("document.body.innerText.includes('/tea')")
        commit = shop.expose(8080, "milk")
        page.running.operator.look()
        tab.wait("document.body.innerText.includes('/milk')")
        tab.wait(f"document.body.innerText.includes('revision {commit[:12]}')")
        tab.ask(f"location.hash = '#/thing/{shop.name}/edge/Exposure/{shop.namespace}/milk'")
        tab.wait("document.body.innerText.includes('8080/TCP')")
        assert tab.complaints == []
