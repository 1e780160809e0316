"""Where the cluster is, as far as controllers ask: VPC, certificates, network interfaces."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gitopsd.sandbox.controllers.objects import Item

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about the place that no Kubernetes object tells.

    * `cidrs`: the VPC's address ranges; an address inside has a network interface, another has not.
    * `bare`: addresses inside the VPC that have none all the same.
    * `certificates`: ids of the certificate service's certificates, with their domain names.
    """

    cluster_id: str = "c-sandbox"
    region: str = "cn-hangzhou"
    vpc_id: str = "vpc-sandbox"
    cidrs: tuple[str, ...] = PRIVATE
    bare: frozenset[str] = frozenset()
    certificates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def inside(self, address: str) -> bool:
        """Whether an address lies in the VPC."""
        parsed = ipaddress.ip_address(address)
        return any(parsed in ipaddress.ip_network(cidr) for cidr in self.cidrs)

    def interface_of(self, address: str) -> str | None:
        """The id of the network interface that holds an address, or None."""
        if address in self.bare or not self.inside(address):
            return None
        return f"eni-{address.replace('.', '-').replace(':', '-')}"


def internal_ip(node: Item) -> str:
    """A node's first internal address, "" when it has none."""
    for address in (node.get("status") or {}).get("addresses") or []:
        if address.get("type") == "InternalIP":
            return str(address["address"])
    return ""
