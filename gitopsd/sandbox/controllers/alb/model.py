"""What the ALB controller wants to exist for one AlbConfig, as plain values.

Shapes follow the cloud's requests: conditions and action configs are JSON values in the API's
spelling. Weights are what would be sent, checked by nobody yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, order=True)
class ListenerKey:
    """A port and HTTP, HTTPS or QUIC."""

    port: int
    protocol: str

    def __str__(self) -> str:
        return f"{self.port}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a listener, by id (of one made from a Secret: its name)."""

    certificate_id: str
    default: bool = False


@dataclass(slots=True)
class Listener:
    """A listener of the load balancer; `http2` is None unless it speaks HTTPS."""

    key: ListenerKey
    http2: bool | None = None
    certificates: tuple[Certificate, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule; `key` only where the type has one, values texts or pairs."""

    type: str
    values: tuple[Any, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A server group in a forward action.

    Either `group_id`, the id that the manifest names, or `owned`, the resource id of a group that
    the controller itself makes.
    """

    weight: int
    group_id: str = ""
    owned: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a rule: a forward to groups, or another type with its config.

    `config` None stands for a config that the manifest left out.
    """

    type: str
    config: Mapping[str, Any] | None = None
    groups: tuple[Weighted, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A forwarding rule; priorities count from 1 on each listener."""

    listener: ListenerKey
    priority: int
    direction: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        """The name the rule gets in the cloud."""
        return f"rule-{self.listener.port}-{self.priority}"


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """A group that the controller makes for a port of a Service, one per Ingress.

    `resource_id` is the value of the tag by which it finds the group again; `spec` holds the
    attributes in the API's spelling.
    """

    namespace: str
    ingress: str
    service: str
    port: int
    resource_id: str
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The group's name in the cloud; it does not tell Ingresses apart."""
        return f"{self.namespace}-{self.service}-{self.port}"

    @property
    def ref(self) -> str:
        """The group in messages."""
        return f"sgp({self.namespace}/{self.ingress} {self.service}:{self.port})"

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags that say what it is for (facts §2.2)."""
        return {
            "ingress.k8s.alibaba/service_ns": _allowed(self.namespace),
            "ingress.k8s.alibaba/ingress_name": _allowed(self.ingress),
            "ingress.k8s.alibaba/service_name": _allowed(self.service),
            "ingress.k8s.alibaba/service_port": str(self.port),
        }


def _allowed(name: str) -> str:
    """A name as a tag's value, of which two beginnings are the cloud's own (facts §6.3)."""
    return f"_{name}" if name.startswith(("aliyun", "acs:")) else name


@dataclass(frozen=True, slots=True)
class Server:
    """A member of an owned group: an ECS instance, or a pod behind its network interface."""

    server_id: str
    port: int
    type: Literal["ecs", "eni"]
    ip: str = ""
    weight: int = 100


@dataclass(slots=True)
class Model:
    """Listeners, rules and owned groups; `secrets` names the certificates made from Secrets."""

    listeners: dict[ListenerKey, Listener] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    groups: dict[str, ServerGroup] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def named_groups(self) -> list[str]:
        """Ids of groups of others that rules forward to, each once, in the order of the rules."""
        named: dict[str, None] = {}
        for rule in self.rules:
            for action in rule.actions:
                named.update((each.group_id, None) for each in action.groups if each.group_id)
        return list(named)
