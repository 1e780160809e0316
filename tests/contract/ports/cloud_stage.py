"""The sandbox's cloud over sockets, its time moved by hand, and what the tests put into it."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
from gitopsd.model.desired import Product
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.ports import CloudScope
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
            # asyncio only does this for sockets made with an explicit protocol number; without it
            # every answer waits 40 ms for the client's acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        limits = {"rate": 1000.0, "burst": 1000, "jitter": lambda: 1.0, "read_timeout": 60.0}
        return AlibabaCloud(
            "cn-hangzhou",
            alb_endpoint=self.endpoints["alb"],
            nlb_endpoint=self.endpoints["nlb"],
            credentials=Credentials(access_key_id=key, access_key_secret=secret),
            pace=Pace(clock=self.clock, sleep=self.clock.sleep, **(limits | pace)),
            dry_run=dry_run,
        )


GROUP = Identity("ServerGroup", "shop", "warehouse")
PRODUCTS: tuple[Product, ...] = ("ALB", "NLB")
both = pytest.mark.parametrize("product", PRODUCTS)


def parameters(product: Product, name: str = "gitopsd-acme-shop-warehouse") -> dict[str, Any]:
    return {
        "ServerGroupName": name,
        "ServerGroupType": "Ip",
        "VpcId": "vpc-1",
        "Protocol": "HTTP" if product == "ALB" else "TCP",
        "Scheduler": "Wrr",
        "HealthCheckConfig": {"HealthCheckEnabled": True, "HealthCheckInterval": 5},
    }


def servers(product: Product, count: int, weight: int = 100) -> list[dict[str, Any]]:
    remote = {"RemoteIpEnabled": True} if product == "ALB" else {}
    return [
        {
            "ServerId": f"10.8.{number // 250}.{number % 250}",
            "ServerIp": f"10.8.{number // 250}.{number % 250}",
            "ServerType": "Ip",
            "Port": 8080,
            "Weight": weight,
            "Description": "gitopsd/acme",
            **remote,
        }
        for number in range(count)
    ]


def make(
    adapter: AlibabaCloud, owner: Owner, product: Product = "ALB", token: str = "create"
) -> str:
    tags = owner.tags(GROUP, "shape", retain=False)
    return adapter.create_group(product, parameters(product), tags, token)


def scope(owner: Owner, *products: Product, **more: Any) -> CloudScope:
    return CloudScope(owner, frozenset(products), **more)
