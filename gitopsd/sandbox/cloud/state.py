"""What the sandbox remembers of one product: plain values, no behaviour of the API.

Attributes of groups, load balancers, listeners and rules are kept in the spelling of the wire, so
that what is read back is what is stored.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MemberKey = tuple[str, str, int]
"""ServerId, ServerIp, Port: what tells members of a group apart (facts §6.3)."""

AVAILABLE = "Available"
CREATING = "Creating"
CONFIGURING = "Configuring"
ADDING = "Adding"
REMOVING = "Removing"

PROCESSING = "Processing"
SUCCEEDED = "Succeeded"
FAILED = "Failed"


@dataclass(slots=True)
class Member:
    """One backend server of a group.

    `order` is its place in listings, `since` the clock's reading when it last became Available.
    """

    server_id: str
    server_type: str
    server_ip: str
    port: int
    weight: int
    description: str
    order: int
    remote_ip: bool = False
    status: str = AVAILABLE
    zone_id: str = ""
    since: float = -math.inf

    @property
    def key(self) -> MemberKey:
        """Its identity within the group."""
        return (self.server_id, self.server_ip, self.port)


@dataclass(slots=True)
class Group:
    """One server group. `managed` marks a group that ACK manages and users may not change."""

    group_id: str
    attributes: dict[str, Any]
    order: int
    status: str = AVAILABLE
    managed: bool = False
    members: dict[MemberKey, Member] = field(default_factory=dict)


@dataclass(slots=True)
class Job:
    """One asynchronous change of a group and what remains to be done when it is due.

    `due` is a reading of the sandbox's clock; None: never by itself. When it ends well, members in
    `settles` become Available and those in `removes` vanish, and so does the group if `deletes`.
    When `failure` (code, message) is set, the group goes back to `before`, or away if it was new.
    """

    job_id: str
    api_name: str
    group_id: str
    created_ms: int
    modified_ms: int
    order: int
    due: float | None
    status: str = PROCESSING
    settles: list[MemberKey] = field(default_factory=list)
    removes: list[MemberKey] = field(default_factory=list)
    deletes: bool = False
    failure: tuple[str, str] | None = None
    before: Group | None = None


@dataclass(slots=True)
class LoadBalancer:
    """An instance that somebody else made; the wire only reads it."""

    load_balancer_id: str
    attributes: dict[str, Any]
    order: int


@dataclass(slots=True)
class Listener:
    """A listener and the groups its default action forwards to."""

    listener_id: str
    load_balancer_id: str
    attributes: dict[str, Any]
    group_ids: tuple[str, ...]
    order: int


@dataclass(slots=True)
class Rule:
    """A forwarding rule (ALB) and the groups it forwards to."""

    rule_id: str
    listener_id: str
    load_balancer_id: str
    attributes: dict[str, Any]
    group_ids: tuple[str, ...]
    order: int


@dataclass(slots=True)
class TagBook:
    """Tags by resource id, and what the tag filter of the list operations still believes.

    `lagging` maps a resource to the reading of the clock until which filters see its old tags.
    """

    current: dict[str, dict[str, str]] = field(default_factory=dict)
    lagging: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict)

    def of(self, resource_id: str) -> dict[str, str]:
        """The tags as they are."""
        return self.current.get(resource_id, {})

    def indexed(self, resource_id: str, now: float) -> Mapping[str, str]:
        """The tags as a filter sees them at `now`."""
        until, old = self.lagging.get(resource_id, (now, {}))
        return old if now < until else self.of(resource_id)

    def write(self, resource_id: str, tags: Mapping[str, str], now: float, lag: float) -> None:
        """Replace the tags of a resource; filters notice `lag` seconds after `now`."""
        if lag > 0:
            self.lagging[resource_id] = (now + lag, dict(self.indexed(resource_id, now)))
        self.current[resource_id] = dict(tags)

    def forget(self, resource_id: str) -> None:
        """The resource is gone."""
        self.current.pop(resource_id, None)
        self.lagging.pop(resource_id, None)


@dataclass(slots=True)
class State:
    """All that one product holds."""

    groups: dict[str, Group] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    """Group id to the id of its unfinished job."""
    load_balancers: dict[str, LoadBalancer] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    relations: dict[str, set[str]] = field(default_factory=dict)
    """Group id to load balancers that use it, beyond what listeners and rules say."""
    unhealthy: dict[str, dict[MemberKey, tuple[str, str]]] = field(default_factory=dict)
    """Group id to members that are not Normal: health status and reason code."""
    tags: TagBook = field(default_factory=TagBook)
    counter: int = 0

    def next_order(self) -> int:
        """A number larger than all before; listings are in this order."""
        self.counter += 1
        return self.counter

    def uses(self, load_balancer_id: str) -> Counter[str]:
        """Groups of a load balancer, with how many of its listeners and rules use each."""
        users: list[Listener | Rule] = [*self.listeners.values(), *self.rules.values()]
        found = Counter(
            group_id
            for user in users
            if user.load_balancer_id == load_balancer_id
            for group_id in user.group_ids
        )
        for group_id, balancers in self.relations.items():
            if load_balancer_id in balancers and group_id not in found:
                found[group_id] = 1
        return found

    def related(self, group_id: str) -> list[str]:
        """Load balancers that use a group, sorted."""
        used = set(self.relations.get(group_id, ()))
        users: list[Listener | Rule] = [*self.listeners.values(), *self.rules.values()]
        for user in users:
            if group_id in user.group_ids:
                used.add(user.load_balancer_id)
        return sorted(used)
