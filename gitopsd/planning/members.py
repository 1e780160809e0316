"""Steps for the members of a server group, which are owned one by one (design §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitopsd.model.desired import DesiredGroup, Member
from gitopsd.model.observed import ObservedMember
from gitopsd.model.paths import join
from gitopsd.model.plan import Change, Operation, Step
from gitopsd.planning.group_context import GroupContext
from gitopsd.planning.holds import hold

Pair = tuple[Member, ObservedMember | None]


def member_steps(group: GroupContext) -> tuple[Step, ...]:
    """Add, take over, change and remove members; new ones before old ones leave."""
    item = group.item
    fresh = item.current is None
    add = [(m, None) for m in item.missing if fresh or _path(m) in group.paths]
    remove = [live for live in item.surplus if _path(live) in group.paths]
    steps = [
        _step(group, Operation.CREATE, add),
        _adopt(group, [p for p in item.unmarked if _path(p[0], "description") in group.paths]),
        _step(
            group,
            Operation.UPDATE,
            [p for p in item.reweighted if _path(p[0], "weight") in group.paths],
        ),
        _step(
            group,
            Operation.REPLACE,
            [p for p in item.recreated if _path(p[0], "remote") in group.paths],
        ),
    ]
    done = [step for step in steps if step is not None]
    if remove:
        done.append(_remove(group, remove, tuple(step.key for step in done)))
    return tuple(_guard_capacity(group, step) for step in done)


def _path(member: Member | ObservedMember, *part: str) -> str:
    return join(("servers", str(member.key), *part))


def _step(group: GroupContext, operation: Operation, pairs: Sequence[Pair]) -> Step | None:
    if not pairs:
        return None
    mark = group.owner.member_description
    changes = tuple(_change(operation, member, live) for member, live in pairs)
    servers = [_entry(member, live, mark, group.desired) for member, live in pairs]
    return group.step(operation, "Members", changes, payload={"servers": servers})


def _adopt(group: GroupContext, pairs: Sequence[Pair]) -> Step | None:
    step = _step(group, Operation.ADOPT, pairs)
    if step is None or group.desired.identity in group.options.adopt:
        return step
    names = ", ".join(str(member.key) for member, _ in pairs)
    return step.held(hold("members", members=names, group=group.desired.identity))


def _remove(group: GroupContext, members: Sequence[ObservedMember], needs: tuple[str, ...]) -> Step:
    changes = tuple(Change(_path(m), {"weight": m.weight}, None) for m in members)
    servers = [
        {"ServerId": m.key.server_id, "ServerType": m.server_type, "Port": m.key.port}
        | ({"ServerIp": m.key.server_ip} if m.key.server_ip else {})
        for m in members
    ]
    payload = {"servers": servers}
    return group.step(Operation.DELETE, "Members", changes, payload=payload, needs=needs)


def _guard_capacity(group: GroupContext, step: Step) -> Step:
    """Hold what would leave the group without a member that serves (design §4, "Guards")."""
    current = group.item.current
    if step.operation in (Operation.CREATE, Operation.ADOPT) or current is None:
        return step
    weights = [m.weight for m in group.desired.members]
    weights += [m.weight for m in group.item.foreign]
    if any(weight > 0 for weight in weights) or all(m.weight == 0 for m in current.members):
        return step
    return step.held(hold("group", group=group.desired.identity))


def _change(operation: Operation, member: Member, live: ObservedMember | None) -> Change:
    if live is None:
        return Change(_path(member), None, {"weight": member.weight, "remote": member.remote})
    if operation is Operation.UPDATE:
        return Change(_path(member, "weight"), live.weight, member.weight)
    before = {"weight": live.weight, "remote": live.remote, "description": live.description}
    after = {"weight": member.weight, "remote": member.remote}
    return Change(_path(member), before, after)


def _entry(
    member: Member, live: ObservedMember | None, mark: str, desired: DesiredGroup
) -> dict[str, Any]:
    """The entry to send; for a live member with the address that the cloud knows it by."""
    entry = member.to_api(mark, product=desired.product)
    if live is not None and live.key.server_ip:
        entry["ServerIp"] = live.key.server_ip
    return entry
