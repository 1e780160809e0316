"""Short ways to make the calls that most tests start with, through the real SDK clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_nlb20220430 import models as nlb_models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

VPC = "vpc-test"


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float = 1.0) -> None:
        self.now += seconds


def create_alb_group(client: Any, name: str = "group", **fields: Any) -> str:
    fields = {"server_group_type": "Ip", "vpc_id": VPC, **fields}
    fields.setdefault(
        "health_check_config",
        alb_models.CreateServerGroupRequestHealthCheckConfig(health_check_enabled=True),
    )
    request = alb_models.CreateServerGroupRequest(server_group_name=name, **fields)
    return str(client.create_server_group(request).body.server_group_id)


def create_nlb_group(client: Any, name: str = "group", **fields: Any) -> str:
    fields = {"server_group_type": "Ip", "vpc_id": VPC, **fields}
    request = nlb_models.CreateServerGroupRequest(server_group_name=name, **fields)
    return str(client.create_server_group(request).body.server_group_id)


def alb_server(ip: str, port: int = 80, **fields: Any) -> Any:
    return alb_models.AddServersToServerGroupRequestServers(
        server_id=ip, server_ip=ip, server_type="Ip", port=port, **fields
    )


def nlb_server(ip: str, port: int = 80, **fields: Any) -> Any:
    return nlb_models.AddServersToServerGroupRequestServers(
        server_id=ip, server_ip=ip, server_type="Ip", port=port, **fields
    )


def add_to_alb(client: Any, group_id: str, *servers: Any, **fields: Any) -> str:
    request = alb_models.AddServersToServerGroupRequest(
        server_group_id=group_id, servers=list(servers), **fields
    )
    return str(client.add_servers_to_server_group(request).body.job_id)


def add_to_nlb(client: Any, group_id: str, *servers: Any, **fields: Any) -> str:
    request = nlb_models.AddServersToServerGroupRequest(
        server_group_id=group_id, servers=list(servers), **fields
    )
    return str(client.add_servers_to_server_group(request).body.job_id)


def refusal(call: Callable[[], Any]) -> AlibabaCloudException:
    """The exception with which the SDK reports that the call was refused."""
    with pytest.raises(AlibabaCloudException) as caught:
        call()
    return caught.value


def refused_code(call: Callable[[], Any]) -> tuple[int, str]:
    """HTTP status and code of a refusal."""
    error = refusal(call)
    return error.status_code, error.code
