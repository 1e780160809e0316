"""The operator's own HTTP server: webhooks, the page, and how it goes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gitopsd.daemon.bodies import MAX_BODY, Bodies, Receive, Unread, too_large
from gitopsd.daemon.connections import Bounds, bounded
from gitopsd.daemon.webhooks import Answer, Receiver

Send = Callable[[dict[str, Any]], Awaitable[None]]
#: Answers a GET: status, content type, body.
Page = Callable[[], tuple[int, str, bytes]]


class Part(Protocol):
    """An application of its own that answers some of the paths."""

    def takes(self, path: str) -> bool:
        """Whether a path is one of its own."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""


@dataclass(frozen=True, slots=True)
class Application:
    """Routes requests: `GET` of a page in `pages`, `POST /webhooks/<provider>`, and what a `part`
    takes.

    `told` hears the provider and the status of each delivery.
    """

    receiver: Receiver
    pages: dict[str, Page]
    told: Callable[[str, int], None] = lambda *_: None
    part: Part | None = None
    bodies: Bodies = field(default_factory=Bodies)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        if page := self.pages.get(path):
            if method not in ("GET", "HEAD"):
                await _answer(send, Answer(405, "GET only"))
                return
            await _reply(send, *page())
        elif path.startswith("/webhooks/"):
            provider = path.removeprefix("/webhooks/")
            answer = await self._webhook(provider, scope, receive)
            self.told(provider, answer.status)
            await _answer(send, answer)
        elif self.part is not None and self.part.takes(path):
            await self.part(scope, receive, send)
        else:
            await _answer(send, Answer(404, "nothing is here"))

    async def _webhook(self, provider: str, scope: dict[str, Any], receive: Receive) -> Answer:
        if scope["method"] != "POST":
            return Answer(405, "POST only")
        source = (scope.get("client") or ("?", 0))[0]
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > MAX_BODY:
            return _refusal(too_large())
        claim = self.receiver.opens(provider, headers, source)
        if isinstance(claim, Answer):
            return claim
        try:
            body = await self.bodies.read(receive, suspect=self.receiver.suspects(source))
        except Unread as error:
            return _refusal(error)
        return self.receiver.receive(claim, body)


def _refusal(error: Unread) -> Answer:
    return Answer(error.status, str(error))


async def _answer(send: Send, answer: Answer) -> None:
    body = json.dumps({"message": answer.text}).encode() + b"\n"
    await _reply(send, answer.status, "application/json", body)


async def _reply(send: Send, status: int, content: str, body: bytes) -> None:
    headers = [
        (b"content-type", content.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _from_peers(application: Application) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The application with `peer` in its scope: the other end of the connection, even where a
    proxy on this machine says on whose behalf it asks (`client`).
    """
    forwarded: Any = ProxyHeadersMiddleware(application, trusted_hosts="127.0.0.1")  # type: ignore[arg-type]

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await forwarded({**scope, "peer": scope.get("client")}, receive, send)

    return serve


class HttpServer:
    """Serves an application in a thread, whoever else is connected. `address` is HOST:PORT; port 0
    is any free one.
    """

    def __init__(
        self, application: Application, address: str, bounds: Bounds | None = None
    ) -> None:
        host, _, port = address.rpartition(":")
        self._socket = _bound(host.strip("[]"), int(port))
        config = uvicorn.Config(
            _from_peers(application),
            proxy_headers=False,
            http=bounded(bounds or Bounds()),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="http", daemon=True
        )

    @property
    def address(self) -> str:
        """HOST:PORT that it serves at."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def alive(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        self._thread.join(5.0)
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    """A bound socket; raises OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
