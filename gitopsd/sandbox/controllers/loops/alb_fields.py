"""Attributes of load balancers, listeners and members in the spelling of the ALB API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitopsd.sandbox.cloud.world import World
from gitopsd.sandbox.controllers.alb.model import Listener, Server, ServerGroup
from gitopsd.sandbox.controllers.loops.members import Member
from gitopsd.sandbox.controllers.objects import Item

CLUSTER_TAG: Final = "ack.aliyun.com"
CONFIG_TAG: Final = "ingress.k8s.alibaba/albconfig"
RESOURCE_TAG: Final = "ingress.k8s.alibaba/resource"
_NAMESPACE_TAG: Final = "ingress.k8s.alibaba/service_ns"
_INGRESS_TAG: Final = "ingress.k8s.alibaba/ingress_name"
_SERVICE_TAG: Final = "ingress.k8s.alibaba/service_name"
_PORT_TAG: Final = "ingress.k8s.alibaba/service_port"

_CHOICES: Final = ("Basic", "Standard", "StandardWithWaf", "Internet", "Intranet")


def documented(choice: str) -> str:
    """A choice of an AlbConfig, whose letter case does not count, as the API spells it."""
    return next(each for each in _CHOICES if each.lower() == choice.lower())


def status_id(config: Item) -> str:
    """The id of the load balancer that an AlbConfig has, "" for none."""
    return str(((config.get("status") or {}).get("loadBalancer") or {}).get("id") or "")


def listener_fields(listener: Listener) -> dict[str, Any]:
    """Attributes of a listener besides port, protocol and default action."""
    fields = dict(listener.attributes)
    if listener.http2 is not None:
        fields["Http2Enabled"] = listener.http2
    if listener.certificates:
        fields["Certificates"] = [
            {"CertificateId": each.certificate_id, "IsDefault": each.default}
            for each in listener.certificates
        ]
    return fields


def wanted_members(servers: tuple[Server, ...]) -> list[Member]:
    """The members an owned group is to have."""
    types = {"ecs": "Ecs", "eni": "Eni"}
    return [
        Member(each.server_id, each.port, types[each.type], each.ip, each.weight)
        for each in servers
    ]


def includes(have: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether every wanted field is there with its value, member by member."""
    for name, value in wanted.items():
        found = have.get(name)
        if isinstance(value, Mapping) and isinstance(found, Mapping):
            if not includes(found, value):
                return False
        elif found != value:
            return False
    return True


def not_found(resource: str) -> str:
    """How the API refuses something that refers to what does not exist."""
    return (
        f"ErrorCode: ResourceNotFound.{resource} "
        f"Message: The specified resource of {resource} is not found."
    )


def groups_by_service(alb: World) -> dict[str, list[tuple[str, ServerGroup]]]:
    """The groups that ALB controllers made for Services, with their ids, by `namespace/name`."""
    found: dict[str, list[tuple[str, ServerGroup]]] = {}
    for group_id in alb.state.groups:
        tags = alb.state.tags.of(group_id)
        if CONFIG_TAG in tags and _PORT_TAG in tags:
            # No name of an object begins so: the underscore saves it from what no tag may say.
            namespace, ingress, service = (
                tags[key].removeprefix("_") for key in (_NAMESPACE_TAG, _INGRESS_TAG, _SERVICE_TAG)
            )
            port, resource_id = int(tags[_PORT_TAG]), tags[RESOURCE_TAG]
            group = ServerGroup(namespace, ingress, service, port, resource_id, {})
            found.setdefault(f"{group.namespace}/{group.service}", []).append((group_id, group))
    return found
