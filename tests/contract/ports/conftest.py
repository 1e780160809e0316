"""The real adapters in front of the sandbox, over sockets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes.client import Configuration

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.adapters.kubernetes import Connection, connect
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.kubernetes.real import RealServer

from .cloud_stage import CloudSide, Exchange, HandClock
from .cluster_stage import RECORDS, ClusterSide

#: The folder with a real etcd and kube-apiserver, if there is one.
REAL = os.environ.get("KUBEBUILDER_ASSETS")


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
    with Sandbox(tmp_path_factory.mktemp("sandbox"), controllers=False) as running:
        yield running


@pytest.fixture(scope="session")
def sandbox_connection(sandbox: Sandbox) -> Iterator[Connection]:
    made = connect(str(sandbox.kubeconfig))
    yield made
    made.close()


@pytest.fixture(scope="session", params=["sandbox", "kube-apiserver"] if REAL else ["sandbox"])
def connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The sandbox always; a real API server when KUBEBUILDER_ASSETS names its folder."""
    if request.param == "sandbox":
        yield request.getfixturevalue("sandbox_connection")
        return
    with RealServer(Path(str(REAL)), tmp_path_factory.mktemp("real")) as real:
        configuration = Configuration(host=real.url)
        configuration.ssl_ca_cert = str(real.authority)
        configuration.api_key["BearerToken"] = f"Bearer {real.token}"
        made = Connection(configuration, user_agent="gitopsd/test")
        ClusterSide.make_namespace(made, RECORDS)
        yield made
        made.close()


@pytest.fixture
def cluster(connection: Connection, worker_id: str) -> ClusterSide:
    return ClusterSide.fresh(connection, worker_id)
