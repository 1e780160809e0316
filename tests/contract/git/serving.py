"""Git over HTTP on loopback: git's own `http-backend` behind a small server that can be unkind."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contract.git.authoring import ENVIRONMENT


@dataclass
class Manners:
    """How the server answers: with what it holds, or with `status`, `headers` and `body`, or with a
    `redirect`. `asked` are the requests it saw, `offered` their credentials. While `awake` is not
    set it takes requests and says nothing.
    """

    password: str | None = None
    status: int | None = None
    redirect: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[str] = field(default_factory=list)
    offered: list[str | None] = field(default_factory=list)
    awake: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.awake.set()


class Server(ThreadingHTTPServer):
    """Serves the repositories below `root`."""

    daemon_threads = True

    def __init__(self, root: Path, manners: Manners, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.manners = manners
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        manners = self.server.manners
        offered = self.headers.get("Authorization")
        manners.asked.append(self.path)
        manners.offered.append(offered)
        manners.awake.wait(120)
        if manners.redirect:
            self._send(302, {"Location": manners.redirect + self.path}, b"")
        elif manners.status:
            self._send(manners.status, manners.headers, manners.body)
        elif manners.password is not None and not self._is_right(offered, manners.password):
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
        else:
            self._backend(body)

    def _is_right(self, offered: str | None, password: str) -> bool:
        if not offered or not offered.startswith("Basic "):
            return False
        return base64.b64decode(offered[6:]).decode().partition(":")[2] == password

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        self._send(status, headers, content)

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def certify(folder: Path) -> Path:
    """A certificate of its own authority for 127.0.0.1, with its key; valid in any year."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    private = key.private_bytes(
        form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(form) + private)
    return file


@contextmanager
def serve(
    root: Path, manners: Manners | None = None, certificate: Path | None = None
) -> Iterator[Server]:
    """A server for the repositories below `root`, until the block ends."""
    server = Server(root, manners or Manners(), certificate)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
