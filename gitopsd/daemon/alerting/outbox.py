"""All sinks of the operator, and what they are handed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from gitopsd.alerts import Rules
from gitopsd.daemon.alerting.desk import Offer, SinkDesk, Told
from gitopsd.daemon.alerting.rules import rules_of
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.settings import SinkSettings
from gitopsd.ports import Sink

#: Makes the way to a service. Nothing is sent or read by making it.
Open = Callable[[SinkSettings], Sink]


class Outbox:
    """Hands the state of targets to every sink. All methods are safe from any thread and return at
    once, but for `join`.

    It holds one state for each target and nothing else, so that it never grows: who could not be
    told yet is told of what is true by then.
    """

    def __init__(self, board: Board, journal: Journal, told: Told | None = None) -> None:
        self._board = board
        self._journal = journal
        self._told = told or (lambda *_: None)
        self._lock = threading.Lock()
        self._desks: dict[str, tuple[SinkSettings, SinkDesk]] = {}
        self._offers: dict[str, Offer] = {}
        self._left: list[SinkDesk] = []

    def load(self, sinks: Sequence[SinkSettings], open_sink: Open) -> None:
        """Take settings over; a sink that they do not change goes on undisturbed."""
        with self._lock:
            wanted = {sink.name: sink for sink in sinks}
            for name, (settings, desk) in list(self._desks.items()):
                if wanted.get(name) != settings:
                    desk.leave()
                    self._left.append(desk)
                    del self._desks[name]
            for name, settings in wanted.items():
                if name not in self._desks:
                    desk = self._desk(settings, open_sink(settings))
                    self._desks[name] = (settings, desk)

    def _desk(self, settings: SinkSettings, sink: Sink) -> SinkDesk:
        self._left = [desk for desk in self._left if desk.alive]
        before = [desk for desk in self._left if desk.rules.name == settings.name]
        rules: Rules = rules_of(settings)
        desk = SinkDesk(rules, sink, settings.kind, self._board, self._journal, told=self._told)
        for offer in self._offers.values():
            desk.offer(offer)
        desk.start(after=before)
        return desk

    def offer(self, offer: Offer) -> None:
        """A target has been looked at."""
        with self._lock:
            self._offers[offer.scene.place] = offer
            desks = self.desks
        for desk in desks:
            desk.offer(offer)

    def withdraw(self, place: str) -> None:
        """A target is not ours to see to any more."""
        with self._lock:
            self._offers.pop(place, None)
            desks = self.desks
        for desk in desks:
            desk.withdraw(place)

    def leave(self) -> None:
        """Send nothing more."""
        for desk in self.desks:
            desk.leave()

    def join(self, timeout: float) -> bool:
        """Wait until the messages under way are sent and remembered; whether they are."""
        end = time.monotonic() + timeout
        desks = [*self._left, *self.desks]
        done = [desk.join(max(0.1, end - time.monotonic())) for desk in desks]
        return all(done)

    @property
    def desks(self) -> list[SinkDesk]:
        """The sinks, as they are now."""
        return [desk for _, desk in list(self._desks.values())]

    @property
    def alive(self) -> bool:
        """Whether every sink's thread runs."""
        return all(desk.alive for desk in self.desks)

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is wrong with sinks, by their names."""
        return {desk.rules.name: desk.trouble for desk in self.desks if desk.trouble}
