"""Reading the bodies of requests that anybody may send, within bounds for all of them together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

#: The largest body of a webhook that is read: pushes of thousands of commits fit in.
MAX_BODY = 4 * 1024 * 1024
#: Seconds for a whole body to arrive.
BODY_SECONDS = 10.0
#: Bytes of all bodies that are being read at once.
MAX_BODIES = 32 * 1024 * 1024

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Unread(Exception):
    """A body that is not read; `status` is what HTTP calls the reason."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def too_large() -> Unread:
    """It is longer than may be read."""
    return Unread(413, f"at most {MAX_BODY} bytes are read")


def _no_room() -> Unread:
    return Unread(503, "too many large bodies at once")


@dataclass(eq=False, slots=True)
class _Body:
    """One that is being read. Who is `suspect` gives way first."""

    suspect: bool
    content: bytearray = field(default_factory=bytearray)
    refused: bool = False


class Bodies:
    """Reads bodies, in one event loop. Where all of them together become too many, the largest is
    given up, those of suspects before others: a small body that comes at once, as those of forges
    do, cannot be shut out by large ones that never end.
    """

    def __init__(self, room: int = MAX_BODIES) -> None:
        self._room = room
        self._reading: set[_Body] = set()

    async def read(self, receive: Receive, *, suspect: bool) -> bytes:
        """A whole body. Raises Unread."""
        body = _Body(suspect)
        self._reading.add(body)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._whole(body, receive)
        except TimeoutError as error:
            raise Unread(408, "the body took too long") from error
        finally:
            self._reading.discard(body)

    async def _whole(self, body: _Body, receive: Receive) -> bytes:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Unread(400, "the body did not arrive")
            if not body.refused:
                body.content += message.get("body", b"")
                if len(body.content) > MAX_BODY:
                    raise too_large()
                self._make_room()
            if body.refused:
                raise _no_room()
            if not message.get("more_body"):
                return bytes(body.content)

    def _make_room(self) -> None:
        while sum(len(body.content) for body in self._reading) > self._room:
            largest = max(self._reading, key=_burden)
            largest.refused = True
            largest.content.clear()


def _burden(body: _Body) -> tuple[bool, int]:
    """What counts in choosing who gives way; one that holds nothing makes no room."""
    return body.suspect and bool(body.content), len(body.content)
