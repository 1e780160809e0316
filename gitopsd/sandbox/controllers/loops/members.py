"""Keeping the members of a controller's own group, and of nobody else's, as they should be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gitopsd.sandbox.cloud import Cloud


class Member(NamedTuple):
    """A server in the spelling of the API; `description` is the controller's key, or ""."""

    server_id: str
    port: int
    type: str
    ip: str
    weight: int
    description: str = ""


def sync_members(
    cloud: Cloud,
    group_id: str,
    wanted: Iterable[Member],
    *,
    mine: str | None = None,
    only_add: bool = False,
) -> None:
    """Add, change and remove members until the group holds the wanted ones.

    mine: only members with this description are removed or changed; None means all of them.
    only_add: neither change nor remove, because not all that is wanted could be found out.
    """
    with cloud.entered() as worlds:
        group = next(
            world.state.groups[group_id]
            for world in worlds.values()
            if group_id in world.state.groups
        )
        have = {
            (each.server_id, each.server_ip if each.server_type != "Ecs" else "", each.port): each
            for each in group.members.values()
        }
        for member in wanted:
            found = have.pop((member.server_id, member.ip, member.port), None)
            if found is None:
                fields = {"ServerIp": member.ip} if member.ip else {}
                cloud.groups.add_member(
                    group_id,
                    member.server_id,
                    member.port,
                    server_type=member.type,
                    Weight=member.weight,
                    Description=member.description,
                    **fields,
                )
            elif not only_add and mine in (None, found.description):
                found.weight = member.weight
        for extra in have.values():
            if not only_add and mine in (None, extra.description):
                del group.members[extra.key]
