"""How many members fit into a group, and behind the load balancers that use it (facts §3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gitopsd.sandbox.cloud.errors import quota_exceeded
from gitopsd.sandbox.cloud.state import Group
from gitopsd.sandbox.cloud.world import World

_SERVERS, _CONTAINERS = "servers", "eci_servers"


def check_members(world: World, group: Group, types: Sequence[str], new_ids: Sequence[str]) -> None:
    """Refuse members beyond a quota. Raises ApiError.

    types: the ServerType of every member that the group is going to have; new_ids: the ServerId of
    those that it has not yet.
    """
    counts = _kinds(world, types)
    _within(world, counts, "per_group")
    for balancer_id in world.state.related(group.group_id):
        balancer = world.state.load_balancers.get(balancer_id)
        if balancer is not None:
            edition = balancer.attributes.get("LoadBalancerEdition")
            behind = _behind(world, balancer_id, {group.group_id: counts})
            _within(world, behind, f"per_balancer.{edition}" if edition else "per_balancer")
    if world.product == "nlb":
        _check_added(world, new_ids)


def _kinds(world: World, types: Iterable[str]) -> Counter[str]:
    """Members by the quota they count against: NLB counts container instances by themselves."""
    own = world.product == "nlb"
    return Counter(_CONTAINERS if own and each == "Eci" else _SERVERS for each in types)


def _behind(
    world: World, balancer_id: str, changed: Mapping[str, Counter[str]]
) -> Mapping[str, int]:
    """Members behind a load balancer, once for every listener and rule that uses their group."""
    state = world.state
    found: Counter[str] = Counter()
    for group_id, times in state.uses(balancer_id).items():
        counts = changed.get(group_id)
        if counts is None:
            members = state.groups[group_id].members.values() if group_id in state.groups else ()
            counts = _kinds(world, (each.server_type for each in members))
        for kind, count in counts.items():
            found[kind] += times * count
    return found


def _within(world: World, counts: Mapping[str, int], where: str) -> None:
    for kind, count in counts.items():
        name = f"{kind}_{where}"
        limit = world.settings.quotas.get(f"{world.product}.{name}")
        if limit is not None and count > limit:
            raise quota_exceeded("QuotaInsufficient", name, count, limit)


def _check_added(world: World, new_ids: Sequence[str]) -> None:
    limit = world.quota("server_added")
    used = Counter(new_ids)
    for group in world.state.groups.values():
        for member in group.members.values():
            if member.server_id in used:
                used[member.server_id] += 1
    for count in used.values():
        if count > limit:
            raise quota_exceeded("QuotaInsufficient", "server_added", count, limit)
