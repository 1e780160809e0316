"""Keeping within what a service allows, and away from one that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from gitopsd.ports import RateLimit, WorldError

#: Seconds until a failure is tried again: doubled each time, from the first to the last.
FIRST_RETRY, LAST_RETRY = 5.0, 600.0


class Pace:
    """When the next message may be sent, in seconds of some clock."""

    def __init__(self, limits: Iterable[RateLimit]) -> None:
        self._limits = tuple(limits)
        most = max((limit.number for limit in self._limits), default=1)
        self._sent: deque[float] = deque(maxlen=most)
        self._not_before = 0.0
        self.failures = 0

    def wait(self, now: float) -> float:
        """Seconds until a message may be sent; 0 for now."""
        times = [self._not_before]
        for limit in self._limits:
            if len(self._sent) >= limit.number:
                times.append(self._sent[-limit.number] + limit.seconds)
        return max(0.0, max(times) - now)

    def sent(self, now: float) -> None:
        """A message was sent, or was sent before us by one whose work we go on with."""
        self._sent.append(now)

    def well(self) -> None:
        """The service took it."""
        self.failures, self._not_before = 0, 0.0

    def failed(self, now: float, error: WorldError) -> None:
        """It did not: it is left alone for a while, and for as long as it asks."""
        pause = min(LAST_RETRY, FIRST_RETRY * 2 ** min(self.failures, 20))
        asked = getattr(error, "after", None)
        self.failures += 1
        self._not_before = now + max(pause, asked or 0.0)
