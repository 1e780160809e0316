"""The page over a real socket: methods, addresses, headers, listeners."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from gitopsd.daemon.dashboard.events import Hub, Pace
from gitopsd.daemon.settings import Dashboard
from tests.unit.daemon.dashboard.stage import NOW, Stage, served, shop, with_pace

ALL = ("overview", "exposures", "plans", "holds", "passes", "reports", "problems")
CAKE = "/api/v1/exposures/acme/edge/Exposure/shop/cake"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with served(Stage()) as running:
        running.passed(*shop())
        yield running


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_there_is_no_way_to_change_anything(stage: Stage, method: str) -> None:
    for path in (
        "/",
        "/ui/",
        "/ui/main.js",
        "/api/v1/overview",
        "/api/v1/events",
        CAKE,
        "/api/v1/x",
    ):
        answer = stage.ask(path, method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD"), path


def test_head_is_get_without_a_body(stage: Stage) -> None:
    for path in ("/ui/", *(f"/api/v1/{name}" for name in ALL)):
        whole, head = stage.ask(path), stage.ask(path, "HEAD")
        assert (head.status, head.data) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
    head = stage.ask("/api/v1/events", "HEAD")
    assert (head.status, head.data) == (200, b"")
    assert head.headers["content-type"] == "text/event-stream"


def test_every_answer_shuts_the_doors_of_a_browser(stage: Stage) -> None:
    paths = ("/", "/ui/", "/ui/page.css", "/ui/none", "/api/v1/overview", "/api/v1/none", CAKE)
    for path in paths:
        headers = stage.ask(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert stage.ask("/api/v1/overview").headers["cache-control"] == "no-store"


def test_the_page_names_no_other_site_and_has_nothing_inline(stage: Stage) -> None:
    page = stage.ask("/ui/").data.decode()
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" src="/ui/') == 1
    for name in stage.app._assets.names:
        text = stage.ask(f"/ui/{name}").data.decode()
        addresses = text.replace("http://www.w3.org/2000/svg", "")
        assert "://" not in addresses, name
        assert "innerHTML" not in text, name


@pytest.mark.parametrize(
    "path",
    ["/ui/../app.py", "/ui/%2e%2e/app.py", "/ui/..%2f..%2fetc%2fpasswd", "/ui//etc/passwd",
     "/ui/page.css/..", "/ui/page.css%00", "/ui/__init__.py", "/ui/../../../../etc/passwd",
     "/uix", "/apix", "/api/v2/overview", "/api/v1/", "/api/v1/exposures/", "/api/v1/overview/",
     CAKE + "/x", "/api/v1/exposures/acme/edge/Exposure/shop", "/api/v1/exposures/a/b/c/d/e"],
)  # fmt: skip
def test_what_is_not_there_cannot_be_reached(stage: Stage, path: str) -> None:
    host, port = stage.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 30) as line:  # a client would tidy the path
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 404")


def test_an_address_without_end_is_refused_and_the_next_one_answered(stage: Stage) -> None:
    assert stage.ask("/api/v1/overview?" + "a=1&" * 60_000).status == 400  # no server reads that
    assert stage.ask("/api/v1/overview?" + "a=1&" * 3_000).status == 414
    assert stage.ask("/api/v1/overview?" + "a=1&" * 900).status == 200
    assert stage.ask("/ui/" + "a" * 5_000).status == 414
    assert stage.ask("/api/v1/overview").status == 200


def test_a_wrong_host_sees_not_even_the_page(stage: Stage) -> None:
    for path in ("/", "/ui/", "/ui/main.js", "/api/v1/overview", "/api/v1/events"):
        assert stage.ask(path, Host="evil.example.com").status == 421


def test_who_a_proxy_asks_for_is_not_let_in_as_this_machine(stage: Stage) -> None:
    assert stage.ask("/api/v1/overview", X_Forwarded_For="203.0.113.5").status == 403
    assert stage.ask("/api/v1/overview", X_Forwarded_For="127.0.0.1").status == 403


def test_what_is_known_already_is_not_sent_again(stage: Stage) -> None:
    for path in ("/api/v1/exposures", "/ui/main.js"):
        first = stage.ask(path)
        again = stage.ask(path, If_None_Match=first.headers["etag"])
        assert (again.status, again.data) == (304, b"")
    version = stage.ask("/api/v1/overview").json()["rows"]
    assert stage.ask("/api/v1/exposures").headers["etag"] == version


def test_answers_are_sent_short_to_those_who_can_read_it(stage: Stage) -> None:
    url = f"http://{stage.address}{CAKE}"
    plain = stage.ask(CAKE).data
    with urllib3.PoolManager() as pool:
        short = pool.request(
            "GET", url, headers={"Accept-Encoding": "gzip"}, decode_content=False,
            preload_content=False,
        )  # fmt: skip
        assert gzip.decompress(short.read(decode_content=False)) == plain


def test_the_page_can_be_shut(stage: Stage) -> None:
    stage.settings = Dashboard(enabled=False)
    try:
        assert [stage.ask(path).status for path in ("/", "/ui/", "/api/v1/overview")] == [404] * 3
    finally:
        stage.settings = Dashboard()


def test_a_token_is_read_anew_at_each_request(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a" * 30 + "\n")
    stage.settings = Dashboard(token_file=str(file))
    try:
        old, new = f"Bearer {'a' * 30}", f"Bearer {'b' * 30}"
        refused = stage.ask("/api/v1/overview")
        assert (refused.status, refused.headers["www-authenticate"][:6]) == (401, "Bearer")
        assert stage.ask("/ui/").status == 200
        assert stage.ask("/api/v1/overview", Authorization=old).status == 200
        file.write_text("b" * 30)
        assert stage.ask("/api/v1/overview", Authorization=old).status == 401
        assert stage.ask("/api/v1/overview", Authorization=new).status == 200
        file.unlink()
        assert stage.ask("/api/v1/overview", Authorization=new).status == 503
    finally:
        stage.settings = Dashboard()


# --- listeners -------------------------------------------------------------------------------


class Listener:
    """Somebody who listens to events, and reads only when told to."""

    def __init__(self, stage: Stage) -> None:
        host, port = stage.address.rsplit(":", 1)
        self.line = socket.create_connection((host, int(port)), 60)
        self.line.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.heard = b""

    def hear(self, what: bytes) -> None:
        while what not in self.heard:
            chunk = self.line.recv(4096)
            assert chunk, self.heard
            self.heard += chunk

    def close(self) -> None:
        self.line.close()


def until_nobody_listens(hub: Hub) -> None:
    end = time.monotonic() + 60
    while hub._listeners:
        assert time.monotonic() < end
        threading.Event().wait(0.02)


def test_who_listens_hears_of_each_pass_and_leaves_nothing_behind() -> None:
    with served(with_pace(Pace(pause=0.01))) as stage:
        one = Listener(stage)
        one.hear(b"data: 1\n\n")
        stage.passed(*shop())
        one.hear(b"data: 2\n\n")
        one.close()
        until_nobody_listens(stage.app.hub)


def test_more_than_may_listen_are_told_to_ask_now_and_then() -> None:
    with served(with_pace(Pace(listeners=3, pause=0.01))) as stage:
        several = [Listener(stage) for _ in range(3)]
        for one in several:
            one.hear(b"data: 1\n\n")
        refused = stage.ask("/api/v1/events")
        assert (refused.status, refused.headers["retry-after"]) == (503, "30")
        assert stage.ask("/api/v1/overview").status == 200
        several.pop().close()
        end = time.monotonic() + 60
        while len(stage.app.hub._listeners) == 3:
            assert time.monotonic() < end
        again = Listener(stage)
        again.hear(b"data: 1\n\n")
        for one in [*several, again]:
            one.close()


def test_a_silent_line_is_kept_open() -> None:
    with served(with_pace(Pace(beat=0.05, pause=0.01))) as stage:
        one = Listener(stage)
        one.hear(b":\n\n")
        one.close()


def test_nobody_listens_for_ever() -> None:
    with served(with_pace(Pace(life=0.1, beat=0.05, pause=0.01))) as stage:
        one = Listener(stage)
        one.hear(b"\r\n0\r\n\r\n")
        one.close()


def test_who_does_not_read_holds_up_nobody_and_costs_a_number() -> None:
    with served(with_pace(Pace(pause=0.0))) as stage:
        deaf, good = Listener(stage), Listener(stage)
        good.hear(b"data: 1\n\n")
        for _ in range(2000):
            stage.app.hub.changed()
        good.hear(b"data: %d\n\n" % stage.app.hub.version)
        assert stage.ask("/api/v1/overview").status == 200
        deaf.close()
        good.close()


def test_listeners_are_let_go_when_the_operator_leaves() -> None:
    stage = with_pace(Pace())
    with served(stage):
        one = Listener(stage)
        one.hear(b"data: 1\n\n")
        stage.app.hub.close()
        one.hear(b"0\r\n\r\n")
        one.close()


def test_answers_are_json_that_says_when_it_is_of(stage: Stage) -> None:
    for name in ALL:
        assert json.loads(stage.ask(f"/api/v1/{name}").data)
    told = stage.ask("/api/v1/overview").json()
    assert told["targets"][0]["observed"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
