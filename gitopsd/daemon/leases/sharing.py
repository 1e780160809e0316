"""How replicas spread over the targets, whenever each of them was started (ADR 0015)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace

from gitopsd.daemon.leases.clock import elapsed
from gitopsd.daemon.leases.election import Standing
from gitopsd.ports import Lease

#: Seconds by which each lease that we hold, up to so many, makes us hesitate to bid for another
#: free one: replicas that start together need not hand over much.
_HESITATION, _MOST = 0.1, 3


class Share:
    """What one replica holds, and asks others for, over all its targets. Safe between threads.

    Each holder says in its leases how many it has; that goes with the renewals and costs no write.
    Who stands by and has at least two fewer, with what it has asked for already, asks for the lease
    and says how many it has. The holder gives it up when it has nothing under way there, if it
    still has at least two more than that; otherwise its next renewal takes the question off. So
    each hand-over brings two replicas nearer to each other, none is ever undone, and replicas that
    have as many as each other, give or take one, write nothing. What replicas do not see of each
    other does not matter: each counts all that it holds itself.

    `alone` is for a writer that does one piece of work beside others: it does not share.
    """

    def __init__(
        self,
        *,
        alone: bool = False,
        clock: Callable[[], float] = elapsed,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._alone = alone
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._standings: dict[object, Standing] = {}

    def note(self, candidate: object, standing: Standing) -> None:
        """Remember where one of our candidates stands."""
        with self._lock:
            self._standings[candidate] = standing

    def forget(self, candidate: object) -> None:
        """One of our candidates stands no more."""
        with self._lock:
            self._standings.pop(candidate, None)

    def load(self, candidate: object) -> int:
        """How many leases we have with that of this candidate; 0 is not worth saying."""
        with self._lock:
            return 0 if self._alone else self._held(but=candidate) + 1

    def hesitation(self, standing: Standing) -> float:
        """Seconds to let pass before a bid for a lease that nobody holds."""
        if self._alone or standing.asks:
            return 0.0
        with self._lock:
            return (min(self._held(), _MOST) + self._chance() / 2) * _HESITATION

    def plea(self, candidate: object, standing: Standing) -> Lease | None:
        """What to write so that the holder hands over a lease of which it has too many."""
        seen = standing.seen
        if seen is None or self._alone:
            return None
        with self._lock:
            others = (s for who, s in self._standings.items() if who is not candidate)
            asked = [s.seen for s in others if s.asks and s.seen is not None]
            ours = self._held() + len(asked)
            theirs = seen.load - sum(lease.holder == seen.holder for lease in asked)
            plea = standing.plea(ours) if _uneven(theirs, ours) else None
            if plea is not None:  # counts from now on, so that two threads do not ask for one
                self._standings[candidate] = replace(standing, seen=plea)
            return plea

    def grants(self, lease: Lease) -> bool:
        """Whether who waits for a lease of ours is to have it."""
        with self._lock:
            return self._grants(lease)

    def part(self, candidate: object, standing: Standing) -> bool:
        """Whether to hand a lease over now; it counts as handed over then."""
        if standing.seen is None:
            return False
        with self._lock:
            given = standing.asked and self._grants(standing.seen)
            if given:
                self._standings[candidate] = standing.lost()
            return given

    def _held(self, but: object = None) -> int:
        now, every = self._clock(), self._standings.items()
        return sum(s.held(now) and candidate is not but for candidate, s in every)

    def _grants(self, lease: Lease) -> bool:
        return lease.wanted_load is None or _uneven(self._held(), lease.wanted_load)


def _uneven(more: int, less: int) -> bool:
    """Whether one that goes from here to there makes them more alike."""
    return more - less > 1
