"""A person at the console: the ALB API used directly, past gitopsd."""

from __future__ import annotations

from dataclasses import dataclass

from alibabacloud_alb20200616 import models
from alibabacloud_alb20200616.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from gitopsd.sandbox.embedded import Sandbox


@dataclass(frozen=True, slots=True)
class Group:
    """A server group as the console lists it."""

    id: str
    name: str


class CloudHand:
    """Looks at groups and changes them, with the sandbox's keys."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._client = Client(
            Config(
                endpoint=sandbox.alb,
                protocol="http",
                region_id="cn-hangzhou",
                access_key_id=sandbox.access_key_id,
                access_key_secret=sandbox.access_key_secret,
            )
        )

    def groups(self) -> dict[str, Group]:
        """The server groups of the region, by name."""
        request = models.ListServerGroupsRequest(max_results=100)
        found = self._client.list_server_groups(request).body.server_groups or []
        return {
            group.server_group_name: Group(group.server_group_id, group.server_group_name)
            for group in found
        }

    def set_weight(self, name: str, weight: int) -> str:
        """Give the first member of a group another weight; answers its address."""
        group = self.groups()[name]
        listing = models.ListServerGroupServersRequest(server_group_id=group.id)
        member = self._client.list_server_group_servers(listing).body.servers[0]
        change = models.UpdateServerGroupServersAttributeRequestServers(
            server_id=member.server_id,
            server_ip=member.server_ip,
            server_type=member.server_type,
            port=member.port,
            weight=weight,
            description=member.description,
        )
        self._client.update_server_group_servers_attribute(
            models.UpdateServerGroupServersAttributeRequest(
                server_group_id=group.id, servers=[change]
            )
        )
        address: str = member.server_id
        return address
