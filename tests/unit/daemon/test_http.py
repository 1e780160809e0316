from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from gitopsd.daemon.bodies import MAX_BODY
from gitopsd.daemon.connections import Bounds, gives_way
from gitopsd.daemon.http import Application, HttpServer, Page, Part
from gitopsd.daemon.webhooks import Receiver
from tests.scenarios.operating import eventually
from tests.unit.daemon.test_webhooks import BODY, SECRET, signed


class Served:
    """An application behind a real socket."""

    def __init__(self, bounds: Bounds | None = None, part: Part | None = None) -> None:
        self.looked: list[str] = []
        receiver = Receiver(lambda _: [("shop", SECRET)], self.looked.append)
        pages: dict[str, Page] = {
            "/healthz": lambda: (200, "application/json", b"{}\n"),
            "/large": lambda: (200, "text/plain", bytes(1 << 26)),
        }
        application = Application(receiver, pages, part=part)
        self.server = HttpServer(application, "127.0.0.1:0", bounds)
        self.server.start()
        self.wait()

    def wait(self) -> None:
        host, _, port = self.server.address.rpartition(":")

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0

        eventually(answers)

    def connect(self, sends: bytes = b"") -> socket.socket:
        """A connection that sends so much and no more."""
        host, _, port = self.server.address.rpartition(":")
        made = socket.create_connection((host, int(port)), timeout=60)
        made.sendall(sends)
        return made

    def ask(self, method: str, path: str, **more: object) -> urllib3.BaseHTTPResponse:
        url = f"http://{self.server.address}{path}"
        return urllib3.request(method, url, retries=False, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.stop()


def test_a_signed_push_is_looked_at(served: Served) -> None:
    answer = served.ask("POST", "/webhooks/gitlab", body=BODY, headers=signed("gitlab"))
    assert answer.status == 202
    assert served.looked == ["shop"]


def test_probes_are_answered(served: Served) -> None:
    assert served.ask("GET", "/healthz").status == 200
    assert served.ask("POST", "/healthz").status == 405


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/webhooks/gitlab", 405), ("GET", "/", 404), ("POST", "/webhooks/", 404)],
)
def test_what_is_not_offered_is_refused(
    served: Served, method: str, path: str, status: int
) -> None:
    assert served.ask(method, path).status == status


def test_unsigned_requests_do_not_keep_a_signed_one_out(served: Served) -> None:
    told = [served.ask("POST", "/webhooks/gitlab", body=BODY).status for _ in range(150)]
    assert set(told) == {401, 429}
    answer = served.ask("POST", "/webhooks/gitlab", body=BODY, headers=signed("gitlab"))
    assert answer.status in (200, 202)


def test_a_body_that_says_it_is_too_large_is_not_read(served: Served) -> None:
    host, _, port = served.server.address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.putrequest("POST", "/webhooks/gitlab")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_that_grows_without_saying_so_is_cut_off(served: Served) -> None:
    chunks = (b"x" * 65536 for _ in range(MAX_BODY // 65536 + 2))
    try:
        headers = signed("gitlab")
        status = served.ask("POST", "/webhooks/gitlab", body=chunks, headers=headers).status
    except urllib3.exceptions.ProtocolError:
        return  # the answer came, and the connection went, before all was sent
    assert status == 413


HALF = b"POST /webhooks/gitlab HTTP/1.1\r\nHost: "
NO_BODY = HALF + b"h\r\nX-Gitlab-Token: guess\r\nContent-Length: 9\r\n\r\n"


@pytest.mark.parametrize("sends", [b"", HALF, NO_BODY])
def test_connections_that_say_nothing_keep_nobody_out(sends: bytes) -> None:
    made = Served(Bounds(header=3600, further=3600))
    with contextlib.ExitStack() as silent:
        for _ in range(Bounds().room + 40):
            silent.enter_context(made.connect(sends))
        assert made.ask("GET", "/healthz").status == 200
        answer = made.ask("POST", "/webhooks/gitlab", body=BODY, headers=signed("gitlab"))
        assert answer.status == 202
    made.server.stop()


def test_a_connection_that_waits_for_no_answer_is_closed_and_a_few_requests_are_no_crime(
    served: Served,
) -> None:
    question, answered = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", list[int]()
    for number in (20, 20_000):
        told = b""
        with contextlib.suppress(ConnectionError), served.connect(question * number) as one:
            while told.count(b"200 OK") < number and (part := one.recv(65536)):
                told += part
        answered.append(told.count(b"200 OK"))
    assert answered[0] == 20
    assert answered[1] < 20_000


def test_a_connection_without_a_whole_header_is_closed_in_time() -> None:
    made = Served(Bounds(header=0.2, further=0.2))
    question = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    for sends in (b"", HALF, question, question + b"\r\n", question + HALF):
        with made.connect(sends) as one, contextlib.suppress(ConnectionResetError):
            while one.recv(4096):
                pass
    made.server.stop()


class Endless:
    """A part that goes on talking for as long as somebody listens."""

    def takes(self, path: str) -> bool:
        return path == "/endless"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
            await asyncio.sleep(0)


@pytest.mark.parametrize("path", ["/large", "/endless"])
def test_an_answer_that_nobody_reads_is_given_up_in_time(path: str) -> None:
    made = Served(Bounds(answer=0.2), part=Endless())
    with made.connect(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as reader:
        eventually(lambda: b"200 OK" in reader.recv(65536, socket.MSG_PEEK))
        connections = made.server._server.server_state.connections
        eventually(lambda: not connections)
        assert made.ask("GET", "/healthz").status == 200
        taken = 0
        with contextlib.suppress(ConnectionResetError):
            while part := reader.recv(1 << 20):
                taken += len(part)
        assert taken < 1 << 26  # the rest of it never comes
    made.server.stop()


def test_the_oldest_connection_of_the_peer_that_has_most_gives_way() -> None:
    crowd = [("forge", 1.0, "a"), ("many", 3.0, "b"), ("many", 2.0, "c"), ("many", 4.0, "d")]
    assert gives_way(crowd) == "c"
