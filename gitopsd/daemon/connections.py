"""Connections to a port that anybody may open: how many may keep us waiting, and how long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections may owe us a request or leave their answer unread, and in seconds: how
    long the header of the first one may take, how long that of any further one may, counted from
    the answer before it, and how long an answer may take to be read. `ahead` is how many requests
    may be sent before the one in front of them is answered.
    """

    room: int = 256
    header: float = 10.0
    further: float = 30.0
    answer: float = 60.0
    ahead: int = 32


class AheadError(Exception):
    """A connection asks for more than it waits for."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 of which no silent connection costs others anything.

    One that sends no whole header in time is closed, however it spreads its bytes, and so is one
    that does not take its answer in time: what we cannot send is kept in memory until then. Where
    too many have not sent the request that they were opened for, header and body, or do not read,
    the oldest one of the peer that has most of them is given up: who sends at once, as probes and
    forges do, is answered however many others say nothing. One that asks on and on without waiting
    for answers is closed: what arrives at once is read at once, and thousands of requests fit in.
    """

    bounds: ClassVar[Bounds] = Bounds()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._since = 0.0
        self._given_up = False
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._expect(self.bounds.header)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._expect(None)
        super().connection_lost(exc)
        self._taken()

    def pause_writing(self) -> None:
        """More is to be sent than the other side takes: from now on its time runs."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.bounds.answer, self._give_up)
        self._make_room()

    def resume_writing(self) -> None:
        """All but the last of it was taken."""
        super().resume_writing()
        self._taken()

    def _taken(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def on_message_begin(self) -> None:
        """See `httptools`; what is raised here ends the reading of what has arrived."""
        if len(self.pipeline) >= self.bounds.ahead:
            self._give_up()
            raise AheadError
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """See `httptools`."""
        self._expect(None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """An answer was sent; the next request may come."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._expect(self.bounds.further)

    def _expect(self, seconds: float | None) -> None:
        """Have the next header arrive within so many seconds, None for none to be waited for."""
        if self._timer is not None:
            self._timer.cancel()
        self._since = self.loop.time()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._given_up = True
        self.transport.abort()

    @property
    def _owes(self) -> bool:
        """Whether it is its turn to send, or to read."""
        cycle = self.cycle
        if self._unread is not None:
            return not self._given_up
        answering = cycle is not None and not (cycle.more_body or cycle.response_complete)
        return not (self._given_up or answering)

    def _make_room(self) -> None:
        every = [one for one in self.connections if isinstance(one, BoundedProtocol) and one._owes]
        if len(every) > self.bounds.room:
            gives_way([(one._peer, one._since, one) for one in every])._give_up()

    @property
    def _peer(self) -> str:
        return self.client[0] if self.client else ""


def gives_way(crowd: Sequence[tuple[str, float, T]]) -> T:
    """Who of (peer, since when it waits, who it is): the oldest of the peer that has most."""
    peers = Counter(peer for peer, _, _ in crowd)
    most = max(peers.values())
    return min((one for one in crowd if peers[one[0]] == most), key=lambda one: one[1])[2]


def bounded(limits: Bounds) -> type[BoundedProtocol]:
    """The protocol within these bounds."""

    class _Within(BoundedProtocol):
        bounds = limits

    return _Within
