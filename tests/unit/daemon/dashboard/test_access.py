"""Who is let in, and who is not."""

from __future__ import annotations

import pytest

from gitopsd.daemon.dashboard.access import SHORTEST, Request, refusal
from gitopsd.daemon.settings import Dashboard, TrustedProxy

TOKEN = b"t" * SHORTEST
OPEN = Dashboard()
WITH_TOKEN = Dashboard(token_file="/token")
WITH_PROXY = Dashboard(
    hosts=["page.example.com"],
    proxy=TrustedProxy(header="X-Forwarded-User", addresses=["10.0.0.0/8", "fd00::/8"]),
)


def status(settings: Dashboard, peer: str = "127.0.0.1", *, data: bool = True,
           tokens: tuple[bytes, ...] = (TOKEN,), **headers: str) -> int:  # fmt: skip
    named = {"host": "localhost:8080"} | {k.replace("_", "-"): v for k, v in headers.items()}
    request = Request("GET", "/api/v1/overview", headers=named, peer=peer)
    found = refusal(request, settings, tokens, data=data)
    return found.status if found else 200


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_let_in_by_default(peer: str) -> None:
    assert status(OPEN, peer) == 200


@pytest.mark.parametrize("peer", ["10.0.0.9", "203.0.113.5", "fd00::1", "", "localhost"])
def test_nobody_else_is(peer: str) -> None:
    assert status(OPEN, peer) == 403


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_here(header: str) -> None:
    assert status(OPEN, **{header: "127.0.0.1"}) == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "127.0.0.1.evil.example.com", "localhost.evil.com:8080", "",
     "a, localhost", "localhost, a", "user@localhost", "[::2]", "0.0.0.0", "localhost:80:80"],
)  # fmt: skip
def test_a_name_that_was_turned_to_this_machine_opens_nothing(host: str) -> None:
    for data in (True, False):
        assert status(OPEN, host=host, data=data) == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080"])
def test_names_of_this_machine_are_known(host: str) -> None:
    assert status(OPEN, host=host) == 200


def test_a_page_of_another_site_reads_nothing() -> None:
    assert status(OPEN, sec_fetch_site="cross-site") == 403
    assert status(OPEN, sec_fetch_site="same-origin") == 200
    assert status(OPEN, sec_fetch_site="cross-site", data=False) == 200  # a link to the page


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Bearer x", f"Basic {TOKEN.decode()}", f"Bearer {TOKEN.decode()}x",
     f"Bearer {TOKEN.decode()[:-1]}", TOKEN.decode(), "Bearer \xff"],
)  # fmt: skip
def test_with_a_token_in_use_everybody_shows_it(shown: str) -> None:
    assert status(WITH_TOKEN, authorization=shown) == 401


def test_the_right_token_lets_in_from_anywhere() -> None:
    good = f"bearer {TOKEN.decode()}"
    assert status(WITH_TOKEN, "203.0.113.5", authorization=good) == 200
    assert status(WITH_TOKEN, authorization=good, tokens=(b"o" * SHORTEST, TOKEN)) == 200


def test_the_files_of_the_page_need_no_token_and_hold_nothing() -> None:
    assert status(WITH_TOKEN, "203.0.113.5", data=False) == 200


@pytest.mark.parametrize("tokens", [(), (b"short",)])
def test_an_empty_file_or_a_short_token_lets_nobody_in(tokens: tuple[bytes, ...]) -> None:
    for shown in ("Bearer ", "Bearer short"):
        assert status(WITH_TOKEN, authorization=shown, tokens=tokens) == 503


def test_a_proxy_is_believed_from_its_own_addresses_only() -> None:
    named = {"host": "page.example.com", "x_forwarded_user": "kim"}
    assert status(WITH_PROXY, "10.1.2.3", **named) == 200
    assert status(WITH_PROXY, "fd00::7", **named) == 200
    for peer in ("127.0.0.1", "11.0.0.1", "203.0.113.5"):
        assert status(WITH_PROXY, peer, **named) == 403
    assert status(WITH_PROXY, "10.1.2.3", host="page.example.com") == 403
    assert status(WITH_PROXY, "10.1.2.3", host="page.example.com", x_forwarded_user=" ") == 403
