"""What should be, compiled from the specs: the left side of every comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem

Manifest = dict[str, Any]
Product = Literal["ALB", "NLB"]
Placement = Literal["Cloud", "Edge", "Hybrid"]
Location = Literal["SameVPC", "CrossRegion", "OnPremises"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a compiled field has its value: the rule that set it and the line that asked for it.

    `rule` is a stable id out of `compiler.RULES` (`GR0103`); `position` is where the spec says
    what the rule acted on, or None where nobody knows it any more.
    """

    rule: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class ModeSpan:
    """A drift mode for one path of a compiled thing, until a day (design §5).

    `path` is written as people write it (`Service/spec.ports`); "" is everything that the document
    is about, where the mode of an Exposure, a ServerGroup or the fleet ends on a day. `until`
    is an ISO date, the last day that counts, or of a hold an RFC 3339 time, or None. `source` says
    where it was asked for: in the spec at `position`, or by a hold on the target's record.
    """

    path: str
    mode: Literal["Correct", "Report", "Ignore"]
    until: str | None = None
    reason: str = ""
    position: Position | None = None
    source: Literal["spec", "hold"] = "spec"

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd drift -o json`."""
        return {
            "path": self.path,
            "mode": self.mode,
            "until": self.until or "",
            "reason": self.reason,
            "source": self.source,
            "position": str(self.position) if self.position else "",
        }


@dataclass(frozen=True, slots=True)
class DriftPolicy:
    """How drift of a thing is treated: one mode, and exceptions by path."""

    mode: Literal["Correct", "Report", "Ignore"] = "Correct"
    spans: tuple[ModeSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceReference:
    """A Service of others that a compiled Ingress sends traffic to; it must declare the port."""

    namespace: str
    name: str
    port: int
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """A Service or Ingress to be, for one target.

    `manifest` holds what we declare and nothing else: all labels of the stamp but the digest, and
    `<namespace/name>` where the id of one of `groups` belongs (inside annotation texts). `origins`
    maps a dotted field path of the manifest (`spec.externalTrafficPolicy`,
    `metadata.annotations[key]`, `spec.ports[0].port`) to the reason of its value. `placement` says
    where the pods of a layer-4 Service run, for people: nothing is decided by it.
    """

    identity: Identity
    exposure: Identity
    manifest: Manifest
    origins: Mapping[str, Origin] = field(default_factory=dict)
    groups: tuple[Identity, ...] = ()
    services: tuple[ServiceReference, ...] = ()
    drift: DriftPolicy = DriftPolicy()
    position: Position | None = None
    placement: Placement | None = None


@dataclass(frozen=True, slots=True, order=True)
class MemberKey:
    """What tells two members of a group apart: server and port (design §4)."""

    server_id: str
    port: int
    server_ip: str = ""

    def __str__(self) -> str:
        return f"{self.server_id}:{self.port}"


@dataclass(frozen=True, slots=True)
class Member:
    """A server of a group to be. `remote` is RemoteIpEnabled: outside the group's VPC."""

    server_id: str
    port: int
    server_type: str
    server_ip: str = ""
    weight: int = 100
    remote: bool = False
    position: Position | None = field(default=None, compare=False)

    @property
    def key(self) -> MemberKey:
        """Its identity within the group."""
        return MemberKey(self.server_id, self.port, self.server_ip)

    def to_api(self, description: str | None = None, *, product: Product) -> dict[str, Any]:
        """The entry of AddServersToServerGroup, by API names (facts §6.3).

        NLB has no RemoteIpEnabled; ALB takes it only for addresses.
        """
        entry: dict[str, Any] = {
            "ServerId": self.server_id,
            "ServerType": self.server_type,
            "Port": self.port,
            "Weight": self.weight,
        }
        if self.server_ip:
            entry["ServerIp"] = self.server_ip
        if product == "ALB" and self.server_type == "Ip":
            entry["RemoteIpEnabled"] = self.remote
        if description is not None:
            entry["Description"] = description
        return entry


@dataclass(frozen=True, slots=True)
class DesiredGroup:
    """A cloud server group to be, for one target.

    `create` holds the CreateServerGroup parameters by API name: name, type, VPC, protocol,
    scheduler, health check; no tags, tokens or region. `adopt_id` is the id of a group that the
    spec takes over instead of having one made. `location` says where the servers stand, for
    people: what the API needs to know of it is in the members.
    """

    identity: Identity
    product: Product
    create: Mapping[str, Any]
    members: tuple[Member, ...]
    adopt_id: str | None = None
    retain: bool = False
    origins: Mapping[str, Origin] = field(default_factory=dict)
    drift: DriftPolicy = DriftPolicy()
    position: Position | None = None
    location: Location | None = None

    @property
    def adopted(self) -> bool:
        """Whether it is somebody else's group that the spec takes over."""
        return self.adopt_id is not None

    @property
    def shape(self) -> str:
        """Digest of what cannot change on a group: another shape is another group (facts §6.2)."""
        names = ("ServerGroupType", "VpcId", "Protocol")
        return digest([self.product, *(self.create.get(name) for name in names)])[:12]

    @property
    def digest(self) -> str:
        """Digest of all that we compile for the group, members in any order."""
        members = sorted(self.members, key=lambda m: m.key)
        return digest(
            [
                dict(self.create),
                [m.to_api(product=self.product) for m in members],
                "Retain" if self.retain else "Delete",
                *((self.adopt_id,) if self.adopt_id else ()),
            ]
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """The guards' numbers, as the Fleet sets them (design §4, "Guards")."""

    max_deletes: int = 10
    max_delete_percent: int = 20


@dataclass(frozen=True, slots=True)
class TargetAccess:
    """Where a target is and whose credentials open it: names, never secrets.

    `kube_context` is None for the cluster that gitopsd runs in, or the current context.
    """

    region: str
    kube_context: str | None = None
    profile: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class DesiredTarget:
    """All that one target should hold.

    `held` names the documents whose outcome is neither changed nor deleted: those with errors, and
    those that refer to them. `hold_deletions` gives the reasons why nothing at all is deleted
    because something was not read; `emptied` says that the repository has no documents at all.
    `cluster_uid` is the uid that the Fleet pins the target's cluster to, `access` how it is
    reached; without it the target is only talked about. `overlay` says that its pods have no
    addresses of the VPC (Flannel).
    """

    name: str
    objects: Mapping[Identity, DesiredObject]
    groups: Mapping[Identity, DesiredGroup]
    held: frozenset[Identity] = frozenset()
    hold_deletions: tuple[str, ...] = ()
    emptied: bool = False
    drift: DriftPolicy = DriftPolicy()
    limits: Limits = Limits()
    retiring: bool = False
    cluster_uid: str | None = None
    access: TargetAccess | None = None
    overlay: bool = False


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What the whole repository asks for, and all that is wrong with it.

    `fleet` is the Fleet's name, "" where none could be read; `known` are the names of all its
    targets, of which `targets` may hold only some.
    """

    fleet: str
    targets: Mapping[str, DesiredTarget]
    problems: tuple[Problem, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def faulty(self) -> bool:
        """Whether any document has an error."""
        return any(problem.is_error for problem in self.problems)
