"""Who may write to a target, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write to a target, as it stands in the target's own cluster.

    `holder` is "" when nobody does, `duration` the seconds after which a holder that is not heard
    of has lost it. `acquired` and `renewed` are by the holder's clock and for people only.
    `transitions` counts the holders; `version` is "" for a lease that does not exist yet. `wanted`
    names somebody who waits for the holder to give it up for a while, "" for nobody. `request` are
    the seconds that a write of the holder may take, 0 where it does not say. `load` is how many
    leases the holder has in all, 0 where it does not say; `wanted_load` how many the one who waits
    has, if it waits only so that both have as many; None if it has work to do. `news` is a
    word that stands for what somebody who stands by has to tell, "" for nothing.
    """

    holder: str = ""
    duration: float = 0.0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0
    version: str = ""
    wanted: str = ""
    request: float = 0.0
    load: int = 0
    wanted_load: int | None = None
    news: str = ""

    @property
    def beat(self) -> tuple[str, str, str, int]:
        """Differs after each renewal, and after nothing else: who asks for it renews nothing."""
        return self.holder, self.acquired, self.renewed, self.transitions


class LeaseStore(Protocol):
    """Where the lease of one target is kept. A call is one request, and is not tried again."""

    @property
    def about(self) -> str:
        """What the lease is called, for people."""

    def read(self) -> Lease | None:
        """The lease as it stands; None when there is none yet."""

    def write(self, lease: Lease) -> Lease:
        """Make it, or replace it at `lease.version`; answers it as it stands then.

        Raises Overtaken when somebody was faster.
        """

    def watch(self, version: str, seconds: float) -> Iterator[Lease]:
        """The lease each time that somebody writes it after `version`, for so many seconds at most.

        It may end sooner, and raises Unreachable when it is not written for some seconds.
        """


class Term(Protocol):
    """The right to write to one target for a while (design §6). Safe between threads."""

    def check(self, seconds: float) -> None:
        """Return if a write that takes at most `seconds` may be sent now; raises TermEnded."""

    def pause(self, seconds: float) -> None:
        """Wait; raises TermEnded as soon as nobody wants the end of the work any more."""

    @property
    def request(self) -> float:
        """The seconds that a single write may take within this term."""

    @property
    def over(self) -> bool:
        """Whether the work is to end: its term is lost, or nothing more is to be begun."""

    def look(self) -> None:
        """Note who has the right, before what is to be written about is observed.

        Where that cannot be known, somebody counts as having had it.
        """

    def held(
        self, *, wait: bool, stop: Callable[[], bool] = ..., met: Callable[[str], None] = ...
    ) -> AbstractContextManager[bool]:
        """Hold the right until the block ends; whether another has had it since `look`.

        What was observed since then may be so no longer. `met` is told, once, who holds it instead.
        Raises Busy when another holds it and we are not to `wait`, or `stop` says true; and what
        keeps us from asking for it.
        """
