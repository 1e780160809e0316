"""What a pass looks at in the cloud beyond the groups that carry our tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from gitopsd.diff.naming import named_in_place_of
from gitopsd.model.desired import DesiredTarget, Product
from gitopsd.model.identity import Identity
from gitopsd.model.observed import HEALTH, Gap, ObservedGroup
from gitopsd.model.ownership import Owner
from gitopsd.model.wording import said
from gitopsd.ports import CloudReader, CloudView, ClusterView, WorldError


def with_strays(
    view: CloudView, seen: ClusterView, desired: DesiredTarget, owner: Owner, reader: CloudReader
) -> CloudView:
    """The same, and what stands where groups that were not found would be made.

    Somebody may have taken our tags off such a group: it is looked up by its name, and by the ids
    that our own Ingresses name. Where every group is found this costs nothing, else one call for
    ten of them. What carries our whole stamp after all had only not reached the tag filter yet.
    """
    missing = _missing(view, desired)
    groups, strays, gaps = [*view.groups], [*view.strays], [*view.gaps]
    known = {group.id for group in groups} | set(view.adoptable)
    for product, wanted in missing.items():
        names = [str(desired.groups[i].create.get("ServerGroupName", "")) for i in wanted]
        # An Ingress names groups of an ALB only.
        ids = named_in_place_of(wanted, desired, seen.objects) if product == "ALB" else frozenset()
        try:
            found = reader.look_up(product, filter(None, names), ids - known)
        except WorldError as error:
            what = said("stripped-groups", product=product)
            gaps.append(Gap(what, str(error), frozenset({product})))
            continue
        for group in found:
            if owner.owns_tags(group.tags) and group.identity in wanted:
                groups.append(group)
            elif group.id not in known:
                strays.append(group)
    return replace(view, groups=tuple(groups), strays=tuple(strays), gaps=tuple(gaps))


def _missing(view: CloudView, desired: DesiredTarget) -> dict[Product, set[Identity]]:
    """The wanted groups that were not found by their tags, by product."""
    there = {group.identity for group in view.groups}
    blind = {name for gap in view.gaps for name in gap.covers}
    missing: defaultdict[Product, set[Identity]] = defaultdict(set)
    for identity, item in desired.groups.items():
        if identity not in there and not item.adopted and item.product not in blind:
            missing[item.product].add(identity)
    return dict(sorted(missing.items()))


def with_health(
    view: CloudView, desired: DesiredTarget, owner: Owner, reader: CloudReader, *, everything: bool
) -> CloudView:
    """The same, and what listeners say of members: of all groups, or where members will leave.

    Before a member leaves, somebody else has to answer; nothing else in a plan rests on health.
    """
    groups = [*view.groups, *view.strays, *view.adoptable.values()]
    asked = [group for group in groups if group.related]
    if not everything:
        asked = [group for group in asked if _loses_members(group, desired, owner)]
    if not asked:
        return view
    try:
        return replace(view, health=reader.health(asked))
    except WorldError as error:
        # Nothing is unknown but health itself: no verdict on what is there hangs on it.
        gap = Gap(said("health"), str(error), frozenset({HEALTH}))
        return replace(view, gaps=(*view.gaps, gap))


def _loses_members(group: ObservedGroup, desired: DesiredTarget, owner: Owner) -> bool:
    item = desired.groups.get(group.identity) if group.identity else None
    if item is None:
        return False
    wanted = {(member.server_id, member.port) for member in item.members}
    ours: Iterable[tuple[str, int]] = (
        (member.key.server_id, member.key.port)
        for member in group.members
        if member.description == owner.member_description
    )
    return any(name not in wanted for name in ours)
