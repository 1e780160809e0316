"""What checks look at: the repository resolved once, and each document with its targets.

A target that is being retired gets nothing, so nothing is checked for it. Everything here is worked
out from the specs alone; what does not resolve is left out, and a check of its own says so.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP, Identity
from gitopsd.profiles.defaults import chosen_targets
from gitopsd.profiles.placement import Cell, cell
from gitopsd.rules.table import known
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import Alb, ExposureSpec, FleetSpec, Network, ServerGroupSpec, Target
from gitopsd.spec.part import Unknown

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

    @property
    def is_active(self) -> bool:
        """Whether it is there to stay."""
        return self.spec.state == "Active"

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

    `fleet` is the Fleet, a refused one as well if it is the only one. `targets` are its active
    targets by name, `known` the names of all; none while one of them is in doubt.
    """

    specs: SpecSet
    fleet: Document[FleetSpec] | None
    targets: Mapping[str, TargetView]
    known: tuple[str, ...]
    exposures: Sequence[ExposureView] = ()
    groups: Sequence[GroupView] = ()

    @classmethod
    def of(cls, specs: SpecSet) -> Repository:
        """Resolve the targets of every document."""
        fleet = _fleet(specs)
        declared = known(lambda: fleet.spec.targets if fleet else []) or []
        every = [TargetView(target, index) for index, target in enumerate(declared)]
        names = known(lambda: tuple(dict.fromkeys(target.name for target in every)))
        targets: dict[str, TargetView] = {}
        for target in every:
            if known(lambda view: bool(view.name and view.is_active), target):
                targets.setdefault(target.name, target)
        bare = cls(specs, fleet, targets, names or ())
        documents: list[Document[Any]] = [*specs.exposures.values(), *specs.server_groups.values()]
        documents.sort(key=lambda document: document.identity)
        return bare.showing(*map(bare.view, documents))

    @cached_property
    def refused_once(self) -> Mapping[Identity, Document[Any]]:
        """The documents that were refused, but for what another one is called as well."""
        named = [document for document in self.specs.refused if document.named]
        times = Counter(document.identity for document in named)
        return {d.identity: d for d in named if times[d.identity] == 1}

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
            stated = self.known if len(self.known) == 1 else ()
        names = chosen_targets(stated, tuple(self.targets))
        return tuple(self.targets[name] for name in names)


def _fleet(specs: SpecSet) -> Document[FleetSpec] | None:
    refused = [document for document in specs.refused if document.identity.kind == FLEET]
    return specs.fleet or (refused[0] if len(refused) == 1 else None)


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
        """The ServerGroup that a backend names, one of the Exposure's own namespace.

        It may be one that was refused; not where several are called so.
        """
        identity = Identity(SERVER_GROUP, self.identity.namespace, name)
        taken = self.repository.specs.server_groups.get(identity)
        return taken or self.repository.refused_once.get(identity)


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
