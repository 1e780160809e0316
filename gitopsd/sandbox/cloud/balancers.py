"""Reading load balancers, listeners and rules: others make them, the wire only looks."""

from __future__ import annotations

import copy
from typing import Any

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import not_found
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.state import Listener, LoadBalancer, Rule
from gitopsd.sandbox.cloud.tags import matches, tag_list
from gitopsd.sandbox.cloud.world import Answer, Commit, Parameters, World

_EXACT = (
    "AddressIpVersion",
    "AddressType",
    "DNSName",
    "Ipv6AddressType",
    "LoadBalancerBussinessStatus",
    "LoadBalancerBusinessStatus",
    "LoadBalancerStatus",
    "ResourceGroupId",
)
_ONLY_IN_DETAIL = {"alb": ("ZoneMappings", "RegionId"), "nlb": ("Cps",)}
_NEVER_IN_LISTS = ("CaCertificates", "Certificates", "CaEnabled", "AclConfig")


def list_load_balancers(call: Call) -> Commit:
    """ListLoadBalancers: every filter that is given must hold."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        found = [
            ((balancer.order, ""), balancer)
            for balancer in world.state.load_balancers.values()
            if _balancer_selected(world, balancer, parameters)
        ]
        shown, paging = page(found, call)
        views = []
        for balancer in shown:
            view = balancer_view(balancer)
            view["Tags"] = tag_list(world.state.tags.of(balancer.load_balancer_id))
            for name in _ONLY_IN_DETAIL[world.product]:
                view.pop(name, None)
            views.append(view)
        return {**paging, "LoadBalancers": views}

    return commit


def get_load_balancer(call: Call) -> Commit:
    """GetLoadBalancerAttribute."""
    world = call.world
    balancer = world.state.load_balancers.get(call.parameters["LoadBalancerId"])
    if balancer is None:
        raise not_found(world.spelling.load_balancer)
    tags = _detail_tags(world, balancer.load_balancer_id)
    return lambda: {**balancer_view(balancer), "Tags": tags}


def list_listeners(call: Call) -> Commit:
    """ListListeners."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        found = [
            ((listener.order, ""), listener)
            for listener in world.state.listeners.values()
            if _listed(listener.listener_id, parameters.get("ListenerIds"))
            and _listed(listener.load_balancer_id, parameters.get("LoadBalancerIds"))
            and parameters.get("ListenerProtocol")
            in (None, listener.attributes["ListenerProtocol"])
            and matches(world, listener.listener_id, parameters.get("Tag", ()))
        ]
        shown, paging = page(found, call)
        views = []
        for listener in shown:
            view = listener_view(world, listener)
            view["Tags"] = tag_list(world.state.tags.of(listener.listener_id))
            if world.product == "alb":
                view = {name: view[name] for name in view if name not in _NEVER_IN_LISTS}
            views.append(view)
        return {**paging, "Listeners": views}

    return commit


def get_listener(call: Call) -> Commit:
    """GetListenerAttribute."""
    listener = _existing_listener(call)
    tags = _detail_tags(call.world, listener.listener_id)
    return lambda: {**listener_view(call.world, listener), "Tags": tags}


def list_rules(call: Call) -> Commit:
    """ListRules (ALB)."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        found = [
            ((rule.order, ""), rule)
            for rule in world.state.rules.values()
            if _listed(rule.rule_id, parameters.get("RuleIds"))
            and _listed(rule.listener_id, parameters.get("ListenerIds"))
            and _listed(rule.load_balancer_id, parameters.get("LoadBalancerIds"))
            and parameters.get("Direction") in (None, rule.attributes["Direction"])
            and matches(world, rule.rule_id, parameters.get("Tag", ()))
        ]
        shown, paging = page(found, call)
        return {**paging, "Rules": [rule_view(world, rule) for rule in shown]}

    return commit


def _existing_listener(call: Call) -> Listener:
    listener = call.world.state.listeners.get(call.parameters["ListenerId"])
    if listener is None:
        raise not_found(call.world.spelling.listener)
    return listener


def _listed(value: str, wanted: list[str] | None) -> bool:
    return not wanted or value in wanted


def _balancer_selected(world: World, balancer: LoadBalancer, parameters: Parameters) -> bool:
    attributes = balancer.attributes
    zones = [mapping["ZoneId"] for mapping in attributes["ZoneMappings"]]
    return (
        _listed(balancer.load_balancer_id, parameters.get("LoadBalancerIds"))
        and _listed(attributes["LoadBalancerName"], parameters.get("LoadBalancerNames"))
        and _listed(attributes["VpcId"], parameters.get("VpcIds"))
        and ("ZoneId" not in parameters or parameters["ZoneId"] in zones)
        and all(attributes.get(key) == parameters[key] for key in _EXACT if key in parameters)
        and matches(world, balancer.load_balancer_id, parameters.get("Tag", ()))
    )


def balancer_view(balancer: LoadBalancer) -> Answer:
    """A load balancer as the single read shows it, without its tags."""
    return {
        **copy.deepcopy(balancer.attributes),
        "LoadBalancerId": balancer.load_balancer_id,
    }


def listener_view(world: World, listener: Listener) -> Answer:
    """A listener as the single read shows it, without its tags."""
    view: Answer = {
        **copy.deepcopy(listener.attributes),
        "ListenerId": listener.listener_id,
        "LoadBalancerId": listener.load_balancer_id,
    }
    if world.product == "nlb":
        view["ServerGroupId"] = listener.group_ids[0] if listener.group_ids else ""
        return view
    tuples = [{"ServerGroupId": group_id} for group_id in listener.group_ids]
    forward = {"Type": "ForwardGroup", "ForwardGroupConfig": {"ServerGroupTuples": tuples}}
    view["DefaultActions"] = [forward] if tuples else []
    return view


def rule_view(world: World, rule: Rule) -> Answer:
    """A rule as the list operation shows it."""
    return {
        **copy.deepcopy(rule.attributes),
        "RuleId": rule.rule_id,
        "ListenerId": rule.listener_id,
        "LoadBalancerId": rule.load_balancer_id,
        "Tags": tag_list(world.state.tags.of(rule.rule_id)),
    }


def _detail_tags(world: World, resource_id: str) -> list[dict[str, Any]]:
    """NLB's single reads spell the members of a tag differently from its lists."""
    tags = world.state.tags.of(resource_id)
    if world.product == "alb":
        return tag_list(tags)
    return [{"TagKey": key, "TagValue": value} for key, value in sorted(tags.items())]
