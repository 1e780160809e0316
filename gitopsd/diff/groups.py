"""Comparing server groups and their members, which are owned one by one (design §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gitopsd.diff.attributes import compare_attributes
from gitopsd.diff.deletions import cause_of
from gitopsd.diff.evidence import Evidence
from gitopsd.diff.explain import mark_note
from gitopsd.diff.group_memory import applied_group
from gitopsd.diff.group_values import equal
from gitopsd.diff.members import because, member_differences, pair_members, unhealthy
from gitopsd.diff.modes import mode_of
from gitopsd.diff.strays import Strays
from gitopsd.diff.write_ahead import memories, unfinished
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup, DesiredTarget
from gitopsd.model.digest import digest, is_digest
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.ownership import DIGEST, MANAGER, RESERVED_TAGS, TAGS, Owner
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference
from gitopsd.model.wording import said


def compare_groups(
    desired: DesiredTarget, observed: ObservedTarget, owner: Owner, today: date
) -> tuple[GroupComparison, ...]:
    """Every wanted group beside what was found, and every group of ours that nobody wants."""
    ours: dict[Identity | None, list[ObservedGroup]] = {}
    for group in observed.groups:
        ours.setdefault(group.identity, []).append(group)
    strays = Strays(desired, observed, owner, (*observed.strays, *ours.pop(None, ())))
    result = [
        _Compared(item, ours.get(identity, []), strays, observed, owner, today).result()
        for identity, item in desired.groups.items()
    ]
    result += [
        GroupComparison(identity, outdated=tuple(sorted(groups, key=lambda group: group.id)))
        for identity, groups in ours.items()
        if identity and identity not in desired.groups and identity not in desired.held
    ]
    return tuple(sorted(result, key=lambda item: item.identity))


def known_ids(
    groups: Iterable[GroupComparison], observed: ObservedTarget, replacing: frozenset[Identity]
) -> dict[Identity, str]:
    """The ids that Ingresses can be given now.

    A group whose replacement has not been allowed, whose tags were taken off, or that cannot be
    exchanged for the one that the spec names, goes on serving under its old id. Groups of held
    documents keep theirs, so that Exposures that are not held could still name them.
    """
    ids = {group.identity: group.id for group in observed.groups if group.identity is not None}
    for item in groups:
        if item.desired is None:
            continue
        if item.current is not None and (item.stripped or not item.conflict):
            ids[item.identity] = item.current.id
        elif item.outdated and item.identity not in replacing:
            ids[item.identity] = item.outdated[0].id
        elif item.former and item.conflict:
            ids[item.identity] = item.former[0].id
        else:
            ids.pop(item.identity, None)
    return ids


@dataclass(frozen=True, slots=True)
class _Compared:
    """One wanted group, and the live groups that could be it."""

    item: DesiredGroup
    candidates: list[ObservedGroup]
    strays: Strays
    observed: ObservedTarget
    owner: Owner
    today: date

    def result(self) -> GroupComparison:
        item = self.item
        if self.observed.unknown(item.product):
            return GroupComparison(item.identity, item, unknown=True)
        if not self.candidates and not item.adopted:
            found = self.strays.like(item)
            return self._stripped(found) if found else self._missing()
        base = self._pair()
        if item.adopt_id and (base.current is None or base.current.id != item.adopt_id):
            return self._to_adopt(base, item.adopt_id)
        if base.current is None:
            return self._missing(base)
        return self._compare(base, base.current)

    def _pair(self) -> GroupComparison:
        """The live group to keep, its doubles, those of another shape, and those to let go.

        Of two groups of one identity the one in use stays, else the lower id (design §4). A group
        that was adopted was not made by us: when the spec names it no longer, it is let go.
        """
        item = self.item
        ranked = sorted(self.candidates, key=lambda group: (not group.related, group.id))
        former = [group for group in ranked if group.adopted and group.id != item.adopt_id]
        rest = [group for group in ranked if group not in former]
        same = [g for g in rest if g.product == item.product and self._fits(g)]
        return GroupComparison(
            item.identity,
            item,
            same[0] if same else None,
            outdated=tuple(group for group in rest if group not in same),
            duplicates=tuple(same[1:]),
            former=tuple(former),
        )

    def _to_adopt(self, base: GroupComparison, group_id: str) -> GroupComparison:
        """The group that the spec names, in the place of the one that it had before."""
        if base.current is not None:
            outdated = (*base.outdated, base.current)
            base = replace(base, current=None, outdated=outdated)
        current = self.observed.adoptable.get(group_id)
        if current is None:
            return replace(self._missing(base), conflict=said("group-gone", id=group_id))
        if reason := self._refusal(current):
            return replace(self._missing(base), conflict=reason)
        return self._compare(replace(base, current=current, adopting=True), current)

    def _stripped(self, found: tuple[ObservedGroup, ...]) -> GroupComparison:
        """A group that has lost our tags: compared like ours, and not ours to touch."""
        first = found[0]
        reason = self._refusal(first)
        if len(found) > 1:
            names = " and ".join(group.id for group in found)
            reason = said("groups-stripped", names=names, identity=self.item.identity)
        base = GroupComparison(
            self.item.identity, self.item, first, adopting=True, stripped=True, conflict=reason
        )
        return self._compare(base, first)

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
            return said("group-controller", id=group.id, tag=reserved[0])
        if self.owner.contradicted(group.tags):
            marks = ", ".join(f"{key}={group.tags[key]}" for key in TAGS if key in group.tags)
            return said("group-rival", id=group.id, marks=marks)
        if group.identity not in (None, self.item.identity):
            return said("group-taken", id=group.id, identity=group.identity)
        if group.product != self.item.product or not self._fits(group):
            return said("group-shape", id=group.id)
        return ""

    def _missing(self, base: GroupComparison | None = None) -> GroupComparison:
        item = self.item
        record = self.observed.record
        last = record.entries.get(item.identity) if record else None
        cause = cause_of(last, item.digest, mode_of(item.drift, SERVER_GROUP, "", self.today))
        difference = Evidence(item, cause, self.today).difference((), dict(item.create), None)
        if last is not None and cause is Cause.CHANGE:
            difference = replace(difference, note=said("gone-since"))
        return replace(
            base or GroupComparison(item.identity, item),
            missing=item.members,
            differences=(because(difference, Reason.DELETED),),
        )

    def _applied(self, current: ObservedGroup) -> str:
        """The digest of what was applied last; "" where nothing tells.

        The digest tag knows best, where it names something that we have applied or begun: it moves
        with the group, while a record may be older than the last apply. Anybody can strip or edit
        the tag; then the record still knows.
        """
        record, identity = self.observed.record, self.item.identity
        entry = record.entries.get(identity, "") if record else ""
        if not is_digest(current.digest) or self._edited(current):
            return entry
        return current.digest

    def _edited(self, current: ObservedGroup) -> bool:
        """Whether the digest tag names nothing that the record knows of."""
        record, identity = self.observed.record, self.item.identity
        if record is None or identity not in record.entries:
            return False
        ours = {self.item.digest, record.entries[identity], *memories(record, identity)}
        return current.digest not in ours

    def _compare(self, base: GroupComparison, current: ObservedGroup) -> GroupComparison:
        item = self.item
        applied = self._applied(current)
        record = self.observed.record
        settled = applied == item.digest and not unfinished(record, item.identity)
        evidence = Evidence(
            item,
            Cause.DRIFT if settled else Cause.CHANGE,
            self.today,
            None if settled else applied_group(item, record, applied),
            ours=not base.adopting or base.stripped,
        )
        attributes, moved = compare_attributes(evidence, current)
        mark = self.owner.member_description
        compared = pair_members(base, item, current, mark)
        tags = self.owner.tags(item.identity, item.shape, retain=item.retain, adopted=item.adopted)
        tags[DIGEST] = item.digest
        cause = Cause.DRIFT if base.stripped else evidence.cause
        pairs = [(key, tags.get(key), current.tags.get(key)) for key in TAGS]
        marks = [
            _mark(
                evidence.difference(("tags", key), wanted, found, None, cause),
                edited=key == DIGEST and self._edited(current),
            )
            for key, wanted, found in pairs
            if wanted != found
        ]
        members = member_differences(evidence, compared, mark, attributes_moved=bool(moved))
        return replace(
            compared,
            attributes=attributes,
            unhealthy=unhealthy(compared, self.observed.health.get(current.id, {})),
            differences=(*moved, *members, *marks),
        )


def _mark(difference: Difference, *, edited: bool) -> Difference:
    """A tag of ours that differs; `edited` is told of the digest also where Git moves it anyway."""
    blamed = Cause.DRIFT if edited else difference.cause
    note = mark_note(difference.path, difference.found, blamed)
    return replace(because(difference, Reason.STAMP), note=note)


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
