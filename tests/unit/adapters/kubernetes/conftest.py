"""A scripted HTTP server in the place of a kube-apiserver, and a clock moved by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kubernetes.client import Configuration

from gitopsd.adapters.kubernetes import Connection, Patience


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def status(code: int, message: str, reason: str = "", **details: Any) -> Reply:
    body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    body |= {"message": message, "code": code}
    if reason:
        body["reason"] = reason
    if details:
        body["details"] = details
    return Reply(code, body)


class HandClock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Script:
    """Answers by a function of the call; remembers what was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answer: Callable[[Call], Reply] = lambda call: status(404, "404 page not found")
        self.calls: list[Call] = []

    def replies(self, *replies: Reply) -> None:
        """Give these answers in turn; the last one for ever."""
        waiting = list(replies)
        self.answer = lambda call: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def api() -> Iterator[Script]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            body = json.loads(raw) if raw else None
            call = Call(self.command, url.path, query, dict(self.headers), body)
            script.calls.append(call)
            reply = script.answer(call)
            if reply.drop:
                self.close_connection = True
                return
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body)
            data = content if isinstance(content, bytes) else content.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PATCH = do_DELETE = handle_any

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script = Script(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def connection(api: Script, clock: HandClock) -> Iterator[Connection]:
    made = connect_to(api.url, clock)
    yield made
    made.close()


def connect_to(url: str, clock: HandClock, **limits: Any) -> Connection:
    patience = Patience(clock=clock, sleep=clock.sleep, jitter=lambda: 1.0, **limits)
    configuration = Configuration(host=url)
    configuration.no_proxy = "127.0.0.1"
    return Connection(
        configuration, user_agent="gitopsd/test", patience=patience, timeouts=(60.0, 60.0)
    )
