"""The ASGI application: authentication, rights, faults, routing, and sending the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import aggregated, discovery, errors, openapi
from gitopsd.sandbox.kubernetes.access import (
    EVERYTHING,
    Attributes,
    PathAttributes,
    User,
    refusal,
)
from gitopsd.sandbox.kubernetes.asking import attributes_of
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.faults import Fault, FaultRequest
from gitopsd.sandbox.kubernetes.handlers import Call, Handlers
from gitopsd.sandbox.kubernetes.negotiation import negotiated, offer_of_document, wants_yaml
from gitopsd.sandbox.kubernetes.requests import (
    Request,
    Target,
    check_timeout,
    find_target,
    parse_query,
)
from gitopsd.sandbox.kubernetes.responses import (
    Response,
    header_pairs,
    in_yaml,
    of_error,
    of_json,
    of_text,
)
from gitopsd.sandbox.kubernetes.watching import Watch, WatchHub

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_log = logging.getLogger(__name__)
ABORT: Final = "gitopsd.abort"
CONTROL_PATH: Final = "/sandbox/"
_HEALTH_ROOTS: Final = ("healthz", "livez", "readyz")
_HEALTH_CHECKS: Final = ("ping", "log", "etcd")
_DISCOVERED: Final = ("api", "apis")
_NOWHERE: Final = "404 page not found\n"
_OF_ONE_VERSION: Final = 3
_BODY_LIMIT: Final = 3 * 1024 * 1024
_PIECE: Final = 256 * 1024


class _DroppedError(Exception):
    """A fault says that the connection ends here."""


class KubernetesApp:
    """Serves one cluster.

    `address` is what discovery says about where the server is. `control` answers what comes below
    CONTROL_PATH from callers who may do everything.
    """

    def __init__(
        self,
        cluster: Cluster,
        address: str = "127.0.0.1",
        control: Callable[[Request], Response] | None = None,
    ) -> None:
        self.cluster = cluster
        self.address = address
        self._control = control
        self._handlers = Handlers(cluster)
        self._hub: WatchHub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        request, too_large = await _read(scope, receive)
        connection = _Connection(scope, receive, send)
        try:
            check_timeout(request)
            if too_large:
                message = f"Request entity too large: limit is {_BODY_LIMIT}"
                raise errors.ApiError(413, "RequestEntityTooLarge", message)
            response = await self._answer(request, connection)
        except errors.ApiError as error:
            response = of_error(error)
            response = in_yaml(response) if wants_yaml(request.accept) else response
        except _DroppedError:
            connection.drop()
            return
        except Exception as error:  # noqa: BLE001 - logged, and told as the API tells it
            _log.exception("%s %s failed", request.method, request.path)
            response = of_error(errors.internal_error(f"{type(error).__name__}: {error}"))
        await connection.send_response(response, head_only=request.method == "HEAD")

    def close(self) -> None:
        """End all watches; called in the loop that serves."""
        if self._hub is not None:
            self._hub.close()

    async def _answer(self, request: Request, connection: _Connection) -> Response:
        access = self.cluster.access
        user = access.authenticate(request.headers.get("authorization", ""))
        path = request.path.rstrip("/") or "/"
        asked = attributes_of(request)
        at_path = PathAttributes(request.method.lower(), request.path)
        user = access.impersonated(user, request.headers, asked or at_path)
        if asked is None:
            access.authorize_path(user, at_path.path, at_path.verb)
            return self._other(request, path, user)
        access.authorize(user, asked)
        target = find_target(self.cluster.registry, path)
        astray = target is None or target.is_handed_on(target.verb(request))
        if target is None or astray or request.path.startswith("//"):
            return of_text(_NOWHERE, 404)
        try:
            response = await self._resource(request, target, user, asked, connection)
        except errors.ApiError as error:
            error.warnings = (*target.resource.warnings, *error.warnings)
            raise
        response.warnings = (*target.resource.warnings, *response.warnings)
        return response

    def _other(self, request: Request, path: str, user: User) -> Response:
        fixed = _health(request) or _earlier(request)
        if fixed is not None:
            return fixed
        if path.startswith(CONTROL_PATH) and self._control and EVERYTHING in user.rules:
            return self._control(request)
        whole = aggregated.wanted(request)
        if whole and request.method == "GET":
            return aggregated.answer(self.cluster.registry, request, whole)
        if path.startswith("/openapi/v3"):
            found = openapi.at(self.cluster.registry, path)
        elif path == "/":
            found = {"paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz"]}
        else:
            found = discovery.document(self.cluster.registry, path, self.address)
        if found is None:
            return of_text(_NOWHERE, 404)
        if path.split("/")[1] not in _DISCOVERED:
            if request.method != "GET" and not (request.method == "HEAD" and _is_open(path)):
                raise errors.method_not_allowed()
            return of_json(found)
        offer = offer_of_document(self.cluster.registry, path)
        if offer.routed and request.method != "GET":
            raise errors.method_not_allowed()
        answer = of_json(found)
        return in_yaml(answer) if negotiated(request.accept, offer).yaml else answer

    async def _resource(
        self,
        request: Request,
        target: Target,
        user: User,
        asked: Attributes,
        connection: _Connection,
    ) -> Response:
        resource, verb = target.resource, target.verb(request)
        target.check(verb)
        about = FaultRequest(verb, str(resource.named), target.namespace, target.name, user.name)
        hits = self.cluster.faults.hits(about)
        await _strike_before(hits, target, user, asked)
        if verb == "watch":
            return self._watch(request, target, connection, hits)
        if any(fault.kind == "expire" for fault in hits):
            raise errors.expired("the requested revision is gone: a fault was asked for")
        response = self._handlers.answer(verb, Call(request, target, user))
        if any(fault.kind == "drop-after" for fault in hits):
            raise _DroppedError
        return response

    def _watch(
        self, request: Request, target: Target, connection: _Connection, hits: list[Fault]
    ) -> Response:
        struck = {fault.kind: fault.seconds for fault in hits}
        if "expire" in struck:
            error = errors.expired("too old resource version: a fault was asked for")
            line = orjson.dumps({"type": "ERROR", "object": error.status})
            return Response(200, line + b"\n")
        if self._hub is None or self._hub.closed:
            self._hub = WatchHub(self.cluster)
        query = self._handlers.watch_query(request, target)
        if "stale" in struck:
            query = replace(query, silent=struck["stale"] or query.seconds)
        if "drop-after" in struck:
            query = replace(query, seconds=min(query.seconds, struck["drop-after"]))
        watch = Watch(self.cluster, self._hub, query)
        connection.listen(self._hub)
        lines = watch.lines(lambda: connection.gone)
        if "drop-after" in struck:
            lines = _cut_at_the_end(lines, connection)
        return Response(200, lines)


async def _cut_at_the_end(
    lines: AsyncIterator[bytes], connection: _Connection
) -> AsyncIterator[bytes]:
    async for line in lines:
        yield line
    connection.drop()


def _is_open(path: str) -> bool:
    """Whether a document answers HEAD, too: that about all kinds does, and none about a version."""
    return path.startswith("/openapi") and path.count("/") < _OF_ONE_VERSION


def _earlier(request: Request) -> Response | None:
    """The documents of kinds as they were before version 3."""
    if (request.method, request.path) != ("GET", "/openapi/v2"):
        return None
    return Response(200, openapi.EARLIER, openapi.EARLIER_TYPE)


def _health(request: Request) -> Response | None:
    """What a health path answers: one word, or with `verbose` a line for each check."""
    root, _, check = request.path.removeprefix("/").partition("/")
    if root not in _HEALTH_ROOTS or (check and check not in _HEALTH_CHECKS):
        return None
    if request.path.endswith("/"):
        return None
    if check or "verbose" not in request.query:
        return of_text("ok")
    lines = "".join(f"[+]{name} ok\n" for name in _HEALTH_CHECKS)
    return of_text(f"{lines}{root} check passed\n")


async def _strike_before(hits: list[Fault], target: Target, user: User, asked: Attributes) -> None:
    """Let the faults strike that come before the effect."""
    for fault in hits:
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "throttle":
            raise errors.too_many_requests(int(fault.seconds))
        elif fault.kind == "error":
            raise errors.ApiError(fault.status, fault.reason, fault.message)
        elif fault.kind == "conflict":
            why = "the object has been modified; please apply your changes to the latest version"
            raise errors.conflict(target.resource.named, target.name, f"{why} and try again")
        elif fault.kind == "forbidden":
            raise refusal(user, asked)
        elif fault.kind == "quota":
            raise errors.quota_exhausted(target.resource.named, target.name)
        elif fault.kind == "drop-before":
            raise _DroppedError


async def _read(scope: Scope, receive: Receive) -> tuple[Request, bool]:
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size <= _BODY_LIMIT:
            pieces.append(piece)
        more = message["type"] == "http.request" and message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    request = Request(
        method=scope["method"],
        path=scope["path"],
        query=parse_query(scope["query_string"]),
        headers=headers,
        body=b"".join(pieces),
    )
    return request, size > _BODY_LIMIT


class _Connection:
    """The way back to the client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._abort: Callable[[], None] | None = scope.get(ABORT)
        self._receive = receive
        self._send = send
        self._listening: asyncio.Task[None] | None = None
        self.gone = False

    def listen(self, hub: WatchHub) -> None:
        """Notice when the client leaves, so that a watch ends."""

        async def until_gone() -> None:
            while (await self._receive())["type"] != "http.disconnect":
                continue
            self.gone = True
            hub.wake()

        self._listening = asyncio.create_task(until_gone())

    def drop(self) -> None:
        """End the connection without an answer."""
        if self._abort is not None:
            self._abort()

    async def send_response(self, response: Response, *, head_only: bool) -> None:
        """Send an answer, big ones in pieces."""
        headers = header_pairs(response, {"cache-control": "no-cache, private"})
        start = {"type": "http.response.start", "status": response.status, "headers": headers}
        await self._send(start)
        try:
            if head_only or isinstance(response.body, bytes):
                body = b"" if head_only else response.body
                await self._send({"type": "http.response.body", "body": body})
                return
            if isinstance(response.body, AsyncIterator):
                async for line in response.body:
                    await self._send_piece(line)
            else:
                await self._send_pieces(response.body)
            await self._send({"type": "http.response.body", "body": b""})
        finally:
            if self._listening is not None:
                self._listening.cancel()

    async def _send_pieces(self, pieces: Any) -> None:
        held: list[bytes] = []
        size = 0
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= _PIECE:
                await self._send_piece(b"".join(held))
                held, size = [], 0
                await asyncio.sleep(0)  # others are served between the pieces
        await self._send_piece(b"".join(held))

    async def _send_piece(self, piece: bytes) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
