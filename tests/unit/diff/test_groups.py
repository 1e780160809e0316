"""How groups are paired, and whose members are whose."""

from dataclasses import replace
from datetime import date

import pytest

from gitopsd.diff import compare_target
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup
from gitopsd.model.observed import ObservedGroup, Record
from gitopsd.model.verdict import Cause
from tests.unit.build import OWNER, found, group, live_group, member, wanted

TODAY = date(2026, 11, 22)
A, B = ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100)


def compare(item: DesiredGroup, *seen: ObservedGroup, **more: object) -> GroupComparison:
    return compare_target(wanted(item), found(*seen, **more), OWNER, today=TODAY).groups[0]


def test_what_was_applied_is_equal_though_the_api_fills_in_defaults() -> None:
    item = group("warehouse", A, B)
    assert compare(item, live_group(item)).differences == ()


def test_the_api_may_answer_in_another_case() -> None:
    item = group("warehouse", A, protocol="gRPC")
    assert compare(item, live_group(item, attributes={"Protocol": "GRPC"})).differences == ()


def test_an_edited_weight_of_ours_is_drift_by_path() -> None:
    item = group("warehouse", A)
    result = compare(item, live_group(item, members=[member(A[0], 8080, 40)]))
    (difference,) = result.differences
    assert difference.path == "servers[192.168.20.11:8080].weight"
    assert (difference.wanted, difference.found) == (100, 40)
    assert difference.cause is Cause.DRIFT
    assert not difference.manual


def test_a_weight_somebody_set_to_zero_is_marked_as_a_persons_doing() -> None:
    item = group("warehouse", A)
    result = compare(item, live_group(item, members=[member(A[0], 8080, 0)]))
    assert result.differences[0].manual


def test_a_weight_zero_that_git_changes_is_no_persons_doing() -> None:
    before, after = group("warehouse", (A[0], 8080, 0)), group("warehouse", A)
    assert [d.manual for d in compare(after, live_group(before)).differences] == [False, False]


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        (OWNER.member_description, "surplus"),
        ("by hand", "foreign"),
        ("", "foreign"),
        ("k8s.80.TCP.x", "foreign"),
    ],
)
def test_a_member_that_nobody_wants_goes_only_if_it_is_ours(description: str, kind: str) -> None:
    item = group("warehouse", A)
    other = member(B[0], 8080, 100, description)
    seen = live_group(item, members=[member(*A), other])
    assert getattr(compare(item, seen), kind) == (other,)


def test_a_member_by_hand_is_reported_and_a_controllers_never() -> None:
    item = group("warehouse", A)
    by_hand = live_group(item, members=[member(*A), member(B[0], 8080, 100, "by hand")])
    assert [(d.path, d.mode) for d in compare(item, by_hand).differences] == [
        ("servers[192.168.20.12:8080]", "Report")
    ]
    theirs = live_group(item, members=[member(*A), member(B[0], 8080, 100, "k8s.80.TCP.x")])
    assert compare(item, theirs).differences == ()


def test_a_wanted_member_without_our_mark_is_not_silently_ours() -> None:
    item = group("warehouse", A)
    seen = live_group(item, members=[member(A[0], 8080, 100, "by hand")])
    result = compare(item, seen)
    assert [m.key.server_id for m, _ in result.unmarked] == [A[0]]
    assert result.missing == ()
    assert result.surplus == ()


def test_remote_ip_can_only_change_by_a_new_membership() -> None:
    item = group("warehouse", A)
    seen = live_group(item, members=[replace(member(*A), remote=False)])
    assert len(compare(item, seen).recreated) == 1


def test_a_member_on_its_way_out_counts_as_gone() -> None:
    item = group("warehouse", A)
    seen = live_group(item, members=[replace(member(*A), status="Removing")])
    assert [m.server_id for m in compare(item, seen).missing] == [A[0]]


def test_of_two_groups_the_one_in_use_stays_else_the_lower_id() -> None:
    item = group("warehouse", A)
    used = live_group(item, "sgp-z", related=["alb-1"])
    idle = [live_group(item, name, related=[]) for name in ("sgp-a", "sgp-b")]
    result = compare(item, idle[0], used)
    assert result.current is used
    assert result.duplicates == (idle[0],)
    assert compare(item, *idle).current is idle[0]


def test_another_protocol_is_another_group() -> None:
    before, after = group("warehouse", A), group("warehouse", A, protocol="HTTPS")
    result = compare(after, live_group(before))
    assert result.current is None
    assert [g.id for g in result.outdated] == ["sgp-one"]


def test_a_missing_group_is_new_without_a_record_and_deleted_with_one() -> None:
    item = group("warehouse", A)
    assert compare(item).differences[0].cause is Cause.CHANGE
    record = Record(entries={item.identity: item.digest})
    assert compare(item, record=record).differences[0].cause is Cause.DRIFT


def test_an_edited_attribute_is_told_with_its_own_name() -> None:
    item = group("warehouse", A)
    check = {**item.create["HealthCheckConfig"], "HealthCheckPath": "/other"}
    result = compare(item, live_group(item, attributes={"HealthCheckConfig": check}))
    assert [(d.path, d.wanted, d.found) for d in result.differences] == [
        ("HealthCheckConfig.HealthCheckPath", "/healthz", "/other")
    ]


def test_a_group_of_a_controller_cannot_be_adopted() -> None:
    item = group("warehouse", A, adopt_id="sgp-9")
    other = replace(live_group(item, "sgp-9"), tags={"ack.aliyun.com": "c1"})
    result = compare(item, adoptable={"sgp-9": other})
    assert "belongs to a controller" in result.conflict


def test_a_group_to_adopt_is_compared_and_not_yet_ours() -> None:
    item = group("warehouse", A, adopt_id="sgp-9")
    other = replace(live_group(item, "sgp-9", members=[member(A[0], 8080, 30, "x")]), tags={})
    result = compare(item, adoptable={"sgp-9": other})
    assert result.adopting
    assert {d.cause for d in result.differences if d.path.startswith("tags")} == {Cause.CHANGE}
    assert len(result.unmarked) == 1
