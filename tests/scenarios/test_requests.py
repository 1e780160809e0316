"""Requests on a target's record, as a running operator hears and answers them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitopsd.model.requests import SUSPEND, SYNC, Suspension
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.faults import Fault
from tests.contract.git.serving import Server
from tests.scenarios.operating import Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import edit, objects

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def record(sandbox: Sandbox, shop: Shop) -> Any:
    return objects(sandbox, "ConfigMap", "gitopsd-system")[f"gitopsd-{shop.name}-edge"]


def ask(sandbox: Sandbox, shop: Shop, key: str, text: str | None) -> None:
    patch = {"metadata": {"annotations": {key: text}}}
    edit(sandbox, "ConfigMap", "gitopsd-system", f"gitopsd-{shop.name}-edge", patch)


def asked(sandbox: Sandbox, shop: Shop) -> dict[str, str]:
    return record(sandbox, shop)["metadata"].get("annotations") or {}


def port(sandbox: Sandbox, shop: Shop) -> int:
    return int(objects(sandbox, "Service", shop.namespace)["tea"]["spec"]["ports"][0]["port"])


def test_sync_brings_a_pass_with_the_newest_commit_and_is_taken_off(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        second = shop.expose(8080)
        ask(sandbox, shop, SYNC, "now, please")
        one.log.wait("pass.ended", revision=second, done=1)
        eventually(lambda: SYNC not in asked(sandbox, shop))
        assert port(sandbox, shop) == 8080


def test_a_suspended_target_is_looked_at_and_not_written_to_until_it_resumes(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        ask(sandbox, shop, SUSPEND, Suspension("incident 4711").text)
        heard = one.log.wait("requests.heard")["number"]
        one.log.wait("pass.ended", heard, trouble="suspended: incident 4711")
        second = shop.expose(8080)
        one.operator.look()
        ended = one.log.wait("pass.ended", heard, revision=second)
        assert ended["steps"] == 1
        assert port(sandbox, shop) == 80
        assert one.operator.board.lines == {f"{shop.name}/edge": "suspended: incident 4711"}
        assert '"state":"withheld"' in record(sandbox, shop)["data"]["history.json"]
        ask(sandbox, shop, SUSPEND, None)
        one.log.wait("pass.ended", heard, revision=second, done=1)
        assert port(sandbox, shop) == 8080
        eventually(lambda: one.operator.board.lines == {})


def test_a_suspension_that_is_over_is_lifted(sandbox: Sandbox, tmp_path: Path, shop: Shop) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        ask(sandbox, shop, SUSPEND, Suspension("load test", "2020-01-31").text)
        eventually(lambda: SUSPEND not in asked(sandbox, shop))
        third = shop.expose(8081)
        one.operator.look()
        one.log.wait("pass.ended", revision=third, done=1)


def test_git_being_away_stands_on_the_record(sandbox: Sandbox, tmp_path: Path, shop: Shop) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        shop.server.manners.status = 503
        one.operator.look()
        one.log.wait("repository.trouble")
        ask(sandbox, shop, SYNC, "again")
        eventually(lambda: '"trouble"' in record(sandbox, shop)["data"]["record.json"])
        shop.server.manners.status = None
        one.operator.look()
        eventually(lambda: one.operator.board.lines == {})
        ask(sandbox, shop, SYNC, "and again")
        eventually(lambda: '"trouble"' not in record(sandbox, shop)["data"]["record.json"])


def test_a_request_is_heard_while_the_passes_are_not_well(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    """By who listens, not by a pass that comes by itself: each of those is later than the last."""
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        desks = [*one.operator.repositories.values(), *one.operator.targets.values()]
        sandbox.cluster.faults.add(Fault("error", ("list",), ("services",), times=0, status=500))
        try:
            for number in range(12):
                eventually(lambda: not any(desk.busy or desk.waiting for desk in desks))
                told = one.log.now
                ask(sandbox, shop, SYNC, f"please, {number}")
                heard = one.log.wait("requests.heard", told)["number"]
                passes = [x for x in one.log.lines[:heard] if x["event"].startswith("pass.")]
                if passes[-1]["event"] == "pass.ended" and passes[-1].get("trouble"):
                    return
            pytest.fail("only passes have heard of requests")
        finally:
            sandbox.cluster.faults.clear()
