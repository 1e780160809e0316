"""A lease on paper, and a clock that tests move: what candidates meet without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gitopsd.daemon.leases import BRISK, Share, Tenure
from gitopsd.ports import Lease, Overtaken, Unreachable

TIMES = BRISK


@dataclass
class Clock:
    """Seconds; each replica has one of its own, which starts anywhere."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Paper:
    """A `LeaseStore` with the API server's rule: a write names the version that it replaces."""

    lease: Lease | None = None
    away: bool = False
    writes: int = 0
    pleas: int = 0
    about: str = "Lease on paper"

    def read(self) -> Lease | None:
        self._answer()
        return self.lease

    def write(self, lease: Lease) -> Lease:
        self._answer()
        if lease.version != (self.lease.version if self.lease else ""):
            raise Overtaken(self.about, "somebody was faster")
        self.writes += 1
        self.pleas += bool(lease.wanted) and lease.wanted != (self.lease and self.lease.wanted)
        self.lease = replace(lease, version=str(self.writes))
        return self.lease

    def watch(self, version: str, seconds: float) -> Iterator[Lease]:
        """What stands there, if it is newer; what is written later nobody tells."""
        self._answer()
        if self.lease is not None and self.lease.version != version:
            yield self.lease

    def _answer(self) -> None:
        if self.away:
            raise Unreachable(self.about, "the API server is being restarted")


def candidate(paper: Paper, clock: Clock, me: str, share: Share | None = None) -> Tenure:
    return Tenure(paper, me, TIMES, clock=clock, time_of_day=lambda: str(clock.now), share=share)
