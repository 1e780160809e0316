"""Listeners: ASGI applications on loopback sockets, several in one event loop."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gitopsd.sandbox.kubernetes.app import ABORT

LOOPBACK: Final = "127.0.0.1"
_GRACE_SECONDS: Final = 0.5


class _AbortableProtocol(HttpToolsProtocol):
    """HTTP that lets the application end the connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope[ABORT] = self._abort_connection

    def _abort_connection(self) -> None:
        self.cycle.response_started = True
        self.cycle.response_complete = True
        self.transport.abort()


def bound_socket(port: int, *, fallback: bool = False) -> socket.socket:
    """A socket bound to a loopback port, 0 for any.

    With `fallback`, a port that is taken is replaced by any free one.

    Raises:
        OSError: the port is taken.
    """
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
    except OSError:
        sock.close()
        if not fallback or port == 0:
            raise
        return bound_socket(0)
    return sock


@dataclass(frozen=True, slots=True)
class Listener:
    """An application, the socket it is served on, and the TLS files if it is served over TLS."""

    app: Any
    sock: socket.socket
    certificate: Path | None = None
    key: Path | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.sock.getsockname()[1])

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{LOOPBACK}:{self.port}"

    def server(self) -> uvicorn.Server:
        """The server for this listener, not yet running."""
        config = uvicorn.Config(
            self.app,
            http=_AbortableProtocol,
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            ssl_certfile=self.certificate,
            ssl_keyfile=self.key,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            server_header=False,
            backlog=1024,
        )
        return uvicorn.Server(config)


def _abort(server: uvicorn.Server, *, idle: bool) -> None:
    """End connections, or the `idle` ones of them: those with a request still have an answer due.

    Over TLS each would wait for its client's farewell, which a client that keeps it open forgets.
    """
    for connection in list(server.server_state.connections):
        cycle = connection.cycle if isinstance(connection, _AbortableProtocol) else None
        busy = cycle is not None and not cycle.response_complete
        if connection.transport is not None and not (idle and busy):
            connection.transport.abort()


async def serve(listeners: list[Listener], started: asyncio.Event, stopping: asyncio.Event) -> None:
    """Serve until `stopping` is set; `started` is set once every listener answers.

    Raises:
        RuntimeError: a listener did not come up.
    """
    servers = [listener.server() for listener in listeners]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener.sock]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    try:
        while not all(server.started for server in servers):
            if any(task.done() for task in tasks):
                raise RuntimeError("a listener of the sandbox ended before it served")
            await asyncio.sleep(0.002)
        started.set()
        await stopping.wait()
    finally:
        for server in servers:
            server.should_exit = True
            _abort(server, idle=True)
        await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for server in servers:
            _abort(server, idle=False)
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
