"""Those who wait for a look at a repository, for how long they do, and when people are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds after which who has taken a target over begins without an answer of the repository, and
#: after which a replica that has just started is ready without one.
PATIENCE = 3.0
#: Seconds after which people are told that a repository does not answer.
SILENCE = 10.0


class Silence:
    """Calls `tell` when something is under way for so many seconds; never after its end. Safe
    between threads.
    """

    def __init__(self, seconds: float, tell: Callable[[], None]) -> None:
        self._seconds = seconds
        self._tell = tell
        self._lock = threading.Lock()
        self._number = 0
        self._told = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """It is under way until the block ends."""
        with self._lock:
            self._number, self._told = self._number + 1, False
        timer = threading.Timer(self._seconds, self._late, [self._number])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._number += 1

    @property
    def told(self) -> bool:
        """Whether it was told of what was under way last."""
        return self._told

    def _late(self, number: int) -> None:
        with self._lock:
            if number == self._number:
                self._told = True
                self._tell()


class Looks:
    """Looks that were asked for: who asked is called once, after one that began after that.

    Who gives it only so many seconds is called then, and the look is `overdue` until it is over: a
    repository that hangs delays nobody for longer, and everybody can tell. Safe between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[_Caller] = []
        self._under_way: list[_Caller] = []

    def ask(self, then: Callable[[], None], within: float | None = None) -> None:
        """Have `then` called after the next look that begins, or `within` so many seconds."""
        caller = _Caller(then, within)
        with self._lock:
            self._asked.append(caller)
        caller.start()

    def begin(self) -> None:
        """A look begins, for all who have asked by now."""
        with self._lock:
            self._under_way += self._asked
            self._asked = []

    def end(self) -> None:
        """The look is over, whatever came of it."""
        with self._lock:
            done, self._under_way = self._under_way, []
        for caller in done:
            caller.call()

    @property
    def overdue(self) -> bool:
        """Whether somebody waits for it no longer, and it is not over yet."""
        with self._lock:
            return any(caller.late for caller in (*self._asked, *self._under_way))


class _Caller:
    """Somebody who asked; `late` once it was called before its time."""

    def __init__(self, then: Callable[[], None], within: float | None) -> None:
        self._then = then
        self._lock = threading.Lock()
        self._called = False
        self.late = False
        self._timer = None if within is None else threading.Timer(within, self._give_up)

    def start(self) -> None:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def call(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._first(late=False):
            self._then()

    def _give_up(self) -> None:
        if self._first(late=True):
            self._then()

    def _first(self, *, late: bool) -> bool:
        with self._lock:
            first, self._called = not self._called, True
            self.late = self.late or (first and late)
            return first
