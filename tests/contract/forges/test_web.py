"""The one HTTP client: where it goes, what it takes, and what it never tells."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitopsd.adapters.patience import Patience
from gitopsd.adapters.web import Address, Bounds, Caller, Request, Web, read_secret
from gitopsd.ports import (
    Misconfigured,
    OutcomeUnknown,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from tests.contract.forges.conftest import TOKEN
from tests.contract.forges.receiving import Account, Fault, Receiver, Reply, Route
from tests.contract.git.serving import certify


class Echo(Receiver):
    """Answers POST and GET below a path that is a secret, as a chat's webhook is."""

    def account(self, headers: object) -> Account:
        return Account(1, "anybody")

    def routes(self) -> list[Route]:
        return [
            (method, "/hook/S3CR3T.*", lambda who, asked: Reply(200, {"heard": asked.content}))
            for method in ("GET", "POST", "PATCH")
        ]


@pytest.fixture
def echo() -> Iterator[Echo]:
    receiver = Echo()
    with receiver:
        yield receiver


class Watch:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, budget: float = 30.0) -> Patience:
        return Patience(budget=budget, clock=lambda: self.now, sleep=self.sleep, jitter=lambda: 1)


def web(
    url: str,
    watch: Watch | None = None,
    *,
    bounds: Bounds | None = None,
    ca_file: Path | None = None,
    now: float = 0.0,
) -> Web:
    address = Address.parse(url, about="the chat", plain_http=True)
    patience = (watch or Watch()).patience()
    caller = Caller("the chat", "Chat", "gitopsd/test")
    return Web(address, caller, bounds, ca_file=ca_file, patience=patience, now=lambda: now)


def ask(client: Web, method: str = "GET", path: str = "/hook/S3CR3T") -> bytes:
    body = b'{"a": 1}' if method != "GET" else None
    headers = {"Content-Type": "application/json"} if body else {}
    return client.send(Request(method, path, "tell", body=body, headers=headers)).body


def refusal(client: Web, method: str = "GET", path: str = "/hook/S3CR3T") -> WorldError:
    with pytest.raises(WorldError) as caught:
        ask(client, method, path)
    told = "".join(traceback.format_exception(caught.value))
    assert "S3CR3T" not in told.replace('path: str = "/hook/S3CR3T"', "")
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example/hook",
        "ftp://chat.example/",
        "https://user:pw@chat.example/",
        "https:///hook",
        "https://chat.example/a b",
        "https://chat.example/#x",
        "https://chat.example:99999/",
        "https://[::1/",
        "chat.example",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Address.parse(url, about="the chat")
    assert "hook" not in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_never_followed(echo: Echo, status: int) -> None:
    with Echo() as other:
        for link in (f"{other.url}/hook/S3CR3T", f"//127.0.0.1:{other.server_port}/hook/S3CR3T"):
            for method in ("GET", "POST"):
                echo.faults.append(Fault(status, {"Location": link}))
                assert isinstance(refusal(web(echo.url), method), Misconfigured)
        assert other.asked == []


def test_a_redirect_within_the_address_is_followed_but_not_in_circles(echo: Echo) -> None:
    echo.faults.append(Fault(301, {"Location": "/hook/S3CR3T/new"}))
    ask(web(echo.url))
    assert echo.asked[-1].path == "/hook/S3CR3T/new"
    echo.faults.append(Fault(307, {"Location": "/hook/S3CR3T/new"}))
    assert b'"a": 1' in ask(web(echo.url), "POST")
    echo.faults.extend([Fault(301, {"Location": "/hook/S3CR3T"})] * 9)
    assert "circle" in str(refusal(web(echo.url)))


def test_a_redirect_that_would_turn_a_write_into_a_read_is_not_followed(echo: Echo) -> None:
    echo.faults.append(Fault(302, {"Location": "/hook/S3CR3T/new"}))
    refusal(web(echo.url), "POST")
    assert echo.asked == []


def test_an_answer_beyond_the_bound_is_not_read_to_its_end(echo: Echo) -> None:
    echo.faults.append(Fault(200, body=b"x" * 200_000))
    assert "larger than 100,000 bytes" in str(
        refusal(web(echo.url, bounds=Bounds(largest=100_000)))
    )


def test_a_certificate_of_an_unknown_authority_is_refused_and_a_given_one_taken(
    echo: Echo, tmp_path: Path
) -> None:
    import ssl

    certificate = certify(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    echo.socket = context.wrap_socket(echo.socket, server_side=True)
    url = echo.url.replace("http://", "https://")
    error = refusal(web(url))
    assert isinstance(error, Unreachable)
    assert "certificate" in str(error)
    ask(web(url, ca_file=certificate))


def test_a_limit_is_waited_out_as_long_as_our_patience_has(echo: Echo) -> None:
    watch = Watch()
    echo.faults.append(Fault(429, {"Retry-After": "20"}))
    ask(web(echo.url, watch), "POST")
    assert watch.slept == [20]
    echo.faults.append(Fault(429, {"Retry-After": "40"}))
    error = refusal(web(echo.url, watch), "POST")
    assert isinstance(error, Throttled)
    assert error.after == 40
    assert watch.slept == [20]


@pytest.mark.parametrize(
    ("headers", "body", "after"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1100"}, b"{}", 100),
        ({}, b'{"message": "You have exceeded a secondary rate limit."}', 60),
        ({"Retry-After": "Thu, 01 Jan 1970 00:20:00 GMT"}, b"{}", 200),
    ],
)
def test_githubs_limits_are_told_from_a_missing_right(
    echo: Echo, headers: dict[str, str], body: bytes, after: float
) -> None:
    echo.faults.append(Fault(403, headers, body))
    error = refusal(web(echo.url, now=1000.0))
    assert isinstance(error, Throttled)
    assert error.after == after


def test_writes_keep_their_distance(echo: Echo) -> None:
    watch = Watch()
    client = web(echo.url, watch, bounds=Bounds(pace=1.0))
    for method in ("POST", "GET", "POST", "POST"):
        ask(client, method)
    assert watch.slept == [1.0, 1.0]


def test_a_write_that_may_have_been_done_is_not_repeated_and_one_that_sets_a_value_is(
    echo: Echo,
) -> None:
    echo.faults.append(Fault(502))
    assert isinstance(refusal(web(echo.url), "POST"), OutcomeUnknown)
    echo.faults.extend([Fault(502), Fault(503)])
    ask(web(echo.url), "PATCH")


def test_a_host_that_is_not_there_is_unreachable_without_its_path(echo: Echo) -> None:
    url = echo.url
    echo.shutdown()
    echo.server_close()
    assert isinstance(refusal(web(url)), Unreachable)
    assert isinstance(refusal(web(url), "POST"), Unreachable)  # nothing was sent


@pytest.mark.parametrize("content", [b"", b"two words", b"\xff\xfe", "schlüssel".encode()])
def test_a_token_file_that_holds_no_token_is_refused_and_not_quoted(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(Unauthenticated) as caught:
        read_secret(file, "the chat")
    assert "words" not in str(caught.value).replace("more than one word", "")
    file.write_text(f" {TOKEN}\n")
    assert read_secret(file, "the chat") == TOKEN
