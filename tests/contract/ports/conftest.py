"""The real adapters in front of the sandbox, over sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.adapters.kubernetes import Connection, connect
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.embedded import Sandbox

from .cloud_stage import CloudSide, Exchange, HandClock
from .cluster_stage import ClusterSide


@pytest.fixture(scope="session")
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    yield made
    made.stop()


@pytest.fixture
def side(exchange: Exchange) -> CloudSide:
    clock = HandClock()
    exchange.cloud = Cloud("AK", "SK", clock=clock, read_only=("RO", "ROSK"), seed=7)
    return CloudSide(exchange.cloud, clock, exchange.endpoints)


@pytest.fixture
def adapter(side: CloudSide) -> AlibabaCloud:
    return side.adapter()


@pytest.fixture
def owner() -> Owner:
    return Owner("acme", "hangzhou-edge")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="session")
def connection(sandbox: Sandbox) -> Iterator[Connection]:
    made = connect(str(sandbox.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def cluster(connection: Connection, worker_id: str) -> ClusterSide:
    return ClusterSide.fresh(connection, worker_id)
