"""The thread that keeps a target's lease, and gives it back when the work is done; another hears
what others write into it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from gitopsd.daemon.agenda import Ended, Wish
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.leases.tenure import Tenure
from gitopsd.daemon.worker import Worker, fault
from gitopsd.ports import WorldError

#: Seconds until it is asked again whether the lease is ours, and until it is heard again what is
#: written into it.
_UNHELD, _DEAF = 0.5, 1.0


class Kept(Protocol):
    """The work that a lease is kept for. Called from the keeper's threads."""

    def begun(self, term: int) -> None:
        """The lease has become ours; `term` counts how often."""

    def lost(self) -> None:
        """The lease is not ours: said at every step while that is so."""

    def told_of(self, push: str) -> None:
        """Another replica tells of a push; said again for as long as it stands in the lease."""

    @property
    def busy(self) -> bool:
        """Whether there is work under way that needs the lease."""

    @property
    def fresh(self) -> bool:
        """Whether the first work of this term is still to be done."""

    def ended(self, timeout: float) -> bool:
        """Wait so many seconds for the work to end for good; whether it has."""


@dataclass(slots=True)
class _Told:
    """What was made known already."""

    holder: str = ""
    term: int = 0


class Keeper:
    """Bids for the lease from `start` on, renews it, and ends it after `leave` and the last work.

    `name` is the target's on the board, where trouble with the lease is told.
    """

    def __init__(
        self, name: str, tenure: Tenure, kept: Kept, board: Board, journal: Journal
    ) -> None:
        self._name = name
        self._tenure = tenure
        self._kept = kept
        self._board = board
        self._journal = journal
        self._leaving = threading.Event()
        self._stirred = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lease {name}", daemon=True)
        self._deaf = ""
        self._hearer = Worker(f"news {name}", self._hear, self._fault)

    def start(self) -> None:
        """Begin to bid."""
        self._hearer.start()
        self._thread.start()
        self._hearer.wish(Wish.RETRY)

    def stir(self) -> None:
        """Do what is due now, and not only when the lease is renewed next."""
        self._stirred.set()

    def leave(self) -> None:
        """Give the lease back as soon as the work has ended."""
        self._hearer.leave()
        self._leaving.set()
        self._stirred.set()

    @property
    def leaving(self) -> bool:
        """Whether the lease is about to be given back."""
        return self._leaving.is_set()

    @property
    def alive(self) -> bool:
        """Whether the lease is kept."""
        return self._thread.is_alive() and (self.leaving or self._hearer.alive)

    def join(self, timeout: float) -> None:
        """Wait for the lease to be given back. Who only hears of news is not waited for."""
        self._thread.join(timeout)

    def _hear(self, _: frozenset[Wish]) -> Ended:
        """Have news of others seen to at once: they are seen at the next renewal all the same."""
        if not self._tenure.mine:
            return Ended(again=_UNHELD)
        deaf = ""
        try:
            self._tenure.hear(self._heard)
        except WorldError as error:
            deaf = "" if error.transient else str(error)
        if deaf not in ("", self._deaf):
            self._journal.tell("lease.deaf", "warning", what=deaf)
        self._deaf = deaf
        return Ended(again=_DEAF)

    def _heard(self, news: str) -> None:
        self._kept.told_of(news)
        self.stir()  # the next renewal has to know of what was written

    def _fault(self, error: Exception) -> None:
        self._journal.tell("lease.fault", "error", what=fault(error))

    def _run(self) -> None:
        told = _Told()
        while not self._leaving.is_set():
            pause = self._tenure.step()
            self._tell(told)
            self._see_to(told)
            self._stirred.wait(max(pause, 0.01))
            self._stirred.clear()
        pause = 0.1
        while not self._kept.ended(pause):  # the step under way needs its lease until it is done
            pause = self._tenure.step()
        self._tenure.end()
        self._board.tell(f"{self._name} lease", "")
        self._kept.lost()

    def _tell(self, told: _Told) -> None:
        """Tell people what is wrong with the lease, and who holds it."""
        trouble = str(self._tenure.trouble or self._tenure.lateness)
        if self._board.tell(f"{self._name} lease", trouble) and trouble:
            self._journal.tell("lease.trouble", "warning", what=trouble)
        seen = self._tenure.standing.seen
        holder = seen.holder if seen else ""
        if holder != told.holder:
            self._journal.tell("lease.held", holder=holder, ours=self._tenure.mine)
            told.holder = holder

    def _see_to(self, told: _Told) -> None:
        """Have the work know of a new term and of news; give way to others while it rests.

        Nobody gets an even share of what nobody has seen to since its last holder vanished: each
        that took it over would have to begin anew, and the target would wait for all of them.
        """
        if self._tenure.standing.term != told.term:
            told.term = self._tenure.standing.term
            self._kept.begun(told.term)
        elif not self._kept.busy and (other := self._tenure.give_way(shares=not self._kept.fresh)):
            self._journal.tell("lease.given_up", to=other)
        if self._tenure.standing.until is None:
            self._kept.lost()
        if news := self._tenure.news:
            self._kept.told_of(news)
