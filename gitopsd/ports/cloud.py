"""Server groups of one region, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.health import MemberHealth
from gitopsd.model.observed import Gap, ObservedGroup
from gitopsd.model.ownership import Owner


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

        Groups that no load balancer uses are left out; of one that no listener names nothing is
        said.
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
