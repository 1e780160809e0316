"""A real kube-apiserver with its etcd, started for one test module."""

from __future__ import annotations

import secrets
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from gitopsd.sandbox.kubernetes.certificates import make_certificates


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class RealServer:
    """etcd and kube-apiserver from a folder of binaries; user `dev` has no rights."""

    def __init__(self, assets: Path, directory: Path) -> None:
        self._assets = assets
        self._directory = directory
        self._processes: list[subprocess.Popen[bytes]] = []
        self.token = secrets.token_hex(16)
        self.authority = directory / "ca.crt"
        self.url = ""

    def __enter__(self) -> Self:
        made = make_certificates()
        self.authority.write_text(made.authority)
        (self._directory / "server.crt").write_text(made.certificate)
        (self._directory / "server.key").write_text(made.key)
        tokens = f'{self.token},admin,admin,"system:masters"\ndevtoken,dev,dev\n'
        (self._directory / "tokens.csv").write_text(tokens)
        client, peer, secure = _free_port(), _free_port(), _free_port()
        self._spawn_etcd(f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}")
        self._spawn_server(f"http://127.0.0.1:{client}", secure)
        self.url = f"https://127.0.0.1:{secure}"
        self._wait_ready()
        return self

    def _spawn_etcd(self, client: str, peer: str) -> None:
        self._spawn(
            "etcd",
            f"--data-dir={self._directory / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        )

    def _spawn_server(self, etcd: str, port: int) -> None:
        signing = self._directory / "service-account.key"
        signing.write_text(make_certificates().key)
        self._spawn(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--tls-cert-file={self._directory / 'server.crt'}",
            f"--tls-private-key-file={self._directory / 'server.key'}",
            f"--token-auth-file={self._directory / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--disable-admission-plugins=ServiceAccount",
            f"--service-account-key-file={signing}",
            f"--service-account-signing-key-file={signing}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--cert-dir={self._directory}",
        )

    def _spawn(self, program: str, *arguments: str) -> None:
        log = (self._directory / f"{program}.log").open("wb")
        with log:
            command = [str(self._assets / program), *arguments]
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _wait_ready(self) -> None:
        http = urllib3.PoolManager(ca_certs=str(self.authority), retries=False)
        headers = {"Authorization": f"Bearer {self.token}"}
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                path = self.url + "/api/v1/namespaces/default"
                if http.request("GET", path, headers=headers).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                assert all(process.poll() is None for process in self._processes)
            time.sleep(0.2)
        raise AssertionError("kube-apiserver did not become ready")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=30)
