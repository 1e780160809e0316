"""What the lists answer is compared again before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitopsd.adapters.alibaba.answers import group_of, member_of
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.reads import fill, groups_by_id, tagged_groups
from gitopsd.model.desired import MemberKey, Product

from .conftest import Script

Make = Callable[[Product], ProductApi]
TAGS = {"gitopsd.io/instance": "acme"}


def entry(group_id: str, count: int | None = 1, **more: Any) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    status = {"ServerGroupStatus": "Available", "ServerCount": count}
    return {"ServerGroupId": group_id, "Tags": tags} | status | more


def server(group_id: str, port: int = 80) -> dict[str, Any]:
    return {"ServerGroupId": group_id, "ServerId": "10.0.0.1", "Port": port, "Weight": 1}


def test_a_group_that_the_filter_lets_through_without_our_tags_is_not_ours(
    script: Script, api: Make
) -> None:
    groups = [entry("b"), entry("a"), entry("other", Tags=[]), entry("none", Tags=None)]
    script.says("ListServerGroups", {"ServerGroups": groups})
    assert [group.id for group in tagged_groups(api("ALB"), TAGS)] == ["a", "b"]


def test_only_groups_asked_for_are_taken_by_id(script: Script, api: Make) -> None:
    script.says("ListServerGroups", {"ServerGroups": [entry("a"), entry("b")]})
    assert set(groups_by_id(api("ALB"), ["a"])) == {"a"}


def test_many_ids_are_asked_for_in_portions(script: Script, api: Make) -> None:
    script.says("ListServerGroups", {"ServerGroups": []})
    groups_by_id(api("NLB"), [f"g{number:02}" for number in range(45)])
    sizes = [len(sent["ServerGroupIds"]) for sent in script.asked("ListServerGroups")]
    assert sizes == [20, 20, 5]


def test_members_of_all_alb_groups_come_in_one_list(script: Script, api: Make) -> None:
    servers = [server("a"), server("b"), server("a", 81), server("somebody-elses")]
    script.says("ListServerGroupServers", {"Servers": servers})
    groups = [group_of("ALB", entry("a", 2)), group_of("ALB", entry("b"))]
    found = fill(api("ALB"), groups, TAGS)
    assert [[member.key.port for member in group.members] for group in found] == [[80, 81], [80]]
    assert len(script.calls) == 1


def test_a_group_whose_count_disagrees_is_read_by_itself(script: Script, api: Make) -> None:
    of_all = {"Servers": [server("a"), server("b")]}
    of_one = {"Servers": [server("b"), server("b", 81)]}
    script.says("ListServerGroupServers", of_all, of_one)
    groups = [group_of("ALB", entry("a")), group_of("ALB", entry("b", 2))]
    assert [len(group.members) for group in fill(api("ALB"), groups, TAGS)] == [1, 2]
    assert script.calls[1][1]["ServerGroupId"] == "b"


def test_groups_are_read_one_by_one_where_the_common_list_is_refused(
    script: Script, api: Make
) -> None:
    refused = {"Code": "IllegalParam.Tag", "Message": "no"}
    script.says("ListServerGroupServers", refused, {"Servers": [server("x")]})
    groups = [group_of("ALB", entry("a")), group_of("ALB", entry("b"))]
    assert [len(group.members) for group in fill(api("ALB"), groups, TAGS)] == [1, 1]


def test_a_group_that_does_not_tell_its_count_is_read_by_itself(script: Script, api: Make) -> None:
    script.says("ListServerGroupServers", {"Servers": [server("a")]})
    found = fill(api("NLB"), [group_of("NLB", entry("a", None))], TAGS)
    assert len(found[0].members) == 1


def test_an_empty_group_is_only_believed_to_be_empty_when_it_is_quiet(
    script: Script, api: Make
) -> None:
    script.says("ListServerGroupServers", {"Servers": [server("busy")]})
    quiet = group_of("NLB", entry("quiet", 0))
    busy = group_of("NLB", entry("busy", 0, ServerGroupStatus="Configuring"))
    assert [len(group.members) for group in fill(api("NLB"), [quiet, busy], TAGS)] == [0, 1]


def test_the_health_check_has_one_name_for_both_products() -> None:
    check = {"HealthCheckEnabled": True}
    assert group_of("NLB", entry("a", HealthCheck=check)).attributes["HealthCheckConfig"] == check
    assert "HealthCheck" not in group_of("NLB", entry("a", HealthCheck=check)).attributes


def test_parts_with_a_place_of_their_own_are_no_attributes() -> None:
    group = group_of("ALB", entry("a", RelatedLoadBalancerIds=["alb-1"], Scheduler="Wrr"))
    assert (group.status, group.related, group.tags) == ("Available", ("alb-1",), TAGS)
    assert set(group.attributes) == {"ServerGroupId", "ServerCount", "Scheduler"}


def test_a_member_that_leaves_things_out_is_still_a_member() -> None:
    member = member_of({"ServerId": "acs:fc:x"})
    assert member.key == MemberKey("acs:fc:x", 0, "")
    assert (member.weight, member.description, member.remote) == (0, "", False)
