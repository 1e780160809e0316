"""GetListenerHealthStatus: which members behind a listener are not Normal, and why.

A member is Initial for a moment after it became Available, Unused at weight 0 (ALB), Unavailable
when its group has no health checks, and otherwise what somebody inside the process said of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import not_found
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.state import AVAILABLE, Group, Member
from gitopsd.sandbox.cloud.world import Answer, Commit, World

NORMAL = "Normal"


def listener_health(call: Call) -> Commit:
    """The default action's groups, and with IncludeRule (ALB) a page of the rules' groups."""
    world, parameters = call.world, call.parameters
    listener = world.state.listeners.get(parameters["ListenerId"])
    if listener is None:
        raise not_found(world.spelling.listener)

    def commit() -> Answer:
        status = {
            "ListenerId": listener.listener_id,
            "ListenerPort": listener.attributes["ListenerPort"],
            "ListenerProtocol": listener.attributes["ListenerProtocol"],
            "ServerGroupInfos": _infos(world, listener.group_ids),
        }
        answer: Answer = {"ListenerHealthStatus": [status], "NextToken": ""}
        if world.product == "nlb":
            return {**answer, "MaxResults": 20, "TotalCount": 1}
        if parameters.get("IncludeRule"):
            rules, paging = page(
                [
                    ((rule.order, ""), rule)
                    for rule in world.state.rules.values()
                    if rule.listener_id == listener.listener_id
                ],
                call,
            )
            answer["NextToken"] = paging["NextToken"]
            answer["RuleHealthStatus"] = [
                {"RuleId": rule.rule_id, "ServerGroupInfos": _infos(world, rule.group_ids)}
                for rule in rules
            ]
        return answer

    return commit


def member_health(world: World, group: Group, member: Member) -> tuple[str, str]:
    """Health status and reason code of a member; Normal has no reason."""
    if not group.attributes["HealthCheckConfig"]["HealthCheckEnabled"]:
        return "Unavailable", ""
    if world.product == "alb" and member.weight == 0:
        return "Unused", ""
    said = world.state.unhealthy.get(group.group_id, {}).get(member.key)
    if said is not None:
        return said
    young = world.clock() - member.since < world.settings.probe_delay
    if young or member.status != AVAILABLE:
        return "Initial", ""
    return NORMAL, ""


def _infos(world: World, group_ids: Iterable[str]) -> list[Answer]:
    groups = (world.state.groups.get(group_id) for group_id in group_ids)
    return [_info(world, group) for group in groups if group is not None]


def _info(world: World, group: Group) -> Answer:
    servers: list[Answer] = []
    for member in group.members.values():
        status, reason = member_health(world, group, member)
        if status == NORMAL:
            continue
        server: Answer = {
            "ServerId": member.server_id,
            "ServerIp": member.server_ip,
            "Port": member.port,
            "Status": status,
        }
        if reason:
            server["Reason"] = {"ReasonCode": reason}
        servers.append(server)
    checked = group.attributes["HealthCheckConfig"]["HealthCheckEnabled"]
    info: Answer = {"ServerGroupId": group.group_id, "NonNormalServers": servers}
    if world.product == "nlb":
        return {**info, "HeathCheckEnabled": checked}
    return {
        **info,
        "ActionType": "ForwardGroup",
        "HealthCheckEnabled": "on" if checked else "off",
        "ServerCount": len(group.members),
    }
