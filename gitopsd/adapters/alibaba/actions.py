"""The API operations in use, as data: what each takes and how much of it (facts §6.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.model.desired import Product


@dataclass(frozen=True, slots=True)
class Action:
    """One operation of one product.

    `region`, `token` and `dry_run` tell whether it takes RegionId, ClientToken and DryRun; `batch`
    is how many members one call may carry, 0 for operations without members.
    """

    name: str
    writes: bool = False
    region: bool = False
    token: bool = False
    dry_run: bool = False
    batch: int = 0

    @property
    def method(self) -> str:
        """The SDK client's method."""
        return re.sub(r"(?<!^)([A-Z])", r"_\1", self.name).lower() + "_with_options"

    @property
    def request(self) -> str:
        """The SDK's request model."""
        return f"{self.name}Request"


def _change(name: str, *, region: bool = False, batch: int = 0) -> Action:
    return Action(name, writes=True, region=region, token=True, dry_run=True, batch=batch)


#: Logical name -> operation, per product. ALB changes at most 40 members a call; its removals
#: travel in the URL, where 40 stay below the usual 8 KB (facts §6.1).
ACTIONS: Mapping[Product, Mapping[str, Action]] = {
    "ALB": {
        "create": _change("CreateServerGroup"),
        "update": _change("UpdateServerGroupAttribute"),
        "delete": _change("DeleteServerGroup"),
        "add-servers": _change("AddServersToServerGroup", batch=200),
        "update-servers": _change("UpdateServerGroupServersAttribute", batch=40),
        "remove-servers": _change("RemoveServersFromServerGroup", batch=40),
        "tag": Action("TagResources", writes=True),
        "untag": Action("UnTagResources", writes=True),
        "list": Action("ListServerGroups"),
        "list-servers": Action("ListServerGroupServers"),
        "listeners": Action("ListListeners"),
        "health": Action("GetListenerHealthStatus"),
        "jobs": Action("ListAsynJobs"),
    },
    "NLB": {
        "create": _change("CreateServerGroup", region=True),
        "update": _change("UpdateServerGroupAttribute", region=True),
        "delete": _change("DeleteServerGroup", region=True),
        "add-servers": _change("AddServersToServerGroup", region=True, batch=200),
        "update-servers": _change("UpdateServerGroupServersAttribute", region=True, batch=200),
        "remove-servers": _change("RemoveServersFromServerGroup", region=True, batch=200),
        "tag": Action("TagResources", writes=True, region=True, dry_run=True),
        "untag": Action("UntagResources", writes=True, region=True, dry_run=True),
        "list": Action("ListServerGroups", region=True),
        "list-servers": Action("ListServerGroupServers", region=True),
        "listeners": Action("ListListeners", region=True),
        "health": Action("GetListenerHealthStatus", region=True),
        "job": Action("GetJobStatus"),
    },
}

#: Ids per ListServerGroups call; NLB documents 20, ALB nothing smaller (facts §6.1).
IDS_PER_LIST = 20
#: Names per ListServerGroups call, the fewest that a product allows (facts §6.1).
NAMES_PER_LIST = 10
#: Load balancers per ListListeners call (the operation's own description, both products).
BALANCERS_PER_LIST = 20
#: Rules per page of ALB's GetListenerHealthStatus (the operation's own description).
RULES_PER_PAGE = 30
#: Entries per page, the most that both products allow (facts §6.1).
PAGE = 100
#: Tags per call (facts §6.3).
TAGS_PER_CALL = 20
#: ResourceType of a server group in the tag operations (facts §6.3).
RESOURCE_TYPE = "servergroup"
#: What names a member, and what an update may change of it (facts §6.3): RemoteIpEnabled can only
#: be said when a member is added.
MEMBER_IDENTITY = ("ServerId", "ServerType", "ServerIp", "Port")
MEMBER_UPDATE = (*MEMBER_IDENTITY, "Weight", "Description")
