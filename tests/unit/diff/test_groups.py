"""How groups are paired, and whose members are whose."""

from dataclasses import replace
from datetime import date

import pytest

from gitopsd.diff import compare_target
from gitopsd.diff.group_memory import remember_group
from gitopsd.diff.write_ahead import begun_as
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import DesiredGroup, Product
from gitopsd.model.observed import ObservedGroup, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.reason import Reason
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


HTTP_CHECK = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckConnectPort": 0,
    "HealthCheckPath": "/",
    "HealthCheckHost": "$SERVER_IP",
    "HealthCheckMethod": "HEAD",
    "HealthCheckHttpVersion": "HTTP1.1",
    "HealthCheckCodes": ["http_2xx"],
    "HealthCheckTimeout": 5,
}


def checked(item: DesiredGroup, **check: object) -> DesiredGroup:
    """The group with a health check of which only this is written."""
    written = {"HealthCheckEnabled": True, **check}
    return replace(item, create={**item.create, "HealthCheckConfig": written})


def probing(item: DesiredGroup, **check: object) -> ObservedGroup:
    """The group as applied, its health check reading back with `check` over what is written."""
    seen = {**item.create["HealthCheckConfig"], **check}
    return live_group(item, attributes={"HealthCheckConfig": seen})


def test_fields_of_a_health_check_taken_out_of_git_go_back_to_the_defaults() -> None:
    item = group("warehouse", A)
    before = checked(item, HealthCheckPath="/healthz", HealthCheckTimeout=9)
    seen = probing(before, **{**HTTP_CHECK, "HealthCheckPath": "/healthz", "HealthCheckTimeout": 9})
    result = compare(checked(item), seen)
    assert [
        (d.path, d.wanted, d.found, d.cause)
        for d in result.differences
        if not d.path.startswith("tags[")
    ] == [
        ("HealthCheckConfig.HealthCheckPath", "/", "/healthz", Cause.CHANGE),
        ("HealthCheckConfig.HealthCheckTimeout", 5, 9, Cause.CHANGE),
    ]
    sent = result.attributes["HealthCheckConfig"]
    assert HTTP_CHECK.items() <= sent.items()
    assert sent["HealthCheckEnabled"] is True


def test_a_health_check_that_reads_back_with_its_defaults_is_equal() -> None:
    item = checked(group("warehouse", A))
    assert compare(item, probing(item, **HTTP_CHECK)).differences == ()


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_default_counts_only_where_the_live_group_shows_a_value(nothing: object) -> None:
    item = checked(group("warehouse", A))
    seen = probing(item, HealthCheckHost=nothing, HealthCheckCodes=nothing)
    assert compare(item, seen).differences == ()


@pytest.mark.parametrize(
    ("product", "kind", "protocol", "odd"),
    [
        ("ALB", "HealthCheckProtocol", "TCP", {"HealthCheckPath": "/x", "HealthCheckCodes": ["0"]}),
        ("ALB", "HealthCheckProtocol", "TCP", {"HealthCheckHttpVersion": "HTTP1.0"}),
        ("ALB", "HealthCheckProtocol", "gRPC", {"HealthCheckMethod": "POST"}),
        ("ALB", "HealthCheckProtocol", "gRPC", {"HealthCheckCodes": ["0"]}),
        ("ALB", "HealthCheckProtocol", "gRPC", {"HealthCheckHttpVersion": "HTTP1.0"}),
        ("NLB", "HealthCheckType", "TCP", {"HealthCheckUrl": "/x", "HttpCheckMethod": "HEAD"}),
        ("NLB", "HealthCheckType", "UDP", {"HealthCheckConnectTimeout": 10}),
        ("NLB", "HealthCheckType", "UDP", {"HealthCheckUrl": "/x"}),
    ],
)
def test_a_default_that_another_protocol_has_is_not_wanted(
    product: Product, kind: str, protocol: str, odd: dict[str, object]
) -> None:
    item = replace(checked(group("warehouse", A), **{kind: protocol}), product=product)
    result = compare(item, probing(item, **odd))
    assert [d.path for d in result.differences] == []


@pytest.mark.parametrize(
    ("product", "check", "name", "default"),
    [
        ("ALB", {"HealthCheckProtocol": "gRPC"}, "HealthCheckPath", "/"),
        ("ALB", {"HealthCheckProtocol": "TCP"}, "HealthCheckTimeout", 5),
        ("ALB", {"HealthCheckProtocol": "HTTPS"}, "HealthCheckCodes", ["http_2xx"]),
        ("NLB", {}, "HealthCheckType", "TCP"),
        ("NLB", {"HealthCheckType": "HTTP"}, "HttpCheckMethod", "GET"),
        ("NLB", {"HealthCheckType": "UDP"}, "HealthCheckInterval", 5),
    ],
)
def test_a_default_of_the_checks_own_protocol_is_wanted(
    product: Product, check: dict[str, object], name: str, default: object
) -> None:
    item = replace(checked(group("warehouse", A), **check), product=product)
    result = compare(item, probing(item, **{name: "other"}))
    assert [(d.path, d.wanted) for d in result.differences] == [
        (f"HealthCheckConfig.{name}", default)
    ]


