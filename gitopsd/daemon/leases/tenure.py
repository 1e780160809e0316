"""The lease of one target in use: kept by a thread, asked before each write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from gitopsd.daemon.leases.clock import elapsed
from gitopsd.daemon.leases.election import BRISK, PATIENT, SPARE, LeaseTimes, Standing, beat
from gitopsd.daemon.leases.sharing import Share
from gitopsd.ports import Busy, Lease, LeaseStore, Overtaken, TermEnded, WorldError

#: Seconds between two looks at whether to go on waiting for a lease.
_LOOK = 0.05
#: How often it is tried to give a lease back while others write into it.
_TRIES = 5
#: Seconds for which it is heard what is written into a lease before that is asked for anew.
_HEARING = 240.0
#: Renewals in a row that come late before people are told: once is a hitch.
_OFTEN = 2


def _time_of_day() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Tenure:
    """One candidate for one target's lease, and the `Term` of whoever works under it.

    One thread calls `step` again and again (`kept` starts one); all other methods are safe from
    any thread. `share` is what the same replica holds of other targets; without one it asks nobody
    for its part of them, and is not asked for it. Work is bound to a term by `begin`: one that was
    lost and won again meanwhile is another term, in which nothing of the old work is written.
    """

    def __init__(
        self,
        store: LeaseStore,
        me: str,
        times: LeaseTimes | None = None,
        *,
        clock: Callable[[], float] = elapsed,
        time_of_day: Callable[[], str] = _time_of_day,
        share: Share | None = None,
    ) -> None:
        self._store = store
        self._share = share or Share(alone=True)
        self._clock = clock
        self._time_of_day = time_of_day
        self._times = times or BRISK
        self._standing = Standing(me, self._times)
        self._changed = threading.Condition()
        self._bound = 0
        self._waits = False
        self._why = ""
        self._finishing = False
        self._trouble: WorldError | None = None
        self._late = 0
        self._known: tuple[object, ...] = ()
        self._moved = False
        self._news = ""

    # --- the candidate -------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """Where we stand."""
        return self._standing

    @property
    def trouble(self) -> WorldError | None:
        """Why the lease could not be read or renewed the last time; None when it could."""
        return self._trouble

    @property
    def lateness(self) -> str:
        """What to tell people while renewals take so long that writes have to wait for them."""
        if self._late < _OFTEN:
            return ""
        least = f"it takes {self._standing.times.leeway:g} s or more to renew it"
        return f"{self._store.about}: {least}, so nothing is written for a part of the time"

    def step(self) -> float:
        """Look at the lease, bid for it or renew it; answers after how many seconds to do so again.

        What goes wrong is remembered in `trouble` and ends by itself, or the lease does.
        """
        self._become(replace(self._standing, times=self._times))
        bid = self._bid()
        try:
            if bid is None or not self._written(bid):
                seen = self._store.read()
                self._moved = self._moved or beat(seen) != self._known
                self._become(self._standing.observed(seen, self._clock()))
                if bid is not None and self._standing.until is not None:
                    self._renew_all_the_same()
                self._plead()
                self._tell()
            self._trouble = None
        except WorldError as error:
            self._trouble = error
        return self._rest(self._clock())

    def _rest(self, now: float) -> float:
        """Seconds until the next step. A renewal is due by when the last one was sent: a step that
        met somebody's question or tidings and only read them renewed nothing.
        """
        standing, times = self._standing, self._times
        if self._trouble:
            return times.retry
        if self._news:
            return 0.0
        if standing.held(now):
            return max(times.retry, standing.since + times.renew - now)
        if standing.until is None and standing.bid(now, "") is not None:
            return self._share.hesitation(standing)
        return max(0.0, min(times.retry, standing.ends - now))

    def _bid(self) -> Lease | None:
        load = self._share.load(self)
        bid = self._standing.bid(self._clock(), self._time_of_day(), load)
        if bid is not None and not self._share.grants(bid):
            return replace(bid, wanted="", wanted_load=None)
        return bid

    def _written(self, bid: Lease) -> bool:
        sent = self._clock()
        try:
            written = self._store.write(bid)
        except Overtaken:
            return False
        until = self._standing.until
        late = until is not None and self._clock() + SPARE >= until
        self._late = self._late + 1 if late else 0
        self._become(self._standing.granted(written, sent))
        self._news = ""
        return True

    def _renew_all_the_same(self) -> None:
        """Renew what somebody wrote into just now, or words that keep coming would keep every
        renewal out. What they wrote stays in it, to be seen.
        """
        seen, bid = self._standing.seen, self._bid()
        if seen is not None and bid is not None:
            self._written(replace(bid, news=seen.news))

    def _plead(self) -> None:
        standing = self._standing
        plea = standing.plea() if self._waits else self._share.plea(self, standing)
        if plea is None:
            return
        try:
            with suppress(Overtaken):  # the holder renewed it just now: the next look asks again
                standing = standing.observed(self._store.write(plea), self._clock())
        finally:
            self._become(standing)

    def announce(self, news: str) -> None:
        """Have whoever holds the lease hear of news, at the next step. Who takes it from then on
        looks by itself.
        """
        self._news = news

    @property
    def news(self) -> str:
        """The news that others tell us while we hold the lease; "" for none."""
        standing = self._standing
        return standing.seen.news if standing.seen and standing.until is not None else ""

    def hear(self, heard: Callable[[str], None]) -> None:
        """Call `heard` with what others tell us: sooner than the next step would find it. For as
        long as the lease is ours, or a while; raises what keeps us from hearing.
        """
        seen, known = self._standing.seen, self.news
        if seen is None:
            return
        for lease in self._store.watch(seen.version, _HEARING):
            if not self.mine:
                return
            if lease.news not in ("", known):
                heard(lease.news)
            known = lease.news

    def _tell(self) -> None:
        news, standing = self._news, self._standing
        if not news:
            return
        tidings = standing.tidings(news)
        if tidings is not None:
            try:
                self._become(standing.observed(self._store.write(tidings), self._clock()))
            except Overtaken:
                return  # the holder renewed it just now: told at the next step
        if self._news == news:
            self._news = ""

    def give_way(self, *, shares: bool = True) -> str:
        """Give the lease up if somebody waits for it who is to have it; the name of that one.

        Unless it `shares`, who only wants to have as many as others goes on waiting.
        """
        standing = self._standing
        if standing.seen is None or not (shares or standing.seen.wanted_load is None):
            return ""
        if not self._share.part(self, standing):
            return ""
        self.resign()
        return standing.seen.wanted

    def resign(self) -> None:
        """Give the lease back if it is ours, so that another need not wait for its end, and wait
        for it no longer if it is not.
        """
        standing = self._standing
        self._become(standing.lost())
        try:
            for _ in range(_TRIES):
                lease = standing.resigned(self._clock(), self._time_of_day())
                if lease is None:
                    return
                try:
                    standing = standing.observed(self._store.write(lease), self._clock())
                except Overtaken:  # somebody has just asked for it, or told of something
                    standing = standing.observed(self._store.read(), self._clock())
                self._become(standing.lost())
        except WorldError as error:
            self._trouble = error  # it ends by itself

    def end(self) -> None:
        """Resign for good."""
        self.resign()
        self._share.forget(self)

    def _become(self, standing: Standing) -> None:
        with self._changed:
            self._standing = standing
            self._changed.notify_all()
        self._share.note(self, standing)

    def become_patient(self) -> None:
        """Have writes take longer, as soon as the lease says so: from its next renewal on."""
        self._times = PATIENT

    # --- the work under a term -----------------------------------------------------------------

    def begin(self) -> bool:
        """Bind the work that follows to the term we have now; False when we have none."""
        with self._changed:
            self._why = ""
            self._bound = self._standing.term
        return self.writable

    @property
    def request(self) -> float:
        """See `Term.request`. Nothing that long is sent before the lease says so."""
        return self._times.request

    @property
    def writable(self) -> bool:
        """Whether a request may be sent now."""
        return self._standing.may_write(self._clock(), self._standing.times.request)

    @property
    def settling(self) -> float:
        """Seconds that we have still to wait for what the last holder may have sent."""
        return max(0.0, self._standing.settled - self._clock())

    @property
    def mine(self) -> bool:
        """Whether the lease is ours at this moment, be it for no longer than that."""
        return self._standing.held(self._clock())

    @property
    def over(self) -> bool:
        """Whether the work that was begun has lost its term, or is not wanted any more."""
        standing = self._standing
        held = standing.term == self._bound and standing.held(self._clock())
        return bool(self._why) or self._finishing or not held

    def finish(self) -> None:
        """Have nothing more begun, for good; what is under way may take its time, and write."""
        self._finishing = True

    def interrupt(self, why: str) -> None:
        """End every pause of the work under way; what it is writing just now is finished."""
        with self._changed:
            self._why = why
            self._changed.notify_all()

    def check(self, seconds: float) -> None:
        """See `Term.check`."""
        standing = self._standing
        if standing.term != self._bound or not standing.may_write(self._clock(), seconds):
            raise TermEnded(self._store.about, "it is not ours for long enough to send a write")

    def pause(self, seconds: float) -> None:
        """See `Term.pause`. The lease may be waited for, too: only a lost one ends the pause."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._why), seconds)
            if self._why:
                raise TermEnded(self._store.about, self._why)

    # --- for one piece of work -----------------------------------------------------------------

    def look(self) -> None:
        """See `Term.look`."""
        self._known, self._moved = (), False
        try:
            self._known = beat(self._store.read())
        except WorldError:
            self._moved = True  # who cannot be asked may have written: `held` tells what is wrong

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Bid for the lease and keep it, in a thread, until the block ends."""
        leaving = threading.Event()

        def keep() -> None:
            while not leaving.wait(self.step()):
                pass

        thread = threading.Thread(target=keep, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            leaving.set()
            thread.join()
            self.resign()

    @contextmanager
    def held(
        self,
        *,
        wait: bool,
        stop: Callable[[], bool] = lambda: False,
        met: Callable[[str], None] = lambda _: None,
    ) -> Iterator[bool]:
        """Hold the lease until the block ends; the work in it is bound to this term.

        Answers whether another has had it since `look`, and so may have written.

        A holder that is alive is seen to be so by its next renewal. Without `wait` Busy is raised
        then; with it the holder is asked to give the lease up when it can. `stop` ends any waiting.
        `met` is told, once, who holds it instead.
        Raises what keeps us from the lease.
        """
        self._waits = wait
        with self.kept():
            began, first, rival = self._clock(), None, ""
            while not self.begin():
                with self._changed:
                    self._changed.wait(_LOOK)
                standing, trouble = self._standing, self._trouble
                first = first or standing.seen
                if standing.rival and not rival:
                    rival = standing.rival
                    met(rival)
                alive = bool(standing.rival) and beat(standing.seen) != beat(first)
                if stop() or (alive and not wait):
                    raise self._busy()
                late = self._clock() - began > standing.times.duration
                if trouble is not None and (late or not trouble.transient):
                    raise trouble
            yield self._moved

    def _busy(self) -> Busy:
        seen = self._standing.seen or Lease()
        detail = f"{seen.holder or 'somebody'} has been writing to this target since"
        mend = "try again later, or wait for it with --wait"
        return Busy(self._store.about, f"{detail} {seen.acquired}", mend)
