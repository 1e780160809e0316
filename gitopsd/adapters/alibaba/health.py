"""What the listeners that use a group say of its members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import Any

from gitopsd.adapters.alibaba.actions import BALANCERS_PER_LIST, RULES_PER_PAGE
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.errors import CloudMissing
from gitopsd.model.desired import MemberKey
from gitopsd.model.health import HealthState, MemberHealth, worse
from gitopsd.model.observed import ObservedGroup, ObservedMember
from gitopsd.ports.pool import Pool

Info = Mapping[str, Any]

#: Listeners asked at the same time.
_THREADS = 8
_NORMAL = MemberHealth(HealthState.NORMAL)


def health_of(
    api: ProductApi, groups: Sequence[ObservedGroup]
) -> Iterator[tuple[str, dict[MemberKey, MemberHealth]]]:
    """The ids of the groups that load balancers use, each with what is said of its members.

    Nothing is said of those of a group that none of the listeners names: that is an empty answer.

    One list of listeners and one question per listener, however many members there are: an answer
    names only the members that are not Normal. Of several listeners the worst counts.
    """
    listeners = _listeners(api, {balancer for group in groups for balancer in group.related})
    with Pool(_THREADS, f"health-{api.product}") as pool:
        told = [info for infos in pool.map(partial(_infos, api), listeners) for info in infos]
    for group in groups:
        about = [info for info in told if info.get("ServerGroupId") == group.id]
        if about or group.related:
            yield group.id, _of(group.members, about) if about else {}


def _listeners(api: ProductApi, balancers: Iterable[str]) -> list[str]:
    """The listeners of load balancers, by id."""
    wanted = sorted(balancers)
    found: list[str] = []
    for start in range(0, len(wanted), BALANCERS_PER_LIST):
        chunk = wanted[start : start + BALANCERS_PER_LIST]
        about = f"the listeners of {', '.join(chunk)}"
        entries = api.pages("listeners", {"LoadBalancerIds": chunk}, about, "Listeners")
        found += [entry["ListenerId"] for entry in entries]
    return sorted(set(found))


def _infos(api: ProductApi, listener: str) -> list[Info]:
    """What a listener says of its groups, those of its rules included; a rule is ALB's affair."""
    about, found, token = f"{api.product} listener {listener}", list[Info](), ""
    rules = {"IncludeRule": True, "MaxResults": RULES_PER_PAGE} if api.product == "ALB" else {}
    while True:
        more = {"NextToken": token} if token else {}
        try:
            body = api.call("health", {"ListenerId": listener, **rules, **more}, about)
        except CloudMissing:
            return found  # it went meanwhile, and has nothing to say any more
        for field in ("ListenerHealthStatus", "RuleHealthStatus"):
            for status in body.get(field) or ():
                found += status.get("ServerGroupInfos") or ()
        token = str(body.get("NextToken") or "") if rules else ""
        if not token:
            return found


def _of(members: Iterable[ObservedMember], infos: Iterable[Info]) -> dict[MemberKey, MemberHealth]:
    """What is said of each member; the address counts where both sides give one."""
    said: defaultdict[tuple[str, int], list[tuple[str, MemberHealth]]] = defaultdict(list)
    for info in infos:
        for server in info.get("NonNormalServers") or ():
            name = (server.get("ServerId") or "", int(server.get("Port") or 0))
            said[name].append((server.get("ServerIp") or "", _health(server)))
    result = {}
    for key in (member.key for member in members):
        about = [
            health
            for address, health in said[key.server_id, key.port]
            if not address or not key.server_ip or address == key.server_ip
        ]
        result[key] = reduce(worse, about, _NORMAL)
    return result


def _health(server: Mapping[str, Any]) -> MemberHealth:
    """A state that is not documented says no more than that nothing is known."""
    reason = (server.get("Reason") or {}).get("ReasonCode") or ""
    try:
        return MemberHealth(HealthState(server.get("Status") or ""), reason)
    except ValueError:
        return MemberHealth(HealthState.INITIAL, reason)
