"""Finding the cluster by kubeconfig, by context, or by the pod's service account."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from gitopsd import __version__
from gitopsd.adapters.kubernetes import connect
from gitopsd.adapters.kubernetes.request import Request
from gitopsd.ports import Misconfigured

from .conftest import Reply, Script

READ = Request("GET", "/version", "the version", "get", "version")


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def write(path: Path, server: str, token: str = "secret") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u"}},
            {"name": "two", "context": {"cluster": "c", "user": "u"}},
        ],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_kubeconfig_leads_to_its_server_with_its_token(api: Script, tmp_path: Path) -> None:
    api.replies(Reply(200, {}))
    connection = connect(str(write(tmp_path / "kubeconfig", api.url)))
    connection.send(READ)
    connection.close()
    assert connection.host == api.url
    assert api.calls[0].headers["authorization"] == "Bearer secret"
    assert api.calls[0].headers["User-Agent"] == f"gitopsd/{__version__}"


def test_the_variable_kubeconfig_is_followed(
    api: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write(tmp_path / "elsewhere", api.url)))
    assert connect(context="two").host == api.url


def test_without_anything_the_default_file_is_read(api: Script, tmp_path: Path) -> None:
    write(tmp_path / "home/.kube/config", api.url)
    assert connect().host == api.url


def test_a_loopback_server_is_never_reached_through_a_proxy(
    api: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    api.replies(Reply(200, {}))
    connection = connect(str(write(tmp_path / "kubeconfig", api.url)))
    assert connection.send(READ).status == 200
    connection.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("clusters: [", "not YAML"),
        ("", "kubeconfig"),
        ("just words", "kubeconfig"),
        ("current-context: x\ncontexts: []\nclusters: []\n", "x"),
        ("current-context: x\ncontexts: 3\nclusters: []\n", "kubeconfig"),
    ],
)
def test_a_bad_kubeconfig_is_named(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(content)
    with pytest.raises(Misconfigured, match=words) as caught:
        connect(str(path))
    assert str(path) in str(caught.value)


def test_a_missing_kubeconfig_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"nowhere\.yaml: there is no such file"):
        connect(str(tmp_path / "nowhere.yaml"))


def test_without_any_kubeconfig_it_is_said_where_one_was_looked_for() -> None:
    with pytest.raises(Misconfigured, match="--kubeconfig nor KUBECONFIG") as caught:
        connect()
    assert "~/.kube/config" in str(caught.value)


def test_one_kubeconfig_of_several_will_do(
    api: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = write(tmp_path / "kubeconfig", api.url)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'gone'}{os.pathsep}{there}")
    assert connect().host == api.url


def test_an_unknown_context_is_named(api: Script, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="context three"):
        connect(str(write(tmp_path / "kubeconfig", api.url)), "three")


def test_a_certificate_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "kubeconfig", "https://127.0.0.1:9")
    content = yaml.safe_load(path.read_text())
    content["clusters"][0]["cluster"]["certificate-authority"] = "gone.pem"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(Misconfigured, match=r"gone\.pem"):
        connect(str(path))


def test_in_a_pod_the_service_account_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(Misconfigured, match="service account"):
        connect()


def test_in_a_pod_a_given_kubeconfig_goes_first(
    api: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert connect(str(write(tmp_path / "kubeconfig", api.url))).host == api.url
