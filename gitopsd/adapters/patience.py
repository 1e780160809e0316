"""How long and how often a refused request is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of retrying one request, and the clock they are measured with.

    `budget` is the time in seconds from the first attempt after which no further one is begun,
    `attempts` counts the first one too, `base` and `cap` bound the exponential delay in seconds.
    `jitter` answers a number in [0, 1): half of each delay is random, so that many passes that
    failed together do not come back together.
    """

    attempts: int = 5
    budget: float = 30.0
    base: float = 0.25
    cap: float = 8.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def begin(self) -> Pause:
        """Start the count for one request."""
        return Pause(self, self.clock())


@dataclass(slots=True)
class Pause:
    """The state of one request's retries."""

    patience: Patience
    began: float
    used: int = field(default=1)

    def wait(self, after: float | None = None) -> bool:
        """Sleep before the next attempt; False, at once, when there is to be none.

        `after` is what the server asked for in seconds (Retry-After); it is never undercut.
        """
        patience = self.patience
        if self.used >= patience.attempts:
            return False
        full = min(patience.cap, patience.base * 2 ** (self.used - 1))
        delay = max(full * (0.5 + patience.jitter() / 2), after or 0.0)
        if patience.clock() - self.began + delay > patience.budget:
            return False
        self.used += 1
        patience.sleep(delay)
        return True
