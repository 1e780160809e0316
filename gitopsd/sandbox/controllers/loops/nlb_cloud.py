"""Bringing the sandbox's NLB API to what the model of one Service says.

Everything happens at one moment, under the cloud's lock. Members that the controller did not add
stay as they are, in its own groups and in those of others.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Final

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.cloud.world import World
from gitopsd.sandbox.controllers.loops.hand import addresses_of
from gitopsd.sandbox.controllers.loops.members import Member, sync_members
from gitopsd.sandbox.controllers.loops.nlb_fields import (
    find_listener,
    group_fields,
    update_balancer,
)
from gitopsd.sandbox.controllers.objects import Item
from gitopsd.sandbox.controllers.services import Account, Balancer, Group
from gitopsd.sandbox.controllers.services.naming import (
    CLUSTER_TAG,
    OWNER_TAG,
    default_name,
    nlb_key,
    owner_tags,
)
from gitopsd.sandbox.controllers.services.options import Options
from gitopsd.sandbox.controllers.services.outcome import Model
from gitopsd.sandbox.controllers.site import Site

_IN_USE: Final = "[SDKError] API: DeleteServerGroup, ErrorCode: ResourceInUse.serverGroup"
_DELETED: Final = (
    "update nlb attribute error: alicloud: can not find loadbalancer, but it's defined in service "
    "[{shown}] this may happen when you delete the loadbalancer"
)
_LISTENER_NAMES: Final = frozenset(
    {"ListenerPort", "ListenerProtocol", "ServerGroupName", "ServerGroupId"}
)


class NlbRefusedError(Exception):
    """The cloud refuses what the model asks for; the text is what the API would say."""


class NlbCloud:
    """The NLBs of a cluster's Services."""

    def __init__(self, cloud: Cloud, site: Site) -> None:
        self._cloud = cloud
        self._site = site
        self._owned: dict[str, set[str]] | None = None

    def account(self, service: Item) -> Account:
        """What a Service refers to in the cloud, and its own load balancer."""
        options = Options(service)
        named = options.get("id")
        own = self.own(service)
        with self._cloud.entered() as worlds:
            state = worlds["nlb"].state
            balancers = {
                identity: Balancer(
                    state.load_balancers[identity].attributes["DNSName"],
                    dict(state.tags.of(identity)),
                    state.load_balancers[identity].attributes,
                )
                for identity in (named, own)
                if identity in state.load_balancers
            }
            bound = [entry.partition(":")[0] for entry in options.get("vgroup-port").split(",")]
            groups = {
                identity: Group(attributes["ServerGroupName"], attributes["ServerGroupType"])
                for identity in bound
                if identity in state.groups
                for attributes in (state.groups[identity].attributes,)
            }
        return Account(balancers, groups, balancers.get(own) if own != named else None)

    def own(self, service: Item) -> str:
        """The id of the load balancer made for a Service, "" for none."""
        with self._cloud.entered() as worlds:
            state = worlds["nlb"].state
            return next(
                (each for each in self._of(worlds["nlb"], service) if each in state.load_balancers),
                "",
            )

    def ensure(self, service: Item, model: Model) -> tuple[str, str]:
        """The id and DNS name of the Service's load balancer, made if it is missing.

        Raises:
            NlbRefusedError: the Service already shows one that somebody has deleted.
        """
        attributes = model.get("LoadBalancerAttribute", {})
        identity = attributes.get("LoadBalancerId") or self.own(service)
        if not identity and addresses_of(service):
            shown = addresses_of(service)[0].get("ip", "")
            raise NlbRefusedError(_DELETED.format(shown=shown))
        with self._cloud.entered() as worlds:
            if not identity:
                identity = self._make(service, attributes)
                self._of(worlds["nlb"], service).add(identity)
            elif "LoadBalancerId" not in attributes:
                update_balancer(worlds["nlb"], identity, attributes)
            balancer = worlds["nlb"].state.load_balancers[identity]
            return identity, str(balancer.attributes["DNSName"])

    def apply(self, service: Item, identity: str, model: Model, *, changed: bool) -> None:
        """Make groups with their members and, when the Service changed, listeners.

        Raises:
            NlbRefusedError: a group that is to go is still in use.
        """
        with self._cloud.entered() as worlds:
            nlb = worlds["nlb"]
            have = self._groups(nlb, service)
            used: dict[str, str] = {}
            for group in model.get("ServerGroups", ()):
                # Ports that share a group share the members of the first of them.
                key = group.get("ServerGroupId") or group["ServerGroupName"]
                if key not in used:
                    used[key] = self._group(nlb, service, group, have)
            if not changed:
                return
            listeners = not model.get("LoadBalancerAttribute", {}).get("IsUserManaged")
            if listeners or Options(service).get("force-override-listeners") == "true":
                by_name = {
                    nlb.state.groups[each].attributes["ServerGroupName"]: each
                    for each in reversed(have)
                }
                self._listeners(nlb, service, identity, model, {**used, **by_name})
            for group_id in have:
                if group_id not in used.values():
                    self._drop(nlb, service, group_id)

    def remove(self, service: Item, *, preserve: bool) -> None:
        """Take away what was made for a Service; a preserved load balancer is emptied and kept."""
        with self._cloud.entered() as worlds:
            nlb = worlds["nlb"]
            own, reused = self.own(service), Options(service).get("id")
            self._drop_listeners(nlb, service, {own, reused})
            for group_id in self._groups(nlb, service):
                if preserve and own:
                    self._cloud.groups.set_tags(group_id, {})
                else:
                    self._cloud.groups.delete(group_id)
            if own and preserve:
                nlb.state.tags.write(own, {}, nlb.clock(), lag=0)
            elif own:
                self._cloud.balancers.remove(own)
            if reused:
                self._leave_groups(nlb, service)
            self._forget(service)

    # -- parts

    def _of(self, nlb: World, service: Item) -> set[str]:
        """Ids of load balancers and groups made for a Service."""
        if self._owned is None:
            self._owned = {}
            for identity in (*nlb.state.load_balancers, *nlb.state.groups):
                tags = nlb.state.tags.of(identity)
                if tags.get(CLUSTER_TAG) == self._site.cluster_id and OWNER_TAG in tags:
                    self._owned.setdefault(tags[OWNER_TAG], set()).add(identity)
        return self._owned.setdefault(default_name(service), set())

    def _forget(self, service: Item) -> None:
        if self._owned is not None:
            self._owned.pop(default_name(service), None)

    def _drop_listeners(self, nlb: World, service: Item, balancers: Container[str]) -> None:
        for listener in list(nlb.state.listeners.values()):
            described = listener.attributes.get("ListenerDescription", "")
            if listener.load_balancer_id in balancers and self._is_mine(service, described):
                self._cloud.balancers.remove_listener(listener.listener_id)

    def _groups(self, nlb: World, service: Item) -> list[str]:
        """Groups made for a Service, oldest first."""
        groups = nlb.state.groups
        found = [each for each in self._of(nlb, service) if each in groups]
        return sorted(found, key=lambda each: groups[each].order)

    def _make(self, service: Item, attributes: Mapping[str, Any]) -> str:
        extra = [each.partition("=") for each in attributes.get("Tags", ())]
        address = str(attributes.get("AddressType", "Internet"))
        fields = {
            "AddressIpVersion": attributes.get("AddressIpVersion", "ipv4"),
            "DeletionProtectionConfig": {"Enabled": True, "Reason": "managed.by.ack"},
            "ModificationProtectionConfig": {
                "Status": "ConsoleProtection",
                "Reason": "managed.by.ack",
            },
        }
        if "ResourceGroupId" in attributes:
            fields["ResourceGroupId"] = attributes["ResourceGroupId"]
        if attributes.get("SecurityGroupIds"):
            fields["SecurityGroupIds"] = list(attributes["SecurityGroupIds"])
        return self._cloud.balancers.add(
            "nlb",
            str(attributes.get("Name") or default_name(service)),
            self._site.vpc_id,
            address_type=address.capitalize(),
            zones={each["ZoneId"]: each["VSwitchId"] for each in attributes["ZoneMappings"]},
            tags={**{key: value for key, _, value in extra}, **self._tags(service)},
            **fields,
        )

    def _tags(self, service: Item) -> dict[str, str]:
        return owner_tags(service, self._site.cluster_id)

    def _group(self, nlb: World, service: Item, group: Mapping[str, Any], have: list[str]) -> str:
        """One group of the model, made where none of its name and type exists, with its members."""
        name = group["ServerGroupName"]
        members = [
            Member(
                each["ServerId"],
                each["Port"],
                each["ServerType"],
                each.get("ServerIp", ""),
                each["Weight"],
                name,
            )
            for each in group.get("Servers", ())
        ]
        if group.get("IsUserManaged"):
            group_id: str = group["ServerGroupId"]
        else:
            group_id = self._find(nlb, group, have)
            fields = group_fields(group)
            if not group_id:
                fields.setdefault("ServerGroupType", "Instance")
                tags = self._tags(service)
                made = {"VpcId": self._site.vpc_id, **fields}
                group_id = self._cloud.groups.create("nlb", name, tags=tags, **made)
                self._of(nlb, service).add(group_id)
            else:
                self._cloud.groups.set_attributes(group_id, **fields)
        keep = "InvalidServers" in group or group.get("IgnoreWeightUpdate", False)
        sync_members(self._cloud, group_id, members, mine=name, only_add=keep)
        return group_id

    def _find(self, nlb: World, group: Mapping[str, Any], have: list[str]) -> str:
        for group_id in have:
            found = nlb.state.groups[group_id].attributes
            kind = group.get("ServerGroupType", found["ServerGroupType"])
            if (found["ServerGroupName"], found["ServerGroupType"]) == (
                group["ServerGroupName"],
                kind,
            ):
                return group_id
        return ""

    def _listeners(
        self,
        nlb: World,
        service: Item,
        identity: str,
        model: Model,
        groups: Mapping[str, str],
    ) -> None:
        have = [each for each in nlb.state.listeners.values() if each.load_balancer_id == identity]
        wanted = set()
        for listener in model.get("Listeners", ()):
            group_id = listener.get("ServerGroupId") or groups[listener["ServerGroupName"]]
            fields = {key: listener[key] for key in listener if key not in _LISTENER_NAMES}
            port, protocol = listener.get("ListenerPort", 0), listener["ListenerProtocol"]
            wanted.add((port, listener.get("StartPort"), protocol))
            found = find_listener(have, port, listener.get("StartPort"), protocol)
            if found is None:
                self._cloud.balancers.add_listener(
                    identity, port, protocol, group_ids=[group_id], **fields
                )
            else:
                found.attributes.update(fields)
                found.group_ids = (group_id,)
        for each in have:
            attributes = each.attributes
            key = (
                attributes["ListenerPort"],
                attributes.get("StartPort"),
                attributes["ListenerProtocol"],
            )
            if key not in wanted and self._is_mine(
                service, attributes.get("ListenerDescription", "")
            ):
                self._cloud.balancers.remove_listener(each.listener_id)

    def _is_mine(self, service: Item, description: str) -> bool:
        mine = nlb_key(service, "", "", self._site.cluster_id).split(".")
        parts = description.split(".")
        return len(parts) == 6 and (parts[0], *parts[3:]) == (mine[0], *mine[3:])

    def _drop(self, nlb: World, service: Item, group_id: str) -> None:
        """Delete a group that the model no longer has; one with members of others stays."""
        group = nlb.state.groups[group_id]
        if any(not self._is_mine(service, each.description) for each in group.members.values()):
            return
        if nlb.state.related(group_id):
            raise NlbRefusedError(_IN_USE)
        self._cloud.groups.delete(group_id)

    def _leave_groups(self, nlb: World, service: Item) -> None:
        """Take the Service's own members out of groups of others."""
        for group in nlb.state.groups.values():
            for key, member in list(group.members.items()):
                if self._is_mine(service, member.description):
                    del group.members[key]
