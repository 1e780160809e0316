"""Who may write to a target: one candidate's view of the Lease, as a value.

The rules are those of client-go's leader election, with a fence for writes (design §6):

- Clocks of different machines are never compared. A candidate notes, by its own clock, since when
  it has seen the lease unchanged; a holder counts from before it sent its last renewal.
- A lease that was not renewed for its duration is free, and so is one without a holder.
- A write may be sent while more is left of the lease than it may take, or than `SPARE` where the
  lease says that writes take longer: the rest is part of what a successor waits for.
- Who waits for a lease may write its name into it. A holder that has nothing under way then gives
  it up, and everybody else leaves it to that name for as long as a lease lasts.
- Who stands by and has news for the holder may write them into it, too. The holder sees it when
  it renews the lease the next time, which takes it off.
- Who takes a lease from a holder that vanished waits for as long as one request of that holder may
  take, which stands in the lease, from the end of that lease on: what it had sent has arrived by
  then. Who gives a lease up before it has waited leaves the rest of the time to its successor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gitopsd.ports import Lease


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds: how long a lease lasts, how often it is renewed and bid for, how long a write takes.

    A replica that vanishes is replaced after at most duration + retry, and its successor writes
    after `request` more: 12.5 seconds in all, or 21.5 where writes may take their time.
    """

    duration: float = 8.0
    renew: float = 2.0
    retry: float = 0.5
    request: float = 4.0

    @property
    def leeway(self) -> float:
        """How long a renewal may be on its way, to its answer, for the holder to write all the
        time. The next one is sent `renew` after it, or `retry` after its answer.
        """
        left = self.duration - SPARE
        return min(left - self.renew, (left - self.retry) / 2)


#: What is enough for most servers, and lets another replica begin within 15 seconds even where the
#: repository, the server and this machine take their time. A renewal may be two seconds late before
#: it keeps anybody from writing.
BRISK = LeaseTimes()
#: Where a write may take its time: admission webhooks are given up to ten seconds by default.
PATIENT = LeaseTimes(request=13.0)
#: Seconds that must be left of a lease when a write is sent, however long it may take.
SPARE = BRISK.request


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a candidate called `me` stands. Times are seconds by its own clock.

    `seen` is the lease as last seen and `since` when that renewal of it was first seen; `looked`
    tells whether it was looked at yet. `until` is how long we may count on holding it (None: it is
    not ours), `settled` from when on we may write, `term` counts the terms we had.
    """

    me: str
    times: LeaseTimes
    seen: Lease | None = None
    since: float = 0.0
    looked: bool = False
    until: float | None = None
    settled: float = 0.0
    term: int = 0

    def observed(self, lease: Lease | None, now: float) -> Standing:
        """After a look at the lease, or after a bid that somebody else's overtook."""
        same = self.looked and beat(lease) == beat(self.seen)
        since = self.since if same else now
        ours = lease is not None and lease.holder == self.me
        until = self.until if ours else None
        return replace(self, seen=lease, since=since, looked=True, until=until)

    def granted(self, lease: Lease, sent: float) -> Standing:
        """After a bid or renewal that was sent at `sent` and accepted."""
        until = sent + min(self.times.duration, lease.duration)
        if self.until is not None:
            return replace(self, seen=lease, since=sent, until=until)
        before = self.seen or Lease()
        wait = before.request or (self.times.request if before.holder else 0.0)
        settled = min(sent, self.ends) + wait
        return replace(
            self, seen=lease, since=sent, until=until, settled=settled, term=self.term + 1
        )

    def bid(self, now: float, clock: str, load: int = 0) -> Lease | None:
        """What to write now, None to go on looking. `clock` is the time of day, for people; `load`
        is how many leases we have then.
        """
        if not self.looked:
            return None
        seen = self.seen or Lease()
        mine = Lease(
            self.me,
            self.times.duration,
            clock,
            clock,
            seen.transitions,
            seen.version,
            request=self.times.request,
            load=load,
        )
        if self.until is not None:
            return replace(
                mine, acquired=seen.acquired, wanted=seen.wanted, wanted_load=seen.wanted_load
            )
        if self._free(seen, now):
            return replace(mine, transitions=seen.transitions + bool(seen.version))
        return None

    def _free(self, seen: Lease, now: float) -> bool:
        if seen.holder == self.me or (not seen.holder and seen.wanted in ("", self.me)):
            return True
        return now >= self.ends

    @property
    def ends(self) -> float:
        """When the lease as last seen ends, unless it is renewed; its holder counts from earlier.

        One without a holder is kept so long for the one who wants it.
        """
        seen = self.seen or Lease()
        lasts = seen.duration if seen.holder and seen.duration else self.times.duration
        return self.since + lasts

    def plea(self, load: int | None = None) -> Lease | None:
        """What to write so that the holder gives the lease up; None when somebody has asked.

        Who only wants to have as many as the holder says how many leases that are: `load`. Who has
        work to do goes before.
        """
        seen = self.seen
        if seen is None or seen.holder in ("", self.me) or self.until is not None:
            return None
        if seen.wanted and (load is not None or seen.wanted_load is None):
            return None
        return replace(seen, wanted=self.me, wanted_load=load)

    def tidings(self, news: str) -> Lease | None:
        """What to write so that the holder hears of news; None when nobody is there to hear, or
        somebody has told.
        """
        seen = self.seen
        if seen is None or self.until is not None or not self.rival or seen.news == news:
            return None
        return replace(seen, news=news)

    @property
    def asked(self) -> bool:
        """Whether we hold the lease and somebody waits for it."""
        return self.until is not None and self.seen is not None and bool(self.seen.wanted)

    @property
    def asks(self) -> bool:
        """Whether we wait for the lease, and it says so."""
        return self.until is None and self.seen is not None and self.seen.wanted == self.me

    def resigned(self, now: float, clock: str) -> Lease | None:
        """What to write on leaving, so that another may begin at once; None if nothing is ours."""
        if self.seen is None:
            return None
        if self.asks:
            return replace(self.seen, wanted="", wanted_load=None)
        if self.until is None:
            return None
        rest = math.ceil(max(0.0, self.settled - now) * 10) / 10
        return replace(self.seen, holder="", duration=1.0, renewed=clock, load=0, request=rest)

    def lost(self) -> Standing:
        """After leaving, or when the lease is known to be another's."""
        return replace(self, until=None)

    def held(self, now: float) -> bool:
        """Whether the lease is ours, as far as this clock tells."""
        return self.until is not None and now < self.until

    def may_write(self, now: float, seconds: float) -> bool:
        """Whether a write that takes at most `seconds` is over before another may write."""
        said = self.seen.request if self.seen else 0.0
        spare = min(seconds, SPARE) if seconds <= said else seconds
        return self.until is not None and self.settled <= now and now + spare < self.until

    @property
    def rival(self) -> str:
        """Who holds the lease instead of us; "" for nobody."""
        holder = self.seen.holder if self.seen else ""
        return "" if holder == self.me else holder


def beat(lease: Lease | None) -> tuple[object, ...]:
    """What changes with each renewal of a lease."""
    return lease.beat if lease else ()
