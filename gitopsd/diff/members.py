"""Members of a group: whose is whose, one by one (design §4, "Members are owned one by one")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gitopsd.diff.evidence import Evidence
from gitopsd.diff.group_values import content
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup, Member, MemberKey
from gitopsd.model.health import MemberHealth
from gitopsd.model.observed import ObservedGroup, ObservedMember
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said


def pair_members(
    base: GroupComparison, item: DesiredGroup, current: ObservedGroup, mark: str
) -> GroupComparison:
    """Pair members by server and port. Ours is the one whose description is `mark`.

    A member on its way out counts as gone.
    """
    found = {m.key: m for m in current.members if m.status != "Removing"}
    wanted = {found_key(member, found): member for member in item.members}
    pairs = [(member, found[key]) for key, member in wanted.items() if key in found]
    ours = [(member, live) for member, live in pairs if live.description == mark]
    others = [live for key, live in found.items() if key not in wanted]
    remote = [(m, live) for m, live in ours if item.product == "ALB" and m.remote != live.remote]
    return replace(
        base,
        missing=tuple(member for key, member in wanted.items() if key not in found),
        reweighted=tuple((m, o) for m, o in ours if m.weight != o.weight and (m, o) not in remote),
        recreated=tuple(remote),
        surplus=tuple(live for live in others if live.description == mark),
        unmarked=tuple((m, live) for m, live in pairs if live.description != mark),
        foreign=tuple(live for live in others if live.description != mark),
    )


def found_key(member: Member, found: Mapping[MemberKey, ObservedMember]) -> MemberKey:
    """The key under which a member reads back: the cloud fills in the address of an instance."""
    if member.key in found or member.server_ip:
        return member.key
    for key in found:
        if (key.server_id, key.port) == (member.server_id, member.port):
            return key
    return member.key


def unhealthy(
    compared: GroupComparison, health: Mapping[MemberKey, MemberHealth]
) -> tuple[tuple[ObservedMember, MemberHealth], ...]:
    """The wanted members that are there and do not answer, as far as listeners were asked."""
    if compared.current is None or compared.desired is None or not health:
        return ()
    found = {member.key: member for member in compared.current.members}
    keys = [found_key(member, found) for member in compared.desired.members]
    return tuple(
        (found[key], health[key])
        for key in keys
        if key in found and key in health and health[key].silent
    )


def by_controller(member: ObservedMember) -> bool:
    """Whether the cloud controller added a member: it describes them by its key (facts §1.6)."""
    return member.description.startswith(("k8s.", "k8s/"))


def member_differences(
    evidence: Evidence, compared: GroupComparison, mark: str, *, attributes_moved: bool
) -> Iterator[Difference]:
    """Every difference between the wanted members and the live ones.

    A weight of 0 may be somebody draining a server, which is never undone by itself, or a weight
    that Git has just raised. Where no memory of the group tells the two apart, and zeros are all
    that differs, Git has raised them. Where anything else explains why the group moved, they count
    as a person's doing, and `apply --correct` is the way to raise them. A member that somebody else
    added explains nothing.
    """
    unknown = evidence.memory is None
    by_hand = evidence.cause is Cause.DRIFT or attributes_moved or _otherwise_moved(compared)
    product = evidence.item.product
    for member in compared.missing:
        gone = evidence.difference(_path(member), content(member, product), None, member.position)
        yield because(gone, Reason.MEMBER_GONE)
    for surplus in compared.surplus:
        added = evidence.difference(_path(surplus), None, content(surplus, product))
        yield because(added, Reason.MEMBER_FOREIGN)  # it has our mark, and is not in the spec
    for stranger in compared.foreign:
        if not by_controller(stranger):
            yield _stranger(evidence, stranger)
    for member, live in compared.reweighted:
        path = (*_path(member), "weight")
        cause = Cause.DRIFT if unknown and by_hand and live.weight == 0 else None
        difference = evidence.difference(path, member.weight, live.weight, member.position, cause)
        yield replace(difference, manual=live.weight == 0 and difference.cause is Cause.DRIFT)
    for member, live in compared.recreated:
        path = (*_path(member), "remote")
        yield evidence.difference(path, member.remote, live.remote, member.position)
    for member, live in compared.unmarked:
        path = (*_path(member), "description")
        stamp = evidence.difference(path, mark, live.description, member.position)
        yield because(stamp, Reason.STAMP)


def because(difference: Difference, reason: Reason) -> Difference:
    """The difference with its reason, if it is drift: what Git asks for has no kind of trouble."""
    return replace(difference, reason=reason) if difference.cause is Cause.DRIFT else difference


def _otherwise_moved(compared: GroupComparison) -> bool:
    """Whether members differ in more than weights that are 0 where Git wants another one."""
    moved = (compared.missing, compared.surplus, compared.recreated, compared.unmarked)
    return any(moved) or any(live.weight != 0 for _, live in compared.reweighted)


def _stranger(evidence: Evidence, member: ObservedMember) -> Difference:
    """A member that somebody else added: told, and never removed by us."""
    found = content(member, evidence.item.product)
    difference = evidence.difference(_path(member), None, found, cause=Cause.DRIFT)
    mode: Mode = "Ignore" if difference.mode == "Ignore" else "Report"
    text = said("stranger", description=member.description or said("no-description"))
    return because(replace(difference, mode=mode, note=text, theirs=True), Reason.MEMBER_FOREIGN)


def _path(member: Member | ObservedMember) -> tuple[str, ...]:
    return ("servers", str(member.key))
