"""One request: credentials, retries within a budget, and answers that are no Kubernetes."""

from __future__ import annotations

import pytest

from gitopsd.adapters.kubernetes import Connection
from gitopsd.adapters.kubernetes.request import APPLY, Request
from gitopsd.ports import (
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
)

from .conftest import HandClock, Reply, Script, connect_to, status

READ = Request("GET", "/api/v1/services", "the list of services", "list", "services")
WRITE = Request(
    "PATCH",
    "/api/v1/namespaces/shop/services/tea",
    "Service shop/tea",
    "patch",
    "services",
    body={"kind": "Service"},
    content_type=APPLY,
)
FINE = Reply(200, {"items": []})


def test_a_read_goes_on_after_server_errors(api: Script, connection: Connection) -> None:
    api.replies(Reply(503, b""), Reply(500, b""), FINE)
    assert connection.send(READ).json() == {"items": []}


def test_a_read_goes_on_after_a_cut_connection(api: Script, connection: Connection) -> None:
    api.replies(Reply(drop=True), FINE)
    assert connection.send(READ).status == 200


def test_waits_grow_and_stay_below_the_cap(
    api: Script, connection: Connection, clock: HandClock
) -> None:
    api.replies(Reply(503, b""))
    with pytest.raises(Unreachable):
        connection.send(READ)
    assert clock.slept == [0.25, 0.5, 1.0, 2.0]


def test_a_wait_is_at_least_what_the_server_asks_for(
    api: Script, connection: Connection, clock: HandClock
) -> None:
    api.replies(Reply(429, b"", {"Retry-After": "7"}), FINE)
    connection.send(READ)
    assert clock.slept == [7.0]


def test_no_wait_is_begun_that_would_end_after_the_budget(
    api: Script, connection: Connection, clock: HandClock
) -> None:
    api.replies(Reply(429, b"", {"Retry-After": "31"}), FINE)
    with pytest.raises(Throttled):
        connection.send(READ)
    assert clock.slept == []


def test_a_throttled_write_is_tried_again(api: Script, connection: Connection) -> None:
    api.replies(status(429, "too many requests"), FINE)
    assert connection.send(WRITE).status == 200


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(503, b""), Reply(504, b"")])
def test_a_write_that_may_have_been_done_is_not_repeated(
    api: Script, connection: Connection, reply: Reply
) -> None:
    api.replies(reply, FINE)
    with pytest.raises(OutcomeUnknown):
        connection.send(WRITE)
    assert len(api.calls) == 1


def test_a_write_to_nobody_is_unreachable_and_was_not_done(clock: HandClock) -> None:
    connection = connect_to("http://127.0.0.1:9", clock)
    with pytest.raises(Unreachable, match=r"refused"):
        connection.send(WRITE)


def test_a_name_that_does_not_resolve_is_unreachable(clock: HandClock) -> None:
    connection = connect_to("http://no-such-cluster.invalid", clock)
    with pytest.raises(Unreachable):
        connection.send(READ)


def test_a_rejected_write_is_not_repeated(api: Script, connection: Connection) -> None:
    api.replies(status(422, "is invalid", "Invalid"), FINE)
    with pytest.raises(Rejected):
        connection.send(WRITE)
    assert len(api.calls) == 1


def test_a_redirect_is_not_followed(api: Script, connection: Connection) -> None:
    api.replies(Reply(302, b"", {"Location": "http://elsewhere.invalid/"}))
    with pytest.raises(Rejected):
        connection.send(READ)


def test_who_calls_is_told_to_the_server(api: Script, connection: Connection) -> None:
    api.replies(FINE)
    connection.send(READ)
    assert api.calls[0].headers["User-Agent"] == "gitopsd/test"


def test_the_clients_hook_renews_the_token_of_every_request(
    api: Script, connection: Connection
) -> None:
    tokens = iter(["one", "two"])

    def renew(configuration: object) -> None:
        configuration.api_key["BearerToken"] = f"Bearer {next(tokens)}"  # type: ignore[attr-defined]

    configuration = connection._client.configuration
    configuration.api_key["BearerToken"] = "Bearer old"
    configuration.refresh_api_key_hook = renew
    api.replies(FINE)
    connection.send(READ)
    connection.send(READ)
    assert [call.headers["authorization"] for call in api.calls] == ["Bearer one", "Bearer two"]


def test_an_error_never_shows_the_token(api: Script, connection: Connection) -> None:
    connection._client.configuration.api_key["BearerToken"] = "Bearer very-secret"
    api.replies(status(401, "Unauthorized", "Unauthorized"))
    with pytest.raises(Unauthenticated) as caught:
        connection.send(READ)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"metadata": {}}', b'{"items": 3}'])
def test_an_answer_that_is_no_kubernetes_object_is_an_error_of_the_world(
    api: Script, connection: Connection, body: bytes
) -> None:
    api.replies(Reply(200, body))
    with pytest.raises(Unreachable):
        connection.fetch(READ, lambda answer: [item["metadata"] for item in answer["items"]])


def test_the_cause_is_kept(api: Script, clock: HandClock) -> None:
    connection = connect_to("http://127.0.0.1:9", clock, attempts=1)
    with pytest.raises(Unreachable) as caught:
        connection.send(READ)
    assert caught.value.__cause__ is not None
