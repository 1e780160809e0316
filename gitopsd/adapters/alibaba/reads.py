"""Reading the server groups of one product, and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gitopsd.adapters.alibaba.actions import IDS_PER_LIST, NAMES_PER_LIST
from gitopsd.adapters.alibaba.answers import (
    AVAILABLE,
    group_of,
    member_of,
    server_count,
    tag_list,
    with_members,
)
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.errors import CloudMissing
from gitopsd.model.observed import ObservedGroup, ObservedMember
from gitopsd.ports import Rejected
from gitopsd.ports.pool import Pool

#: Groups whose members are read at the same time, where each takes a call of its own.
_THREADS = 8


def tagged_groups(api: ProductApi, tags: Mapping[str, str]) -> list[ObservedGroup]:
    """The groups that carry all of `tags`, without members, by id.

    The filter is the service's; what it lets through is compared again, because a group that does
    not carry our marks must never be taken for ours.
    """
    about = f"the {api.product} server groups"
    entries = api.pages("list", {"Tag": tag_list(tags)}, about, "ServerGroups")
    groups = (group_of(api.product, entry) for entry in entries)
    found = (group for group in groups if tags.items() <= group.tags.items())
    return sorted(found, key=lambda group: group.id)


def groups_by_id(api: ProductApi, ids: Iterable[str]) -> dict[str, ObservedGroup]:
    """Groups by id, without members; those that do not exist are left out."""
    wanted = sorted(set(ids))
    found: dict[str, ObservedGroup] = {}
    for start in range(0, len(wanted), IDS_PER_LIST):
        chunk = wanted[start : start + IDS_PER_LIST]
        about = f"{api.product} server group {', '.join(chunk)}"
        entries = api.pages("list", {"ServerGroupIds": chunk}, about, "ServerGroups")
        groups = (group_of(api.product, entry) for entry in entries)
        found |= {group.id: group for group in groups if group.id in chunk}
    return found


def groups_by_name(api: ProductApi, names: Iterable[str]) -> dict[str, ObservedGroup]:
    """Groups by id that have one of the names, without members. A name is not unique (facts §6.3).

    The service's filter may be looser than equality; what it lets through is compared again.
    """
    wanted = sorted(set(names))
    found: dict[str, ObservedGroup] = {}
    for start in range(0, len(wanted), NAMES_PER_LIST):
        chunk = wanted[start : start + NAMES_PER_LIST]
        about = f"{api.product} server groups named {', '.join(chunk)}"
        entries = api.pages("list", {"ServerGroupNames": chunk}, about, "ServerGroups")
        groups = (group_of(api.product, entry) for entry in entries)
        found |= {g.id: g for g in groups if g.attributes.get("ServerGroupName") in chunk}
    return found


def members_of(api: ProductApi, group_id: str) -> list[ObservedMember]:
    """The members of one group; none when the group is gone meanwhile."""
    about = f"{api.product} server group {group_id}"
    try:
        entries = list(api.pages("list-servers", {"ServerGroupId": group_id}, about, "Servers"))
    except CloudMissing:
        return []
    return [member_of(entry) for entry in entries]


def fill(
    api: ProductApi, groups: Sequence[ObservedGroup], tags: Mapping[str, str] | None
) -> list[ObservedGroup]:
    """The same groups with their members.

    ALB lists the members of all groups with `tags` in one go (facts §6.1). That filter has not
    been tried against the real service: when it is refused, and for a group whose own count
    disagrees, groups are read one by one, as NLB's always are. A quiet group without members
    costs no call.
    """
    known: dict[str, list[ObservedMember]] = {}
    if tags is not None and api.product == "ALB" and len(groups) > 1:
        known = _members_by_tag(api, tags)

    def members(group: ObservedGroup) -> list[ObservedMember]:
        count = server_count(group)
        if count == 0 and group.status == AVAILABLE:
            return []
        listed = known.get(group.id, [])
        return listed if listed and count == len(listed) else members_of(api, group.id)

    with Pool(_THREADS, f"members-{api.product}") as pool:
        found = list(pool.map(members, groups))
    return [with_members(group, own) for group, own in zip(groups, found, strict=True)]


def _members_by_tag(api: ProductApi, tags: Mapping[str, str]) -> dict[str, list[ObservedMember]]:
    about = f"the members of the {api.product} server groups"
    found: dict[str, list[ObservedMember]] = defaultdict(list)
    try:
        for entry in api.pages("list-servers", {"Tag": tag_list(tags)}, about, "Servers"):
            found[entry["ServerGroupId"]].append(member_of(entry))
    except Rejected:
        return {}  # each group is asked for its own members then
    return found
