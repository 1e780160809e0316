from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from gitopsd.daemon.bodies import MAX_BODY, Bodies, Unread


class Sender:
    """A body that arrives as a test says."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def send(self, content: bytes, *, more: bool = False) -> None:
        self.messages.put_nowait({"type": "http.request", "body": content, "more_body": more})

    def reading(self, bodies: Bodies, *, suspect: bool = False) -> asyncio.Task[bytes]:
        reading: Coroutine[Any, Any, bytes]
        reading = bodies.read(self.messages.get, suspect=suspect)
        return asyncio.create_task(reading)

    async def heard(self) -> None:
        while not self.messages.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)


def test_a_body_is_read_to_its_end() -> None:
    async def play() -> None:
        sender = Sender()
        sender.send(b"one ", more=True)
        sender.send(b"two")
        assert await sender.reading(Bodies()) == b"one two"
        sender.messages.put_nowait({"type": "http.disconnect"})
        with pytest.raises(Unread, match="did not arrive"):
            await sender.reading(Bodies())

    asyncio.run(play())


def test_a_body_that_is_too_large_is_not_read_on() -> None:
    async def play() -> None:
        sender = Sender()
        sender.send(b"x" * (MAX_BODY + 1), more=True)
        with pytest.raises(Unread, match="at most"):
            await sender.reading(Bodies())

    asyncio.run(play())


def test_where_there_is_no_room_the_largest_body_gives_way_and_a_small_one_is_read() -> None:
    async def play() -> None:
        bodies, large, middle, small = Bodies(room=100), Sender(), Sender(), Sender()
        large.send(b"x" * 60, more=True)
        middle.send(b"x" * 35, more=True)
        tasks = large.reading(bodies), middle.reading(bodies)
        await large.heard()
        await middle.heard()
        small.send(b"x" * 10)
        assert await small.reading(bodies) == b"x" * 10
        for sender in (large, middle):
            sender.send(b"")
        with pytest.raises(Unread, match="too many"):
            await tasks[0]
        assert await tasks[1] == b"x" * 35

    asyncio.run(play())


def test_suspects_give_way_before_others() -> None:
    async def play() -> None:
        bodies, suspect, empty, good = Bodies(room=100), Sender(), Sender(), Sender()
        suspect.send(b"x" * 30, more=True)
        tasks = suspect.reading(bodies, suspect=True), empty.reading(bodies, suspect=True)
        await suspect.heard()
        good.send(b"x" * 90)
        assert await good.reading(bodies) == b"x" * 90
        suspect.send(b"")
        empty.send(b"late")
        with pytest.raises(Unread, match="too many"):
            await tasks[0]
        assert await tasks[1] == b"late"

    asyncio.run(play())
