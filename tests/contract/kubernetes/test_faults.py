"""Faults on the Kubernetes side, ordered in the one syntax and met over the wire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import urllib3

from gitopsd.sandbox.embedded import Sandbox
from tests.contract.kubernetes.client import CONFIG_MAPS, Client, config_map

ITEM = CONFIG_MAPS + "/a"


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    yield made
    sandbox.faults.clear()
    made.send("DELETE", CONFIG_MAPS)
    made.close()


def order(sandbox: Sandbox, *texts: str) -> None:
    sandbox.faults.add(texts)


def struck(sandbox: Sandbox) -> list[int]:
    return [one["struck"] for one in sandbox.faults.listed()]


def test_throttling_says_when_to_come_back(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:throttle:list:retry-after=3")
    status, refusal, answer = client.send("GET", CONFIG_MAPS)
    assert (status, refusal["reason"]) == (429, "TooManyRequests")
    assert (answer.headers["retry-after"], refusal["details"]["retryAfterSeconds"]) == ("3", 3)
    assert client.send("GET", CONFIG_MAPS)[0] == 200


def test_throttling_may_leave_open_when_to_come_back(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:throttle")
    status, refusal, answer = client.send("GET", CONFIG_MAPS)
    assert (status, refusal["reason"]) == (429, "TooManyRequests")
    assert "retry-after" not in answer.headers


def test_an_error_takes_the_place_of_the_effect(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:error:create:status=503,code=ServiceUnavailable,message=not now")
    status, refusal, _ = client.send("POST", CONFIG_MAPS, config_map("a"))
    assert (status, refusal["reason"], refusal["message"]) == (
        503,
        "ServiceUnavailable",
        "not now",
    )
    assert client.send("GET", ITEM)[0] == 404


@pytest.mark.parametrize(("kind", "afterwards"), [("drop-before", 404), ("drop-after", 200)])
def test_a_cut_connection_leaves_the_caller_not_knowing(
    client: Client, sandbox: Sandbox, kind: str, afterwards: int
) -> None:
    order(sandbox, f"kubernetes:{kind}:create/configmaps/default")
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.send("POST", CONFIG_MAPS, config_map("a"))
    assert client.send("GET", ITEM)[0] == afterwards


def test_a_watch_can_be_cut_in_the_middle(client: Client, sandbox: Sandbox) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    order(sandbox, "kubernetes:drop-after:watch/configmaps:seconds=0.05")
    events = client.watch(CONFIG_MAPS + "?watch=1&fieldSelector=metadata.name=a")
    assert next(events)["type"] == "ADDED"
    with pytest.raises(urllib3.exceptions.ProtocolError):
        next(events)


def test_a_conflict_looks_like_somebody_elses_write(client: Client, sandbox: Sandbox) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    order(sandbox, "kubernetes:conflict:update/configmaps/*/a")
    status, refusal, _ = client.send("PUT", ITEM, config_map("a"))
    assert (status, refusal["reason"]) == (409, "Conflict")
    assert client.send("PUT", ITEM, config_map("a"))[0] == 200


def test_a_verb_can_be_forbidden(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:forbidden:create+delete/configmaps")
    status, refusal, _ = client.send("POST", CONFIG_MAPS, config_map("a"))
    assert (status, refusal["reason"]) == (403, "Forbidden")
    assert refusal["message"] == (
        'configmaps is forbidden: User "admin" cannot create resource "configmaps" in API group '
        '"" in the namespace "default"'
    )


def test_a_quota_can_be_exhausted(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:quota:create")
    status, refusal, _ = client.send("POST", CONFIG_MAPS, config_map("a"))
    assert (status, refusal["reason"]) == (403, "Forbidden")
    assert "exceeded quota: sandbox, requested: count/configmaps=1" in refusal["message"]


def test_history_can_be_made_to_be_gone(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:expire:watch", "kubernetes:expire:list")
    (event,) = client.watch(CONFIG_MAPS + "?watch=1&timeoutSeconds=5")
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert client.send("GET", CONFIG_MAPS)[0] == 410


def test_trouble_of_watches_and_writes_waits_for_them(client: Client, sandbox: Sandbox) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    order(sandbox, "kubernetes:stale", "kubernetes:expire", "kubernetes:quota")
    assert client.send("GET", ITEM)[0] == 200
    assert struck(sandbox) == [0, 0, 0]
    assert client.send("GET", CONFIG_MAPS)[0] == 410
    assert client.send("PUT", ITEM, config_map("a"))[0] == 403
    assert struck(sandbox) == [0, 1, 1]


def test_a_stale_watch_tells_late_what_everybody_else_sees_at_once(
    client: Client, sandbox: Sandbox
) -> None:
    since = client.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    order(sandbox, "kubernetes:stale:watch/configmaps:seconds=0.3")
    begun = time.monotonic()
    events = client.watch(f"{CONFIG_MAPS}?watch=1&resourceVersion={since}&timeoutSeconds=120")
    client.send("POST", CONFIG_MAPS, config_map("a"))
    assert client.send("GET", ITEM)[0] == 200
    assert next(events)["object"]["metadata"]["name"] == "a"
    assert time.monotonic() - begun >= 0.3
    events.close()  # type: ignore[attr-defined]


def test_a_watch_can_stay_silent_to_its_end(client: Client, sandbox: Sandbox) -> None:
    since = client.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    client.send("POST", CONFIG_MAPS, config_map("a"))
    order(sandbox, "kubernetes:stale:watch")
    quiet = f"{CONFIG_MAPS}?watch=1&resourceVersion={since}&timeoutSeconds=1"
    begun = time.monotonic()
    list(client.watch(quiet))
    assert time.monotonic() - begun >= 1
    assert struck(sandbox) == [1]


def test_the_clock_can_jump_and_goes_right_again(client: Client, sandbox: Sandbox) -> None:
    def made(name: str) -> datetime:
        body = client.send("POST", CONFIG_MAPS, config_map(name))[1]
        return datetime.fromisoformat(body["metadata"]["creationTimestamp"])

    order(sandbox, "kubernetes:clock:create/configmaps:seconds=-86400,after=1")
    assert abs((made("a") - datetime.now(UTC)).total_seconds()) < 60
    assert (made("b") - datetime.now(UTC)).total_seconds() < -86000
    sandbox.faults.clear()
    assert abs((made("c") - datetime.now(UTC)).total_seconds()) < 60


def test_latency_delays_one_answer(client: Client, sandbox: Sandbox) -> None:
    order(sandbox, "kubernetes:latency:get:seconds=0.05")
    begun = time.monotonic()
    assert client.send("GET", ITEM)[0] == 404
    assert time.monotonic() - begun >= 0.05
    assert sandbox.faults.listed()[0]["spent"]


def test_chance_strikes_the_same_requests_under_the_same_seed(
    client: Client, sandbox: Sandbox
) -> None:
    def statuses(seed: int) -> list[int]:
        rule = ["kubernetes:error:list/configmaps:chance=0.5"]
        desk = type(sandbox.faults)(sandbox.cluster, sandbox.cloud, seed)
        desk.add(rule)
        found = [client.send("GET", CONFIG_MAPS)[0] for _ in range(20)]
        desk.clear()
        return found

    first = statuses(1)
    assert set(first) == {200, 500}
    assert statuses(1) == first
    assert statuses(2) != first


def test_faults_are_ordered_listed_and_taken_back_over_the_wire(
    client: Client, sandbox: Sandbox
) -> None:
    text = "kubernetes:error:list:times=2"
    status, listed, _ = client.send("POST", "/sandbox/faults", [text, "alb:throttle"])
    assert (status, listed[0]) == (200, {"fault": text, "struck": 0, "spent": False})
    assert client.send("GET", CONFIG_MAPS)[0] == 500
    assert client.get("/sandbox/faults")[0]["struck"] == 1
    status, refusal, _ = client.send("POST", "/sandbox/faults", [text, "kubernetes:odd"])
    assert (status, len(client.get("/sandbox/faults"))) == (400, 2)
    assert "no kind of fault 'odd'" in refusal["message"]
    assert client.send("POST", "/sandbox/faults", {"fault": text})[0] == 400
    assert client.send("PUT", "/sandbox/faults", [])[0] == 405
    assert client.send("DELETE", "/sandbox/faults")[1] == []
    assert client.send("GET", CONFIG_MAPS)[0] == 200


def test_only_the_admin_orders_faults(sandbox: Sandbox) -> None:
    for token, status in ((sandbox.tokens["restricted"], 403), ("", 403), ("wrong", 401)):
        caller = Client(sandbox.kubernetes_url, token)
        assert caller.send("POST", "/sandbox/faults", ["kubernetes:error"])[0] == status
        caller.close()
    assert sandbox.faults.listed() == []
