"""Ending git commands that wait for a remote which says nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from subprocess import Popen
from threading import Event, Lock, Timer

#: Seconds in which git puts its temporary files away after it was asked to end.
POLITE = 2.0


class Ending:
    """The end of all commands that reach one remote: those under way, and any further one.

    Each of them runs in a process group of its own, so that what git has started (ssh, the client
    for http) ends with it. All methods are safe from any thread.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = Event()
        self._running: set[Popen[bytes]] = set()

    def end(self) -> None:
        """End what runs, and let nothing begin any more."""
        self._over.set()
        self._send(signal.SIGTERM)
        late = Timer(POLITE, self._send, [signal.SIGKILL])
        late.daemon = True
        late.start()

    def _send(self, number: signal.Signals) -> None:
        with self._lock:
            for process in self._running:
                send(process, number)

    @property
    def over(self) -> bool:
        """Whether it was ended."""
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, for so long at most; whether it has come."""
        return self._over.wait(seconds)

    @contextmanager
    def covering(self, process: Popen[bytes]) -> Iterator[None]:
        """Have the process, the leader of its group, ended with the others until the block ends."""
        with self._lock:
            self._running.add(process)
            if self.over:
                send(process, signal.SIGKILL)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(process)


def send(leader: Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and to all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, number)
