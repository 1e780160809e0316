"""Bringing the sandbox's ALB API to what the model of one AlbConfig says.

Everything happens at one moment, under the cloud's lock. What others own is only referred to: the
members of groups named by id are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitopsd.sandbox.cloud import SEEDED_VPC, Cloud
from gitopsd.sandbox.cloud.documented import documented_group
from gitopsd.sandbox.cloud.state import Rule as CloudRule
from gitopsd.sandbox.cloud.world import World
from gitopsd.sandbox.controllers.alb.model import (
    ListenerKey,
    Model,
    Rule,
    Server,
    ServerGroup,
    Weighted,
)
from gitopsd.sandbox.controllers.alb.wire import (
    Identify,
    group_fields,
    rule_fields,
    rule_groups,
)
from gitopsd.sandbox.controllers.loops.alb_fields import (
    CLUSTER_TAG,
    CONFIG_TAG,
    RESOURCE_TAG,
    documented,
    groups_by_service,
    includes,
    listener_fields,
    not_found,
    status_id,
    wanted_members,
)
from gitopsd.sandbox.controllers.loops.members import sync_members
from gitopsd.sandbox.controllers.objects import Item
from gitopsd.sandbox.controllers.site import Site

_NAMESPACE: Final = "kube-system"
_BALANCER: Final = "ApplicationLoadBalancer"
Servers = Mapping[str, tuple[Server, ...] | None]


class RefusedError(Exception):
    """The cloud refuses what the model asks for; the text is what the API would say."""


class AlbCloud:
    """The ALBs of a cluster, one for each AlbConfig."""

    def __init__(self, cloud: Cloud, site: Site) -> None:
        self._cloud = cloud
        self._site = site
        self._by_service: Mapping[str, list[tuple[str, ServerGroup]]] | None = None
        # What was brought into the cloud, so that what has not changed is not compared again.
        self._filled: dict[str, tuple[Server, ...]] = {}
        self._kept: dict[str, ServerGroup] = {}
        self._sent: dict[str, Rule] = {}

    def balancer(self, config: Item) -> tuple[str, str]:
        """The id and DNS name of an AlbConfig's load balancer, made if it is missing.

        Raises:
            RefusedError: the AlbConfig names one that does not exist.
        """
        spec = config["spec"]["config"]
        with self._cloud.entered() as worlds:
            balancers = worlds["alb"].state.load_balancers
            named = spec.get("id")
            if named and named not in balancers:
                raise RefusedError(not_found("LoadBalancer"))
            identity = named or status_id(config)
            if identity not in balancers:
                identity = self._find(worlds["alb"], config) or self._make(config)
            return identity, str(balancers[identity].attributes["DNSName"])

    def apply(self, config: Item, identity: str, model: Model, servers: Servers) -> None:
        """Make groups with their members, listeners and rules as the model says.

        Raises:
            RefusedError: a rule names a group that does not exist. Groups and listeners are made
                by then, rules are as they were.
        """
        with self._cloud.entered() as worlds:
            alb = worlds["alb"]
            owned = self._groups(alb, config)
            for group in model.groups.values():
                self._group(alb, config, group, owned)
                self.fill(owned[group.resource_id], servers.get(group.resource_id))
            listeners = self._listeners(alb, config, identity, model, owned)
            self._check(alb, model)
            by_listener: dict[ListenerKey, list[Rule]] = {key: [] for key in listeners}
            for rule in model.rules:
                by_listener[rule.listener].append(rule)
            for key, listener_id in listeners.items():
                self._rules(alb, listener_id, by_listener[key], owned)
            self._sweep(alb, model, listeners, owned)

    def remove(self, config: Item) -> None:
        """Take away what was made for a deleted AlbConfig; a reused load balancer stays."""
        with self._cloud.entered() as worlds:
            alb = worlds["alb"]
            identity = status_id(config)
            reused = (config["spec"].get("config") or {}).get("id")
            if identity in alb.state.load_balancers and not reused:
                self._cloud.balancers.remove(identity)
            for group_id in self._groups(alb, config).values():
                self._delete(group_id)

    def service_groups(self) -> Mapping[str, list[tuple[str, ServerGroup]]]:
        """The groups made for Services, with their ids, by `namespace/name` of the Service."""
        if self._by_service is None:
            with self._cloud.entered() as worlds:
                self._by_service = groups_by_service(worlds["alb"])
        return self._by_service

    def fill(self, group_id: str, servers: tuple[Server, ...] | None) -> None:
        """Set the members of a group, unless they were set before; one that is gone is left."""
        wanted = servers or ()
        if self._filled.get(group_id) != wanted and self._cloud.groups.exists(group_id):
            sync_members(self._cloud, group_id, wanted_members(wanted))
            self._filled[group_id] = wanted

    # -- parts

    def _make(self, config: Item) -> str:
        spec = config["spec"]["config"]
        switches = [each.get("vSwitchId", "") for each in spec.get("zoneMappings") or []]
        zones = {
            f"{self._site.region}-{chr(ord('j') + index)}": switch
            for index, switch in enumerate(switches)
        }
        return self._cloud.balancers.add(
            "alb",
            spec.get("name") or f"k8s-kubesystem-{config['metadata']['name']}",
            SEEDED_VPC,
            address_type=documented(spec.get("addressType") or "Internet"),
            zones=zones,
            tags=self._tags(config, _BALANCER),
            LoadBalancerEdition=documented(spec.get("edition") or "Standard"),
        )

    def _find(self, alb: World, config: Item) -> str | None:
        wanted = self._tags(config, _BALANCER)
        for identity in alb.state.load_balancers:
            if alb.state.tags.of(identity).items() >= wanted.items():
                return identity
        return None

    def _tags(self, config: Item, resource_id: str) -> dict[str, str]:
        return {
            CLUSTER_TAG: self._site.cluster_id,
            CONFIG_TAG: f"{_NAMESPACE}/{config['metadata']['name']}",
            RESOURCE_TAG: resource_id,
        }

    def _groups(self, alb: World, config: Item) -> dict[str, str]:
        """The groups made for an AlbConfig: ids by resource id."""
        name = f"{_NAMESPACE}/{config['metadata']['name']}"
        found = {}
        for group_id in alb.state.groups:
            tags = alb.state.tags.of(group_id)
            if tags.get(CONFIG_TAG) == name and RESOURCE_TAG in tags:
                found[tags[RESOURCE_TAG]] = group_id
        return found

    def _group(self, alb: World, config: Item, group: ServerGroup, owned: dict[str, str]) -> None:
        group_id = owned.get(group.resource_id, "")
        if group_id and self._kept.get(group_id) is group:
            return
        tags = {**self._tags(config, group.resource_id), **group.tags}
        fields = documented_group("alb", group_fields(group, SEEDED_VPC))
        made = self._ensure(alb, owned, group.resource_id, group.name, tags, fields)
        self._kept[made] = group

    def _delete(self, group_id: str) -> None:
        self._cloud.groups.delete(group_id)
        self._by_service = None
        for held in (self._filled, self._kept):
            held.pop(group_id, None)

    def _ensure(
        self,
        alb: World,
        owned: dict[str, str],
        resource_id: str,
        name: str,
        tags: Mapping[str, str],
        fields: Mapping[str, Any],
    ) -> str:
        group_id = owned.get(resource_id)
        if group_id is None:
            group_id = self._cloud.groups.create("alb", name, tags=tags, **fields)
            self._cloud.groups.set_managed(group_id)
            owned[resource_id] = group_id
            self._by_service = None
        elif not includes(alb.state.groups[group_id].attributes, fields):
            self._cloud.groups.set_attributes(group_id, **fields)
        return group_id

    def _listeners(
        self, alb: World, config: Item, identity: str, model: Model, owned: dict[str, str]
    ) -> dict[ListenerKey, str]:
        """Listeners by port and protocol, made where missing, each with its placeholder group."""
        have = {
            ListenerKey(each.attributes["ListenerPort"], each.attributes["ListenerProtocol"]): each
            for each in alb.state.listeners.values()
            if each.load_balancer_id == identity
        }
        found = {}
        for key, listener in model.listeners.items():
            name = f"{_NAMESPACE}-fake-svc-{key.port}"
            resource_id = f"{config['metadata']['name']}-listener-{key.port}"
            fields = {"VpcId": SEEDED_VPC, "HealthCheckConfig": {"HealthCheckEnabled": False}}
            tags = self._tags(config, resource_id)
            default = self._ensure(alb, owned, resource_id, name, tags, fields)
            if key in have:
                have[key].attributes.update(listener_fields(listener))
                found[key] = have[key].listener_id
            else:
                found[key] = self._cloud.balancers.add_listener(
                    identity,
                    key.port,
                    key.protocol,
                    group_ids=[default],
                    ListenerDescription=f"ingress-auto-listener-{key.port}",
                    **listener_fields(listener),
                )
        if not (config["spec"].get("config") or {}).get("id"):
            for key, extra in have.items():
                if key not in found:
                    self._cloud.balancers.remove_listener(extra.listener_id)
        return found

    def _check(self, alb: World, model: Model) -> None:
        for group_id in model.named_groups():
            if group_id not in alb.state.groups:
                raise RefusedError(not_found("ServerGroup"))

    def _rules(
        self, alb: World, listener_id: str, rules: list[Rule], owned: Mapping[str, str]
    ) -> None:
        """Rules that stay keep their id; new ones come before old ones go."""

        def identify(weighted: Weighted) -> str:
            return weighted.group_id or owned[weighted.owned]

        have = {
            each.attributes["Priority"]: each
            for each in alb.state.rules.values()
            if each.listener_id == listener_id
        }
        for rule in rules:
            before = have.pop(rule.priority, None)
            groups = rule_groups(rule, identify)
            if before is not None and self._is_sent(before, rule, groups, identify):
                continue
            fields = rule_fields(rule, identify)
            conditions, name = fields.pop("RuleConditions"), fields.pop("RuleName")
            priority = fields.pop("Priority")
            made = self._cloud.balancers.add_rule(
                listener_id, priority, groups, conditions=conditions, name=name, **fields
            )
            self._sent[made] = rule
            if before is not None:
                self._drop_rule(before.rule_id)
        for each in have.values():
            self._drop_rule(each.rule_id)

    def _is_sent(
        self, before: CloudRule, rule: Rule, groups: Mapping[str, int], identify: Identify
    ) -> bool:
        """Whether the rule in the cloud is the one wanted."""
        sent = self._sent.get(before.rule_id)
        if sent is None or before.group_ids != tuple(groups):
            same = includes(before.attributes, rule_fields(rule, identify))
        else:
            same = sent == rule
        if same:
            self._sent[before.rule_id] = rule
        return same

    def _drop_rule(self, rule_id: str) -> None:
        self._cloud.balancers.remove_rule(rule_id)
        self._sent.pop(rule_id, None)

    def _sweep(
        self,
        alb: World,
        model: Model,
        listeners: Mapping[ListenerKey, str],
        owned: Mapping[str, str],
    ) -> None:
        """Remove owned groups that nothing needs any more."""
        used = {
            group_id
            for listener_id in listeners.values()
            for group_id in alb.state.listeners[listener_id].group_ids
        }
        for resource_id, group_id in owned.items():
            if resource_id not in model.groups and group_id not in used:
                self._delete(group_id)
