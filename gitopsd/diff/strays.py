"""Recognising a group whose tags somebody took off, so that it is not made a second time."""

from __future__ import annotations

from gitopsd.diff.naming import named_in_place_of
from gitopsd.model.desired import DesiredGroup, DesiredTarget
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.ownership import RESERVED_TAGS, TAGS, Owner

#: Signs that it takes: each of them alone also occurs on groups that were never ours.
_ENOUGH = 2


def strays_of(
    item: DesiredGroup, desired: DesiredTarget, observed: ObservedTarget, owner: Owner
) -> tuple[ObservedGroup, ...]:
    """The live groups that most look like the wanted one without its tags; nearly always none.

    Three signs speak for a group: an Ingress of ours names it where the spec wants this one; it has
    this one's name; a tag of ours, or a member with our description, is left on it. A group that
    was released has lost the last of them. A group that names another instance, target or spec is
    somebody else's, unless our own Ingress sends its traffic there.
    """
    candidates = _candidates(observed, item)
    if not candidates:
        return ()
    named = named_in_place_of({item.identity}, desired, observed.objects)
    found: dict[int, list[ObservedGroup]] = {}
    for group in sorted(candidates, key=lambda group: group.id):
        theirs = owner.contradicted(group.tags) or group.identity not in (None, item.identity)
        if theirs and group.id not in named:
            continue
        signs = (
            group.id in named,
            group.attributes.get("ServerGroupName") == item.create.get("ServerGroupName"),
            any(key in group.tags for key in TAGS)
            or any(member.description == owner.member_description for member in group.members),
        )
        found.setdefault(sum(signs), []).append(group)
    most = max(found, default=0)
    return tuple(found[most]) if most >= _ENOUGH else ()


def _candidates(observed: ObservedTarget, item: DesiredGroup) -> list[ObservedGroup]:
    """Groups that are not whole: those looked up, and ours without a tag that names a spec."""
    unnamed = (group for group in observed.groups if group.identity is None)
    known = {group.id: group for group in (*observed.strays, *unnamed)}
    return [
        group
        for group in known.values()
        if group.product == item.product and not any(key in group.tags for key in RESERVED_TAGS)
    ]
