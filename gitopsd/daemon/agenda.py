"""What one worker of the operator has to do next, as a value: wishes, and when to see to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Wish(StrEnum):
    """Why something is to be done. It is seen to at once, whatever failed before: how often that
    is, those decide who wish. Only pushes keep a distance, for anybody may send one again.
    """

    SYNC = "sync"  # it is time to look for new commits
    DRIFT = "drift"  # it is time to look whether reality has moved
    PUSH = "push"  # a webhook says that there is something new
    NEWS = "news"  # another replica says that a webhook said so
    TOLD = "told"  # somebody who stands here asks for a look: what it was told may be old
    REVISION = "revision"  # there is another state to bring a target to
    LEASE = "lease"  # the target has become ours
    ASKED = "asked"  # somebody has put a request on the target's record, or taken one off
    RETRY = "retry"  # the last time it went wrong, or was not the time for it


#: Seconds until a failure is tried again: doubled each time, from the first to the second.
FIRST_RETRY, LAST_RETRY = 1.0, 120.0
#: Seconds until what is on its way is looked at again: doubled like these, up to so many.
LAST_LOOK = 3600.0
#: Seconds between two looks that pushes have caused. The first is at once.
CALM = 1.0
_PUSHED = frozenset({Wish.PUSH, Wish.NEWS})


@dataclass(frozen=True, slots=True)
class Ended:
    """How a piece of work ended. One that did not end `well` is tried again, later each time;
    `again` asks for more after so many seconds without a fault. `pending` says that something is
    on its way: it is looked at again after about as long as it has been so.
    """

    well: bool = True
    again: float | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """The wishes that are open, and when to see to them, in seconds of some clock.

    Equal wishes are one, however often they are made: a hundred pushes in a second are looked at
    once, or twice. `retry_at` is when to begin without a wish, after so many `failures` or `looks`
    at what is on its way in a row; pushes wait until `calm_at`.
    """

    wishes: frozenset[Wish] = frozenset()
    retry_at: float | None = None
    failures: int = 0
    looks: int = 0
    calm_at: float = 0.0

    def wished(self, wish: Wish) -> Agenda:
        """With one more wish."""
        return replace(self, wishes=self.wishes | {wish})

    def due(self, now: float) -> frozenset[Wish]:
        """What to see to now, all of it in one piece of work; nothing if it is too early."""
        retry = self.retry_at is not None and self.retry_at <= now
        calm = self.calm_at <= now
        if not (retry or self.wishes - _PUSHED or (self.wishes and calm)):
            return frozenset()
        return self.wishes | {Wish.RETRY} if retry else self.wishes

    def begun(self, now: float) -> Agenda:
        """After somebody has set about it; wishes that come from now on are new ones.

        Another revision is another beginning: how often the one before failed counts no more.
        """
        calm_at = now + CALM if self.wishes & _PUSHED else self.calm_at
        if Wish.REVISION in self.wishes:
            return Agenda(calm_at=calm_at)
        return replace(self, wishes=frozenset(), retry_at=None, calm_at=calm_at)

    def ended(self, ended: Ended, now: float) -> Agenda:
        """After the work."""
        waits = [] if ended.again is None else [ended.again]
        if not ended.well:
            waits = [_doubled(self.failures, LAST_RETRY)]
        elif ended.pending:
            waits.append(_doubled(self.looks, LAST_LOOK))
        return replace(
            self,
            retry_at=now + min(waits) if waits else None,
            failures=0 if ended.well else self.failures + 1,
            looks=self.looks + 1 if ended.well and ended.pending else 0,
        )

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None when only a new wish can change that."""
        if self.due(now):
            return 0.0
        times = [self.calm_at] if self.wishes else []
        if self.retry_at is not None:
            times.append(self.retry_at)
        return max(0.0, min(times) - now) if times else None


def _doubled(times: int, most: float) -> float:
    return min(most, FIRST_RETRY * 2.0 ** min(times, 20))
