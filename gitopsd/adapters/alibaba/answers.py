"""From the API's words to ours: groups and members as the lists answer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.observed import ObservedGroup, ObservedMember

#: Parts of a group that have a place of their own in `ObservedGroup`.
_APART = ("Tags", "ServerGroupStatus", "RelatedLoadBalancerIds")
#: ListServerGroups of NLB calls the health check otherwise than its Create does (its SDK model).
_NLB_HEALTH_CHECK = "HealthCheck"

#: States that a member or group passes through; anything unknown counts as one (facts §6.3).
AVAILABLE = "Available"


def group_of(product: Product, entry: Mapping[str, Any]) -> ObservedGroup:
    """A group as ListServerGroups answers it, without members."""
    attributes = {name: value for name, value in entry.items() if name not in _APART}
    if _NLB_HEALTH_CHECK in attributes:
        attributes["HealthCheckConfig"] = attributes.pop(_NLB_HEALTH_CHECK)
    return ObservedGroup(
        id=entry["ServerGroupId"],
        product=product,
        attributes=attributes,
        tags={tag["Key"]: tag.get("Value") or "" for tag in entry.get("Tags") or ()},
        status=entry.get("ServerGroupStatus") or "",
        related=tuple(entry.get("RelatedLoadBalancerIds") or ()),
    )


def member_of(entry: Mapping[str, Any]) -> ObservedMember:
    """A member as ListServerGroupServers answers it."""
    return ObservedMember(
        key=MemberKey(entry["ServerId"], int(entry.get("Port") or 0), entry.get("ServerIp") or ""),
        server_type=entry.get("ServerType") or "",
        weight=int(entry.get("Weight") or 0),
        description=entry.get("Description") or "",
        status=entry.get("Status") or "",
        remote=bool(entry.get("RemoteIpEnabled")),
    )


def with_members(group: ObservedGroup, members: Iterable[ObservedMember]) -> ObservedGroup:
    """The group with its members, in a fixed order."""
    return replace(group, members=tuple(sorted(members, key=lambda member: member.key)))


def server_count(group: ObservedGroup) -> int | None:
    """How many members the group's own entry speaks of; None when it does not."""
    count = group.attributes.get("ServerCount")
    return count if isinstance(count, int) else None


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as requests write them, in a fixed order."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
