"""The assembled sandbox: its files, its life, what it keeps."""

from __future__ import annotations

import base64
import json
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
import yaml

from gitopsd.sandbox.embedded import Sandbox
from tests.contract.kubernetes.client import CONFIG_MAPS, Client, config_map


def test_the_files_say_where_everything_is(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        about = json.loads((tmp_path / "sandbox.json").read_text())
        assert about["kubernetes"]["url"] == sandbox.kubernetes_url
        assert about["kubernetes"]["tokens"] == sandbox.tokens
        assert (about["alb"], about["nlb"]) == (sandbox.alb, sandbox.nlb)
        assert about["accessKeyId"] == sandbox.access_key_id
        assert about["kubernetes"]["kubeconfig"] == str(sandbox.kubeconfig)
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        assert set(modes.values()) == {0o600}
        config = yaml.safe_load(sandbox.kubeconfig.read_text())
        contexts = [one["name"] for one in config["contexts"]]
        assert contexts == ["gitopsd-sandbox", "gitopsd-sandbox-restricted"]
        for address in (sandbox.alb, sandbox.nlb):
            host, _, port = address.partition(":")
            socket.create_connection((host, int(port)), timeout=60).close()
    assert not (tmp_path / "sandbox.json").exists()


def test_the_cluster_begins_as_one_with_the_alb_add_on(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        names = [one["metadata"]["name"] for one in sandbox.cluster.list("namespaces")]
        assert names == [
            "default", "gitopsd-system", "kube-node-lease", "kube-public", "kube-system",
        ]  # fmt: skip
        service = sandbox.cluster.get("services", "default", "kubernetes") or {}
        assert service["spec"]["clusterIP"] == "10.96.0.1"
        assert sandbox.cluster.get("endpointslices.discovery.k8s.io", "default", "kubernetes")
        (ingress_class,) = sandbox.cluster.list("ingressclasses.networking.k8s.io")
        assert ingress_class["spec"]["parameters"]["name"] == "alb"
        (alb,) = sandbox.cluster.list("albconfigs.alibabacloud.com")
        assert alb["status"]["loadBalancer"]["id"]


def test_https_is_served_under_an_authority_of_its_own(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        config = yaml.safe_load(sandbox.kubeconfig.read_text())
        server = config["clusters"][0]["cluster"]["server"]
        with pytest.raises(urllib3.exceptions.MaxRetryError) as refusal:
            urllib3.PoolManager(retries=0).request("GET", server + "/readyz")
        assert isinstance(refusal.value.reason, urllib3.exceptions.SSLError)
        context = ssl.create_default_context(cadata=_authority(sandbox))
        pool = urllib3.PoolManager(ssl_context=context)
        assert pool.request("GET", server + "/readyz").data == b"ok"
        pool.clear()


def _authority(sandbox: Sandbox) -> str:
    config = yaml.safe_load(sandbox.kubeconfig.read_text())
    encoded = config["clusters"][0]["cluster"]["certificate-authority-data"]
    return base64.b64decode(encoded).decode()


def test_what_persists_is_there_under_the_same_addresses_and_tokens(tmp_path: Path) -> None:
    with Sandbox(tmp_path, persist=True) as first:
        client = Client(first.kubernetes_url, first.tokens["admin"])
        client.send("POST", CONFIG_MAPS, config_map("kept", a="b"))
        kept = client.get(CONFIG_MAPS + "/kept")
        first.cloud.balancers.add("nlb", "kept", "vpc-1")
        authority = _authority(first)
        client.close()
    with Sandbox(tmp_path, persist=True) as second:
        assert second.kubernetes_url == first.kubernetes_url
        assert second.tokens == first.tokens
        assert (second.alb, second.access_key_secret) == (first.alb, first.access_key_secret)
        assert _authority(second) == authority
        client = Client(second.kubernetes_url, first.tokens["admin"])
        assert client.get(CONFIG_MAPS + "/kept") == kept
        assert second.cloud.dump()["nlb"] == first.cloud.dump()["nlb"]
        client.close()


def test_a_token_made_known_stands_for_its_user_and_admin_alone_may_everything(
    tmp_path: Path,
) -> None:
    with Sandbox(tmp_path) as sandbox:
        sandbox.know("devtoken", "dev")
        sandbox.know("roottoken", "admin")
        may, may_not = (Client(sandbox.kubernetes_url, one) for one in ("roottoken", "devtoken"))
        assert may.send("GET", CONFIG_MAPS)[0] == 200
        status, body, _ = may_not.send("GET", CONFIG_MAPS)
        assert (status, 'User "dev" cannot list' in body["message"]) == (403, True)
        may.close()
        may_not.close()


def test_objects_of_all_namespaces_are_not_deleted_at_once(tmp_path: Path) -> None:
    with Sandbox(tmp_path, controllers=False) as sandbox:
        sandbox.cluster.create("configmaps", {"metadata": {"name": "a", "namespace": "default"}})
        client = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
        assert client.send("DELETE", "/api/v1/configmaps")[0] == 405
        assert len(sandbox.cluster.list("configmaps")) == 1
        client.close()


def test_nothing_is_kept_without_persist(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as first:
        first.cluster.create("configmaps", {"metadata": {"name": "a", "namespace": "default"}})
    with Sandbox(tmp_path) as second:
        assert second.cluster.list("configmaps") == []
        assert second.tokens != first.tokens


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            Sandbox(tmp_path, kubernetes_port=port).start()


def test_stopping_ends_open_watches_and_may_be_done_twice(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.start()
    client = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    events = client.watch(f"{CONFIG_MAPS}?watch=1&timeoutSeconds=600")
    sandbox.cluster.create("configmaps", {"metadata": {"name": "a", "namespace": "default"}})
    assert next(events)["type"] == "ADDED"
    sandbox.stop()
    sandbox.stop()
    assert list(events) == []
    client.close()


def test_in_the_foreground_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from gitopsd.sandbox.embedded import run\n"
        "run(pathlib.Path(sys.argv[1]), ready=lambda s: print(s.kubernetes_url, flush=True))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert urllib3.PoolManager().request("GET", url + "/readyz").data == b"ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0


def test_a_namespace_that_is_deleted_ends_with_its_content(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        cluster = sandbox.cluster
        cluster.create("namespaces", {"metadata": {"name": "n"}})
        cluster.create("configmaps", {"metadata": {"name": "a", "namespace": "n"}})
        client = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
        since = client.get("/api/v1/namespaces")["metadata"]["resourceVersion"]
        path = f"/api/v1/namespaces?watch=1&timeoutSeconds=120&resourceVersion={since}"
        events = client.watch(path)
        status, body, _ = client.send("DELETE", "/api/v1/namespaces/n")
        assert (status, body["status"]["phase"]) == (200, "Terminating")
        assert [next(events)["type"], next(events)["type"]] == ["MODIFIED", "DELETED"]
        assert cluster.list("configmaps", "n") == []
        events.close()  # type: ignore[attr-defined]
        client.close()
