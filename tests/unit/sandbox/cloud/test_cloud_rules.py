"""Paging, faults, tokens, addresses, groups edited from inside: each by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.cloud import SEEDED_ALB, Cloud, Fault
from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.faults import Trouble, meet
from gitopsd.sandbox.cloud.idempotence import TokenBook, fingerprint
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.cloud.signature import NonceBook

from .cloud_hand import VPC, Hand

_WORLDS = Hand()
ALB = APIS["alb"].operations


def listing(**parameters: Any) -> Call:
    """A call of a listing with nothing but a page asked for."""
    with _WORLDS.cloud.entered() as worlds:
        return Call("ListServerGroups", parameters, worlds["alb"])


@given(st.sets(st.integers(0, 500)), st.integers(1, 100))
def test_following_the_tokens_gives_every_entry_once_in_order(orders: set[int], size: int) -> None:
    entries = [((order, ""), order) for order in orders]
    seen: list[int] = []
    token = ""
    while True:
        shown, fields = page(entries, listing(MaxResults=size, NextToken=token))
        assert len(shown) <= size
        assert fields["TotalCount"] == len(orders)
        seen += shown
        token = fields["NextToken"]
        if not token:
            break
        assert shown
    assert seen == sorted(orders)


@given(st.text())
def test_a_token_made_up_is_refused_or_harmless(token: str) -> None:
    with suppress(ApiError):
        shown, _ = page([((1, ""), 1)], listing(NextToken=token))
        assert shown in ([], [1])


def test_a_token_is_refused_by_another_operation_filter_or_product() -> None:
    alb, nlb = Hand(), Hand("nlb")
    for hand in (alb, nlb):
        for number in range(3):
            hand.group(ServerGroupName=f"g{number}")
    first = alb.call("ListServerGroups", MaxResults=1, VpcId=VPC)
    token = first["NextToken"]
    more = alb.call("ListServerGroups", MaxResults=2, VpcId=VPC, NextToken=token)
    assert len(more["ServerGroups"]) == 2  # the size of a page may change on the way
    for hand, action, asked in (
        (alb, "ListServerGroups", {}),
        (alb, "ListServerGroups", {"VpcId": "vpc-other"}),
        (alb, "ListLoadBalancers", {}),
        (nlb, "ListServerGroups", {"VpcId": VPC}),
    ):
        with pytest.raises(ApiError) as refusal:
            hand.call(action, NextToken=token, **asked)
        assert refusal.value.code == "IllegalParam.NextToken"


def test_a_call_meets_at_most_one_fault_of_each_sort_and_only_those_count_down() -> None:
    slow = Fault("latency", seconds=1.0)
    first, second = Fault("error", code="A"), Fault("error", code="B")
    stuck, failing = Fault("job-stuck"), Fault("job-fails")
    trouble = meet([slow, first, second, stuck, failing], "alb", ALB["CreateServerGroup"])
    assert (trouble.latency, trouble.refusal, trouble.drop) == (1.0, first, "")
    assert trouble.job is not None
    assert trouble.job.stuck
    left = [fault.times for fault in (slow, first, second, stuck, failing)]
    assert left == [0, 0, 1, 0, 1]


def test_a_fault_without_a_number_of_times_stays() -> None:
    fault = Fault("throttle", times=None)
    assert all(meet([fault], "alb", ALB["ListServerGroups"]).refusal for _ in range(5))


@pytest.mark.parametrize("kind", ["job-fails", "job-stuck", "conflict", "quota"])
def test_trouble_of_writes_waits_for_one(kind: Any) -> None:
    fault = Fault(kind)
    assert meet([fault], "alb", ALB["ListServerGroups"]) == Trouble()
    assert meet([fault], "alb", ALB["AddServersToServerGroup"]) != Trouble()
    assert fault.spent


@pytest.mark.parametrize("kind", ["job-fails", "job-stuck", "conflict"])
def test_trouble_of_jobs_passes_what_starts_none(kind: Any) -> None:
    assert meet([Fault(kind)], "alb", ALB["TagResources"]) == Trouble()


def test_a_token_remembers_its_first_answer_only_for_the_same_parameters() -> None:
    book = TokenBook()
    mark = fingerprint("Create", {"ClientToken": "t", "Name": "n"})
    assert mark == fingerprint("Create", {"Name": "n", "ClientToken": "other"})
    assert book.replay("t", mark) is None
    remembered = book.remember("t", mark, {"Id": "1"})
    with pytest.raises(ApiError, match="IdempotenceProcessing"):
        book.replay("t", mark)
    remembered.unanswered = False
    assert book.replay("t", mark) == {"Id": "1"}
    with pytest.raises(ApiError, match="IdempotenceSignatureMismatch"):
        book.replay("t", fingerprint("Delete", {"Name": "n"}))


def test_a_nonce_is_used_once_and_forgotten_after_the_clock_skew() -> None:
    book = NonceBook()
    book.use("a", 0.0)
    with pytest.raises(ApiError, match="SignatureNonceUsed"):
        book.use("a", 60.0)
    book.use("b", 10_000.0)
    assert list(book.seen) == ["b"]


@pytest.mark.parametrize(
    ("product", "fields", "address", "remote", "code"),
    [
        ("alb", {}, "10.0.0.1", False, None),
        ("alb", {}, "10.1.0.1", False, "IllegalParam.IP"),
        ("alb", {}, "10.1.0.1", True, None),
        ("alb", {}, "100.64.0.1", True, None),
        ("alb", {}, "172.32.0.1", True, "IllegalParam.IP"),
        ("alb", {"CrossZoneEnabled": False}, "10.1.0.1", True, None),
        ("alb", {"VpcId": "vpc-unknown"}, "10.1.0.1", False, None),
        ("alb", {"VpcId": "vpc-unknown"}, "9.9.9.9", False, "IllegalParam.IP"),
        ("alb", {"Ipv6Enabled": True, "VpcId": "vpc-unknown"}, "fd00::1", False, None),
        ("nlb", {}, "10.1.0.1", None, None),
        ("nlb", {}, "9.9.9.9", None, "IllegalParam.IP"),
        ("nlb", {}, "fd00::1", None, "OperationDenied.ServerGroupNotSupportIpv6"),
        ("nlb", {"AddressIPVersion": "DualStack"}, "fd00::1", None, None),
    ],
)
def test_which_addresses_a_group_takes(
    product: Any, fields: dict[str, Any], address: str, remote: bool | None, code: str | None
) -> None:
    hand = Hand(product)
    hand.cloud.settings.vpcs[VPC] = ("10.0.0.0/16",)
    group_id = hand.group(**fields)
    server: dict[str, Any] = {
        "ServerId": address,
        "ServerIp": address,
        "ServerType": "Ip",
        "Port": 80,
    }
    if remote is not None:
        server["RemoteIpEnabled"] = remote
    if fields.get("CrossZoneEnabled") is False:
        code = "OperationDenied.CrossZoneDisabledNotSupportRemoteIp"
    try:
        hand.call("AddServersToServerGroup", ServerGroupId=group_id, Servers=[server])
        refused = None
    except ApiError as error:
        refused = error.code
    assert refused == code


def test_cross_zone_cannot_be_switched_off_while_remote_members_are_in_the_group() -> None:
    hand = Hand()
    group_id = hand.group()
    hand.cloud.groups.add_member(group_id, "192.168.0.1", 80, RemoteIpEnabled=True)
    with pytest.raises(ApiError, match="CrossZoneDisabledNotSupportRemoteIp"):
        hand.call("UpdateServerGroupAttribute", ServerGroupId=group_id, CrossZoneEnabled=False)


def test_client_ip_preservation_cannot_be_switched_on_behind_tcpssl() -> None:
    hand = Hand("nlb")
    group_id = hand.group(PreserveClientIpEnabled=False)
    balancer = hand.cloud.balancers.add("nlb", "n", VPC)
    hand.cloud.balancers.add_listener(balancer, 443, "TCPSSL", group_ids=[group_id])
    with pytest.raises(ApiError, match="PreserveClientIpSwitch"):
        hand.call(
            "UpdateServerGroupAttribute", ServerGroupId=group_id, PreserveClientIpEnabled=True
        )


def test_a_failed_add_of_one_member_adds_none_of_the_call() -> None:
    hand = Hand()
    group_id = hand.group()
    with pytest.raises(ApiError):
        hand.add(group_id, "10.0.0.1", "9.9.9.9")
    assert hand.members(group_id) == {}
    assert hand.status(group_id) == "Available"


def test_one_address_is_added_to_only_so_many_nlb_groups() -> None:
    hand = Hand("nlb")
    hand.cloud.settings.quotas["nlb.server_added"] = 1
    hand.add(hand.group(), "10.0.0.1")
    with pytest.raises(ApiError, match="QuotaInsufficient"):
        hand.add(hand.group(), "10.0.0.1")


def test_members_edited_from_inside_are_there_at_once() -> None:
    hand = Hand()
    group_id = hand.group()
    groups = hand.cloud.groups
    groups.add_member(group_id, "10.0.0.1", 80, Weight=50, Description="by hand")
    groups.change_member(group_id, "10.0.0.1", 80, weight=0)
    (member,) = groups.members(group_id)
    assert (member["Weight"], member["Description"], member["Status"]) == (
        0,
        "by hand",
        "Available",
    )
    groups.remove_member(group_id, "10.0.0.1", 80)
    assert groups.members(group_id) == []
    with pytest.raises(KeyError):
        groups.remove_member(group_id, "10.0.0.1", 80)
    with pytest.raises(KeyError):
        groups.get("sgp-nobody")


def test_relations_come_from_listeners_rules_and_by_hand_and_go_with_the_balancer() -> None:
    hand = Hand()
    by_listener, by_rule, by_hand = hand.group(), hand.group(), hand.group()
    cloud = hand.cloud
    listener = cloud.balancers.add_listener(SEEDED_ALB, 80, "HTTP", group_ids=[by_listener])
    rule = cloud.balancers.add_rule(listener, 1, {by_rule: 100})
    cloud.groups.relate(by_hand, SEEDED_ALB)

    def related() -> list[list[str]]:
        return [
            cloud.groups.get(each)["RelatedLoadBalancerIds"]
            for each in (by_listener, by_rule, by_hand)
        ]

    assert related() == [[SEEDED_ALB]] * 3
    cloud.balancers.remove_rule(rule)
    cloud.balancers.set_listener_groups(listener, [])
    cloud.groups.unrelate(by_hand, SEEDED_ALB)
    assert related() == [[], [], []]
    cloud.groups.relate(by_hand, SEEDED_ALB)
    cloud.balancers.add_listener(SEEDED_ALB, 81, "HTTP", group_ids=[by_listener])
    cloud.balancers.remove(SEEDED_ALB)
    assert related() == [[], [], []]
    assert cloud.balancers.all("alb") == []


def test_the_same_seed_gives_the_same_ids() -> None:
    assert Hand().group() == Hand().group()


def test_grpc_reads_back_in_its_documented_spelling() -> None:
    hand = Hand()
    group_id = hand.group(Protocol="GRPC", HealthCheckConfig={"HealthCheckProtocol": "GRPC"})
    group = hand.cloud.groups.get(group_id)
    assert group["Protocol"] == group["HealthCheckConfig"]["HealthCheckProtocol"] == "gRPC"
    assert group["HealthCheckConfig"]["HealthCheckMethod"] == "POST"


def ask(path: bytes, method: str = "POST", body: bytes = b"") -> tuple[int, dict[str, Any]]:
    """One unsigned request straight to the ASGI application."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "http", "method": method, "path": "/", "query_string": path, "headers": []}
    asyncio.run(Cloud("AK", "SK").app("alb")(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_url_beyond_64_kb_is_too_long() -> None:
    assert ask(b"A=" + b"x" * 65_536)[0] == 414


def test_a_body_beyond_all_measure_is_too_large() -> None:
    assert ask(b"", body=b"x" * (9 * 1024 * 1024))[0] == 413


def test_a_refusal_has_the_five_documented_members() -> None:
    status, body = ask(b"")
    assert (status, body["Code"]) == (400, "MissingAccessKeyId")
    assert set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}


def test_the_application_answers_the_servers_lifespan_events() -> None:
    events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return events.pop(0)

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event["type"])

    asyncio.run(Cloud("AK", "SK").app("nlb")({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
