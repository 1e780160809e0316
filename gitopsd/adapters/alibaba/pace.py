"""How fast we call, how long we wait, and the clock that both are measured with."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


class TokenBucket:
    """Lets `rate` calls a second through, and `burst` at once after a quiet time.

    The real limits are per account and published only in Quota Center (facts §6.5); staying below
    them leaves room for the controllers, which call the same APIs. Safe between threads.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._filled = clock()

    def take(self) -> float:
        """Take one token, waiting for it; answers for how many seconds.

        Waiting callers queue up: each has its own moment.
        """
        with self._lock:
            now = self._clock()
            grown = self._tokens + (now - self._filled) * self._rate
            self._tokens = min(self._burst, grown) - 1
            self._filled = now
            owed = -self._tokens
        if owed <= 0:
            return 0.0
        self._sleep(owed / self._rate)
        return owed / self._rate


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds for calls and for what follows them.

    `rate` and `burst` limit the calls to each product. A refused call is tried again until
    `budget` is used up, after `base` doubling to `cap`, half of it random (`jitter` answers a
    number in [0, 1)); a call that gets no answer at all is tried `attempts` times. An accepted
    job is waited for until `job_budget` is used up, asking after `poll` doubling to `poll_cap`.
    `connect_timeout` and `read_timeout` bound a single request, `write_timeouts` (the same two) one
    that changes something.
    """

    rate: float = 5.0
    burst: int = 20
    budget: float = 60.0
    base: float = 0.5
    cap: float = 8.0
    attempts: int = 4
    job_budget: float = 60.0
    poll: float = 0.25
    poll_cap: float = 1.0
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    write_timeouts: tuple[float, float] = (5.0, 15.0)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def bucket(self) -> TokenBucket:
        """A full bucket for one product."""
        return TokenBucket(self.rate, self.burst, clock=self.clock, sleep=self.sleep)

    def retries(self) -> Waiting:
        """The waits between the attempts of one call, from now on."""
        return Waiting(self, self.base, self.cap, self.clock() + self.budget, spread=True)

    def polls(self) -> Waiting:
        """The waits between questions about one job, from now on."""
        return Waiting(self, self.poll, self.poll_cap, self.clock() + self.job_budget, spread=False)


@dataclass(slots=True)
class Waiting:
    """A series of growing waits that ends at a deadline; `count` is how many there were."""

    pace: Pace
    delay: float
    cap: float
    deadline: float
    spread: bool
    count: int = 0

    def wait(self, after: float | None = None) -> bool:
        """Wait once; False, at once, when the deadline would be passed.

        `after` is the wait that the server asked for; it is never undercut.
        """
        span = self.delay * (0.5 + self.pace.jitter() / 2) if self.spread else self.delay
        span = max(span, after or 0.0)
        if self.pace.clock() + span > self.deadline:
            return False
        self.count += 1
        self.delay = min(self.cap, self.delay * 2)
        self.pace.sleep(span)
        return True
