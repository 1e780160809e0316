"""Steps for server groups and their members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitopsd.diff.groups import group_fingerprint
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup, Member
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedMember
from gitopsd.model.ownership import DIGEST, Owner
from gitopsd.model.paths import join
from gitopsd.model.plan import Change, Guard, Hold, Operation, Step, StepKind
from gitopsd.model.verdict import Difference
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.selection import written


def group_steps(item: GroupComparison, owner: Owner, options: PlanOptions) -> tuple[Step, ...]:
    """What to do about one group: the group, its members, its digest; then what it leaves behind.

    New members come before old ones leave, and the digest is written last, so that an apply that
    was cut short shows as a change and is completed by the next pass.
    """
    if item.unknown:
        return ()
    if item.desired is None:
        return tuple(_farewell(item, group, "no ServerGroup asks for it any more")
                     for group in item.outdated)  # fmt: skip
    return _Steps(item, item.desired, owner, options).all()


def _farewell(item: GroupComparison, group: ObservedGroup, why: str) -> Step:
    retain = group.retained
    return Step(
        Operation.RELEASE if retain else Operation.DELETE,
        "ServerGroup",
        item.identity,
        item.identity,
        (Change("id", group.id, None),),
        expects=group_fingerprint(group),
        group_id=group.id,
        payload={"product": group.product},
        why=f"{why}; its deletionPolicy is Retain" if retain else why,
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of one wanted group."""

    item: GroupComparison
    desired: DesiredGroup
    owner: Owner
    options: PlanOptions

    def all(self) -> tuple[Step, ...]:
        group = self._group()
        members = self._members()
        if group is not None:
            members = tuple(replace(step, needs=(*step.needs, group.key)) for step in members)
        body = (group, *members) if group else members
        if group is not None and group.hold:
            return (*body, *self._left_behind(needs=(group.key,)))
        mark = self._mark(tuple(step.key for step in body))
        steps = (*body, mark) if mark else body
        return (*steps, *self._left_behind(needs=(group.key,) if group else ()))

    # -- the group itself ---------------------------------------------------------------------

    def _group(self) -> Step | None:
        item, desired = self.item, self.desired
        if item.conflict:
            hold = Hold(Guard.CONFLICT, item.conflict, "give another serverGroupId, or none")
            return self._create().held(hold)
        if item.current is None:
            if not all(written(d, correct=self.options.correct) for d in item.differences):
                return None  # deleted by hand, and the mode says to leave that
            return self._create_anew() if item.outdated else self._create()
        if item.adopting:
            return self._adopt(item.current)
        write = [d for d in self._written() if d.path.split(".")[0] in item.attributes]
        if not write:
            return None
        names = {d.path.split(".")[0] for d in write}
        update = {name: item.attributes[name] for name in sorted(names)}
        return self._step(
            Operation.UPDATE, "ServerGroup", _changes(write),
            payload={"product": desired.product, "update": update},
        )  # fmt: skip

    def _create(self) -> Step:
        desired = self.desired
        tags = self.owner.tags(desired.identity, desired.shape, retain=desired.retain)
        return self._step(
            Operation.CREATE,
            "ServerGroup",
            (Change("", None, dict(desired.create)),),
            payload={"product": desired.product, "create": dict(desired.create), "tags": tags},
        )

    def _create_anew(self) -> Step:
        """A group of another shape: the old one serves until the Ingresses have moved."""
        old = self.item.outdated[0]
        step = replace(
            self._create(),
            why=f"type, protocol and VPC of {old.id} cannot change: a new group takes its place",
        )
        if self.desired.identity in self.options.replace:
            return step
        release = f"--replace {self.desired.identity}"
        return step.held(Hold(Guard.REPLACEMENT, step.why, release))

    def _adopt(self, current: ObservedGroup) -> Step:
        desired, item = self.desired, self.item
        tags = self.owner.tags(desired.identity, desired.shape, retain=desired.retain)
        changes = [d for d in item.differences if not d.path.startswith("servers[")]
        return self._step(
            Operation.ADOPT,
            "ServerGroup",
            _changes(d for d in changes if d.path != _DIGEST_PATH),
            payload={
                "product": current.product,
                "update": dict(item.attributes),
                "tags": tags,
            },
            why=f"the spec takes over {current.id}",
        )

    def _mark(self, needs: Sequence[str]) -> Step | None:
        """Write the digest, and tags of ours that are missing, after everything else is done."""
        desired, item = self.desired, self.item
        payload: dict[str, Any] = {"product": desired.product, "part": "tags"}
        if item.current is None:
            if not needs:
                return None
            changes: tuple[Change, ...] = (Change(_DIGEST_PATH, None, desired.digest),)
            payload["tags"] = {DIGEST: desired.digest}
        else:
            marks = [d for d in self._written() if d.path.startswith("tags[")]
            if item.adopting:
                marks = [d for d in marks if d.path == _DIGEST_PATH]
            if not marks:
                return None
            changes = _changes(marks)
            names = {_tag_of(mark): mark.wanted for mark in marks}
            payload["tags"] = {key: value for key, value in names.items() if value is not None}
            payload["untag"] = [key for key, value in names.items() if value is None]
        return self._step(Operation.UPDATE, "ServerGroup", changes, payload=payload, needs=needs)

    def _left_behind(self, needs: tuple[str, ...]) -> tuple[Step, ...]:
        """Delete groups of another shape and doubles, after nothing points at them any more."""
        item = self.item
        if item.conflict:
            return ()
        return tuple(
            replace(_farewell(item, group, why), needs=needs)
            for groups, why in (
                (item.outdated, "a group of another type, protocol or VPC takes its place"),
                (item.duplicates, f"a double of {item.current.id if item.current else 'it'}"),
            )
            for group in groups
        )

    # -- its members --------------------------------------------------------------------------

    def _members(self) -> tuple[Step, ...]:
        item = self.item
        add = self._chosen(item.missing)
        adopt = item.unmarked
        update = [pair for pair in item.reweighted if self._wants(pair[0], "weight")]
        again = [pair for pair in item.recreated if self._wants(pair[0], "remote")]
        remove = [live for live in item.surplus if self._writes(join(("servers", str(live.key))))]
        steps = [
            self._member_step(Operation.CREATE, [(member, None) for member in add]),
            self._adopt_members(adopt),
            self._member_step(Operation.UPDATE, update),
            self._member_step(Operation.REPLACE, again),
        ]
        done = [step for step in steps if step is not None]
        if remove:
            done.append(self._remove(remove, tuple(step.key for step in done)))
        return tuple(self._guard_capacity(step) for step in done)

    def _chosen(self, members: Iterable[Member]) -> list[Member]:
        if self.item.current is None:
            return list(members)
        return [m for m in members if self._writes(join(("servers", str(m.key))))]

    def _wants(self, member: Member, part: str) -> bool:
        return self._writes(join(("servers", str(member.key), part)))

    def _member_step(
        self, operation: Operation, pairs: Sequence[tuple[Member, ObservedMember | None]]
    ) -> Step | None:
        if not pairs:
            return None
        mark = self.owner.member_description
        changes = tuple(_member_change(operation, member, live) for member, live in pairs)
        servers = [_entry(member, live, mark, self.desired) for member, live in pairs]
        payload = {"product": self.desired.product, "servers": servers}
        return self._step(operation, "Members", changes, payload=payload)

    def _adopt_members(self, pairs: Sequence[tuple[Member, ObservedMember]]) -> Step | None:
        step = self._member_step(Operation.ADOPT, pairs)
        if step is None or self.desired.identity in self.options.adopt:
            return step
        names = ", ".join(str(member.key) for member, _ in pairs)
        reason = f"{names} stand in the spec, but were added to the group by somebody else"
        return step.held(Hold(Guard.ADOPTION, reason, f"--adopt {self.desired.identity}"))

    def _remove(self, members: Sequence[ObservedMember], needs: tuple[str, ...]) -> Step:
        changes = tuple(
            Change(join(("servers", str(m.key))), {"weight": m.weight}, None) for m in members
        )
        servers = [
            {"ServerId": m.key.server_id, "ServerType": m.server_type, "Port": m.key.port}
            | ({"ServerIp": m.key.server_ip} if m.key.server_ip else {})
            for m in members
        ]
        payload = {"product": self.desired.product, "servers": servers}
        return self._step(Operation.DELETE, "Members", changes, payload=payload, needs=needs)

    def _guard_capacity(self, step: Step) -> Step:
        """Hold what would leave the group without a member that serves (design §4, "Guards")."""
        if step.operation in (Operation.CREATE, Operation.ADOPT) or self.item.current is None:
            return step
        before = any(member.weight > 0 for member in self.item.current.members)
        weights = [m.weight for m in self.desired.members]
        weights += [m.weight for m in self.item.foreign]
        after = any(weight > 0 for weight in weights)
        if not before or after:
            return step
        reason = f"it would leave {self.desired.identity} without a serving member"
        return step.held(Hold(Guard.CAPACITY, reason, "approve the plan by its hash"))

    # -- what they share ----------------------------------------------------------------------

    def _written(self) -> tuple[Difference, ...]:
        correct = self.options.correct
        return tuple(d for d in self.item.differences if written(d, correct=correct))

    def _writes(self, path: str) -> bool:
        return any(d.path == path for d in self._written())

    def _step(
        self,
        operation: Operation,
        kind: StepKind,
        changes: tuple[Change, ...],
        *,
        payload: dict[str, Any],
        needs: Sequence[str] = (),
        why: str = "",
    ) -> Step:
        current = self.item.current
        identity: Identity = self.desired.identity
        return Step(
            operation,
            kind,
            identity,
            identity,
            changes,
            expects=group_fingerprint(current),
            group_id=current.id if current else None,
            payload=payload,
            needs=tuple(needs),
            why=why,
        )


