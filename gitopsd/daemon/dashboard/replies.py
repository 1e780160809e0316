"""What is answered: status, headers that shut the browser's doors, and the body."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

Send = Callable[[dict[str, Any]], Awaitable[None]]

#: Nothing inline and nothing from elsewhere: a value that got into the page as markup does nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types drawing"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_JSON = "application/json; charset=utf-8"
#: Smaller bodies are not worth the work.
_WORTH_ZIPPING = 2048


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer. `etag` names the body; `more` are headers of this answer alone."""

    status: int
    body: bytes
    type: str = _JSON
    etag: str = ""
    more: tuple[tuple[bytes, bytes], ...] = ()
    zipped: bytes | None = None


def json_reply(content: Any, status: int = 200, *more: tuple[bytes, bytes]) -> Reply:
    """An answer out of plain values."""
    return Reply(status, orjson.dumps(content), more=more)


def message(status: int, text: str, *more: tuple[bytes, bytes]) -> Reply:
    """An answer that says something, as all that are no data."""
    return json_reply({"message": text}, status, *more)


def zipped(body: bytes) -> bytes:
    """The same, compressed quickly and alike each time."""
    return gzip.compress(body, compresslevel=1, mtime=0)


async def send_reply(send: Send, reply: Reply, asked: dict[str, str], *, head: bool) -> None:
    """Send an answer, as short as the one who asked can take it; `head` leaves the body out."""
    status, body, more = reply.status, reply.body, list(reply.more)
    if reply.etag:
        more.append((b"etag", reply.etag.encode()))
        if reply.etag in (part.strip() for part in asked.get("if-none-match", "").split(",")):
            status, body = 304, b""
    if body and len(body) > _WORTH_ZIPPING and "gzip" in asked.get("accept-encoding", ""):
        body = reply.zipped or zipped(body)
        more.append((b"content-encoding", b"gzip"))
    keep = b"no-cache" if reply.etag else b"no-store"
    headers = [
        (b"content-type", reply.type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", keep),
        (b"vary", b"accept-encoding, authorization"),
        *HEADERS,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
