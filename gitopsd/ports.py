"""What the engine needs from the world, in our own types, and the errors it may meet.

Readers stand apart from writers: a dry run is a pass without a writer. Adapters implement these
protocols and raise only the errors below, each with what it was about and, as `__cause__`, the
library's own error. Whether trying again may help is a property of the type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from gitopsd.model.desired import Manifest, MemberKey, Product
from gitopsd.model.health import MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedGroup, ObservedObject, Record
from gitopsd.model.ownership import Owner
from gitopsd.model.report import DriftReport


class WorldError(Exception):
    """The world failed. `about` names the thing, `detail` what happened, `mend` what to do.

    Tree: `Transient` (trying again may help: `Unreachable`, `Throttled`, `Busy`, `Overtaken`,
    `OutcomeUnknown`, `TermEnded`) and `Permanent` (`Misconfigured`, `Unauthenticated`, `Forbidden`,
    `Missing`, `Rejected`, `JobFailed`, `RepositoryError`).
    """

    transient = False

    def __init__(self, about: str, detail: str, mend: str = "") -> None:
        super().__init__(f"{about}: {detail}" + (f" ({mend})" if mend else ""))
        self.about = about
        self.detail = detail
        self.mend = mend


class Transient(WorldError):
    """Trying again later may help."""

    transient = True


class Permanent(WorldError):
    """Trying again will not help until a person changes something."""


class Unreachable(Transient):
    """No answer: connection refused, name not found, TLS failure, time-out before sending."""


class Throttled(Transient):
    """The API refused because of its rate limit, even after the adapter's own retries."""


class Busy(Transient):
    """The thing is in a state that accepts no change now (IncorrectStatus, ResourceInUse)."""


class Overtaken(Transient):
    """The thing is no longer what the plan expects: somebody was faster."""


class OutcomeUnknown(Transient):
    """A write was sent and its outcome is not known (cut connection, job without an end)."""


class TermEnded(Transient):
    """Our term at the target is over, or ends too soon for a request: nothing was sent."""


class Misconfigured(Permanent):
    """Our own settings do not fit (kubeconfig, context, endpoint, environment variable)."""


class Unauthenticated(Permanent):
    """No credentials, or refused ones."""


class Forbidden(Permanent):
    """The identity has no right to do this."""


class Missing(Permanent):
    """The thing, or the namespace it belongs in, does not exist."""


class Rejected(Permanent):
    """The API refused the content; `detail` holds its words and the fields it named."""


class JobFailed(Permanent):
    """The cloud accepted a call and then reported its job as failed."""


class RepositoryError(Permanent):
    """The config repository cannot be read as asked (missing branch, not a repository)."""


@dataclass(frozen=True, slots=True)
class ClusterScope:
    """What a pass wants to know of a cluster, beyond our own objects.

    `wanted` are objects that the desired state holds: where one of them is not ours, what stands
    there is told. `services` are Services of others whose ports are to be checked.
    """

    owner: Owner
    wanted: frozenset[Identity] = frozenset()
    services: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ClusterView:
    """What a cluster reader found; see `ObservedTarget` for the meaning of each part."""

    objects: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    foreign: Mapping[Identity, ObservedObject] = field(default_factory=dict)
    services: Mapping[tuple[str, str], frozenset[int] | None] = field(default_factory=dict)
    namespaces: frozenset[str] | None = None
    record: Record | None = None
    other_targets: frozenset[str] = frozenset()
    cluster_uid: str | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class CloudScope:
    """What a pass wants to know of the cloud, beyond our own groups.

    `products` are those to list; `adopt` are (product, id) of groups that specs take over.
    """

    owner: Owner
    products: frozenset[Product] = frozenset()
    adopt: frozenset[tuple[Product, str]] = frozenset()


#: What listeners say of members, by group id and member.
Health = Mapping[str, Mapping[MemberKey, MemberHealth]]


