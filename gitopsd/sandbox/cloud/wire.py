"""The ASGI side: reads a request, waits where a fault says so, writes the answer or breaks off."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

from gitopsd.sandbox.cloud.dispatch import Admitted, Dispatcher, Reply, error_reply
from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.signature import Message

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

URL_LIMIT = 64 * 1024
BODY_LIMIT = 8 * 1024 * 1024


def build_app(dispatcher: Dispatcher, lock: AbstractContextManager[Any]) -> App:
    """The ASGI application of one product's endpoint. `lock` guards every look at the state."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"no {scope['type']} connections are served here")
        message = await _read(scope, receive)
        reply = await _answer(dispatcher, lock, message)
        try:
            if reply.wait:
                await asyncio.sleep(reply.wait)
            if reply.break_connection:
                await _break(send)
            else:
                await _write(send, reply)
        finally:
            reply.left()

    return app


async def _answer(
    dispatcher: Dispatcher, lock: AbstractContextManager[Any], message: Message | ApiError
) -> Reply:
    request_id = str(uuid.uuid4()).upper()
    host = f"{dispatcher.product}.{dispatcher.world.region}.aliyuncs.com"
    try:
        if isinstance(message, ApiError):
            raise message
        with lock:
            admitted = dispatcher.admit(message)
        await _wait_before(admitted)
        with lock:
            reply = dispatcher.perform(admitted)
    except ApiError as error:
        return error_reply(error, request_id, host, dispatcher.product)
    if isinstance(reply.body, dict):
        reply.body = {"RequestId": request_id, **reply.body}
    return reply


async def _wait_before(admitted: Admitted) -> None:
    """A slow read is slow before it looks; a slow write has already happened when it is slow."""
    if admitted.operation.access == "read" and admitted.trouble.latency:
        await asyncio.sleep(admitted.trouble.latency)


async def _read(scope: Scope, receive: Receive) -> Message | ApiError:
    body = bytearray()
    more = True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            break
        body += part.get("body", b"")
        more = part.get("more_body", False)
        if len(body) > BODY_LIMIT:
            return ApiError("RequestEntityTooLarge", "The request body is too large.", 413)
    query: bytes = scope["query_string"]
    if len(query) > URL_LIMIT:
        return ApiError("RequestUriTooLarge", "The request URL is too long.", 414)
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    return Message(scope["method"], scope["path"], query, headers, bytes(body))


async def _write(send: Send, reply: Reply) -> None:
    if isinstance(reply.body, str):
        payload, kind = reply.body.encode(), b"text/html; charset=utf-8"
    else:
        payload = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":")).encode()
        kind = b"application/json;charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(payload)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": payload})


async def _break(send: Send) -> None:
    """Cut the connection without an answer.

    ASGI has no word for that, so the server's own transport is asked, where it can be reached; any
    other server gets an answer that is cut off after its headers.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
