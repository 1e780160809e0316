"""The application at its border: what a client sees when the server itself fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any

import orjson
import pytest

from gitopsd.sandbox.kubernetes.access import EVERYTHING
from gitopsd.sandbox.kubernetes.app import KubernetesApp
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.requests import Request
from gitopsd.sandbox.kubernetes.responses import Response


def _broken(_request: Request) -> Response:
    raise ZeroDivisionError("nobody thought of this")


def test_an_error_nobody_thought_of_is_a_status_and_stands_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cluster = Cluster()
    cluster.access.grant("token", "admin", (EVERYTHING,))
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/sandbox/x",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer token")],
    }
    with caplog.at_level(logging.ERROR):
        asyncio.run(KubernetesApp(cluster, control=_broken)(scope, receive, send))
    assert sent[0]["status"] == 500
    told = orjson.loads(sent[1]["body"])
    assert (told["kind"], told["reason"]) == ("Status", "InternalError")
    assert told["message"].startswith("Internal error occurred: ")
    assert "ZeroDivisionError: nobody thought of this" in caplog.text
