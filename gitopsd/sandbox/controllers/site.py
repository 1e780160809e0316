"""Where the cluster is, as far as controllers ask: VPC, certificates, network interfaces."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitopsd.sandbox.controllers.objects import Item


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about the place that no Kubernetes object tells.

    * `cidrs`: the VPC's address ranges; an address inside has a network interface, another has not.
      None: not known; then pods on ECS nodes are inside, and all others outside.
    * `bare`: addresses inside the VPC that have none all the same.
    * `certificates`: ids of the certificate service's certificates, with their domain names.
    """

    cluster_id: str = "c-sandbox"
    region: str = "cn-hangzhou"
    vpc_id: str = "vpc-sandbox"
    cidrs: tuple[str, ...] | None = None
    bare: frozenset[str] = frozenset()
    certificates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def inside(self, address: str, *, on_instance: bool) -> bool:
        """Whether a pod's address lies in the VPC; `on_instance` says that an ECS node holds it."""
        if self.cidrs is None:
            return on_instance
        parsed = ipaddress.ip_address(address)
        return any(parsed in ipaddress.ip_network(cidr) for cidr in self.cidrs)

    def interface_of(self, address: str, *, on_instance: bool) -> str | None:
        """The id of the network interface that holds a pod's address, or None."""
        if address in self.bare or not self.inside(address, on_instance=on_instance):
            return None
        return f"eni-{address.replace('.', '-').replace(':', '-')}"


def internal_ip(node: Item) -> str:
    """A node's first internal address, "" when it has none."""
    for address in (node.get("status") or {}).get("addresses") or []:
        if address.get("type") == "InternalIP":
            return str(address["address"])
    return ""
