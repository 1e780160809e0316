"""Recognising a group whose tags somebody took off, so that it is not made a second time."""

from __future__ import annotations

from dataclasses import dataclass

from gitopsd.diff.naming import named_in_place_of
from gitopsd.model.desired import DesiredGroup, DesiredTarget
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.ownership import RESERVED_TAGS, TAGS, Owner

#: Signs that it takes: each of them alone also occurs on groups that were never ours.
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Strays:
    """Live groups of a target that are not whole: `loose` carry no tag that names their spec."""

    desired: DesiredTarget
    observed: ObservedTarget
    owner: Owner
    loose: tuple[ObservedGroup, ...]

    def like(self, item: DesiredGroup) -> tuple[ObservedGroup, ...]:
        """Those that most look like the wanted group without its tags; nearly always none.

        Three signs speak for a group: an Ingress of ours names it where the spec wants this one; it
        has this one's name; a tag of ours, or a member with our description, is left on it. A group
        that was released has lost the last of them. A group that names another instance, target or
        spec is somebody else's, unless our own Ingress sends its traffic there.
        """
        if not self.loose:
            return ()
        named = named_in_place_of({item.identity}, self.desired, self.observed.objects)
        found: dict[int, dict[str, ObservedGroup]] = {}
        for group in sorted(self.loose, key=lambda group: group.id):
            if self._possible(group, item, named):
                found.setdefault(self._signs(group, item, named), {})[group.id] = group
        most = max(found, default=0)
        return tuple(found[most].values()) if most >= _ENOUGH else ()

    def _possible(self, group: ObservedGroup, item: DesiredGroup, named: frozenset[str]) -> bool:
        """Whether nothing speaks against it."""
        theirs = any(key in group.tags for key in RESERVED_TAGS)
        other = self.owner.contradicted(group.tags) or group.identity not in (None, item.identity)
        return group.product == item.product and not theirs and (group.id in named or not other)

    def _signs(self, group: ObservedGroup, item: DesiredGroup, named: frozenset[str]) -> int:
        mark = self.owner.member_description
        return sum(
            (
                group.id in named,
                group.attributes.get("ServerGroupName") == item.create.get("ServerGroupName"),
                any(key in group.tags for key in TAGS)
                or any(member.description == mark for member in group.members),
            )
        )
