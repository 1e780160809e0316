"""A real kube-apiserver with its etcd, started for one test module."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gitopsd.sandbox.kubernetes.certificates import make_certificates

#: How often in a row the newest revision has to be the same for the server to be at rest.
_AT_REST = 5


def _ends_with_us() -> list[str]:
    """What to put before a command so that it dies with this process, however that ends."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "KILL", "--"] if found else []


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _signing_key() -> bytes:
    """A key for service accounts, in the one form of EC keys that the server reads."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )


class RealServer:
    """etcd and kube-apiserver from a folder of binaries; user `dev` has no rights."""

    def __init__(self, assets: Path, directory: Path) -> None:
        self._assets = assets
        self._directory = directory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
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
        self.url = f"https://127.0.0.1:{secure}"
        try:
            self._spawn_etcd(f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}")
            self._spawn_server(f"http://127.0.0.1:{client}", secure)
            self._wait_ready()
        except BaseException:
            self._stop()
            raise
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
        signing.write_bytes(_signing_key())
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
        binary = self._assets / program
        if not binary.exists():
            raise AssertionError(f"KUBEBUILDER_ASSETS has no {program}: {binary}")
        with self._log(program).open("wb") as log:
            command = [*_ends_with_us(), str(binary), *arguments]
            self._processes[program] = subprocess.Popen(command, stdout=log, stderr=log)

    def _log(self, program: str) -> Path:
        return self._directory / f"{program}.log"

    def _check_alive(self) -> None:
        for program, process in self._processes.items():
            if process.poll() is not None:
                said = self._log(program).read_text()[-2000:]
                raise AssertionError(f"{program} ended with {process.returncode}:\n{said}")

    def _wait_ready(self) -> None:
        """Until all that the server sets up by itself is there: it is ready, and then at rest."""
        deadline = time.monotonic() + 60
        last, still = "", 0
        while still < _AT_REST:
            if time.monotonic() > deadline:
                raise AssertionError("kube-apiserver did not become ready")
            self._check_alive()
            time.sleep(0.2)
            revision = self._revision()
            still = still + 1 if revision and revision == last else 0
            last = revision

    def _revision(self) -> str:
        """The newest resource version; "" as long as the server is not ready."""
        http = urllib3.PoolManager(ca_certs=str(self.authority), retries=False)
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            for path in ("/readyz", "/api/v1/namespaces/default"):
                if http.request("GET", self.url + path, headers=headers).status != 200:
                    return ""
            path = "/api/v1/namespaces?limit=1"
            listed = http.request("GET", self.url + path, headers=headers).json()
            return str(listed["metadata"]["resourceVersion"])
        except urllib3.exceptions.HTTPError:
            return ""
        finally:
            http.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        """End both at once: nothing is kept, and a server takes a minute to say goodbye."""
        for process in reversed(self._processes.values()):
            process.kill()
            process.wait()
