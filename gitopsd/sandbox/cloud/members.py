"""Members of server groups: add, remove, change, swap, list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitopsd.sandbox.cloud.addresses import check_server
from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.checks import changeable_group, existing_group
from gitopsd.sandbox.cloud.errors import ApiError, denied, mismatch, not_found
from gitopsd.sandbox.cloud.groups import with_group_id
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.quotas import check_members
from gitopsd.sandbox.cloud.state import (
    ADDING,
    CONFIGURING,
    REMOVING,
    Group,
    Member,
    MemberKey,
)
from gitopsd.sandbox.cloud.tags import matches
from gitopsd.sandbox.cloud.world import Answer, Commit, World, snapshot

Servers = Sequence[Mapping[str, Any]]


def add(call: Call) -> Commit:
    """AddServersToServerGroup: members show as Adding until the job is done."""
    servers = call.parameters["Servers"]
    group = changeable_group(call.world, call.parameters["ServerGroupId"])
    _check_new(call.world, group, servers, leaving=())
    return _change(call, group, added=servers, leaving=(), changed=())


def remove(call: Call) -> Commit:
    """RemoveServersFromServerGroup: members show as Removing until the job is done."""
    group = changeable_group(call.world, call.parameters["ServerGroupId"])
    leaving = _existing(group, call.parameters["Servers"])
    return _change(call, group, added=(), leaving=leaving, changed=())


def update(call: Call) -> Commit:
    """UpdateServerGroupServersAttribute: weight and description; the rest tells which member."""
    servers = call.parameters["Servers"]
    group = changeable_group(call.world, call.parameters["ServerGroupId"])
    keys = _existing(group, servers)
    return _change(call, group, added=(), leaving=(), changed=list(zip(keys, servers, strict=True)))


def replace(call: Call) -> Commit:
    """ReplaceServersInServerGroup (ALB): some leave and others come in one job."""
    group = changeable_group(call.world, call.parameters["ServerGroupId"])
    if group.attributes["ServerGroupType"] == "Fc":
        raise denied("FcServerGroupNotSupportReplace")
    leaving = _existing(group, call.parameters["RemovedServers"])
    added = call.parameters["AddedServers"]
    _check_new(call.world, group, added, leaving)
    return _change(call, group, added=added, leaving=leaving, changed=())


def list_servers(call: Call) -> Commit:
    """ListServerGroupServers: of one group, or (ALB) of all groups that a tag filter selects."""
    world, parameters = call.world, call.parameters
    group_id = parameters.get("ServerGroupId")
    if group_id is not None:
        existing_group(world, group_id)
    ids, ips = parameters.get("ServerIds"), parameters.get("ServerIps")

    def commit() -> Answer:
        found = [
            ((member.order, ""), (group, member))
            for group in world.state.groups.values()
            if group_id in (None, group.group_id)
            and matches(world, group.group_id, parameters.get("Tag", ()))
            for member in group.members.values()
            if (not ids or member.server_id in ids) and (not ips or member.server_ip in ips)
        ]
        shown, paging = page(found, call)
        return {**paging, "Servers": [member_view(world, *row) for row in shown]}

    return commit


def member_view(world: World, group: Group, member: Member) -> Answer:
    """A member as the list operation shows it."""
    view: Answer = {
        "ServerGroupId": group.group_id,
        "ServerId": member.server_id,
        "ServerIp": member.server_ip,
        "ServerType": member.server_type,
        "Port": member.port,
        "Weight": member.weight,
        "Description": member.description,
        "Status": member.status,
    }
    if world.product == "nlb":
        view["ZoneId"] = member.zone_id
    else:
        view["RemoteIpEnabled"] = member.remote_ip
    return view


def new_member(world: World, server: Mapping[str, Any]) -> Member:
    """A member with defaults filled in; shared with the in-process API."""
    return Member(
        server_id=server["ServerId"],
        server_type=server["ServerType"],
        server_ip=_address(world, server),
        port=server.get("Port", 0),
        weight=server.get("Weight", 100),
        description=server.get("Description", ""),
        order=world.state.next_order(),
        remote_ip=server.get("RemoteIpEnabled", False),
    )


def find_member(group: Group, server_id: str, port: int, server_ip: str = "") -> Member | None:
    """The member of that identity; an empty address matches any."""
    for member in group.members.values():
        same = member.server_id == server_id and member.port == port
        if same and server_ip in ("", member.server_ip):
            return member
    return None


def _address(world: World, server: Mapping[str, Any]) -> str:
    """The address sent, else the instance's primary one where it is known."""
    known: str = world.settings.instances.get(server["ServerId"], "")
    return server.get("ServerIp") or known


def _change(
    call: Call,
    group: Group,
    *,
    added: Servers,
    leaving: Sequence[MemberKey],
    changed: Sequence[tuple[MemberKey, Mapping[str, Any]]],
) -> Commit:
    world = call.world

    def commit() -> Answer:
        before = snapshot(group, call.job_fault)
        settles = [key for key, _ in changed]
        for key in leaving:
            group.members[key].status = REMOVING
        for key, server in changed:
            member = group.members[key]
            member.weight = server.get("Weight", member.weight)
            member.description = server.get("Description", member.description)
            member.status = CONFIGURING
        for server in added:
            member = new_member(world, server)
            member.status = ADDING
            group.members[member.key] = member
            settles.append(member.key)
        group.status = CONFIGURING
        job = world.start_job(
            call.action,
            group,
            before=before,
            fault=call.job_fault,
            settles=settles,
            removes=leaving,
        )
        return with_group_id(world, group, {"JobId": job.job_id})

    return commit


def _existing(group: Group, servers: Servers) -> list[MemberKey]:
    keys: list[MemberKey] = []
    for server in servers:
        member = find_member(
            group, server["ServerId"], server.get("Port", 0), server.get("ServerIp", "")
        )
        if member is None:
            raise not_found("BackendServer")
        if member.server_type != server["ServerType"]:
            raise mismatch("ServerType", member.server_id, group.group_id)
        if member.key in keys:
            raise _duplicated()
        keys.append(member.key)
    return keys


def _check_new(world: World, group: Group, servers: Servers, leaving: Iterable[MemberKey]) -> None:
    gone = set(leaving)
    taken = set(group.members)
    for server in servers:
        check_server(world, group, server)
        key = (server["ServerId"], _address(world, server), server.get("Port", 0))
        if key in taken:
            raise _duplicated()
        taken.add(key)
    staying = [member for key, member in group.members.items() if key not in gone]
    types = [member.server_type for member in staying]
    types += [server["ServerType"] for server in servers]
    check_members(world, group, types, [server["ServerId"] for server in servers])


def _duplicated() -> ApiError:
    return ApiError("DuplicatedParam.Server", "The param of Server is duplicated.")
