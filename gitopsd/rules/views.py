"""What checks look at: the repository resolved once, and each document with its targets.

A target that is being retired gets nothing, so nothing is checked for it. Everything here is worked
out from the specs alone; what does not resolve is left out, and a check of its own says so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP, Identity
from gitopsd.profiles.defaults import chosen_targets
from gitopsd.profiles.placement import Cell, cell
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import Alb, ExposureSpec, FleetSpec, Network, ServerGroupSpec, Target
from gitopsd.spec.part import Unknown
from gitopsd.spec.salvage import is_whole

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
#: A network of a target, where it stands in the list, and one of its ranges.
Range = tuple[int, Network, IpNetwork]


def certain(document: Document[Any]) -> Identity:
    """What a document is called; raises Unknown where that is in doubt."""
    if not document.named:
        raise Unknown("metadata")
    return document.identity


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
    """All documents, and the targets that are checked for.

    `known` are the names of all targets; none while the Fleet is not right. `sole` is the target
    of documents that name none.
    """

    specs: SpecSet
    targets: Mapping[str, TargetView]
    known: tuple[str, ...]
    sole: str | None = None
    exposures: Sequence[ExposureView] = ()
    groups: Sequence[GroupView] = ()

    @classmethod
    def of(cls, specs: SpecSet) -> Repository:
        """Resolve the targets of every document."""
        listed, complete = _declared(specs)
        targets: dict[str, TargetView] = {}
        for index, target in enumerate(listed):
            if target.state == "Active":
                targets.setdefault(target.name, TargetView(target, index))
        names = tuple(dict.fromkeys(target.name for target in listed))
        bare = cls(
            specs,
            targets,
            names if specs.fleet else (),
            names[0] if complete and len(names) == 1 else None,
        )
        documents: list[Document[Any]] = [*specs.exposures.values(), *specs.server_groups.values()]
        documents.sort(key=lambda document: document.identity)
        return bare.showing(*map(bare.view, documents))

    def showing(self, *views: View) -> Repository:
        """The same targets with these documents."""
        return replace(
            self,
            exposures=[view for view in views if isinstance(view, ExposureView)],
            groups=[view for view in views if isinstance(view, GroupView)],
        )

    def view(self, document: Document[Any]) -> View:
        """A document with its targets."""
        kind = document.identity.kind
        if kind == FLEET:
            return FleetView(document)
        if kind == EXPOSURE:
            return ExposureView(document, self, self._chosen(document))
        return GroupView(document, self, self._chosen(document))

    def _chosen(self, document: Document[Any]) -> tuple[TargetView, ...]:
        """The active targets of a document; none while it is in doubt which it names."""
        try:
            stated = document.spec.targets
        except Unknown:
            return ()
        if stated is None:
            stated = [self.sole] if self.sole else []
        names = chosen_targets(stated, tuple(self.targets))
        return tuple(self.targets[name] for name in names)


def _declared(specs: SpecSet) -> tuple[list[Target], bool]:
    """The targets of the Fleet, of a refused one those that are whole; and whether they are all."""
    if specs.fleet is not None:
        return specs.fleet.spec.targets, True
    for document in specs.refused:
        if document.identity.kind == FLEET:
            every = vars(document.spec).get("targets", [])
            whole = [target for target in every if is_whole(target)]
            return whole, bool(every) and len(whole) == len(every)
    return [], False


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
        return certain(self.document)

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


#: One document.
View = FleetView | ExposureView | GroupView
