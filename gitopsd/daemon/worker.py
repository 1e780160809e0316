"""A thread that does what its agenda says, one thing at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gitopsd.daemon.agenda import Agenda, Ended, Wish

#: Does the work for these wishes, and tells how it ended.
Work = Callable[[frozenset[Wish]], Ended]


def fault(error: Exception) -> str:
    """What people are told of an error that nobody expected."""
    return f"a fault in gitopsd itself: {type(error).__name__}: {error}"


class Worker:
    """Follows an agenda until it is stopped. All methods are safe from any thread.

    `work` is called in the worker's own thread. What it raises is told to `failed` and counts as
    work that did not end well: no fault ends the operator.
    """

    def __init__(
        self,
        name: str,
        work: Work,
        failed: Callable[[Exception], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._failed = failed
        self._clock = clock
        self._agenda = Agenda()
        self._changed = threading.Condition()
        self._leaving = False
        self._busy = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        """Put something on the agenda."""
        with self._changed:
            self._agenda = self._agenda.wished(wish)
            self._changed.notify_all()

    def leave(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._leaving = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait until the work under way is done; whether it is."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> bool:
        """Whether there are wishes that nobody has set about yet."""
        return bool(self._agenda.wishes)

    @property
    def busy(self) -> bool:
        """Whether there is work under way."""
        return self._busy

    def _run(self) -> None:
        while wishes := self._next():
            try:
                ended = self._work(wishes)
            except Exception as error:  # noqa: BLE001  the border of a thread: told, tried again
                self._failed(error)
                ended = Ended(well=False)
            with self._changed:
                self._agenda = self._agenda.ended(ended, self._clock())
                self._busy = False

    def _next(self) -> frozenset[Wish]:
        """Wait for something to do; nothing on leaving."""
        with self._changed:
            while not self._leaving:
                now = self._clock()
                if wishes := self._agenda.due(now):
                    self._agenda = self._agenda.begun(now)
                    self._busy = True
                    return wishes
                self._changed.wait(self._agenda.wait(now))
        return frozenset()
