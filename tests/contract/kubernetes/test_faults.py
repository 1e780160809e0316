"""Faults on demand, set in process and over the control endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3

from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.faults import Fault
from tests.contract.kubernetes.client import CONFIG_MAPS, Client, config_map


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    yield made
    sandbox.cluster.faults.clear()
    made.send("DELETE", CONFIG_MAPS)
    made.close()


def test_throttling_says_when_to_come_back(client: Client, sandbox: Sandbox) -> None:
    sandbox.cluster.faults.add(Fault("throttle", verbs=("list",), seconds=3))
    status, refusal, answer = client.send("GET", CONFIG_MAPS)
    assert (status, refusal["reason"]) == (429, "TooManyRequests")
    assert (answer.headers["retry-after"], refusal["details"]["retryAfterSeconds"]) == ("3", 3)
    assert client.send("GET", CONFIG_MAPS)[0] == 200


def test_an_error_takes_the_place_of_the_effect(client: Client, sandbox: Sandbox) -> None:
    fault = Fault("error", verbs=("create",), status=503, reason="ServiceUnavailable")
    sandbox.cluster.faults.add(fault)
    assert client.send("POST", CONFIG_MAPS, config_map("a"))[0] == 503
    assert client.send("GET", CONFIG_MAPS + "/a")[0] == 404


def test_a_connection_dropped_before_the_effect_leaves_no_trace(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.cluster.faults.add(Fault("drop-before", verbs=("create",)))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.send("POST", CONFIG_MAPS, config_map("a"))
    assert client.send("GET", CONFIG_MAPS + "/a")[0] == 404


def test_a_connection_dropped_after_the_effect_has_had_it(client: Client, sandbox: Sandbox) -> None:
    sandbox.cluster.faults.add(Fault("drop-after", verbs=("create",)))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.send("POST", CONFIG_MAPS, config_map("a"))
    assert client.send("GET", CONFIG_MAPS + "/a")[0] == 200


def test_a_conflict_looks_like_somebody_elses_write(client: Client, sandbox: Sandbox) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    sandbox.cluster.faults.add(Fault("conflict", names=("a",), verbs=("update",)))
    status, refusal, _ = client.send("PUT", CONFIG_MAPS + "/a", config_map("a"))
    assert (status, refusal["reason"]) == (409, "Conflict")
    assert client.send("PUT", CONFIG_MAPS + "/a", config_map("a"))[0] == 200


def test_history_can_be_made_to_be_gone(client: Client, sandbox: Sandbox) -> None:
    sandbox.cluster.faults.add(Fault("expire", verbs=("watch",)), Fault("expire", verbs=("list",)))
    (event,) = client.watch(CONFIG_MAPS + "?watch=1&timeoutSeconds=5")
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert client.send("GET", CONFIG_MAPS)[0] == 410


def test_latency_delays_one_answer_and_nobody_else(client: Client, sandbox: Sandbox) -> None:
    sandbox.cluster.faults.add(Fault("latency", verbs=("get",), seconds=0.05))
    assert client.send("GET", CONFIG_MAPS + "/a")[0] == 404
    assert sandbox.cluster.faults.pending() == []


def test_faults_are_set_read_and_cleared_over_the_wire(client: Client, sandbox: Sandbox) -> None:
    rule = {"kind": "error", "verbs": ["list"], "status": 500, "times": 2}
    status, pending, _ = client.send("POST", "/sandbox/faults", [rule])
    assert (status, pending[0]["kind"], pending[0]["times"]) == (200, "error", 2)
    assert client.send("GET", CONFIG_MAPS)[0] == 500
    assert client.send("DELETE", "/sandbox/faults")[1] == []
    assert client.send("GET", CONFIG_MAPS)[0] == 200
    assert client.send("POST", "/sandbox/faults", {"kind": "odd"})[0] == 400
    restricted = Client(sandbox.kubernetes_url, sandbox.tokens["restricted"])
    assert restricted.send("GET", "/sandbox/faults")[0] == 403
    restricted.close()
