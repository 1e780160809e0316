"""The sandbox's cloud behind real sockets, and the vendor's SDK clients in front of it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from alibabacloud_alb20200616.client import Client as AlbClient
from alibabacloud_nlb20220430.client import Client as NlbClient
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
from alibabacloud_tea_openapi.utils import Utils
from darabonba.runtime import RuntimeOptions

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.cloud.products import APIS

from .cloud_calls import HandClock

CLIENTS = {"alb": AlbClient, "nlb": NlbClient}


class Switchboard:
    """Serves both products for the whole session; every test plugs its own cloud in."""

    def __init__(self) -> None:
        self.cloud: Cloud | None = None
        self.servers: list[uvicorn.Server] = []
        self.endpoints: dict[str, str] = {}
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for product in ("alb", "nlb"):
            listener = socket.create_server(("127.0.0.1", 0))
            self.endpoints[product] = f"127.0.0.1:{listener.getsockname()[1]}"
            config = uvicorn.Config(
                self._app(product), http="httptools", log_level="critical", lifespan="off"
            )
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            self.servers.append(server)
            self.threads.append(thread)

    def stop(self) -> None:
        for server in self.servers:
            server.should_exit = True
        for thread in self.threads:
            thread.join()

    def _app(self, product: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert self.cloud is not None
            await self.cloud.app(product)(scope, receive, send)

        return app


@pytest.fixture(scope="session")
def switchboard() -> Iterator[Switchboard]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    board = Switchboard()
    board.start()
    yield board
    board.stop()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def cloud(switchboard: Switchboard, clock: HandClock) -> Cloud:
    switchboard.cloud = Cloud("AK", "SK", clock=clock, read_only=("RO", "ROSK"))
    return switchboard.cloud


@pytest.fixture
def connect(switchboard: Switchboard, cloud: Cloud) -> Callable[..., Any]:
    def connect(product: str, **config: Any) -> Any:
        fields = {
            "endpoint": switchboard.endpoints[product],
            "protocol": "http",
            "access_key_id": "AK",
            "access_key_secret": "SK",
            "region_id": "cn-hangzhou",
            **config,
        }
        return CLIENTS[product](Config(**fields))

    return connect


@pytest.fixture
def alb(connect: Callable[..., Any]) -> Any:
    return connect("alb")


@pytest.fixture
def nlb(connect: Callable[..., Any]) -> Any:
    return connect("nlb")


@pytest.fixture
def raw(switchboard: Switchboard, cloud: Cloud) -> Callable[..., dict[str, Any]]:
    """Call any action with any parameters, properly signed; gives the answer's JSON object."""

    def call(
        product: str,
        action: str,
        query: dict[str, Any] | None = None,
        form: dict[str, Any] | None = None,
        version: str | None = None,
        method: str = "POST",
    ) -> dict[str, Any]:
        config = Config(
            endpoint=switchboard.endpoints[product],
            protocol="http",
            access_key_id="AK",
            access_key_secret="SK",
        )
        params = Params(
            action=action,
            version=version or APIS[product].version,
            protocol="HTTP",
            pathname="/",
            method=method,
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        request = OpenApiRequest(query=Utils.query(query or {}), body=form)
        answer = OpenApiClient(config).call_api(params, request, RuntimeOptions())
        return dict(answer["body"])

    return call
