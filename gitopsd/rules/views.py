"""What checks look at: the repository resolved once, and each document with its targets.

A target that is being retired gets nothing, so nothing is checked for it. Everything here is worked
out from the specs alone; what does not resolve is left out, and a check of its own says so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.profiles.defaults import chosen_targets
from gitopsd.profiles.placement import Cell, cell
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import Alb, ExposureSpec, FleetSpec, Network, ServerGroupSpec, Target

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
#: A network of a target, where it stands in the list, and one of its ranges.
Range = tuple[int, Network, IpNetwork]


def parse_network(text: str) -> IpNetwork | None:
    """A CIDR in its canonical form, None for anything else."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def parse_address(text: str) -> ipaddress.IPv4Address | None:
    """An IPv4 address, None for anything else."""
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class TargetView:
    """A target of the fleet; `index` is its place in the list."""

    spec: Target
    index: int

    @property
    def name(self) -> str:
        """What specs call it."""
        return self.spec.name

    @cached_property
    def vpc_ranges(self) -> tuple[IpNetwork, ...]:
        """The legal ranges of its VPC."""
        cidrs = self.spec.vpc.cidrs if self.spec.vpc else []
        return tuple(found for cidr in cidrs if (found := parse_network(cidr)))

    @cached_property
    def network_ranges(self) -> tuple[Range, ...]:
        """The legal ranges of the networks that are connected to it."""
        return tuple(
            (index, network, found)
            for index, network in enumerate(self.spec.networks)
            for cidr in network.cidrs
            if (found := parse_network(cidr))
        )

    @cached_property
    def has_circuit(self) -> bool:
        """Whether a network reached over an Express Connect circuit is declared."""
        return any(network.express_connect for network in self.spec.networks)

    def alb(self, ingress_class: str | None) -> Alb | None:
        """The ALB of this class; without a class the first, which is the default."""
        for alb in self.spec.albs:
            if ingress_class is None or alb.ingress_class == ingress_class:
                return alb
        return None


@dataclass(frozen=True)
class Repository:
    """All documents, and the targets that are checked for."""

    specs: SpecSet
    targets: Mapping[str, TargetView]
    known: tuple[str, ...]
    exposures: Sequence[ExposureView] = field(default=())
    groups: Sequence[GroupView] = field(default=())

    @classmethod
    def of(cls, specs: SpecSet) -> Repository:
        """Resolve the targets of every document."""
        listed = specs.fleet.spec.targets if specs.fleet else []
        targets: dict[str, TargetView] = {}
        for index, target in enumerate(listed):
            if target.state == "Active":
                targets.setdefault(target.name, TargetView(target, index))
        known = tuple(dict.fromkeys(target.name for target in listed))

        def chosen(stated: list[str] | None) -> tuple[TargetView, ...]:
            names = chosen_targets(stated, known)
            return tuple(targets[name] for name in names if name in targets)

        bare = cls(specs, targets, known)
        exposures = [
            ExposureView(document, bare, chosen(document.spec.targets))
            for _, document in sorted(specs.exposures.items())
        ]
        groups = [
            GroupView(document, bare, chosen(document.spec.targets))
            for _, document in sorted(specs.server_groups.items())
        ]
        return cls(specs, targets, known, exposures, groups)


@dataclass(frozen=True)
class FleetView:
    """The Fleet."""

    document: Document[FleetSpec]

    @property
    def spec(self) -> FleetSpec:
        """What it says."""
        return self.document.spec


@dataclass(frozen=True)
class ExposureView:
    """An Exposure and the active targets it is for."""

    document: Document[ExposureSpec]
    repository: Repository
    targets: tuple[TargetView, ...]

    @cached_property
    def spec(self) -> ExposureSpec:
        """What it says."""
        return self.document.spec

    @property
    def identity(self) -> Identity:
        """Its kind, namespace and name."""
        return self.document.identity

    @cached_property
    def kind(self) -> str:
        """CLB, NLB or ALB."""
        return self.spec.load_balancer.type

    def group(self, name: str) -> Document[ServerGroupSpec] | None:
        """The ServerGroup that a backend names: one of the Exposure's own namespace."""
        identity = Identity(SERVER_GROUP, self.identity.namespace, name)
        return self.repository.specs.server_groups.get(identity)


@dataclass(frozen=True)
class ExposureAt:
    """An Exposure at one of its targets."""

    exposure: ExposureView
    target: TargetView

    @property
    def spec(self) -> ExposureSpec:
        """What the Exposure says."""
        return self.exposure.spec

    @cached_property
    def alb(self) -> Alb | None:
        """The ALB that its routes go to here."""
        return self.target.alb(self.spec.load_balancer.ingress_class)

    @cached_property
    def cell(self) -> Cell:
        """How its pods become backends here; for layer 4 only."""
        placement = self.spec.pods.placement if self.spec.pods else "Cloud"
        return cell(self.exposure.kind, placement, self.target.spec.network_plugin)


@dataclass(frozen=True)
class GroupView:
    """A ServerGroup and the active targets it is for."""

    document: Document[ServerGroupSpec]
    repository: Repository
    targets: tuple[TargetView, ...]

    @property
    def spec(self) -> ServerGroupSpec:
        """What it says."""
        return self.document.spec

    @cached_property
    def addresses(self) -> tuple[tuple[int, ipaddress.IPv4Address], ...]:
        """The legal addresses of its servers, each with the server's place in the list."""
        return tuple(
            (index, address)
            for index, server in enumerate(self.spec.servers)
            if server.ip is not None and (address := parse_address(server.ip)) is not None
        )


@dataclass(frozen=True)
class GroupAt:
    """A ServerGroup at one of its targets."""

    group: GroupView
    target: TargetView

    @property
    def spec(self) -> ServerGroupSpec:
        """What the ServerGroup says."""
        return self.group.spec
