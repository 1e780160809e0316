"""Where people are told in the cluster itself: custom resources and Events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from gitopsd.model.identity import Identity

if TYPE_CHECKING:  # a plan needs no mirror
    from gitopsd.model.status import Event, MirrorObject


class Mirror(Protocol):
    """Exposures and ServerGroups as custom resources, and Events, in a target's own cluster.

    Everything raises the errors of `ports.errors`; `Missing` where the kinds are not installed.
    """

    def load(self) -> tuple[MirrorObject, ...]:
        """All Exposures and ServerGroups of the cluster, whoever made them."""

    def endpoints(self) -> Mapping[tuple[str, str], int]:
        """How many ready endpoints each Service has, by its namespace and name."""

    def put(
        self,
        identity: Identity,
        found: MirrorObject | None,
        labels: Mapping[str, str],
        spec: Mapping[str, Any],
    ) -> MirrorObject:
        """Make it, or replace the spec of what was found; other labels stay.

        Raises Overtaken when it is not as found.
        """

    def mark(self, found: MirrorObject, status: Mapping[str, Any]) -> None:
        """Write its status. Raises Overtaken when it is not as found."""

    def remove(self, found: MirrorObject) -> None:
        """Remove it; gone already counts as done. Raises Overtaken when it is not as found."""

    def tell(self, event: Event, now: str) -> None:
        """Put an Event on an object; the same one again only counts up (`now` is RFC 3339)."""
