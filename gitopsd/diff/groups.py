"""Comparing server groups and their members, which are owned one by one (design §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gitopsd.diff.attributes import compare_attributes, equal
from gitopsd.diff.evidence import Evidence
from gitopsd.diff.members import member_differences, pair_members
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup, DesiredTarget
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.ownership import DIGEST, MANAGER, RESERVED_TAGS, TAGS, Owner
from gitopsd.model.verdict import Cause


def compare_groups(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> tuple[GroupComparison, ...]:
    """Every wanted group beside what was found, and every group of ours that nobody wants."""
    ours: dict[Identity, list[ObservedGroup]] = {}
    for group in observed.groups:
        if group.identity is not None:
            ours.setdefault(group.identity, []).append(group)
    result = [
        _Compared(item, ours.get(identity, []), observed, owner, today).result()
        for identity, item in desired.groups.items()
    ]
    result += [
        GroupComparison(identity, outdated=tuple(sorted(groups, key=lambda group: group.id)))
        for identity, groups in ours.items()
        if identity not in desired.groups and identity not in desired.held
    ]
    return tuple(sorted(result, key=lambda item: item.identity))


def known_ids(
    groups: Iterable[GroupComparison], observed: ObservedTarget, replacing: frozenset[Identity]
) -> dict[Identity, str]:
    """The ids that Ingresses can be given now.

    A group whose replacement has not been allowed goes on serving under its old id. Groups of held
    documents keep theirs, so that Exposures that are not held could still name them.
    """
    ids = {group.identity: group.id for group in observed.groups if group.identity is not None}
    for item in groups:
        if item.desired is None:
            continue
        if item.current is not None and not item.conflict:
            ids[item.identity] = item.current.id
        elif item.outdated and item.identity not in replacing:
            ids[item.identity] = item.outdated[0].id
        else:
            ids.pop(item.identity, None)
    return ids


@dataclass(frozen=True, slots=True)
class _Compared:
    """One wanted group, and the live groups that could be it."""

    item: DesiredGroup
    candidates: list[ObservedGroup]
    observed: ObservedTarget
    owner: Owner
    today: date

    def result(self) -> GroupComparison:
        item = self.item
        if self.observed.unknown(item.product):
            return GroupComparison(item.identity, item, unknown=True)
        current, duplicates, outdated = self._pair()
        adopting = False
        if item.adopt_id and (current is None or current.id != item.adopt_id):
            if current is not None:
                outdated = (*outdated, current)
            current, adopting = self.observed.adoptable.get(item.adopt_id), True
            if current is None:
                return self._conflict(f"group {item.adopt_id} does not exist", outdated)
            if reason := self._refusal(current):
                return self._conflict(reason, outdated)
        if current is None:
            return replace(self._missing(), outdated=outdated)
        base = GroupComparison(item.identity, item, current, adopting, outdated, duplicates)
        return self._compare(base, current)

    def _pair(
        self,
    ) -> tuple[ObservedGroup | None, tuple[ObservedGroup, ...], tuple[ObservedGroup, ...]]:
        """The live group to keep, its doubles, and those of another shape.

        Of two groups of one identity the one in use stays, else the lower id (design §4).
        """
        ranked = sorted(self.candidates, key=lambda group: (not group.related, group.id))
        same = [g for g in ranked if g.product == self.item.product and self._fits(g)]
        other = tuple(group for group in ranked if group not in same)
        return (same[0] if same else None), tuple(same[1:]), other

    def _fits(self, group: ObservedGroup) -> bool:
        """Whether a live group has the wanted shape, by what it is rather than by its tag."""
        wanted = self.item.create
        return all(
            equal(name, wanted.get(name), group.attributes.get(name))
            for name in ("ServerGroupType", "VpcId", "Protocol")
            if wanted.get(name) is not None
        )

    def _refusal(self, group: ObservedGroup) -> str:
        """Why a group cannot be adopted; "" when it can."""
        if reserved := [key for key in RESERVED_TAGS if key in group.tags]:
            return f"group {group.id} belongs to a controller (tag {reserved[0]})"
        marks = {key: value for key, value in group.tags.items() if key.startswith("gitopsd.io/")}
        if marks and not self.owner.owns_tags(group.tags):
            return f"group {group.id} belongs to another gitopsd ({marks})"
        if group.identity not in (None, self.item.identity):
            return f"group {group.id} is already {group.identity}"
        if group.product != self.item.product or not self._fits(group):
            return f"group {group.id} has another type, protocol or VPC, which cannot be changed"
        return ""

    def _conflict(self, reason: str, outdated: tuple[ObservedGroup, ...]) -> GroupComparison:
        return replace(self._missing(), conflict=reason, outdated=outdated)

    def _missing(self) -> GroupComparison:
        item = self.item
        cause = Cause.DRIFT if self._recorded() else Cause.CHANGE
        difference = Evidence(item, cause, self.today).difference((), dict(item.create), None)
        return GroupComparison(item.identity, item, missing=item.members, differences=(difference,))

    def _recorded(self) -> bool:
        """Whether the target's record says that what is wanted now has been applied."""
        record = self.observed.record
        return record is not None and record.entries.get(self.item.identity) == self.item.digest

    def _settled(self, current: ObservedGroup) -> bool:
        """Whether what is wanted now has been applied, so that what differs is drift (design §5).

        Anybody can strip or edit the digest tag; then the record still knows.
        """
        return current.digest == self.item.digest or self._recorded()

    def _compare(self, base: GroupComparison, current: ObservedGroup) -> GroupComparison:
        item = self.item
        settled = not base.adopting and self._settled(current)
        evidence = Evidence(item, Cause.DRIFT if settled else Cause.CHANGE, self.today)
        attributes, moved = compare_attributes(evidence, current)
        mark = self.owner.member_description
        compared = pair_members(base, item, current, mark)
        tags = self.owner.tags(item.identity, item.shape, retain=item.retain)
        tags[DIGEST] = item.digest
        marks = [
            evidence.difference(("tags", key), tags.get(key), current.tags.get(key))
            for key in TAGS
            if current.tags.get(key) != tags.get(key)
        ]
        members = member_differences(evidence, compared, mark, attributes_moved=bool(moved))
        differences = (*moved, *members, *marks)
        return replace(compared, attributes=attributes, differences=differences)


def group_fingerprint(group: ObservedGroup | None) -> str:
    """What a step expects to find of a group; "" for nothing there.

    Attributes, marks and members count; states, counts and the load balancers in use do not. A
    controller's members come and go with its pods, so only ours and plain ones count.
    """
    if group is None:
        return ""
    members = sorted(
        (str(m.key), m.weight, m.description)
        for m in group.members
        if not m.description or m.description.startswith(f"{MANAGER}/")
    )
    attributes = {
        name: group.attributes.get(name)
        for name in ("ServerGroupName", "ServerGroupType", "Protocol", "Scheduler", "VpcId",
                     "HealthCheckConfig")
    }  # fmt: skip
    marks = {key: value for key, value in group.tags.items() if key.startswith("gitopsd.io/")}
    return digest([group.id, attributes, marks, members])
