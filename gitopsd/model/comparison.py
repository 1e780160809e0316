"""The desired state laid beside what was found, thing by thing, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitopsd.model.desired import DesiredGroup, DesiredObject, Manifest, Member, ModeSpan
from gitopsd.model.health import MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedMember, ObservedObject
from gitopsd.model.verdict import Difference

#: A field of an object, as the keys that lead to it; a Service port is keyed `443/TCP`.
FieldPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectComparison:
    """A Service or Ingress that is wanted, or ours and no longer wanted.

    `wanted` is the manifest with the ids that are known, without the digest label; `digest` is
    its digest, None while an id is unknown. `live` is ours; `foreign` stands in its place without
    our marks. `additions` maps the path of a closed-set addition to the fields that remove it.
    `unknown` says that the observation does not allow a verdict. `replacement` says why the live
    object cannot become the wanted one, "" if it can. `remembered` says that
    the record keeps its fields: some drift of it may be left alone (docs/adr/0011, docs/adr/0018).
    `going` tells that the deletion of the live object has begun. `copied_by` are the managers of
    one that carries our marks, is not wanted and was never written by us; None for any other.
    """

    identity: Identity
    exposure: Identity
    desired: DesiredObject | None = None
    live: ObservedObject | None = None
    foreign: ObservedObject | None = None
    wanted: Manifest | None = None
    digest: str | None = None
    differences: tuple[Difference, ...] = ()
    additions: Mapping[str, tuple[FieldPath, ...]] = field(default_factory=dict)
    replacement: str = ""
    unknown: bool = False
    remembered: bool = False
    going: Difference | None = None
    copied_by: tuple[str, ...] | None = None

    @property
    def there(self) -> ObservedObject | None:
        """What stands under the name, ours or not."""
        return self.live or self.foreign


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """A server group that is wanted, or ours and no longer wanted.

    `current` is the live group that should become the wanted one; `adopting` says that it does not
    carry our marks, `stripped` that it once did: it goes on serving, and is taken back only when a
    person says so. `outdated` are ours of another shape, `duplicates` ours of the same shape beside
    the current one, `former` those that the spec had taken over from others and names no longer.
    `attributes` are the wanted values, by API name, that differ.
    Members: `missing` are to be added, `reweighted` are ours with another weight, `recreated` ours
    with another RemoteIpEnabled (which only a new membership changes), `surplus` ours and no longer
    wanted, `unmarked` wanted but added by others, `foreign` neither wanted nor ours. `unhealthy`
    are wanted ones that do not answer, where the observation asked the listeners.
    """

    identity: Identity
    desired: DesiredGroup | None = None
    current: ObservedGroup | None = None
    adopting: bool = False
    stripped: bool = False
    outdated: tuple[ObservedGroup, ...] = ()
    duplicates: tuple[ObservedGroup, ...] = ()
    former: tuple[ObservedGroup, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[Member, ...] = ()
    reweighted: tuple[tuple[Member, ObservedMember], ...] = ()
    recreated: tuple[tuple[Member, ObservedMember], ...] = ()
    surplus: tuple[ObservedMember, ...] = ()
    unmarked: tuple[tuple[Member, ObservedMember], ...] = ()
    foreign: tuple[ObservedMember, ...] = ()
    unhealthy: tuple[tuple[ObservedMember, MemberHealth], ...] = ()
    differences: tuple[Difference, ...] = ()
    conflict: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything at one target, compared. `ids` are the known ids of wanted groups.

    `over` are exceptions of the drift policy that have ended, `holds` the holds in force, and
    `idle` such exceptions and holds in force as are about nothing any more, all by the Exposure or
    ServerGroup that they are about.
    """

    target: str
    objects: tuple[ObjectComparison, ...]
    groups: tuple[GroupComparison, ...]
    ids: Mapping[Identity, str]
    over: Mapping[Identity, tuple[ModeSpan, ...]] = field(default_factory=dict)
    holds: Mapping[Identity, tuple[ModeSpan, ...]] = field(default_factory=dict)
    idle: Mapping[Identity, tuple[ModeSpan, ...]] = field(default_factory=dict)
