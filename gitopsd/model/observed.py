"""What was found in a cluster and in the cloud: the right side of every comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsd.model.approval import APPROVE, Approval
from gitopsd.model.desired import Manifest, MemberKey, Product
from gitopsd.model.health import MemberHealth
from gitopsd.model.history import PassEntry
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import ADOPTED, DIGEST, GROUP, RETAINED, RETENTION, SHAPE
from gitopsd.model.windows import Windows


@dataclass(frozen=True, slots=True)
class ObservedObject:
    """A live Service or Ingress. `manifest` is the object as served, without managedFields.

    `managed_fields` is the raw JSON of `metadata.managedFields`: ten thousand of these are held
    and few are ever read, so they are decoded when asked for.
    """

    identity: Identity
    uid: str
    resource_version: str
    manifest: Manifest
    managed_fields: bytes = b"[]"

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels; empty when it has none."""
        labels: Mapping[str, str] = self.manifest.get("metadata", {}).get("labels") or {}
        return labels

    @property
    def deleting(self) -> bool:
        """Whether a deletion has begun and a finalizer holds it."""
        return "deletionTimestamp" in self.manifest.get("metadata", {})


@dataclass(frozen=True, slots=True)
class ObservedMember:
    """A server of a live group, as ListServerGroupServers tells it."""

    key: MemberKey
    server_type: str
    weight: int
    description: str = ""
    status: str = "Available"
    remote: bool = False

    def to_api(self, *, description: str) -> dict[str, Any]:
        """The entry of UpdateServerGroupServersAttribute that changes its description alone."""
        entry = {
            "ServerId": self.key.server_id,
            "ServerType": self.server_type,
            "Port": self.key.port,
            "Weight": self.weight,
            "Description": description,
        }
        return entry | {"ServerIp": self.key.server_ip} if self.key.server_ip else entry


@dataclass(frozen=True, slots=True)
class ObservedGroup:
    """A live server group.

    `attributes` holds what ListServerGroups answers, by API name, with `HealthCheckConfig` for
    both products. `related` are the ids of the load balancers that use it.
    """

    id: str
    product: Product
    attributes: Mapping[str, Any]
    tags: Mapping[str, str]
    members: tuple[ObservedMember, ...] = ()
    status: str = "Available"
    related: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity | None:
        """The spec it was made for, by its tag; None when the tag is missing or odd."""
        namespace, slash, name = self.tags.get(GROUP, "").partition("/")
        return Identity("ServerGroup", namespace, name) if slash and namespace and name else None

    @property
    def shape(self) -> str:
        """The shape it was created with."""
        return self.tags.get(SHAPE, "")

    @property
    def digest(self) -> str:
        """The digest of what was compiled for it when it was last completed."""
        return self.tags.get(DIGEST, "")

    @property
    def retained(self) -> bool:
        """Whether it must be left in place when its spec goes."""
        return self.tags.get(RETENTION) in (RETAINED, ADOPTED)

    @property
    def adopted(self) -> bool:
        """Whether a spec took it over from somebody else."""
        return self.tags.get(RETENTION) == ADOPTED


