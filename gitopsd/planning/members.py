"""Steps for the members of a server group, which are owned one by one (design §4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from gitopsd.diff.group_values import content
from gitopsd.model.desired import DesiredGroup, Member, Product
from gitopsd.model.observed import ObservedMember
from gitopsd.model.paths import join
from gitopsd.model.plan import Change, Operation, Step
from gitopsd.planning.group_context import GroupContext
from gitopsd.planning.holds import hold
from gitopsd.profiles.limits import SERVERS_PER_GROUP

Pair = tuple[Member, ObservedMember | None]
Keys = tuple[str, ...]

#: Members that leave a full group before any can come.
_TURN = 40
_AGAIN = "RemoteIpEnabled is only said of a member that comes: it leaves and comes anew"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def member_steps(group: GroupContext) -> tuple[Step, ...]:
    """Add, take over, change and remove members; new ones before old ones leave."""
    item = group.item
    fresh = item.current is None
    add = [(m, None) for m in item.missing if fresh or _path(m) in group.paths]
    remove = [live for live in item.surplus if _path(live) in group.paths]
    again = [p for p in item.recreated if _path(p[0], "remote") in group.paths]
    changed = [
        _adopt(group, [p for p in item.unmarked if _path(p[0], "description") in group.paths]),
        _step(
            group,
            Operation.UPDATE,
            [p for p in item.reweighted if _path(p[0], "weight") in group.paths],
        ),
    ]
    steps = [step for step in changed if step is not None]
    steps += _exchange(group, add, remove, tuple(step.key for step in steps))
    fresh_ones = tuple(step.key for step in steps if step.operation is Operation.CREATE)
    return (*steps, *_recreate(group, again, fresh_ones))


def _exchange(
    group: GroupContext, add: Sequence[Pair], remove: Sequence[ObservedMember], changed: Keys
) -> list[Step]:
    """Add the new members, then remove the old ones; in turns where there is no room for both.

    None leaves before the steps `changed` are done too; to come, members wait for room alone.
    """
    current = group.item.current
    room = SERVERS_PER_GROUP[group.desired.product] - (len(current.members) if current else 0)
    turns = list(turns_of(len(add), len(remove), room))
    # Those that serve nothing go first.
    leaving = sorted(remove, key=lambda member: (member.weight > 0, member.key))
    steps: list[Step] = []
    for number, (come, go) in enumerate(turns, 1):
        turn = {"turn": f"{number:02}"} if len(turns) > 1 else {}
        before = tuple(step.key for step in steps)
        step = _step(group, Operation.CREATE, add[:come], turn)
        if step is not None:
            steps.append(replace(step, needs=before))
        if go:
            before = (*changed, *(step.key for step in steps))
            steps.append(_remove(group, leaving[:go], before, turn))
        add, leaving = add[come:], leaving[go:]
    why = f"in {len(turns)} turns: the group has no room for the old and the new at once"
    return [replace(step, why=why) for step in steps] if len(turns) > 1 else steps


def turns_of(add: int, remove: int, room: int) -> Iterator[tuple[int, int]]:
    """How many members come and then go, turn by turn, in a group with `room` for so many more.

    Where there is room for all, that is one turn. In a full group every turn fills the room and
    then makes as much again. Where there is hardly any room, old members leave first, at most
    `_TURN` of them, a tenth of the least quota: with less the turns would have no end.
    """
    if not add or not remove or add <= room:
        yield add, remove
        return
    room = max(room, 0)
    if room < _TURN:
        first = min(_TURN - room, remove)
        yield 0, first
        remove, room = remove - first, room + first
    while add:
        # What does not fit when all old ones are gone: the cloud says whether it has the quota.
        come = min(add, room) if remove else add
        go = remove if come == add else min(remove, come)
        yield come, go
        add, remove, room = add - come, remove - go, room - come + go


def _recreate(group: GroupContext, pairs: Sequence[Pair], needs: Keys) -> Iterator[Step]:
    """Take members out and add them again: half of them at a time, so that the others serve."""
    half = (len(pairs) + 1) // 2
    for number, some in enumerate((pairs[:half], pairs[half:]), 1):
        turn = {"turn": f"again-{number}"} if len(pairs) > 1 else {}
        step = _step(group, Operation.REPLACE, some, turn | _awaited(group))
        if step is not None:
            yield replace(step, needs=needs, why=_AGAIN)
            needs = (*needs, step.key)


def _path(member: Member | ObservedMember, *part: str) -> str:
    return join(("servers", str(member.key), *part))


def _step(
    group: GroupContext,
    operation: Operation,
    pairs: Sequence[Pair],
    more: Mapping[str, Any] = _NOTHING,
) -> Step | None:
    if not pairs:
        return None
    mark = group.owner.member_description
    product = group.desired.product
    changes = tuple(_change(operation, member, live, product) for member, live in pairs)
    servers = [_entry(member, live, mark, group.desired) for member, live in pairs]
    return group.step(operation, "Members", changes, payload={"servers": servers, **more})


def _adopt(group: GroupContext, pairs: Sequence[Pair]) -> Step | None:
    step = _step(group, Operation.ADOPT, pairs)
    if step is None or group.desired.identity in group.options.adopt:
        return step
    names = ", ".join(str(member.key) for member, _ in pairs)
    return step.held(hold("members", members=names, group=group.desired.identity))


def _awaited(group: GroupContext) -> dict[str, Any]:
    """Names of the members that must answer before others leave: those that are to serve."""
    return {"awaits": [str(m.key) for m in group.desired.members if m.weight > 0]}


def _remove(
    group: GroupContext, members: Sequence[ObservedMember], needs: Keys, more: Mapping[str, Any]
) -> Step:
    changes = tuple(Change(_path(m), {"weight": m.weight}, None) for m in members)
    servers = [
        {"ServerId": m.key.server_id, "ServerType": m.server_type, "Port": m.key.port}
        | ({"ServerIp": m.key.server_ip} if m.key.server_ip else {})
        for m in members
    ]
    payload = {"servers": servers, **_awaited(group), **more}
    return group.step(Operation.DELETE, "Members", changes, payload=payload, needs=needs)


def _change(
    operation: Operation, member: Member, live: ObservedMember | None, product: Product
) -> Change:
    after = content(member, product)
    if live is None:
        return Change(_path(member), None, after)
    if operation is Operation.UPDATE:
        return Change(_path(member, "weight"), live.weight, member.weight)
    before = content(live, product)
    if operation is Operation.ADOPT:
        before |= {"description": live.description}
    return Change(_path(member), before, after)


def _entry(
    member: Member, live: ObservedMember | None, mark: str, desired: DesiredGroup
) -> dict[str, Any]:
    """The entry to send; for a live member with the address that the cloud knows it by."""
    entry = member.to_api(mark, product=desired.product)
    if live is not None and live.key.server_ip:
        entry["ServerIp"] = live.key.server_ip
    return entry
