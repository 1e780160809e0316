"""A collector on loopback: takes spans by OTLP over HTTP, and can keep who sends them waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Seen:
    """A span as it arrived."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    attributes: dict[str, Any]
    failed: bool
    why: str
    links: list[str]
    resource: dict[str, Any]
    seconds: float
    events: list[str]


@dataclass
class Collector:
    """What arrived, and how it is answered. While `open` is not set nobody is answered at all."""

    url: str
    spans: list[Seen] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    open: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, name: str, seconds: float = 120, **attributes: Any) -> Seen:
        """The first span of that name with these attributes (`_` for the dots)."""
        with self.changed:
            found = self.changed.wait_for(lambda: self._find(name, attributes), seconds)
            assert found, (name, attributes, [(s.name, s.attributes) for s in self.spans])
            return found

    def _find(self, name: str, attributes: dict[str, Any]) -> Seen | None:
        for span in self.spans:
            said = {key.replace(".", "_"): value for key, value in span.attributes.items()}
            if span.name == name and attributes.items() <= said.items():
                return span
        return None

    def children(self, span: Seen) -> list[Seen]:
        return [one for one in self.spans if (one.trace, one.parent) == (span.trace, span.id)]

    def take(self, body: bytes) -> None:
        message = ExportTraceServiceRequest.FromString(body)
        with self.changed:
            for group in message.resource_spans:
                resource = _values(group.resource.attributes)
                for scope in group.scope_spans:
                    self.spans += [_seen(span, resource) for span in scope.spans]
            self.changed.notify_all()


def _values(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def _seen(span: Any, resource: dict[str, Any]) -> Seen:
    return Seen(
        span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.kind,
        _values(span.attributes), span.status.code == span.status.STATUS_CODE_ERROR,
        span.status.message, [link.trace_id.hex() for link in span.links], resource,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        [event.name for event in span.events],
    )  # fmt: skip


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that serves until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: collector))
    server.daemon_threads = True
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    collector.open.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        collector.open.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(collector: Callable[[], Collector]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            to = collector()
            to.asked.append((self.path, dict(self.headers)))
            to.open.wait(120)
            if to.status == 200:
                to.take(body)
            self.send_response(to.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
