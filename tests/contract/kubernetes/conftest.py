"""The server the Kubernetes contract is checked against: the sandbox, or a real one.

With KUBEBUILDER_ASSETS naming a folder with etcd and kube-apiserver, the suite runs against those
as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from gitopsd.sandbox.embedded import Sandbox
from tests.contract.kubernetes.real import RealServer
from tests.contract.kubernetes.replay import Server


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox as an API server alone would be: no controllers."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), controllers=False) as started:
        yield started


@pytest.fixture(scope="module", params=["sandbox", "kube-apiserver"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with the recorded tokens: the default one may all, `devtoken` nothing."""
    if request.param == "sandbox":
        running: Sandbox = request.getfixturevalue("sandbox")
        running.cluster.access.grant("devtoken", "dev")
        http = urllib3.PoolManager()
        yield Server(running.kubernetes_url, {"": running.tokens["admin"]}, http)
        http.clear()
        return
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if not assets or not (Path(assets) / "kube-apiserver").exists():
        pytest.skip("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver")
    with RealServer(Path(assets), tmp_path_factory.mktemp("real")) as real:
        http = urllib3.PoolManager(ca_certs=str(real.authority))
        yield Server(real.url, {"": real.token}, http, real=True)
        http.clear()
