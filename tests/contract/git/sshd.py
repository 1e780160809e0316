"""Git over ssh on loopback: OpenSSH's own `sshd`, one process for each connection."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import signal
import socketserver
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

#: Where sshd wants an empty folder when root starts it; its package leaves that to the init system.
_PRIVATE = Path("/run/sshd")


class SshServer(socketserver.ThreadingTCPServer):
    """Lets in who has the key `user_key`, and proves itself by `host_key`: files of `folder`.

    Both may be made anew while it serves.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.program = program
        self.host_key = folder / "host_key"
        self.user_key = folder / "user_key"
        self.known_hosts = folder / "known_hosts"
        self.log = folder / "sshd.log"
        self.config = folder / "sshd_config"
        self.connections = 0
        self._open: set[subprocess.Popen[bytes]] = set()
        self._authorized = folder / "authorized_keys"
        self.config.write_text(
            f"HostKey {self.host_key}\n"
            f"AuthorizedKeysFile {self._authorized}\n"
            "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        )
        self.make_host_key()
        self.make_user_key()
        self.know()

    @property
    def url(self) -> str:
        """Where it is; a path of this machine follows."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.server_address[1]}"

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return len(self._open)

    def hold(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a connection's process ends."""
        self.connections += 1
        self._open.add(process)
        process.wait()
        self._open.discard(process)

    def drop(self) -> None:
        """End all connections, as a server that is restarted does."""
        for process in list(self._open):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def freeze(self) -> None:
        """Say nothing more on the connections that are open; those to come are answered."""
        for process in list(self._open):
            os.killpg(process.pid, signal.SIGSTOP)

    def make_host_key(self) -> None:
        """Become another server, as far as clients can tell."""
        _make_key(self.host_key)

    def make_user_key(self) -> None:
        """Let in nobody but the owner of a new key."""
        _make_key(self.user_key)
        shutil.copy(self.user_key.with_suffix(".pub"), self._authorized)

    def know(self) -> None:
        """Put the server's key among the known hosts."""
        kind, key, *_ = self.host_key.with_suffix(".pub").read_text().split()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.server_address[1]} {kind} {key}\n")


class _Connection(socketserver.BaseRequestHandler):
    server: SshServer

    def handle(self) -> None:
        server, end = self.server, self.request.fileno()
        command = [server.program, "-i", "-f", str(server.config), "-E", str(server.log)]
        with subprocess.Popen(
            command, stdin=end, stdout=end, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            server.hold(process)


def _make_key(file: Path) -> None:
    for old in (file, file.with_suffix(".pub")):
        old.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(file)]
    subprocess.run(command, check=True)


def _program() -> str:
    """Where sshd is; skips the test where it is not installed."""
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None or shutil.which("ssh-keygen") is None:
        pytest.skip("sshd is not installed (Debian's package openssh-server has it)")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("sshd")
        except KeyError:
            pytest.skip("there is no user sshd, as which sshd reads what strangers send")
        _PRIVATE.mkdir(mode=0o755, exist_ok=True)
    return found


@contextmanager
def serve_ssh(folder: Path) -> Iterator[SshServer]:
    """A server with its files in `folder`, until the block ends."""
    folder.mkdir()
    server = SshServer(folder, _program())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.drop()
        server.server_close()
        thread.join()
