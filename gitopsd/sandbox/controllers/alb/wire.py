"""Rules and groups of the model in the spelling of the ALB API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gitopsd.sandbox.controllers.alb.model import Action, Condition, Rule, ServerGroup, Weighted

Identify = Callable[[Weighted], str]
"""The id of the group that a forward names."""

_NEVER_SENT: Final = "CoverEnabled"


def rule_fields(rule: Rule, identify: Identify) -> dict[str, Any]:
    """A rule as CreateRules would get it; empty fields are left out."""
    return {
        "RuleName": rule.name,
        "Priority": rule.priority,
        "Direction": rule.direction,
        "RuleConditions": [_condition(each) for each in rule.conditions],
        "RuleActions": [
            {"Order": order, **_action(each, identify)}
            for order, each in enumerate(rule.actions, start=1)
        ],
    }


def rule_groups(rule: Rule, identify: Identify) -> dict[str, int]:
    """The groups a rule forwards to, with weights."""
    return {identify(each): each.weight for action in rule.actions for each in action.groups}


def _condition(condition: Condition) -> dict[str, Any]:
    config: dict[str, Any] = {"Key": condition.key, "Values": list(condition.values)}
    return {"Type": condition.type, f"{condition.type}Config": _filled(config)}


def _action(action: Action, identify: Identify) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": action.type}
    if action.type == "ForwardGroup":
        tuples = [
            {"ServerGroupId": identify(each), "Weight": each.weight} for each in action.groups
        ]
        return {**found, "ForwardGroupConfig": {"ServerGroupTuples": tuples}} if tuples else found
    config = _filled(action.config or {})
    if action.type == "TrafficMirror":
        config["MirrorGroupConfig"] = _mirror(config.get("MirrorGroupConfig", {}))
    return {**found, f"{action.type}Config": config}


def _mirror(config: Mapping[str, Any]) -> dict[str, Any]:
    """Of a mirror's groups only ids are sent (facts §4.3)."""
    tuples = [
        _filled({"ServerGroupId": each["serverGroupID"]})
        for each in config.get("ServerGroupTuples", ())
    ]
    return {"ServerGroupTuples": tuples}


def _filled(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if value and name != _NEVER_SENT}


def group_fields(group: ServerGroup, vpc_id: str) -> dict[str, Any]:
    """The parameters with which an owned group is created or updated."""
    spec = group.spec
    probe = dict(spec["HealthCheckConfig"])
    probe["HealthCheckCodes"] = probe.pop("HealthCheckHttpCodes")
    sticky = {name: value for name, value in spec["StickySessionConfig"].items() if value}
    fields = {
        "Protocol": {"GRPC": "gRPC"}.get(spec["Protocol"], spec["Protocol"]),
        "Scheduler": spec["Scheduler"],
        "ServerGroupType": "Instance",
        "VpcId": vpc_id,
        "UpstreamKeepaliveEnabled": spec["UpstreamKeepaliveEnabled"],
        "HealthCheckConfig": probe,
        "StickySessionConfig": {"StickySessionEnabled": False, **sticky},
    }
    if spec["Scheduler"] == "Uch":
        fields["UchConfig"] = dict(spec["UchConfig"])
    return fields