@dataclass(frozen=True, slots=True)
class CloudView:
    """What a cloud reader found; see `ObservedTarget` for the meaning of each part."""

    groups: tuple[ObservedGroup, ...] = ()
    adoptable: Mapping[str, ObservedGroup] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    strays: tuple[ObservedGroup, ...] = ()
    health: Health = field(default_factory=dict)


class ClusterReader(Protocol):
    """Reads one cluster. What it cannot read becomes a gap; it raises only when nothing can be."""

    def observe(self, scope: ClusterScope) -> ClusterView:
        """Our objects by one paged, label-selected, raw list per kind, and what `scope` adds."""

    def read(self, identity: Identity) -> ObservedObject | None:
        """One Service or Ingress as it is now; None when it does not exist."""

    def neighbours(
        self, kind: str, owner: Owner, keep: Callable[[Manifest], bool]
    ) -> tuple[ObservedObject, ...]:
        """What is not of `owner`'s instance, in all namespaces, by one paged list of the kind.

        Of Services only those of type LoadBalancer are listed; of all only those are held that
        `keep` says yes to.
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


class CloudReader(Protocol):
    """Reads server groups of one region through the product's API."""

    def observe(self, scope: CloudScope) -> CloudView:
        """Our groups and their members by the tags of `scope.owner`, and those to adopt."""

    def read(self, product: Product, group_id: str) -> ObservedGroup | None:
        """One group with its members as it is now; None when it does not exist."""

    def find(self, product: Product, tags: Mapping[str, str]) -> tuple[ObservedGroup, ...]:
        """The groups that carry all these tags, listed now (without members)."""

    def look_up(
        self, product: Product, names: Iterable[str], ids: Iterable[str]
    ) -> tuple[ObservedGroup, ...]:
        """The groups that have one of these names or ids, whatever their tags, with members."""

    def health(self, groups: Iterable[ObservedGroup]) -> Health:
        """What the listeners that use these groups say of their members: one call a listener.

        Groups that no listener uses are left out.
        """


class CloudWriter(Protocol):
    """Changes server groups. A call returns when the cloud reports its job as done.

    `token` is the ClientToken: the same for a retry of an unknown outcome, new after a definite
    answer. Batches within the documented limits are the adapter's business (facts §6.1).
    """

    def create_group(
        self, product: Product, parameters: Mapping[str, Any], tags: Mapping[str, str], token: str
    ) -> str:
        """Create a group with its tags; answers its id once it is Available."""

    def update_group(
        self, product: Product, group_id: str, parameters: Mapping[str, Any], token: str
    ) -> None:
        """Change attributes of a group."""

    def delete_group(self, product: Product, group_id: str, token: str) -> None:
        """Delete a group; gone already counts as done; still in use is `Busy`."""

    def add_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """Add members and wait until they are Available."""

    def update_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """Change weight or description of members."""

    def remove_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """Remove members; gone already counts as done."""

    def tag_group(self, product: Product, group_id: str, tags: Mapping[str, str]) -> None:
        """Add or change tags."""

    def untag_group(self, product: Product, group_id: str, keys: Sequence[str]) -> None:
        """Take tags off."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write to a target, as it stands in the target's own cluster.

    `holder` is "" when nobody does, `duration` the seconds after which a holder that is not heard
    of has lost it. `acquired` and `renewed` are by the holder's clock and for people only.
    `transitions` counts the holders; `version` is "" for a lease that does not exist yet. `wanted`
    names somebody who waits for the holder to give it up for a while, "" for nobody.
    """

    holder: str = ""
    duration: float = 0.0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0
    version: str = ""
    wanted: str = ""


class LeaseStore(Protocol):
    """Where the lease of one target is kept. A call is one request, and is not tried again."""

    @property
    def about(self) -> str:
        """What the lease is called, for people."""

    def read(self) -> Lease | None:
        """The lease as it stands; None when there is none yet."""

    def write(self, lease: Lease) -> Lease:
        """Make it, or replace it at `lease.version`; answers it as it stands then.

        Raises Overtaken when somebody was faster.
        """


