"""A small config repository, and a way to run commands on it in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gitopsd.cli.root import run
from tests.unit.cli.stage import Stage, running

FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  targets:
  - name: hangzhou
    region: cn-hangzhou
    vpc: {id: vpc-bp1, cidrs: [172.16.0.0/16]}
    networkPlugin: Terway
    albs: [{ingressClass: alb}]
    networks:
    - {name: idc, location: OnPremises, cidrs: [192.168.20.0/24], cen: c, transitRouter: t, vbr: v}
"""
EXPOSURES = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {name: checkout, namespace: default}
spec:
  loadBalancer: {type: CLB, scheme: Internet}
  pods: {selector: {app: checkout}}
  ports: [{name: https, port: 443, targetPort: 8443}]
---
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {name: tea, namespace: default}
spec:
  loadBalancer: {type: ALB}
  routes:
  - name: forward
    host: tea.example.com
    backends:
    - {pods: {selector: {app: tea}, targetPort: 8080}, port: 80, weight: 20}
    - {serverGroup: warehouse, weight: 80}
"""
GROUP = """\
apiVersion: gitopsd.io/v1alpha1
kind: ServerGroup
metadata: {name: warehouse, namespace: default}
spec:
  product: ALB
  location: OnPremises
  protocol: HTTP
  servers:
  - {ip: 192.168.20.11, port: 8080}
  - {ip: 192.168.20.12, port: 8080, weight: 50}
"""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, decoded."""
        return json.loads(self.out)


Gitopsd = Callable[..., Said]


@pytest.fixture
def gitopsd(capsys: pytest.CaptureFixture[str]) -> Gitopsd:
    """Run a command line in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A config repository without a mistake."""
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "fleet.yaml").write_text(FLEET)
    (folder / "exposures.yaml").write_text(EXPOSURES)
    (folder / "warehouse.yaml").write_text(GROUP)
    return folder


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "NO_COLOR", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "GITLAB_", "GITEA_", "CI_")):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A sandbox that commands find without being told."""
    with running(tmp_path / "sandbox") as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found
