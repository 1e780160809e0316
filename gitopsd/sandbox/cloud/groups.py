"""Server groups: create, change, delete, list."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.checks import (
    changeable_group,
    check_attributes,
    check_codes,
    check_editions,
)
from gitopsd.sandbox.cloud.defaults import complete, fill_dependent, merge
from gitopsd.sandbox.cloud.errors import denied, illegal, in_use, quota_exceeded
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.state import CONFIGURING, CREATING, Group
from gitopsd.sandbox.cloud.tags import matches, tag_list, tags_of
from gitopsd.sandbox.cloud.world import Answer, Commit, Parameters, World, snapshot

_NOT_ATTRIBUTES = frozenset({"ClientToken", "DryRun", "Tag", "ServerGroupId"})


def create(call: Call) -> Commit:
    """CreateServerGroup: the group exists at once, as Creating until its job is done."""
    world, parameters = call.world, call.parameters
    limit = world.quota("groups")
    if len(world.state.groups) >= limit:
        code = "ServerGroup" if world.product == "alb" else "QuotaInsufficient"
        raise quota_exceeded(code, "server groups", len(world.state.groups), limit)
    attributes = complete(world.product, _attributes(parameters))
    if world.product == "nlb":
        attributes.setdefault("RegionId", world.region)
    check_attributes(world, attributes)
    check_codes(parameters, attributes)
    tags = tags_of(parameters)

    def commit() -> Answer:
        group = new_group(world, attributes)
        group.status = CREATING
        world.state.tags.write(group.group_id, tags, world.clock(), lag=0)
        job = world.start_job(call.action, group, before=None, fault=call.job_fault)
        return {"ServerGroupId": group.group_id, "JobId": job.job_id}

    return commit


def new_group(world: World, attributes: Mapping[str, Any]) -> Group:
    """Enter an available group with complete `attributes`; shared with the in-process API."""
    stored = dict(attributes)
    if world.product == "alb":
        stored["CreateTime"] = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(world.wall()))
        stored["ConfigManagedEnabled"] = False
    group = Group(world.new_id("sgp"), stored, world.state.next_order())
    world.state.groups[group.group_id] = group
    return group


def update(call: Call) -> Commit:
    """UpdateServerGroupAttribute: what is sent replaces, what is not sent stays."""
    world, parameters = call.world, call.parameters
    group = changeable_group(world, parameters["ServerGroupId"])
    changes = _attributes(parameters)
    changes.pop("RegionId", None)
    attributes = fill_dependent(world.product, merge(group.attributes, changes))
    check_attributes(world, attributes)
    check_codes(parameters, attributes)
    check_editions(world, group.group_id, attributes)
    if not attributes.get("CrossZoneEnabled", True) and any(
        member.remote_ip for member in group.members.values()
    ):
        raise denied("CrossZoneDisabledNotSupportRemoteIp")
    if attributes.get("PreserveClientIpEnabled") and _behind_tcpssl(world, group.group_id):
        raise illegal("PreserveClientIpSwitch", "a TCPSSL listener uses the group")

    def commit() -> Answer:
        before = snapshot(group, call.job_fault)
        group.attributes = attributes
        group.status = CONFIGURING
        job = world.start_job(call.action, group, before=before, fault=call.job_fault)
        return with_group_id(world, group, {"JobId": job.job_id})

    return commit


def delete(call: Call) -> Commit:
    """DeleteServerGroup: refused while a load balancer still uses the group."""
    world = call.world
    group = changeable_group(world, call.parameters["ServerGroupId"])
    users = world.state.related(group.group_id)
    if users:
        raise in_use("ServerGroup", group.group_id)

    def commit() -> Answer:
        before = snapshot(group, call.job_fault)
        group.status = CONFIGURING
        job = world.start_job(call.action, group, before=before, fault=call.job_fault, deletes=True)
        return {"JobId": job.job_id}

    return commit


def list_groups(call: Call) -> Commit:
    """ListServerGroups: every filter that is given must hold."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        found = [
            ((group.order, ""), group)
            for group in world.state.groups.values()
            if _selected(world, group, parameters)
        ]
        groups, paging = page(found, call)
        return {**paging, "ServerGroups": [group_view(world, group) for group in groups]}

    return commit


def group_view(world: World, group: Group) -> Answer:
    """The complete object as a list operation shows it."""
    view = copy.deepcopy(group.attributes)
    if world.product == "nlb":
        view["HealthCheck"] = view.pop("HealthCheckConfig")
    view["ServerGroupId"] = group.group_id
    view["ServerGroupStatus"] = group.status
    view["ServerCount"] = len(group.members)
    view["RelatedLoadBalancerIds"] = world.state.related(group.group_id)
    view["Tags"] = tag_list(world.state.tags.of(group.group_id))
    return view


def with_group_id(world: World, group: Group, answer: Answer) -> Answer:
    """NLB repeats the group's id where ALB answers only the job's."""
    if world.product == "nlb":
        return {"ServerGroupId": group.group_id, **answer}
    return answer


def _attributes(parameters: Parameters) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name not in _NOT_ATTRIBUTES}


def _behind_tcpssl(world: World, group_id: str) -> bool:
    return any(
        group_id in listener.group_ids and listener.attributes["ListenerProtocol"] == "TCPSSL"
        for listener in world.state.listeners.values()
    )


def _selected(world: World, group: Group, parameters: Parameters) -> bool:
    ids = parameters.get("ServerGroupIds")
    names = parameters.get("ServerGroupNames")
    if ids and group.group_id not in ids:
        return False
    if names and group.attributes["ServerGroupName"] not in names:
        return False
    for name in ("ResourceGroupId", "ServerGroupType", "VpcId"):
        if name in parameters and group.attributes.get(name) != parameters[name]:
            return False
    return matches(world, group.group_id, parameters.get("Tag", ()))
