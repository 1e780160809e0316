"""Server groups from inside the process: what other people and controllers do to them.

Changes made here are instant, start no job and ask no rights; they stand for the console user who
adds a member by hand, or for a controller with its own credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from gitopsd.sandbox.cloud.defaults import complete, fill_dependent, merge
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.groups import group_view, new_group
from gitopsd.sandbox.cloud.members import find_member, member_view, new_member
from gitopsd.sandbox.cloud.state import Group, Member
from gitopsd.sandbox.cloud.world import Answer, World

Enter = Callable[[], AbstractContextManager[Mapping[Product, World]]]
"""Takes the sandbox's lock, lets due jobs finish, and gives both products' worlds."""


class GroupDesk:
    """Look at and edit server groups of both products by id.

    Every method raises KeyError for a group or member that does not exist. Groups and members are
    shown in the form of the list operations.
    """

    def __init__(self, enter: Enter) -> None:
        self._enter = enter

    def all(self, product: Product | None = None) -> list[Answer]:
        """All groups, oldest first, ALB before NLB."""
        with self._enter() as worlds:
            return [
                group_view(world, group)
                for world in worlds.values()
                if product in (None, world.product)
                for group in world.state.groups.values()
            ]

    def get(self, group_id: str) -> Answer:
        """One group."""
        with self._enter() as worlds:
            return group_view(*_find(worlds, group_id))

    def exists(self, group_id: str) -> bool:
        """Whether there is such a group."""
        with self._enter() as worlds:
            return any(group_id in world.state.groups for world in worlds.values())

    def product(self, group_id: str) -> Product:
        """The product a group belongs to."""
        with self._enter() as worlds:
            return _find(worlds, group_id)[0].product

    def members(self, group_id: str) -> list[Answer]:
        """Members of a group, in the order in which they came."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            return [member_view(world, group, member) for member in group.members.values()]

    def create(
        self, product: Product, name: str, *, tags: Mapping[str, str] | None = None, **fields: Any
    ) -> str:
        """Make an available group; `fields` are parameters of CreateServerGroup. Gives its id."""
        with self._enter() as worlds:
            world = worlds[product]
            if product == "nlb":
                fields.setdefault("RegionId", world.region)
            group = new_group(world, complete(product, {"ServerGroupName": name, **fields}))
            world.state.tags.write(group.group_id, tags or {}, world.clock(), lag=0)
            return group.group_id

    def delete(self, group_id: str) -> None:
        """Remove a group at once, whoever uses it."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            world.drop_group(group.group_id)

    def set_attributes(self, group_id: str, **fields: Any) -> None:
        """Change attributes, nested ones member by member, in the spelling of the API."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            group.attributes = fill_dependent(world.product, merge(group.attributes, fields))

    def set_managed(self, group_id: str, managed: bool = True) -> None:
        """Hand a group to ACK: the wire then refuses changes to it."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            group.managed = managed
            if world.product == "alb":
                group.attributes["ConfigManagedEnabled"] = managed

    def add_member(
        self, group_id: str, server_id: str, port: int, *, server_type: str = "Ip", **fields: Any
    ) -> None:
        """Add a member or replace the one of the same identity; `fields` as in AddServers."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            server = {"ServerId": server_id, "ServerType": server_type, "Port": port, **fields}
            if server_type == "Ip":
                server.setdefault("ServerIp", server_id)
            member = new_member(world, server)
            member.since = world.clock()
            group.members[member.key] = member

    def remove_member(self, group_id: str, server_id: str, port: int) -> None:
        """Take a member away."""
        with self._enter() as worlds:
            _, group = _find(worlds, group_id)
            del group.members[_member(group, server_id, port).key]

    def change_member(
        self,
        group_id: str,
        server_id: str,
        port: int,
        *,
        weight: int | None = None,
        description: str | None = None,
    ) -> None:
        """Change what may change of a member."""
        with self._enter() as worlds:
            _, group = _find(worlds, group_id)
            member = _member(group, server_id, port)
            member.weight = member.weight if weight is None else weight
            member.description = member.description if description is None else description

    def set_tags(self, group_id: str, tags: Mapping[str, str]) -> None:
        """Set these tags and no others, seen by filters at once."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            world.state.tags.forget(group.group_id)
            world.state.tags.write(group.group_id, tags, world.clock(), lag=0)

    def set_health(
        self,
        group_id: str,
        server_id: str,
        port: int,
        status: str = "Unhealthy",
        reason: str = "CONNECT_TIMEOUT",
    ) -> None:
        """What GetListenerHealthStatus says of a member; status "Normal" makes it healthy."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            key = _member(group, server_id, port).key
            states = world.state.unhealthy.setdefault(group_id, {})
            if status == "Normal":
                states.pop(key, None)
            else:
                states[key] = (status, reason)

    def relate(self, group_id: str, load_balancer_id: str) -> None:
        """Let a load balancer use the group, beyond what listeners and rules say."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            world.state.relations.setdefault(group.group_id, set()).add(load_balancer_id)

    def unrelate(self, group_id: str, load_balancer_id: str) -> None:
        """Undo `relate`; a relation that does not exist is no error."""
        with self._enter() as worlds:
            world, group = _find(worlds, group_id)
            world.state.relations.get(group.group_id, set()).discard(load_balancer_id)


def _find(worlds: Mapping[Product, World], group_id: str) -> tuple[World, Group]:
    for world in worlds.values():
        if group_id in world.state.groups:
            return world, world.state.groups[group_id]
    raise KeyError(group_id)


def _member(group: Group, server_id: str, port: int) -> Member:
    member = find_member(group, server_id, port)
    if member is None:
        raise KeyError((server_id, port))
    return member
