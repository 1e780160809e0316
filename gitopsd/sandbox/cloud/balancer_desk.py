"""Load balancers, listeners and rules from inside the process: the controllers' side of the cloud.

gitopsd never makes these; the stand-ins for Alibaba's controllers and the tests do, here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from gitopsd.sandbox.cloud.balancers import balancer_view, listener_view, rule_view
from gitopsd.sandbox.cloud.defaults import RESOURCE_GROUP
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.state import Listener, LoadBalancer, Rule
from gitopsd.sandbox.cloud.world import Answer, World

Enter = Callable[[], AbstractContextManager[Mapping[Product, World]]]


class BalancerDesk:
    """Make, look at and remove load balancers, listeners and rules.

    Methods raise KeyError for ids that do not exist.
    """

    def __init__(self, enter: Enter) -> None:
        self._enter = enter

    def add(
        self,
        product: Product,
        name: str,
        vpc_id: str,
        *,
        load_balancer_id: str | None = None,
        address_type: str = "Internet",
        zones: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> str:
        """Make an active load balancer and give its id.

        `zones` maps zone ids to vSwitch ids; `fields` are further attributes in the spelling of
        GetLoadBalancerAttribute, for example LoadBalancerEdition="Basic".
        """
        with self._enter() as worlds:
            world = worlds[product]
            identity = load_balancer_id or world.new_id(product)
            created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.wall()))
            attributes = {
                **_DEFAULTS[product],
                "LoadBalancerName": name,
                "VpcId": vpc_id,
                "AddressType": address_type,
                "DNSName": f"{identity}.{world.region}.{product}.aliyuncsslb.com",
                "CreateTime": created,
                "RegionId": world.region,
                "ZoneMappings": [
                    {"ZoneId": zone, "VSwitchId": switch, "LoadBalancerAddresses": []}
                    for zone, switch in (zones or {}).items()
                ],
                **fields,
            }
            order = world.state.next_order()
            world.state.load_balancers[identity] = LoadBalancer(identity, attributes, order)
            world.state.tags.write(identity, tags or {}, world.clock(), lag=0)
            return identity

    def all(self, product: Product) -> list[Answer]:
        """All load balancers of a product."""
        with self._enter() as worlds:
            return [balancer_view(each) for each in worlds[product].state.load_balancers.values()]

    def remove(self, load_balancer_id: str) -> None:
        """Remove a load balancer with its listeners, rules and relations."""
        with self._enter() as worlds:
            world = _holder(worlds, load_balancer_id)
            state = world.state
            del state.load_balancers[load_balancer_id]
            state.tags.forget(load_balancer_id)
            for listener in list(state.listeners.values()):
                if listener.load_balancer_id == load_balancer_id:
                    _drop_listener(world, listener.listener_id)
            for users in state.relations.values():
                users.discard(load_balancer_id)

    def add_listener(
        self,
        load_balancer_id: str,
        port: int,
        protocol: str,
        *,
        group_ids: Sequence[str] = (),
        **fields: Any,
    ) -> str:
        """Make a running listener whose default action forwards to the groups; gives its id."""
        with self._enter() as worlds:
            world = _holder(worlds, load_balancer_id)
            identity = world.new_id("lsn")
            attributes = {
                **_LISTENER_DEFAULTS[world.product],
                "ListenerPort": port,
                "ListenerProtocol": protocol,
                **fields,
            }
            if world.product == "nlb":
                attributes.setdefault("RegionId", world.region)
            world.state.listeners[identity] = Listener(
                identity, load_balancer_id, attributes, tuple(group_ids), world.state.next_order()
            )
            return identity

    def listeners(self, load_balancer_id: str) -> list[Answer]:
        """Listeners of a load balancer."""
        with self._enter() as worlds:
            world = _holder(worlds, load_balancer_id)
            return [
                listener_view(world, each)
                for each in world.state.listeners.values()
                if each.load_balancer_id == load_balancer_id
            ]

    def set_listener_groups(self, listener_id: str, group_ids: Sequence[str]) -> None:
        """Let the default action forward to other groups."""
        with self._enter() as worlds:
            _listener(worlds, listener_id)[1].group_ids = tuple(group_ids)

    def remove_listener(self, listener_id: str) -> None:
        """Remove a listener with its rules."""
        with self._enter() as worlds:
            world, _ = _listener(worlds, listener_id)
            _drop_listener(world, listener_id)

    def add_rule(
        self,
        listener_id: str,
        priority: int,
        groups: Mapping[str, int],
        *,
        conditions: Sequence[Mapping[str, Any]] = (),
        name: str = "rule",
        **fields: Any,
    ) -> str:
        """Make an available forwarding rule (ALB); `groups` maps group ids to weights."""
        with self._enter() as worlds:
            world, listener = _listener(worlds, listener_id)
            tuples = [{"ServerGroupId": each, "Weight": groups[each]} for each in groups]
            forward = {
                "Order": 1,
                "Type": "ForwardGroup",
                "ForwardGroupConfig": {"ServerGroupTuples": tuples},
            }
            attributes = {
                "Direction": "Request",
                "Priority": priority,
                "RuleName": name,
                "RuleStatus": "Available",
                "RuleConditions": [dict(condition) for condition in conditions],
                "RuleActions": [forward],
                **fields,
            }
            identity = world.new_id("rule")
            world.state.rules[identity] = Rule(
                identity,
                listener_id,
                listener.load_balancer_id,
                attributes,
                tuple(groups),
                world.state.next_order(),
            )
            return identity

    def rules(self, listener_id: str) -> list[Answer]:
        """Rules of a listener."""
        with self._enter() as worlds:
            world, _ = _listener(worlds, listener_id)
            return [
                rule_view(world, each)
                for each in world.state.rules.values()
                if each.listener_id == listener_id
            ]

    def remove_rule(self, rule_id: str) -> None:
        """Remove a rule."""
        with self._enter() as worlds:
            for world in worlds.values():
                if world.state.rules.pop(rule_id, None) is not None:
                    return
            raise KeyError(rule_id)


_DEFAULTS: Mapping[Product, Mapping[str, Any]] = {
    "alb": {
        "AddressAllocatedMode": "Dynamic",
        "AddressIpVersion": "IPv4",
        "LoadBalancerEdition": "Standard",
        "LoadBalancerStatus": "Active",
        "LoadBalancerBussinessStatus": "Normal",
        "LoadBalancerBillingConfig": {"PayType": "PostPay"},
        "DeletionProtectionConfig": {"Enabled": False},
        "ModificationProtectionConfig": {"Status": "NonProtection"},
        "ResourceGroupId": RESOURCE_GROUP,
    },
    "nlb": {
        "AddressIpVersion": "ipv4",
        "LoadBalancerType": "Network",
        "LoadBalancerStatus": "Active",
        "LoadBalancerBusinessStatus": "Normal",
        "LoadBalancerBillingConfig": {"PayType": "PostPay"},
        "CrossZoneEnabled": True,
        "DeletionProtectionConfig": {"Enabled": False},
        "ModificationProtectionConfig": {"Status": "NonProtection"},
        "ResourceGroupId": RESOURCE_GROUP,
    },
}
_LISTENER_DEFAULTS: Mapping[Product, Mapping[str, Any]] = {
    "alb": {"ListenerStatus": "Running", "GzipEnabled": True, "IdleTimeout": 15},
    "nlb": {"ListenerStatus": "Running", "IdleTimeout": 900},
}


def _holder(worlds: Mapping[Product, World], load_balancer_id: str) -> World:
    for world in worlds.values():
        if load_balancer_id in world.state.load_balancers:
            return world
    raise KeyError(load_balancer_id)


def _listener(worlds: Mapping[Product, World], listener_id: str) -> tuple[World, Listener]:
    for world in worlds.values():
        if listener_id in world.state.listeners:
            return world, world.state.listeners[listener_id]
    raise KeyError(listener_id)


def _drop_listener(world: World, listener_id: str) -> None:
    del world.state.listeners[listener_id]
    for rule in list(world.state.rules.values()):
        if rule.listener_id == listener_id:
            del world.state.rules[rule.rule_id]
