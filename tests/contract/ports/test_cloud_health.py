"""What a `CloudReader` tells of members' health, and of groups whose tags say nothing."""

from __future__ import annotations

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.ownership import Owner

from .cloud_stage import CloudSide, both, make, parameters, servers

NORMAL = MemberHealth(HealthState.NORMAL)


def stocked(adapter: AlibabaCloud, owner: Owner, product: Product, count: int = 2) -> str:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, count), "add")
    return group_id


def seen(adapter: AlibabaCloud, product: Product, group_id: str) -> ObservedGroup:
    group = adapter.read(product, group_id)
    assert group is not None
    return group


def listen(side: CloudSide, product: Product, group_id: str, ports: int = 1) -> list[str]:
    """Listeners whose default action forwards to the group."""
    desk = side.cloud.balancers
    protocol = "HTTP" if product == "ALB" else "TCP"
    balancer = desk.add("alb" if product == "ALB" else "nlb", "front", "vpc-1")
    return [
        desk.add_listener(balancer, 80 + number, protocol, group_ids=[group_id])
        for number in range(ports)
    ]


def key(number: int) -> MemberKey:
    address = f"10.8.0.{number}"
    return MemberKey(address, 8080, address)


@both
def test_a_group_that_no_listener_uses_has_no_health(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    assert adapter.health([seen(adapter, product, stocked(adapter, owner, product))]) == {}


@both
def test_the_worst_of_all_listeners_counts_and_the_rest_is_normal(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = stocked(adapter, owner, product)
    listen(side, product, group_id, ports=2)
    side.clock.sleep(1)
    group = seen(adapter, product, group_id)
    assert adapter.health([group]) == {group_id: {key(0): NORMAL, key(1): NORMAL}}
    side.cloud.groups.set_health(group_id, "10.8.0.1", 8080, reason="CONNECT_FAILED")
    silent = MemberHealth(HealthState.UNHEALTHY, "CONNECT_FAILED")
    assert adapter.health([group]) == {group_id: {key(0): NORMAL, key(1): silent}}
    assert not silent.answers


@both
def test_a_group_without_health_checks_answers(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = stocked(adapter, owner, product, 1)
    listen(side, product, group_id)
    side.cloud.groups.set_attributes(group_id, HealthCheckConfig={"HealthCheckEnabled": False})
    health = adapter.health([seen(adapter, product, group_id)])[group_id][key(0)]
    assert (health.state, health.answers) == (HealthState.UNAVAILABLE, True)


def test_groups_of_rules_are_told_however_many_pages_there_are(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner
) -> None:
    group_id = stocked(adapter, owner, "ALB")
    (listener,) = listen(side, "ALB", "sgp-other")
    other = side.cloud.groups.create("alb", "other", VpcId="vpc-1")
    for number in range(1, 65):
        side.cloud.balancers.add_rule(listener, number, {other: 100})
    side.cloud.balancers.add_rule(listener, 99, {group_id: 100})
    side.cloud.groups.set_health(group_id, "10.8.0.0", 8080)
    health = adapter.health([seen(adapter, "ALB", group_id)])
    assert health[group_id][key(0)].silent


@both
def test_a_group_is_looked_up_by_its_whole_name_or_its_id_whatever_its_tags(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = stocked(adapter, owner, product)
    side.cloud.groups.set_tags(group_id, {})
    name = parameters(product)["ServerGroupName"]
    for names, ids in ([name], []), ([], [group_id]), ([name], [group_id]):
        (found,) = adapter.look_up(product, names, ids)
        assert (found.id, len(found.members)) == (group_id, 2)
    assert adapter.look_up(product, [name[:-1]], ["sgp-none"]) == ()
