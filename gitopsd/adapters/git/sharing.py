"""One ssh connection for many fetches: a handshake takes longer than all the rest of a fetch.

OpenSSH does it (ControlMaster): the first ssh stays behind, out of the way, and others find it by a
socket in a folder that is ours alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gitopsd.adapters.git.access import GitAccess

#: Seconds that a connection waits for another use: longer than most pauses between two looks, so
#: that a push finds one.
IDLE = 150
#: Seconds after which another connection is made: who was let in once may not be any more.
LIFE = 600.0
#: Seconds for ssh to end what runs on this machine.
_PATIENCE = 5.0
#: Seconds between two signs of life, and how many may be missing: a connection that was lost on its
#: way must not keep a push waiting, and another one is at hand.
SIGNS = ("ServerAliveInterval=2", "ServerAliveCountMax=3")
#: Bytes of a socket's path: 108 at most, of which ssh takes 17 while it makes one.
_MAX_PATH = 90
#: What ssh would take for something else in a path that stands in an option.
_SPECIAL = re.compile(r"[\s%\"'\\$]")


class SharedConnection:
    """The ssh connection to one remote. Other keys or known hosts make another one. Used by one
    thread at a time; `end` by any. `reused` tells whether the last command has found one.
    """

    def __init__(self, access: GitAccess, clock: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._clock = clock
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._socket: Path | None = None
        self._made = 0.0
        self._number = 0
        self.reused = False

    def command(self) -> str:
        """GIT_SSH_COMMAND for the next fetch; where no socket can be made, for one by itself."""
        proof = hashlib.sha256(b"".join(map(_content, self._files))).hexdigest()[:16]
        now, socket = self._clock(), self._socket
        if socket is None or not self._serves(socket, proof) or now - self._made >= LIFE:
            self._close()
            socket = self._socket = self._next(proof)
            self._made = now
        self.reused = socket is not None and socket.exists()
        if socket is None:
            return self._access.ssh_command()
        place = ("ControlMaster=auto", f"ControlPath={socket}", f"ControlPersist={IDLE}")
        return self._access.ssh_command(*place, *SIGNS)

    def _next(self, proof: str) -> Path | None:
        self._number += 1
        try:
            if self._folder is not None and not Path(self._folder.name).is_dir():
                self._folder.cleanup()
                self._folder = None
            if self._folder is None:
                # Only its owner may look into it.
                self._folder = tempfile.TemporaryDirectory(prefix="gx", ignore_cleanup_errors=True)
        except OSError:
            return None
        socket = Path(self._folder.name) / f"{proof}-{self._number}"
        fits = len(os.fsencode(socket)) <= _MAX_PATH and not _SPECIAL.search(str(socket))
        return socket if fits else None

    def _serves(self, socket: Path, proof: str) -> bool:
        """Whether it is for these files, and in a folder that nobody has taken away."""
        return socket.name.startswith(proof) and socket.parent.is_dir()

    def at_fault(self, told: str) -> bool:
        """Whether a failure that ssh told so may be the sharing's: a plain connection may do."""
        return self.reused or "unix_listener" in told or "ControlPath" in told

    def renew(self) -> None:
        """Have the next fetch make another connection: this one may be at fault."""
        self._close()
        self._socket = None

    def end(self) -> None:
        """Close it for good."""
        self._close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def _files(self) -> list[Path]:
        return [file for file in (self._access.ssh_key, self._access.known_hosts) if file]

    def _close(self) -> None:
        socket = self._socket
        if socket is None or not socket.exists():
            return
        command = [self._access.ssh_program, "-F", os.devnull, "-O", "exit"]
        command += ["-S", str(socket), "remote"]  # which one, the socket says
        try:
            subprocess.run(  # noqa: S603  a fixed program, asked to end another of its own
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            socket.unlink(missing_ok=True)  # nobody finds it any more, and so it ends by itself


def _content(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b"?"  # ssh says what is wrong with it
