"""One sink: what there is to send it, sent one by one, and remembered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from gitopsd.alerts import (
    WHOLE,
    Memory,
    Parcel,
    Rules,
    Scene,
    Style,
    decide,
    recorded,
    refused,
    unanswered,
)
from gitopsd.daemon.alerting.pace import Pace
from gitopsd.daemon.alerting.telling import line_of, told_of
from gitopsd.daemon.board import SINK, Board
from gitopsd.daemon.journal import Journal
from gitopsd.drift.policy import moment_of
from gitopsd.model.ownership import Owner
from gitopsd.ports import (
    AlertMemory,
    Incomplete,
    OutcomeUnknown,
    Rejected,
    Sink,
    TermEnded,
    WorldError,
)

#: Seconds between two looks when nothing calls.
_LONGEST = 60.0
#: Seconds until it is asked again whether a target is ours, or what was said of it.
_SOON = 2.0
#: For so many seconds another's last message is waited for, longer than any adapter waits for an
#: answer, and seconds between two looks whether it has come.
_PREDECESSOR, _GLANCE = 120.0, 0.2


@dataclass(frozen=True, slots=True)
class Offer:
    """A target as it stands after a pass, and where it is remembered what was said of it.

    `ours` tells whether the target is still ours to speak for; `term` numbers the term.
    """

    scene: Scene
    owner: Owner
    memory: AlertMemory
    term: int
    ours: Callable[[], bool]


#: Is told of what became of a message: the sink's name and kind, and the error, None for none.
Told = Callable[[tuple[str, str], WorldError | None], None]


#: What is remembered at a place after a message.
_After = Callable[[Parcel, str, Memory], Memory]


def _now() -> datetime:
    return datetime.now(UTC)


class SinkDesk:
    """Follows the latest offer of each target. `step` does what is due and never waits.

    A sink that does not answer costs its own thread time, and nobody else.
    """

    def __init__(
        self,
        rules: Rules,
        sink: Sink,
        kind: str,
        board: Board,
        journal: Journal,
        *,
        told: Told = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.rules = rules
        self.kind = kind
        self.waiting = 0
        self._sink = sink
        self._board = board
        self._journal = journal.within(sink=rules.name)
        self._told = told
        self._after: tuple[SinkDesk, ...] = ()
        self._clock = clock
        self._now = now
        self._pace = Pace(sink.limits)
        self._changed = threading.Condition()
        self._offers: dict[str, Offer] = {}
        self._memories: dict[str, tuple[int, Memory]] = {}
        self._unsaved: set[str] = set()
        self._leaving = False
        self._called = False
        name = f"sink {rules.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    # --- from outside --------------------------------------------------------------------------

    def start(self, after: Sequence[SinkDesk] = ()) -> None:
        """Begin to send, when those in `after` have ended, which told the same sink by other
        settings: what they say last is remembered before anything else is said.
        """
        self._after = tuple(after)
        self._thread.start()

    def offer(self, offer: Offer) -> None:
        """Take the latest state of a target over. Returns at once."""
        with self._changed:
            self._offers[offer.scene.place] = offer
            self._called = True
            self._changed.notify_all()

    def withdraw(self, place: str) -> None:
        """A target is followed no more."""
        with self._changed:
            self._offers.pop(place, None)

    def leave(self) -> None:
        """Send nothing more; the message under way is finished and remembered."""
        with self._changed:
            self._leaving = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait for the end; whether it has come."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def subject(self) -> str:
        """What it is called where troubles are told."""
        return f"{SINK}{self.rules.name}"

    @property
    def trouble(self) -> str:
        """What is wrong with it, in a line; "" for nothing."""
        return self._board.lines.get(self.subject, "")

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    @property
    def _forgetful(self) -> bool:
        """Whether it is told the whole state anew in each term: to tell that twice does no harm.
        Then only its handles are kept.
        """
        return self.rules.style is Style.STATE

    # --- sending -------------------------------------------------------------------------------

    def _run(self) -> None:
        end = self._clock() + _PREDECESSOR
        while any(desk.alive for desk in self._after) and not self._leaving and self._clock() < end:
            with self._changed:
                self._changed.wait_for(lambda: self._leaving, _GLANCE)
        self._after = ()
        while not self._leaving:
            try:
                pause = self.step()
            except Exception as error:  # noqa: BLE001  the border of a thread: told, tried again
                pause = _LONGEST
                self._trouble(f"a fault in gitopsd itself: {type(error).__name__}")
            with self._changed:
                self._changed.wait_for(lambda: self._called or self._leaving, pause)
                self._called = False
        self._board.tell(self.subject, "")

    def step(self) -> float:
        """Send what is due, as far as the pace allows; answers the seconds until the next look."""
        while not self._leaving:
            offers, all_known = self._ours()
            now = self._now()
            self._save(offers)
            memories = {place: self._memories[place][1] for place in offers}
            scenes = [offer.scene for offer in offers.values()]
            decision = decide(self.rules, scenes, memories, now)
            self.waiting = decision.waiting
            wait = self._pace.wait(self._clock())
            if not decision.parcels:
                pause = _seconds(decision.again, now)
                return pause if all_known and not self._unsaved else min(pause, _SOON)
            if wait > 0:
                return min(wait, _LONGEST)
            self._send(decision.parcels[0], offers)
        return 0.0

    def _ours(self) -> tuple[dict[str, Offer], bool]:
        """The offers that we may speak for and whose memory is known; whether these are all."""
        with self._changed:
            offers = dict(self._offers)
        takes = self.rules.selection.takes
        wanted = {place: offer for place, offer in offers.items() if takes(offer.scene)}
        found = {
            place: offer
            for place, offer in wanted.items()
            if offer.ours() and self._remember(place, offer)
        }
        return found, len(found) == len(wanted)

    def _remember(self, place: str, offer: Offer) -> bool:
        """Load what was said before our term, once; whether it is known."""
        known = self._memories.get(place)
        if known is not None and known[0] == offer.term:
            return True
        try:
            memory = Memory.from_json(offer.memory.load(offer.owner, self.rules.name))
        except WorldError as error:
            self._trouble(f"what was said of {place} cannot be read: {error}")
            return False
        memory = memory.anew() if self._forgetful else memory
        self._memories[place] = (offer.term, memory)
        self._unsaved.discard(place)
        for text in memory.sent:
            age = self._now() - moment_of(text.split(" ")[0])
            self._pace.sent(self._clock() - max(0.0, age / timedelta(seconds=1)))
        return True

    def _send(self, parcel: Parcel, offers: dict[str, Offer]) -> None:
        self._pace.sent(self._clock())
        failure: WorldError | None = None
        try:
            handle = self._sink.deliver(parcel.message)
        except Incomplete as error:
            handle, failure = error.handle, error
        except WorldError as error:
            self._told((self.rules.name, self.kind), error)
            if isinstance(error, Rejected):
                self._pace.well()  # it answers: what it will not have stands in nobody's way
            else:
                self._pace.failed(self._clock(), error)
            self._trouble(line_of(error))
            self._failed(parcel, offers, error)
            return
        self._told((self.rules.name, self.kind), failure)
        self._pace.well()
        self._trouble(line_of(failure) if failure else "")
        self._note(offers, parcel, partial(recorded, handle=handle))
        self._save(offers)

    def _failed(self, parcel: Parcel, offers: dict[str, Offer], error: WorldError) -> None:
        """What may have arrived is not told anew, and what is refused makes way for other news."""
        if isinstance(error, OutcomeUnknown) and self.rules.style is Style.STREAM:
            self._note(offers, parcel, partial(unanswered, now=self._now(), have=error.have))
            self._log("sink.unanswered", parcel, offers)
            self._save(offers)
        elif isinstance(error, Rejected):
            self._note(offers, parcel, partial(refused, now=self._now()), store=False)
            self._log("sink.refused", parcel, offers)

    def _note(
        self, offers: dict[str, Offer], parcel: Parcel, after: _After, *, store: bool = True
    ) -> None:
        about = {entry.place for entry in parcel.entries}
        for place in offers:
            term, memory = self._memories[place]
            if place not in about and not memory.awaits(parcel.message.key):
                continue
            later = after(parcel, place, memory)
            self._memories[place] = (term, later)
            if store and (not self._forgetful or later.handles != memory.handles):
                self._unsaved.add(place)

    def _log(self, event: str, parcel: Parcel, offers: dict[str, Offer]) -> None:
        memories = {place: self._memories[place][1] for place in offers}
        self._journal.tell(event, "warning", **told_of(parcel, memories))

    def _save(self, offers: dict[str, Offer]) -> None:
        """Keep what was said, so that a restart or another replica does not say it again."""
        for place in sorted(self._unsaved & offers.keys()):
            offer = offers[place]
            known = frozenset(report.fingerprint for report in offer.scene.reports)
            memory = self._memories[place][1]
            going_on = {name for name, said in memory.said.items() if said.open}
            memory = memory.only(known | going_on | {WHOLE})
            try:
                offer.memory.save(offer.owner, self.rules.name, memory.to_json())
            except TermEnded:
                continue  # the lease is about to be renewed, or another's by now
            except WorldError as error:
                self._trouble(f"what was said of {place} cannot be kept: {error.detail}")
                continue
            self._memories[place] = (offer.term, memory)
            self._unsaved.discard(place)

    def _trouble(self, line: str) -> None:
        told = f"{self.kind}: {line}" if line else ""
        if self._board.tell(self.subject, told):
            level = "warning" if line else "info"
            self._journal.tell("sink.trouble" if line else "sink.well", level, what=told)  # type: ignore[arg-type]


def _seconds(again: datetime | None, now: datetime) -> float:
    if again is None:
        return _LONGEST
    return min(_LONGEST, max(0.05, (again - now) / timedelta(seconds=1)))
