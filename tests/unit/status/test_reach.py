"""Ready means that requests arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredTarget, MemberKey
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedMember, ObservedObject, ObservedTarget
from gitopsd.model.ownership import GROUP, SHAPE
from gitopsd.status.reach import reach_of

TEA = Identity("Exposure", "shop", "tea")
SERVICE = Identity("Service", "shop", "tea")
INGRESS = Identity("Ingress", "shop", "tea")
GROUP_ID = Identity("ServerGroup", "shop", "warehouse")
WANTED = DesiredGroup(GROUP_ID, "ALB", {}, ())
KEY = MemberKey("192.168.20.11", 8080)
ADDRESS: dict[str, Any] = {"loadBalancer": {"ingress": [{"hostname": "alb.example.com"}]}}
LIVE_GROUP = ObservedGroup(
    "sgp-1",
    "ALB",
    {},
    {GROUP: "shop/warehouse", SHAPE: WANTED.shape},
    (ObservedMember(KEY, "Ip", 100),),
    related=("alb-1",),
)


def live(identity: Identity, status: dict[str, Any] | None = None) -> ObservedObject:
    return ObservedObject(identity, "u", "1", {"metadata": {}, "status": status or {}})


def layer4(*found: ObservedObject, ready: int | None = 1) -> tuple[str, str, str]:
    desired = DesiredTarget("edge", {SERVICE: DesiredObject(SERVICE, TEA, {})}, {})
    observed = ObservedTarget("edge", {item.identity: item for item in found})
    endpoints = None if ready is None else {("shop", "tea"): ready}
    reach = reach_of(TEA, list(desired.objects.values()), desired, observed, endpoints)
    return reach.ready, reach.reason, reach.address


def layer7(group: ObservedGroup, state: HealthState | None) -> tuple[str, str]:
    item = DesiredObject(INGRESS, TEA, {}, groups=(GROUP_ID,))
    desired = DesiredTarget("edge", {INGRESS: item}, {GROUP_ID: WANTED})
    health = {} if state is None else {group.id: {KEY: MemberHealth(state)}}
    observed = ObservedTarget("edge", {INGRESS: live(INGRESS, ADDRESS)}, (group,), health=health)
    reach = reach_of(TEA, [item], desired, observed, {})
    assert reach.ready == reach_of(GROUP_ID, [], desired, observed, {}).ready
    return reach.ready, reach.reason


def test_a_service_is_ready_with_an_address_and_a_ready_endpoint() -> None:
    there = live(SERVICE, {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}})
    assert layer4() == ("False", "NotApplied", "")
    assert layer4(live(SERVICE)) == ("False", "NoAddress", "")
    assert layer4(there) == ("True", "Reachable", "203.0.113.9")
    assert layer4(there, ready=0) == ("False", "NoReadyEndpoint", "203.0.113.9")
    assert layer4(there, ready=None) == ("Unknown", "EndpointsUnknown", "203.0.113.9")


def test_a_server_group_is_ready_when_a_listener_says_that_a_member_answers() -> None:
    assert layer7(LIVE_GROUP, HealthState.NORMAL) == ("True", "Reachable")
    assert layer7(LIVE_GROUP, HealthState.UNHEALTHY) == ("False", "NoMemberAnswers")
    assert layer7(LIVE_GROUP, None) == ("Unknown", "HealthUnknown")
    assert layer7(replace(LIVE_GROUP, related=()), None) == ("Unknown", "NotUsed")
    assert layer7(replace(LIVE_GROUP, members=()), None) == ("False", "NoMember")
