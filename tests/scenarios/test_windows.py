"""Windows of an operator: what waits, what goes on, and what the record says meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitopsd.cli.root import run
from gitopsd.daemon.settings import Repository, Schedule, Window
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.scenarios.operating import Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import edit, objects

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def closed(shop: Shop, job: str) -> Repository:
    """The settings of a repository with a window that opens in two days, or three."""
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%a")
    window = Window.model_validate({"days": [day], "start": "12:00", "end": "13:00"})
    return followed(shop, **{job: Schedule(every_seconds=3600, window=window)})


def port(sandbox: Sandbox, shop: Shop, name: str) -> int:
    return int(objects(sandbox, "Service", shop.namespace)[name]["spec"]["ports"][0]["port"])


def edit_port(sandbox: Sandbox, shop: Shop, name: str) -> None:
    change = {"spec": {"ports": [{"port": 81, "targetPort": 80, "protocol": "TCP"}]}}
    edit(sandbox, "Service", shop.namespace, name, change)


def record(sandbox: Sandbox, shop: Shop) -> dict[str, Any]:
    found = objects(sandbox, "ConfigMap", "gitopsd-system")[f"gitopsd-{shop.name}-edge"]
    assert isinstance(found, dict)
    return found


def apply_first(sandbox: Sandbox, folder: Path, shop: Shop) -> None:
    shop.expose(80, name="coffee")
    first = shop.expose(80)
    with replica(sandbox, folder, [followed(shop)]) as one:
        one.log.wait("pass.ended", revision=first, done=2)


def test_a_commit_that_waits_for_its_window_leaves_the_correction_of_drift_alone(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    apply_first(sandbox, tmp_path, shop)
    second = shop.expose(8080)
    edit_port(sandbox, shop, "coffee")
    with replica(sandbox, tmp_path, [closed(shop, "sync")]) as one:
        ended = one.log.wait("pass.ended", revision=second)
        assert "window is closed: changes" in ended["trouble"]
        assert ended["held"] == 1
        assert (port(sandbox, shop, "tea"), port(sandbox, shop, "coffee")) == (80, 80)
        one.another_pass()
        before = record(sandbox, shop)
        one.another_pass()
        assert record(sandbox, shop) == before


def test_a_commit_that_changes_nothing_is_taken_outside_the_window_and_drift_goes_on(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    apply_first(sandbox, tmp_path, shop)
    shop.author.write("README.md", "about this")
    second = shop.push()
    with replica(sandbox, tmp_path, [closed(shop, "sync")]) as one:
        assert one.log.wait("pass.ended", revision=second).get("trouble", "") == ""
        assert second in str(record(sandbox, shop)["data"])
        edit_port(sandbox, shop, "tea")
        assert one.another_pass()["done"] == 1
        assert port(sandbox, shop, "tea") == 80


def test_drift_waits_for_its_own_window_while_changes_are_written(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    apply_first(sandbox, tmp_path, shop)
    second = shop.expose(8080)
    edit_port(sandbox, shop, "coffee")
    with replica(sandbox, tmp_path, [closed(shop, "drift")]) as one:
        ended = one.log.wait("pass.ended", revision=second)
        assert "window is closed: drift" in ended["trouble"]
        assert (port(sandbox, shop, "tea"), port(sandbox, shop, "coffee")) == (8080, 81)


def test_drift_asked_for_by_a_person_says_what_the_operator_will_do_and_when(
    sandbox: Sandbox, tmp_path: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    apply_first(sandbox, tmp_path, shop)
    place = ["--kubeconfig", str(sandbox.kubeconfig), "--alb-endpoint", sandbox.alb]
    place += ["--nlb-endpoint", sandbox.nlb, str(shop.author.folder)]
    asked = ["drift", *place]
    edit_port(sandbox, shop, "coffee")
    run(asked)
    assert "window" not in capsys.readouterr().out
    with replica(sandbox, tmp_path, [closed(shop, "drift")]) as one:
        assert "window is closed: drift" in one.log.wait("pass.ended")["trouble"]
        assert run(asked) == 1
        said = " ".join(capsys.readouterr().out.split())
        assert "its window is closed: drift is put right from" in said
    # Who applies by hand says nothing of windows: what the operator said stays.
    assert run(["apply", "--yes", *place]) == 0
    assert port(sandbox, shop, "coffee") == 80
    assert '"windows":{"drift":' in record(sandbox, shop)["data"]["record.json"]
    with replica(sandbox, tmp_path, [followed(shop)], me="without-windows"):
        eventually(lambda: "windows" not in record(sandbox, shop)["data"]["record.json"])


def test_a_first_apply_waits_for_the_window_of_changes(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [closed(shop, "sync")]) as one:
        assert "window is closed" in one.log.wait("pass.ended")["trouble"]
        assert "tea" not in objects(sandbox, "Service", shop.namespace)