_DIGEST_PATH = join(("tags", DIGEST))


def _tag_of(difference: Difference) -> str:
    """`tags[gitopsd.io/digest]` is about the tag `gitopsd.io/digest`."""
    return difference.path.removeprefix("tags[").removesuffix("]")


def _changes(differences: Iterable[Difference]) -> tuple[Change, ...]:
    return tuple(Change(d.path, d.found, d.wanted, d.note) for d in differences)


def _member_change(operation: Operation, member: Member, live: ObservedMember | None) -> Change:
    path = ("servers", str(member.key))
    if live is None:
        return Change(join(path), None, {"weight": member.weight, "remote": member.remote})
    if operation is Operation.UPDATE:
        return Change(join((*path, "weight")), live.weight, member.weight)
    before = {"weight": live.weight, "remote": live.remote, "description": live.description}
    after = {"weight": member.weight, "remote": member.remote}
    return Change(join(path), before, after)


def _entry(
    member: Member, live: ObservedMember | None, mark: str, desired: DesiredGroup
) -> dict[str, Any]:
    """The entry to send; for a live member with the address that the cloud knows it by."""
    entry = member.to_api(mark, product=desired.product)
    if live is not None and live.key.server_ip:
        entry["ServerIp"] = live.key.server_ip
    return entry
