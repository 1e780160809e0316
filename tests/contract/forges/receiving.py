"""A small HTTP server that answers as an API does, keeps what it is told, and can be unkind."""

from __future__ import annotations

import json
import re
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Account:
    """Somebody with a token. `app` is a token of an app, which cannot ask whose it is."""

    id: int
    login: str
    push: bool = True
    app: bool = False


@dataclass(frozen=True)
class Fault:
    """What happens instead of an answer, or `after` the request was carried out."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    after: bool = False  # cut the connection once the request is done


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, content: Any) -> None:
        super().__init__(status)
        self.status = status
        self.content = content


@dataclass
class Reply:
    """A success."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Route = tuple[str, str, Callable[..., Reply]]


class Receiver(ThreadingHTTPServer):
    """One service with one repository, `acme/exposures`; use it as a context manager.

    `faults` are met in their order, one a request; `asked` is everything that arrived.
    """

    daemon_threads = True
    #: What goes before every path, as the operator has to name it.
    prefix = ""
    repository = "acme/exposures"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.accounts: dict[str, Account] = {}
        self.faults: deque[Fault] = deque()
        self.asked: list[Asked] = []
        self.lock = RLock()
        self._last = 100

    def __enter__(self) -> Receiver:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        """The base address of the API."""
        return f"http://127.0.0.1:{self.server_port}{self.prefix}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def local(self, path: str) -> str | None:
        """A path as routes have it; None for what is nothing of the API's."""
        return path.removeprefix(self.prefix) if path.startswith(self.prefix) else None

    def new_id(self) -> int:
        self._last += 1
        return self._last

    def writes(self) -> list[str]:
        """What was asked to change, as METHOD PATH."""
        return [f"{a.method} {a.path}" for a in self.asked if a.method != "GET"]

    def routes(self) -> list[Route]:
        """Methods, patterns of paths, and who answers them."""
        raise AssertionError

    def account(self, headers: Mapping[str, str]) -> Account:
        """Whose token it is; raises Refused."""
        raise AssertionError

    def answer(self, asked: Asked) -> Reply:
        """Answer a request; raises Refused."""
        who = self.account(asked.headers)
        for method, pattern, respond in self.routes():
            match = re.fullmatch(pattern, asked.path)
            if match and method == asked.method:
                return respond(who, asked, *match.groups())
        raise Refused(404, {"message": "Not Found"})

    def paged(self, asked: Asked, items: list[Any], size: str, default: int, most: int) -> Reply:
        """One page of a list, with the Link header that says whether another follows."""
        page = int(asked.query.get("page", "1"))
        per_page = min(most, int(asked.query.get(size, str(default))))
        part = items[(page - 1) * per_page : page * per_page]
        headers = {}
        if page * per_page < len(items):
            query = {**asked.query, "page": str(page + 1)}
            link = self.link(asked.path, "&".join(f"{k}={v}" for k, v in query.items()))
            headers["Link"] = f'<{link}>; rel="next", <{link}>; rel="last"'
        return Reply(200, part, headers)

    def link(self, path: str, query: str) -> str:
        """How the service writes the address of a page."""
        return f"{self.url}{path}?{query}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with self.server.lock:
            fault = self.server.faults.popleft() if self.server.faults else None
            if fault is not None and not fault.after:
                self._send(fault.status, fault.body, dict(fault.headers))
                return
            reply = self._reply(parts.path, parts.query, body)
        if fault is not None:
            self.close_connection = True
            self.connection.close()
            return
        content = b"" if reply.content is None else json.dumps(reply.content).encode()
        self._send(reply.status, content, reply.headers)

    def _reply(self, path: str, query: str, body: bytes) -> Reply:
        try:
            content = json.loads(body) if body else None
        except json.JSONDecodeError:
            return Reply(400, {"message": "Problems parsing JSON"})
        if body and self.headers.get("Content-Type") != "application/json":
            return Reply(415, {"message": "Unsupported Media Type"})
        local = self.server.local(path)
        if local is None:
            return Reply(404, {"message": "Not Found"})
        flat = {name: values[-1] for name, values in parse_qs(query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, local, flat, headers, content)
        self.server.asked.append(asked)
        try:
            return self.server.answer(asked)
        except Refused as refused:
            return Reply(refused.status, refused.content)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve
