"""What every `CloudReader` and `CloudWriter` keeps, shown by the Alibaba adapter over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.ports import CloudReader, CloudWriter
from gitopsd.sandbox.embedded import Sandbox

from .cloud_stage import GROUP, PRODUCTS, both, make, parameters, scope, servers


def test_the_adapter_is_a_reader_and_a_writer(adapter: AlibabaCloud) -> None:
    reader: CloudReader = adapter
    writer: CloudWriter = adapter
    assert reader is writer


@both
def test_a_created_group_is_available_and_carries_its_tags(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group = adapter.read(product, make(adapter, owner, product))
    assert group is not None
    assert group.status == "Available"
    assert group.tags == owner.tags(GROUP, "shape", retain=False)
    assert group.identity == GROUP
    assert group.attributes["VpcId"] == "vpc-1"
    assert group.attributes["HealthCheckConfig"]["HealthCheckInterval"] == 5


@both
def test_a_group_that_does_not_exist_is_none(adapter: AlibabaCloud, product: Product) -> None:
    assert adapter.read(product, "sgp-none") is None


@both
def test_a_group_is_found_by_its_tags_right_after_it_was_made(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    made = make(adapter, owner, product)
    assert [group.id for group in adapter.find(product, owner.tag_filter)] == [made]
    assert adapter.find(product, {"gitopsd.io/instance": "other"}) == ()


@both
@pytest.mark.parametrize("count", [1, 40, 41, 230])
def test_members_added_are_available_with_all_that_was_said(
    adapter: AlibabaCloud, owner: Owner, product: Product, count: int
) -> None:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, count), "add")
    group = adapter.read(product, group_id)
    assert group is not None
    assert len(group.members) == count
    first = group.members[0]
    assert first.key == MemberKey("10.8.0.0", 8080, "10.8.0.0")
    assert (first.weight, first.description, first.server_type) == (100, "gitopsd/acme", "Ip")
    assert first.remote == (product == "ALB")
    assert {member.status for member in group.members} == {"Available"}


@both
def test_weights_change_for_as_many_members_as_there_are(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 90), "add")
    adapter.update_servers(product, group_id, servers(product, 90, weight=7), "update")
    group = adapter.read(product, group_id)
    assert group is not None
    assert {member.weight for member in group.members} == {7}


@both
def test_removed_members_are_gone_and_the_others_stay(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 90), "add")
    adapter.remove_servers(product, group_id, servers(product, 85), "remove")
    group = adapter.read(product, group_id)
    assert group is not None
    assert len(group.members) == 5


@both
def test_removing_what_is_gone_already_is_done(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 2), "add")
    adapter.remove_servers(product, group_id, servers(product, 1), "one")
    adapter.remove_servers(product, group_id, servers(product, 2), "two")
    adapter.remove_servers(product, "sgp-none", servers(product, 2), "three")
    group = adapter.read(product, group_id)
    assert group is not None
    assert group.members == ()


@both
def test_no_members_need_no_call(adapter: AlibabaCloud, product: Product) -> None:
    for change in (adapter.add_servers, adapter.update_servers, adapter.remove_servers):
        change(product, "sgp-none", [], "token")


@both
def test_an_update_changes_the_attributes_it_names(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    change = {"Scheduler": "Wlc", "HealthCheckConfig": {"HealthCheckEnabled": False}}
    adapter.update_group(product, group_id, change, "update")
    group = adapter.read(product, group_id)
    assert group is not None
    assert group.attributes["Scheduler"] == "Wlc"
    assert group.attributes["HealthCheckConfig"]["HealthCheckEnabled"] is False
    assert group.attributes["ServerGroupName"] == parameters(product)["ServerGroupName"]


@both
def test_tags_are_added_changed_and_taken_off(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    before = owner.tags(GROUP, "shape", retain=False)
    adapter.tag_group(product, group_id, {"gitopsd.io/digest": "one"})
    adapter.tag_group(product, group_id, {"gitopsd.io/digest": "two"})
    tagged = adapter.read(product, group_id)
    adapter.untag_group(product, group_id, ["gitopsd.io/digest", "never-there"])
    untagged = adapter.read(product, group_id)
    assert tagged is not None
    assert untagged is not None
    assert tagged.tags == before | {"gitopsd.io/digest": "two"}
    assert untagged.tags == before


@both
def test_a_deleted_group_is_gone_and_deleting_it_again_is_done(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    adapter.delete_group(product, group_id, "one")
    adapter.delete_group(product, group_id, "two")
    assert adapter.read(product, group_id) is None
    assert adapter.find(product, owner.tag_filter) == ()


@both
def test_the_same_token_makes_one_group(
    adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    assert make(adapter, owner, product, "same") == make(adapter, owner, product, "same")
    assert len(adapter.find(product, owner.tag_filter)) == 1


def test_one_look_shows_our_groups_of_both_products_and_no_others(
    side: Any, adapter: AlibabaCloud, owner: Owner
) -> None:
    ours = {product: make(adapter, owner, product, product) for product in PRODUCTS}
    for product, group_id in ours.items():
        adapter.add_servers(product, group_id, servers(product, 3), f"add-{product}")
    other = Owner("acme", "beijing").tags(GROUP, "shape", retain=False)
    side.cloud.groups.create("alb", "other", tags=other, **parameters("ALB"))
    reserved = owner.tags(GROUP, "shape", retain=False) | {"ack.aliyun.com": "c1"}
    side.cloud.groups.create("alb", "reserved", tags=reserved, VpcId="vpc-1")
    view = adapter.observe(scope(owner, *PRODUCTS))
    assert {(group.product, group.id) for group in view.groups} == set(ours.items())
    assert [len(group.members) for group in view.groups] == [3, 3]
    assert view.gaps == ()


def test_many_groups_are_listed_over_several_pages(
    side: Any, adapter: AlibabaCloud, owner: Owner
) -> None:
    for number in range(130):
        group_id = side.cloud.groups.create(
            "alb",
            f"group-{number}",
            tags=owner.tags(Identity("ServerGroup", "shop", f"g{number}"), "s", retain=False),
            ServerGroupType="Ip",
            VpcId="vpc-1",
        )
        side.cloud.groups.add_member(group_id, f"10.0.0.{number}", 80, server_type="Ip")
    view = adapter.observe(scope(owner, "ALB"))
    assert len(view.groups) == 130
    assert all(len(group.members) == 1 for group in view.groups)


def test_groups_to_adopt_are_read_with_their_members_and_missing_ones_left_out(
    side: Any, adapter: AlibabaCloud, owner: Owner
) -> None:
    theirs = side.cloud.groups.create("nlb", "theirs", ServerGroupType="Ip", VpcId="vpc-1")
    side.cloud.groups.add_member(theirs, "10.0.0.9", 53, server_type="Ip")
    adopt = frozenset({("NLB", theirs), ("NLB", "sgp-none"), ("ALB", "sgp-none")})
    view = adapter.observe(scope(owner, adopt=adopt))
    assert set(view.adoptable) == {theirs}
    assert [member.key.port for member in view.adoptable[theirs].members] == [53]
    assert view.groups == ()


def test_related_load_balancers_are_told(side: Any, adapter: AlibabaCloud, owner: Owner) -> None:
    group_id = make(adapter, owner)
    balancer = side.cloud.balancers.all("alb")[0]["LoadBalancerId"]
    side.cloud.groups.relate(group_id, balancer)
    group = adapter.read("ALB", group_id)
    assert group is not None
    assert group.related == (balancer,)


def test_the_embedded_sandbox_is_spoken_to_as_the_real_cloud_is(
    sandbox: Sandbox, owner: Owner
) -> None:
    adapter = AlibabaCloud(
        "cn-hangzhou",
        alb_endpoint=sandbox.alb,
        nlb_endpoint=sandbox.nlb,
        credentials=Credentials(
            access_key_id=sandbox.access_key_id, access_key_secret=sandbox.access_key_secret
        ),
        pace=Pace(rate=1000, poll=0.01),
    )
    made = {product: make(adapter, owner, product, product) for product in PRODUCTS}
    for product, group_id in made.items():
        adapter.add_servers(product, group_id, servers(product, 2), f"add-{product}")
    view = adapter.observe(scope(owner, *PRODUCTS))
    assert {group.id: len(group.members) for group in view.groups} == dict.fromkeys(
        made.values(), 2
    )
