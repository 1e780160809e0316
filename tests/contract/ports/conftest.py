"""The real adapters in front of the sandbox, over sockets; cloud time is moved by hand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.cloud import Cloud


@dataclass
class HandClock:
    """A clock that only moves when somebody sleeps by it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Exchange:
    """Serves ALB and NLB for the whole session; every test plugs its own cloud in."""

    def __init__(self) -> None:
        self.cloud: Cloud | None = None
        self.endpoints: dict[str, str] = {}
        self._servers: list[uvicorn.Server] = []
        self._threads: list[threading.Thread] = []
        for product in ("alb", "nlb"):
            listener = socket.create_server(("127.0.0.1", 0))
            self.endpoints[product] = f"127.0.0.1:{listener.getsockname()[1]}"
            server = uvicorn.Server(
                uvicorn.Config(
                    self._app(product), http="httptools", log_level="critical", lifespan="off"
                )
            )
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            self._servers.append(server)
            self._threads.append(thread)

    def stop(self) -> None:
        for server in self._servers:
            server.should_exit = True
        for thread in self._threads:
            thread.join()

    def _app(self, product: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert self.cloud is not None
            await self.cloud.app(product)(scope, receive, send)

        return app


@dataclass
class CloudSide:
    """One test's cloud, its clock, and the way to adapters that talk to it."""

    cloud: Cloud
    clock: HandClock
    endpoints: dict[str, str]

    def adapter(
        self,
        key: str = "AK",
        secret: str = "SK",
        *,
        dry_run: bool = False,
        **pace: Any,
    ) -> AlibabaCloud:
        limits = {"rate": 1000.0, "burst": 1000, "jitter": lambda: 1.0, "read_timeout": 2.0}
        return AlibabaCloud(
            "cn-hangzhou",
            alb_endpoint=self.endpoints["alb"],
            nlb_endpoint=self.endpoints["nlb"],
            credentials=Credentials(access_key_id=key, access_key_secret=secret),
            pace=Pace(clock=self.clock, sleep=self.clock.sleep, **(limits | pace)),
            dry_run=dry_run,
        )


@pytest.fixture(scope="session")
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    yield made
    made.stop()


@pytest.fixture
def side(exchange: Exchange) -> CloudSide:
    clock = HandClock()
    exchange.cloud = Cloud("AK", "SK", clock=clock, read_only=("RO", "ROSK"), seed=7)
    return CloudSide(exchange.cloud, clock, exchange.endpoints)


@pytest.fixture
def adapter(side: CloudSide) -> AlibabaCloud:
    return side.adapter()


@pytest.fixture
def owner() -> Owner:
    return Owner("acme", "hangzhou-edge")
