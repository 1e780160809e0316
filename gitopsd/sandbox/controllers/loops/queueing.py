"""What is to be done, by key: changes of one key within a moment are done at once."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

FIRST_RETRY: Final = 0.05
LAST_RETRY: Final = 5.0

Key = tuple[str, ...]
"""What kind of work, and on what."""


@dataclass(slots=True)
class WorkQueue:
    """Keys with the time at which each is due; a key is in it once.

    `clock` reads seconds of any origin. `delay` is how long a key waits for further changes.
    """

    clock: Callable[[], float]
    delay: float
    _due: dict[Key, float] = field(default_factory=dict)
    _heap: list[tuple[float, int, Key]] = field(default_factory=list)
    _counter: int = 0
    _failures: dict[Key, int] = field(default_factory=dict)

    def add(self, key: Key) -> None:
        """Do this key soon; one that waits for a retry is brought forward."""
        self._failures.pop(key, None)
        self._put(key, self.clock() + self.delay)

    def soon(self, key: Key) -> None:
        """Do this key as soon as what is due before it is done."""
        self._put(key, self.clock())

    def retry(self, key: Key) -> None:
        """Do this key again, later each time until something adds it anew."""
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        self._put(key, self.clock() + min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(count, 20)))

    def forget(self, key: Key) -> None:
        """The key was done well: its next failure is a first one."""
        self._failures.pop(key, None)

    def failing(self) -> list[Key]:
        """Keys whose last attempt failed."""
        return list(self._failures)

    def next_due(self) -> float | None:
        """When the earliest key is due, or None when nothing waits."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self) -> Key | None:
        """The earliest key that is due, taken out, or None."""
        due = self.next_due()
        if due is None or due > self.clock():
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._due[key]
        return key

    def _put(self, key: Key, due: float) -> None:
        if self._due.get(key, due + 1) <= due:
            return
        self._due[key] = due
        self._counter += 1
        heapq.heappush(self._heap, (due, self._counter, key))
