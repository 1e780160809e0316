"""What one worker of the operator has to do next, as a value: wishes, and when to see to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Wish(StrEnum):
    """Why something is to be done. What happened just now is seen to at once, whatever failed
    before; the rest waits until the backoff of the last failure is over.
    """

    SYNC = "sync"  # it is time to look for new commits
    DRIFT = "drift"  # it is time to look whether reality has moved
    PUSH = "push"  # a webhook says that there is something new
    TOLD = "told"  # somebody who stands here asks for a look: what it was told may be old
    REVISION = "revision"  # there is another state to bring a target to
    LEASE = "lease"  # the target has become ours
    ASKED = "asked"  # somebody has put a request on the target's record, or taken one off
    RETRY = "retry"  # the last time it went wrong, or was not the time for it


_URGENT = frozenset({Wish.PUSH, Wish.TOLD, Wish.REVISION, Wish.LEASE, Wish.ASKED})

#: Seconds until a failure is tried again: doubled each time, from the first to the second.
FIRST_RETRY, LAST_RETRY = 1.0, 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a piece of work ended. One that did not end `well` is tried again, later each time;
    `again` asks for more after so many seconds without a fault.
    """

    well: bool = True
    again: float | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The wishes that are open, and when to see to them, in seconds of some clock.

    Equal wishes are one, however often they are made: a hundred pushes in a second are looked at
    once. `not_before` is the end of the backoff after `failures` in a row, `retry_at` when to begin
    without a wish.
    """

    wishes: frozenset[Wish] = frozenset()
    not_before: float = 0.0
    retry_at: float | None = None
    failures: int = 0

    def wished(self, wish: Wish) -> Agenda:
        """With one more wish."""
        return replace(self, wishes=self.wishes | {wish})

    def due(self, now: float) -> frozenset[Wish]:
        """What to see to now, all of it in one piece of work; nothing if it is too early."""
        retry = self.retry_at is not None and self.retry_at <= now
        if not (retry or self.wishes & _URGENT or (self.wishes and self.not_before <= now)):
            return frozenset()
        return self.wishes | {Wish.RETRY} if retry else self.wishes

    def begun(self) -> Agenda:
        """After somebody has set about it; wishes that come from now on are new ones."""
        return replace(self, wishes=frozenset(), retry_at=None)

    def ended(self, ended: Ended, now: float) -> Agenda:
        """After the work."""
        if not ended.well:
            later = now + min(LAST_RETRY, FIRST_RETRY * 2 ** min(self.failures, 20))
            return Agenda(self.wishes, later, later, self.failures + 1)
        again = None if ended.again is None else now + ended.again
        return Agenda(self.wishes, retry_at=again)

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None when only a new wish can change that."""
        if self.due(now):
            return 0.0
        times = [self.not_before] if self.wishes else []
        if self.retry_at is not None:
            times.append(self.retry_at)
        return max(0.0, min(times) - now) if times else None