class Term(Protocol):
    """The right to write to one target for a while (design §6). Safe between threads."""

    def check(self, seconds: float) -> None:
        """Return if a write that takes at most `seconds` may be sent now; raises TermEnded."""

    def pause(self, seconds: float) -> None:
        """Wait; raises TermEnded as soon as nobody wants the end of the work any more."""

    @property
    def over(self) -> bool:
        """Whether the work is to end: its term is lost, or nobody wants its end any more."""

    def held(self, *, wait: bool, stop: Callable[[], bool] = ...) -> AbstractContextManager[None]:
        """Hold the right until the block ends.

        Raises Busy when another holds it and we are not to `wait`, or `stop` says true; and what
        keeps us from asking for it.
        """


@dataclass(frozen=True, slots=True)
class StoredReports:
    """What a store holds of one owner. `unreadable` says what is there and makes no sense."""

    reports: tuple[DriftReport, ...] = ()
    unreadable: tuple[str, ...] = ()


class ReportStore(Protocol):
    """Keeps drift reports between passes, one by one: losing one costs a repeated message.

    Each of its methods raises the errors above. What is unreadable is told, does not stand in the
    way of the rest, and is replaced when a report of its name is saved.
    """

    def load(self, owner: Owner) -> StoredReports:
        """All reports of an instance at a target."""

    def save(self, report: DriftReport) -> None:
        """Keep a report, in the place of the one with its fingerprint; wholly or not at all."""

    def forget(self, owner: Owner, fingerprint: str) -> None:
        """Remove a report; gone already counts as done."""


@dataclass(frozen=True, slots=True)
class Site:
    """One target's ends: where a pass reads and, unless it is a dry run, writes.

    `cloud` is None when the target needs no server groups and none was ever made there. The writers
    write within `term` only; without one they ask nobody, as for a target that nobody else knows.
    """

    cluster: ClusterReader
    cloud: CloudReader | None
    cluster_writer: ClusterWriter | None = None
    cloud_writer: CloudWriter | None = None
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one revision of the config repository.

    `revision` is a commit id, `<id>+dirty` for uncommitted changes, or `none` outside Git. `files`
    maps a path below the root to the id of its content; only regular files that could be YAML are
    in it. `skipped` are entries that were not followed and may hold documents (symbolic links,
    submodules), and why. `folder` is the part of the repository that counts as the root, "" for all
    of it: messages name files by their path within the repository, so they put it before.
    """

    revision: str
    files: Mapping[str, str]
    skipped: tuple[tuple[str, str], ...] = ()
    folder: str = ""


class ConfigSource(Protocol):
    """Where the config repository is read from, at one pinned revision."""

    def tree(self) -> Tree:
        """The files of the revision. Raises RepositoryError, Unreachable, Unauthenticated."""

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id, in any order; None for one larger than the limit on a file's size."""


class FollowedSource(ConfigSource, Protocol):
    """A repository that is looked at again and again; what it has read stays of one commit."""

    def fetch(self) -> str:
        """Look for new commits and pin the newest; answers its id.

        Raises Unreachable, Unauthenticated, Forbidden, Throttled, RepositoryError (also for a
        commit without a signature that counts); what was pinned before stays pinned then.
        """

    def recall(self) -> str | None:
        """Pin what was fetched last, without asking anybody; None when there is nothing."""

    def includes(self, revision: str) -> bool:
        """Whether what is pinned is this revision or came after it, as far as is known here."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that may be committed to: its full name, and its commit, "" before the first."""

    ref: str
    commit: str


class BranchWriter(Protocol):
    """Commits to branches of a repository that nobody has checked out."""

    def branch(self, name: str) -> Branch:
        """A branch, there already or not. Raises RepositoryError when it is checked out."""

    def commit(self, branch: Branch, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Commit contents by path, empty ones for files that go, on top of commit `parent`.

        Answers the new commit's id. Raises RepositoryError, also when the branch has moved since
        it was looked at.
        """


Progress = Callable[[str], None]
