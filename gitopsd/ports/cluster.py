"""A cluster, read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gitopsd.model.desired import Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import BackendService, ControllerEvent, Gap, ObservedObject, Record
from gitopsd.model.ownership import Owner


@dataclass(frozen=True, slots=True)
class ClusterScope:
    """What a pass wants to know of a cluster, beyond our own objects.

    `wanted` are objects that the desired state holds: where one of them is not ours, what stands
    there is told. `services` are Services of others that backends name.
    """

    owner: Owner
    wanted: frozenset[Identity] = frozenset()
    services: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ClusterView:
    """What a cluster reader found; see `ObservedTarget` for the meaning of each part."""

    objects: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    foreign: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    services: Mapping[tuple[str, str], BackendService | None] = field(default_factory=dict)
    namespaces: frozenset[str] | None = None
    record: Record | None = None
    other_targets: frozenset[str] = frozenset()
    cluster_uid: str | None = None
    gaps: tuple[Gap, ...] = ()
    no_namespace: str = ""
    confined: bool = False


class ClusterReader(Protocol):
    """Reads one cluster. What it cannot read becomes a gap; it raises only when nothing can be."""

    def observe(self, scope: ClusterScope) -> ClusterView:
        """Our objects by one paged, label-selected, raw list per kind, and what `scope` adds."""

    def read(self, identity: Identity) -> ObservedObject | None:
        """One Service or Ingress as it is now; None when it does not exist."""

    def record(self, owner: Owner) -> Record | None:
        """The target's record as it is now; None when there is none."""

    def requests(self, owner: Owner) -> Mapping[str, str] | None:
        """What people have put on the target's record, as `Record.annotations`; None without one.

        One small request, to be made again and again.
        """

    def neighbours(
        self, kind: str, owner: Owner, keep: Callable[[Manifest], bool]
    ) -> tuple[ObservedObject, ...]:
        """What is not of `owner`'s instance, in all namespaces, by one paged list of the kind.

        Of Services only those of type LoadBalancer are listed; of all only those are held that
        `keep` says yes to.
        """

    def controller_events(
        self, kinds: Iterable[str], keep: Callable[[ControllerEvent], bool]
    ) -> tuple[ControllerEvent, ...]:
        """What was told in Events of objects of these kinds, by one paged list for each kind.

        Only those are held that `keep` says yes to, and of the same words the latest.
        """


class ClusterWriter(Protocol):
    """Writes to one cluster; every write carries what it expects to find."""

    def apply(
        self, manifest: Manifest, *, uid: str | None, resource_version: str | None
    ) -> ObservedObject:
        """Server-side apply, forced, as field manager `gitopsd`.

        With `uid` and `resource_version` the object must still be that one at that version, else
        `Overtaken`; with neither it must not exist, else `Overtaken`.
        """

    def try_creation(self, manifest: Manifest) -> None:
        """Ask by a dry run whether the API would take this as a new object; nothing is kept.

        Raises Rejected when it would not.
        """

    def remove_fields(
        self,
        identity: Identity,
        fields: Sequence[tuple[str, ...]],
        *,
        uid: str,
        version: str,
        wanted: Manifest | None = None,
    ) -> ObservedObject:
        """Remove fields that others added, by a patch that names uid and resourceVersion.

        A field is a path of keys (`("metadata", "annotations", "alb.…/order")`); a Service port is
        named by `port/protocol`, and a member of one follows it (`("spec", "ports", "80/TCP",
        "name")`). `wanted` is what will be applied next: the API is asked first, by a dry run,
        whether it would take it without these fields, and on a refusal (`Rejected`) nothing is
        removed. Where no port would stay, its ports take the place of those removed, because a
        Service must have one.
        """

    def delete(self, identity: Identity, *, uid: str, version: str) -> None:
        """Delete with preconditions; gone already counts as done; a changed one is `Overtaken`."""

    def release(self, identity: Identity, *, uid: str, version: str) -> None:
        """Take our labels off and leave the object."""

    def write_record(self, owner: Owner, record: Record) -> None:
        """Keep the target's record; writes nothing when it says the same already."""

    def write_request(self, owner: Owner, key: str, before: str | None, after: str | None) -> None:
        """Put a request on the target's record, change it, or take it off (None for no request).

        `before` is what was seen of it; where it says something else now, `Overtaken`. `Missing`
        when the target has no record yet.
        """