def weights(result: GroupComparison) -> dict[str, tuple[bool, Cause]]:
    """The weights that differ, by member: whether a person's doing, and the cause."""
    return {
        d.path.split(":")[0].removeprefix("servers["): (d.manual, d.cause)
        for d in result.differences
        if d.path.endswith(".weight")
    }


def test_an_unrelated_commit_does_not_put_back_a_weight_somebody_set_to_zero() -> None:
    before = group("warehouse", A, B)
    seen = live_group(before, members=[member(A[0], 8080, 0), member(*B)])
    other = group("warehouse", A, (B[0], 8080, 50))
    assert weights(compare(other, seen)) == {
        A[0]: (True, Cause.DRIFT),
        B[0]: (False, Cause.CHANGE),
    }
    slower = checked(before, HealthCheckPath="/healthz", HealthCheckInterval=9)
    assert weights(compare(slower, seen)) == {A[0]: (True, Cause.DRIFT)}
    fewer = group("warehouse", A)
    assert weights(compare(fewer, seen)) == {A[0]: (True, Cause.DRIFT)}


def test_a_weight_zero_beside_a_strangers_member_is_what_git_changed() -> None:
    before, after = group("warehouse", (A[0], 8080, 0)), group("warehouse", A)
    seen = live_group(before, members=[member(A[0], 8080, 0), member(B[0], 8080, 100, "by hand")])
    assert weights(compare(after, seen)) == {A[0]: (False, Cause.CHANGE)}


def test_several_weights_that_git_raises_from_zero_are_changes() -> None:
    before = group("warehouse", (A[0], 8080, 0), (B[0], 8080, 0))
    result = compare(group("warehouse", A, B), live_group(before))
    assert weights(result) == {A[0]: (False, Cause.CHANGE), B[0]: (False, Cause.CHANGE)}


@pytest.mark.parametrize("tag", ["", "edited", "0123456789" * 4])
def test_a_digest_tag_that_somebody_took_away_or_edited_is_drift_by_the_record(tag: str) -> None:
    item = group("warehouse", A)
    seen = live_group(item, tags={DIGEST: tag}, members=[member(A[0], 8080, 40)])
    record = Record(entries={item.identity: item.digest})
    result = compare(item, seen, record=record)
    assert {d.path: d.cause for d in result.differences} == {
        "servers[192.168.20.11:8080].weight": Cause.DRIFT,
        f"tags[{DIGEST}]": Cause.DRIFT,
    }


def test_a_digest_tag_that_is_newer_than_the_record_tells_that_git_moved() -> None:
    before, after = group("warehouse", (A[0], 8080, 40)), group("warehouse", A)
    note = begun_as(remember_group(after), before.digest, remember_group(before))
    record = Record(entries={after.identity: after.digest}, fields={after.identity: note})
    result = compare(after, live_group(before), record=record)
    assert {d.cause for d in result.differences} == {Cause.CHANGE}


def test_beside_a_commit_an_edited_digest_tag_leaves_a_server_drained_and_is_told() -> None:
    before, after = group("warehouse", A, B), group("warehouse", A, (B[0], 8080, 50))
    edited = live_group(before, tags={DIGEST: "0" * 40}, members=[member(*A[:2], 0), member(*B)])
    fields = {before.identity: remember_group(before)}
    record = Record(entries={before.identity: before.digest}, fields=fields)
    result = compare(after, edited, record=record)
    assert weights(result) == {A[0]: (True, Cause.DRIFT), B[0]: (False, Cause.CHANGE)}
    (tag,) = [d for d in result.differences if d.path == f"tags[{DIGEST}]"]
    assert (tag.cause, tag.note) == (Cause.CHANGE, "our mark was edited")


@pytest.mark.parametrize("record", [None, Record(), "old"])
def test_without_a_record_of_it_another_digest_is_a_change(record: Record | str | None) -> None:
    before, after = group("warehouse", A), group("warehouse", (A[0], 8080, 40))
    if record == "old":
        record = Record(entries={before.identity: before.digest})
    result = compare(after, live_group(before), record=record)
    assert {d.cause for d in result.differences} == {Cause.CHANGE}


def test_kinds_of_drift_are_told_apart() -> None:
    item = group("warehouse", A, B, ("192.168.20.13", 8080, 100))
    seen = live_group(
        item,
        tags={"gitopsd.io/shape": "edited"},
        members=[
            member(*A, description="by hand"),
            member(B[0], 8080, 7),
            member("192.168.20.99", 8080, 100, ""),
        ],
    )
    assert {d.path: d.reason for d in compare(item, seen).differences} == {
        "servers[192.168.20.11:8080].description": Reason.STAMP,
        "servers[192.168.20.12:8080].weight": Reason.FIELD,
        "servers[192.168.20.13:8080]": Reason.MEMBER_GONE,
        "servers[192.168.20.99:8080]": Reason.MEMBER_FOREIGN,
        "tags[gitopsd.io/shape]": Reason.STAMP,
    }
    record = Record(entries={item.identity: item.digest})
    assert [d.reason for d in compare(item, record=record).differences] == [Reason.DELETED]
    assert [d.reason for d in compare(item).differences] == [Reason.FIELD]
