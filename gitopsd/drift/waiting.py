"""What has not caught up with what is applied: controllers and the cloud work after us.

Told by what they leave on the things themselves: addresses in status, the load balancers that use
a group, the cloud's own states (facts §2, §6). Whether a controller has seen the latest edit of an
object that has an address cannot be told: neither kind has an observed generation, and the hash
that the controllers keep is of their own making. That it has failed is told by `failing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.observed import HEALTH, ObservedObject, ObservedTarget
from gitopsd.model.verdict import Waiting, WaitingFor

_AVAILABLE = "Available"


def waiting(comparison: Comparison, observed: ObservedTarget) -> Iterator[tuple[Identity, Waiting]]:
    """Everything that is waited for, with the Exposure or ServerGroup that waits."""
    serving = _serving(comparison)
    for item in comparison.objects:
        if item.desired is not None and item.live is not None and _lacks_address(item.live):
            yield item.exposure, Waiting(WaitingFor.ADDRESS, item.identity)
    for group in comparison.groups:
        yield from ((group.identity, found) for found in _of_group(group, serving))
        if (why := _unheard(group, observed)) and group.desired is not None:
            yield group.identity, Waiting(WaitingFor.HEALTH, group.identity, why)


def _lacks_address(live: ObservedObject) -> bool:
    """Whether it asks for a load balancer and has not been given an address of one."""
    spec, status = live.manifest.get("spec") or {}, live.manifest.get("status") or {}
    if live.identity.kind != INGRESS and spec.get("type") != "LoadBalancer":
        return False
    return not (status.get("loadBalancer") or {}).get("ingress")


def _serving(comparison: Comparison) -> Mapping[Identity, ObjectComparison]:
    """The groups that live Ingresses with an address name, each with one of these."""
    return {
        group: item
        for item in comparison.objects
        if item.desired is not None and item.live is not None and not _lacks_address(item.live)
        for group in item.desired.groups
    }


def _of_group(
    group: GroupComparison, serving: Mapping[Identity, ObjectComparison]
) -> Iterator[Waiting]:
    current = group.current
    if group.desired is None or current is None or group.adopting:
        return
    if current.status != _AVAILABLE:
        yield Waiting(WaitingFor.GROUP, group.identity, f"{current.id} is {current.status}")
    elif not current.related and group.identity in serving:
        ingress = serving[group.identity].identity
        yield Waiting(WaitingFor.USE, group.identity, f"{ingress} names {current.id}")
    busy = sorted(str(m.key) for m in current.members if m.status != _AVAILABLE)
    if busy:
        yield Waiting(WaitingFor.MEMBERS, group.identity, ", ".join(busy[:_FEW]))


def _unheard(group: GroupComparison, observed: ObservedTarget) -> str:
    """Why nobody knows whether the members of a group in use answer; "" where somebody does.

    That is no drift, and not ready either: a server that is down would look the same.
    """
    current = group.current
    if current is None or not current.related or not current.members:
        return ""
    if observed.unknown(HEALTH):
        return "the health of group members could not be read"
    if observed.health.get(current.id, _HEARD):
        return ""
    return f"no listener of {', '.join(current.related[:_FEW])} names {current.id}"


#: Stands for a group that nobody asked about: that is told elsewhere (`Assessment.blind`).
_HEARD = {"": None}
#: So many members are named; the rest are as easily looked up as read.
_FEW = 5
