"""Ctrl-C: what has nothing to put away ends there and then, what writes handles it itself."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from gitopsd.cli.failures import Invocation, interrupted, leave


def leave_at_once(invocation: Invocation) -> None:
    """Let Ctrl-C end the process there and then, for commands that have nothing to put away.

    Requests under way would otherwise be waited for, each as long as it may take. A command that
    writes puts its own handler in place while it does (`handled`).

    A thread does the leaving, woken by what the interpreter writes at once when the signal comes.
    A handler written in Python runs in the main thread only; a signal that arrives just before
    that thread blocks on a lock is not seen until the lock is free.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def leaving(number: int, frame: FrameType | None) -> None:
        """Mark that Ctrl-C means leaving now; `watch` does it."""

    def watch() -> None:
        while arrived := os.read(reading, 1):
            if arrived[0] == signal.SIGINT and signal.getsignal(signal.SIGINT) is leaving:
                leave(interrupted(invocation))

    signal.signal(signal.SIGINT, leaving)
    threading.Thread(target=watch, name="interrupts", daemon=True).start()


@contextmanager
def handled(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` for each Ctrl-C and SIGTERM; they mean nothing else meanwhile.

    Who leaves at once is not woken either: a busy machine runs that thread late, when the signal
    would look like one that came after the block.
    """

    def handler(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  a handler's form
        stop()

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    woken = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number, former in before.items():
            signal.signal(number, former)
