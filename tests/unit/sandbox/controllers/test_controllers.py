"""Starting and stopping the controllers in an event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.controllers import Controllers
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.preloaded import preload
from tests.unit.sandbox.controllers.stage import Stage

WAIT_SECONDS = 20.0


def make_service(cluster: Cluster, name: str) -> None:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    metadata = {"name": name, "namespace": "default"}
    cluster.create("services", {"metadata": metadata, "spec": spec})


def address(cluster: Cluster, name: str) -> Any:
    item = cluster.get("services", "default", name)
    assert item is not None
    return item["status"]["loadBalancer"].get("ingress")


async def until(cluster: Cluster, check: Callable[[], Any]) -> None:
    """Wait for a change after which the check holds."""
    changed = asyncio.Event()
    unsubscribe = cluster.subscribe(lambda _: changed.set())
    while not check():
        changed.clear()
        await asyncio.wait_for(changed.wait(), WAIT_SECONDS)
    unsubscribe()


def test_changes_are_followed_from_start_to_stop() -> None:
    cluster, cloud = Cluster(), Cloud("id", "secret")
    preload(cluster)

    async def play() -> None:
        make_service(cluster, "early")
        controllers = Controllers(cluster, cloud)
        controllers.start()
        await until(cluster, lambda: address(cluster, "early"))
        make_service(cluster, "later")
        await until(cluster, lambda: address(cluster, "later"))
        controllers.stop()
        controllers.stop()
        make_service(cluster, "never")

    asyncio.run(play())
    assert address(cluster, "never") is None


def test_what_breaks_one_object_is_logged_and_stops_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.service("web", type="LoadBalancer")
    # A node that no API server would have let in.
    stage.cluster.create("nodes", {"metadata": {"name": "odd"}, "spec": {}})
    odd = {"status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]}}
    stage.cluster.patch("nodes", "", "odd", odd, subresource="status")
    with caplog.at_level(logging.ERROR):
        broken = stage.controllers.alb.work
        stage.controllers.alb.work = _fail  # type: ignore[method-assign]
        stage.ingress("shop", service="web", port=80)
        stage.run()
    assert address(stage.cluster, "web")
    assert any("controllers' stand-in failed" in each.message for each in caplog.records)
    stage.controllers.alb.work = broken  # type: ignore[method-assign]
    stage.run(10)
    assert stage.hosts() == ["demo.example.com"]


def _fail(key: tuple[str, ...]) -> bool:
    raise RuntimeError(f"cannot do {key}")
