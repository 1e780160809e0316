"""A cloud without a wire: operations called directly, time moved by hand."""

from __future__ import annotations

from typing import Any

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.cloud.world import JobFault

VPC = "vpc-1"


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Hand:
    """Calls operations of a cloud with decoded parameters."""

    def __init__(self, product: Product = "alb") -> None:
        self.clock = HandClock()
        self.product: Product = product
        self.cloud = Cloud("AK", "SK", clock=self.clock, seed=1)
        self.cloud.settings.durations = {"*": 10.0}
        self.cloud.settings.tag_lag = 5.0
        self.cloud.settings.probe_delay = 5.0

    def call(self, action: str, fault: JobFault | None = None, **parameters: Any) -> dict[str, Any]:
        with self.cloud.entered() as worlds:
            call = Call(action, parameters, worlds[self.product], fault)
            return APIS[self.product].handlers[action](call)()

    def group(self, **fields: Any) -> str:
        """An available group of addresses."""
        fields = {"ServerGroupType": "Ip", "VpcId": VPC, **fields}
        return self.cloud.groups.create(self.product, "group", **fields)

    def add(self, group_id: str, *addresses: str, fault: JobFault | None = None) -> str:
        servers = [
            {"ServerId": each, "ServerIp": each, "ServerType": "Ip", "Port": 80}
            for each in addresses
        ]
        answer = self.call(
            "AddServersToServerGroup", fault, ServerGroupId=group_id, Servers=servers
        )
        return str(answer["JobId"])

    def status(self, group_id: str) -> str:
        return str(self.cloud.groups.get(group_id)["ServerGroupStatus"])

    def members(self, group_id: str) -> dict[str, str]:
        return {each["ServerId"]: each["Status"] for each in self.cloud.groups.members(group_id)}

    def found_by_tag(self, **tags: str) -> list[str]:
        wanted = [{"Key": key, "Value": value} for key, value in tags.items()]
        groups = self.call("ListServerGroups", Tag=wanted)["ServerGroups"]
        return [group["ServerGroupId"] for group in groups]