#: What a gap covers when only the health of members could not be asked for.
HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be observed: `what` (a list, a product) and `why`, for people.

    `covers` names the kinds and products whose state is unknown because of it ("Service",
    "Ingress", "ALB", "NLB"), or HEALTH; empty means that no kind's state depends on it.
    """

    what: str
    why: str
    covers: frozenset[str] = frozenset({"Service", "Ingress", "ALB", "NLB"})


@dataclass(frozen=True, slots=True)
class Record:
    """A target's memory of the last pass (design §5): for people and for "was deleted", only.

    What is ours, and what may be deleted, never rests on it. `entries` maps what was applied to the
    digest it was applied with; `fields` what each field of it was, where drift is left alone
    (`diff.fields`); `approvals` are those that were noted or used, the latest last.
    `annotations` are the requests that people have put on it, by their keys under `gitopsd.io/`,
    and `annotated` the RFC 3339 time at which each was written, where that is known; both are read
    and never written by us. `history` are the last passes, the latest last, and `trouble` is what
    the operator says is wrong now, beside what a pass has met ("" for nothing).
    `windows` are when the operator may write, by the cause of the writing.
    `nonsense` counts the approvals in it that cannot be read and are left out.
    """

    fleet: str = ""
    revision: str = "none"
    plan_hash: str = ""
    time: str = ""
    entries: Mapping[Identity, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    annotated: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[Identity, str] = field(default_factory=dict)
    history: tuple[PassEntry, ...] = ()
    trouble: str = ""
    nonsense: int = 0
    windows: Windows = field(default_factory=dict)

    @property
    def requested_approvals(self) -> tuple[Approval, ...]:
        """The approvals that stand on the record as an annotation, the latest last.

        One without a time of its own has the one at which a pass first noted it, bare as it is, or
        the one at which it was written. That one alone would not do: in managedFields it moves
        whenever the same manager writes anything, and would make an approval new that is used or
        void.
        """
        noted = {past.plan_hash: past.given for past in reversed(self.approvals) if past.bare}
        written = self.annotated.get(APPROVE, "")
        return tuple(
            replace(asked, given=noted.get(asked.plan_hash, written)) if asked.bare else asked
            for asked in Approval.from_annotation(self.annotations.get(APPROVE, ""))
        )


@dataclass(frozen=True, slots=True)
class ControllerEvent:
    """What a controller told last of its work on a thing; a Warning tells that it `failed`.

    `about` may be of a kind that we do not make, `uid` tells it from an earlier one of its name;
    `time` is RFC 3339.
    """

    about: Identity
    uid: str
    reason: str
    message: str
    time: str
    failed: bool


@dataclass(frozen=True, slots=True)
class BackendService:
    """A Service of others that backends name: the ports it declares, its type and annotations."""

    ports: frozenset[int]
    type: str = "ClusterIP"
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObservedTarget:
    """All that was found at one target.

    `objects` and `groups` are those that carry our marks. `foreign` are objects without our marks
    found where the desired state wants to create; `adoptable` are groups named by `serverGroupId`
    in specs, by id. `strays` are groups without our whole stamp that have the name of a group to be
    made, or that an Ingress of ours names where it should name that one. `health` is what listeners
    say of members, by group and member; groups that no load balancer uses, or whose health nobody
    asked for, are not in it, and one that no listener names has nothing in it.
    `services` are the Services that others own and backends name, by (namespace, name), None where
    there is none. `namespaces` are those that exist, None
    when that could not be read; for who is `confined`, those that it may look at. An observation
    with `gaps` is incomplete: nothing is deleted on it. `other_targets` are those that this
    instance has recorded in the same cluster. `neighbours` are Ingresses and Services of others
    that could take traffic meant for ours, None when nobody looked. `no_namespace` names the
    namespace in which the record should be kept, where there is no such namespace. `told` is what
    controllers say of their work on what is wanted, where it was asked for; `unheard` says why it
    could not be read, "" when it could. `unmarked` are things that the record names and nobody
    wants, of which somebody took our marks.
    """

    name: str
    objects: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    groups: tuple[ObservedGroup, ...] = ()
    foreign: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    adoptable: Mapping[str, ObservedGroup] = field(default_factory=dict)
    services: Mapping[tuple[str, str], BackendService | None] = field(default_factory=dict)
    namespaces: frozenset[str] | None = None
    record: Record | None = None
    cluster_uid: str | None = None
    gaps: tuple[Gap, ...] = ()
    other_targets: frozenset[str] = frozenset()
    strays: tuple[ObservedGroup, ...] = ()
    health: Mapping[str, Mapping[MemberKey, MemberHealth]] = field(default_factory=dict)
    neighbours: tuple[ObservedObject, ...] | None = None
    no_namespace: str = ""
    confined: bool = False
    told: tuple[ControllerEvent, ...] = ()
    unheard: str = ""
    unmarked: Mapping[Identity, ObservedObject | ObservedGroup] = field(default_factory=dict)

    def there(self, identity: Identity) -> ObservedObject | None:
        """What stands under the name of an object that is wanted, ours or not."""
        return self.objects.get(identity) or self.foreign.get(identity)

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be read."""
        return not self.gaps

    def unknown(self, kind_or_product: str) -> bool:
        """Whether a gap leaves the state of this kind or product unknown."""
        return any(kind_or_product in gap.covers for gap in self.gaps)
