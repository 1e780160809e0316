"""Jobs, states, tag lag and health against a clock moved by hand."""

from __future__ import annotations

import json

import pytest

from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.world import JobFault

from .cloud_hand import Hand


def tag(hand: Hand, group_id: str, **tags: str) -> None:
    hand.call(
        "TagResources",
        ResourceType="servergroup",
        ResourceId=[group_id],
        Tag=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def test_a_job_is_done_exactly_when_it_is_due() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.add(group_id, "10.0.0.1")
    hand.clock.now = 9.999
    assert (hand.status(group_id), hand.members(group_id)) == (
        "Configuring",
        {"10.0.0.1": "Adding"},
    )
    hand.clock.now = 10.0
    assert (hand.status(group_id), hand.members(group_id)) == (
        "Available",
        {"10.0.0.1": "Available"},
    )


def test_a_duration_of_its_own_beats_the_default() -> None:
    hand = Hand()
    hand.cloud.settings.durations["AddServersToServerGroup"] = 1.0
    group_id = hand.group()
    hand.add(group_id, "10.0.0.1")
    hand.clock.now = 1.0
    assert hand.status(group_id) == "Available"


def test_while_one_change_runs_every_other_is_refused() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.add(group_id, "10.0.0.1")
    for action, fields in (
        ("UpdateServerGroupAttribute", {}),
        ("DeleteServerGroup", {}),
        ("RemoveServersFromServerGroup", {"Servers": []}),
    ):
        with pytest.raises(ApiError) as caught:
            hand.call(action, ServerGroupId=group_id, **fields)
        assert caught.value.code == "IncorrectStatus.ServerGroup"


def test_groups_do_not_wait_for_each_other() -> None:
    hand = Hand()
    one, two = hand.group(), hand.group()
    hand.add(one, "10.0.0.1")
    hand.add(two, "10.0.0.1")
    assert (hand.status(one), hand.status(two)) == ("Configuring", "Configuring")


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_a_failed_creation_leaves_no_group(product: str) -> None:
    hand = Hand(product)  # type: ignore[arg-type]
    probe = {"HealthCheckConfig": {"HealthCheckEnabled": True}}
    fault = JobFault(("OperationFailed", "no"))
    answer = hand.call("CreateServerGroup", fault, ServerGroupName="g", VpcId="v", **probe)
    assert hand.cloud.groups.exists(answer["ServerGroupId"])
    hand.clock.now = 10.0
    assert not hand.cloud.groups.exists(answer["ServerGroupId"])


def test_a_failed_deletion_keeps_the_group_as_it_was() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.cloud.groups.add_member(group_id, "10.0.0.1", 80)
    before = hand.cloud.groups.get(group_id)
    hand.call("DeleteServerGroup", JobFault(("X", "y")), ServerGroupId=group_id)
    hand.clock.now = 10.0
    assert hand.cloud.groups.get(group_id) == before
    assert hand.members(group_id) == {"10.0.0.1": "Available"}


def test_a_failed_update_restores_the_old_values() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.call(
        "UpdateServerGroupAttribute",
        JobFault(("X", "y")),
        ServerGroupId=group_id,
        Scheduler="Wlc",
    )
    hand.clock.now = 10.0
    assert hand.cloud.groups.get(group_id)["Scheduler"] == "Wrr"


def test_a_group_deleted_behind_a_running_job_stays_deleted() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.add(group_id, "10.0.0.1")
    hand.cloud.groups.delete(group_id)
    hand.clock.now = 10.0
    assert not hand.cloud.groups.exists(group_id)


def test_the_tag_filter_lags_and_keeps_the_oldest_view_until_it_catches_up() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.cloud.groups.set_tags(group_id, {"v": "0"})
    tag(hand, group_id, v="1")
    hand.clock.now = 4.0
    tag(hand, group_id, v="2")
    assert hand.found_by_tag(v="0") == [group_id]
    hand.clock.now = 8.0
    assert hand.found_by_tag(v="0") == [group_id]
    hand.clock.now = 9.0
    assert hand.found_by_tag(v="0") == []
    assert hand.found_by_tag(v="2") == [group_id]


def test_several_tags_must_all_match() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.cloud.groups.set_tags(group_id, {"a": "1", "b": "2"})
    assert hand.found_by_tag(a="1", b="2") == [group_id]
    assert hand.found_by_tag(a="1", b="3") == []


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_a_new_members_health_is_initial_then_normal(product: str) -> None:
    hand = Hand(product)  # type: ignore[arg-type]
    group_id = hand.group()
    balancer = hand.cloud.balancers.add(hand.product, "lb", "vpc-1")
    listener = hand.cloud.balancers.add_listener(balancer, 80, "TCP", group_ids=[group_id])

    def health() -> list[str]:
        answer = hand.call("GetListenerHealthStatus", ListenerId=listener)
        (info,) = answer["ListenerHealthStatus"][0]["ServerGroupInfos"]
        return [server["Status"] for server in info["NonNormalServers"]]

    hand.add(group_id, "10.0.0.1")
    assert health() == ["Initial"]
    hand.clock.now = 10.0
    assert health() == ["Initial"]
    hand.clock.now = 15.0
    assert health() == []
    hand.cloud.groups.change_member(group_id, "10.0.0.1", 80, weight=0)
    assert health() == (["Unused"] if product == "alb" else [])
    off = {"HealthCheckEnabled": False}
    hand.cloud.groups.set_attributes(group_id, HealthCheckConfig=off)
    assert health() == ["Unavailable"]


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_a_dump_in_the_middle_of_a_job_carries_on_where_it_was(product: str) -> None:
    hand, other = Hand(product), Hand(product)  # type: ignore[arg-type]
    hand.cloud.settings.vpcs["vpc-1"] = ("10.0.0.0/16",)
    group_id = hand.group()
    hand.cloud.groups.set_tags(group_id, {"a": "b"})
    hand.add(group_id, "10.0.0.1", fault=JobFault(("X", "y")))
    listed = hand.group()
    hand.add(listed, "10.0.0.2")
    hand.cloud.groups.set_health(listed, "10.0.0.2", 80)
    hand.cloud.groups.relate(listed, "lb-x")
    hand.clock.now = 6.0
    data = json.loads(json.dumps(hand.cloud.dump()))
    other.clock.now = 1000.0
    other.cloud.load(data)
    assert other.cloud.dump() == hand.cloud.dump()
    other.clock.now = 1003.9
    assert other.members(listed) == {"10.0.0.2": "Adding"}
    other.clock.now = 1004.0
    assert other.members(listed) == {"10.0.0.2": "Available"}
    assert other.members(group_id) == {}
    assert other.found_by_tag(a="b") == [group_id]
    assert other.cloud.groups.get(listed)["RelatedLoadBalancerIds"] == ["lb-x"]


def test_a_dump_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        Hand().cloud.load({"format": 0})
