"""Telling open pages that there is something new: a number, and nothing else.

A page that hears another number asks for what it shows. So a slow reader costs no memory: there is
no queue, only the latest number.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gitopsd.daemon.dashboard.replies import HEADERS, Send, message, send_reply

Receive = Callable[[], Awaitable[dict[str, Any]]]
#: What a line of events is (HTML Living Standard, "Server-sent events").
EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many may listen, and in seconds: how long one may at most, how often a silent line is
    kept open, how long one line may take to be sent, and the pause between two.
    """

    listeners: int = 64
    life: float = 900.0
    beat: float = 15.0
    patience: float = 10.0
    pause: float = 0.5


class Hub:
    """The number and those who listen. `changed` and `close` are safe from any thread."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._closed = False
        self.version = 1

    def changed(self) -> None:
        """There is something new."""
        with self._lock:
            self.version += 1
        self._wake()

    def close(self) -> None:
        """Let everybody go."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            for event, loop in self._listeners.items():
                if not loop.is_closed():
                    loop.call_soon_threadsafe(event.set)

    async def serve(self, receive: Receive, send: Send) -> None:
        """Tell one listener (Server-Sent Events) until it leaves or its time is over."""
        event = asyncio.Event()
        with self._lock:
            full = len(self._listeners) >= self._pace.listeners
            if not full:
                self._listeners[event] = asyncio.get_running_loop()
        if full:
            later = (b"retry-after", b"30")
            await send_reply(send, message(503, "too many listen; ask again now and then", later),
                             {}, head=False)  # fmt: skip
            return
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await self._tell(event, gone, send)
        finally:
            gone.cancel()
            with self._lock:
                del self._listeners[event]

    async def _tell(self, event: asyncio.Event, gone: asyncio.Future[None], send: Send) -> None:
        headers = [
            (b"content-type", EVENTS.encode()),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *HEADERS,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        clock, told = asyncio.get_running_loop().time, 0
        end = clock() + self._pace.life
        while not (self._closed or gone.done()) and clock() < end:
            event.clear()
            version = self.version
            line = b":\n\n" if version == told else b"data: %d\n\n" % version
            told = version
            try:
                async with asyncio.timeout(self._pace.patience):
                    await send({"type": "http.response.body", "body": line, "more_body": True})
            except TimeoutError:
                return  # it does not read: the server closes what is not finished
            await asyncio.wait({gone}, timeout=self._pace.pause)
            await self._something(event, gone)
        await send({"type": "http.response.body", "body": b""})

    async def _something(self, event: asyncio.Event, gone: asyncio.Future[None]) -> None:
        """Wait for news, for the end, or for the line to have been silent for long."""
        news = asyncio.ensure_future(event.wait())
        either: set[asyncio.Future[Any]] = {news, gone}
        try:
            await asyncio.wait(either, timeout=self._pace.beat, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
