"""What goes wrong in the cloud reaches the engine as the right error, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud, AlibabaReader, Credentials
from gitopsd.model.desired import Product
from gitopsd.model.ownership import Owner
from gitopsd.ports import (
    Busy,
    Forbidden,
    JobFailed,
    Missing,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from gitopsd.sandbox.cloud import Fault

from .cloud_stage import GROUP, PRODUCTS, both, make, parameters, scope, servers

TRANSIENT = [
    Fault("throttle", times=3),
    Fault("throttle", retry_after_ms=4000, times=2),
    Fault("http-5xx", times=3),
    Fault("error", code="SystemBusy", times=3),
    Fault("error", code="incorrectstatus.servergroup", times=3),
    Fault("error", code="IdempotenceProcessing", times=3),
    Fault("error", code="ResourceInConfiguring.Listener", times=3),
    Fault("error", code="Conflict.Lock", times=3),
    Fault("error", code="OperationFailed.ResourceIsConfiguring", times=3),
    Fault("drop-before", times=2),
    Fault("drop-after", times=2),
]


@both
@pytest.mark.parametrize("fault", TRANSIENT, ids=lambda f: f.code or f"{f.kind}-{f.times}")
@pytest.mark.parametrize(
    "operation",
    ["CreateServerGroup", "AddServersToServerGroup", "ListServerGroups", "*Job*", "TagResources"],
)
def test_a_passing_trouble_is_outlasted_and_nothing_is_done_twice(
    side: Any,
    adapter: AlibabaCloud,
    owner: Owner,
    product: Product,
    fault: Fault,
    operation: str,
) -> None:
    side.cloud.faults.append(replace(fault, operation=operation))
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 3), "add")
    adapter.tag_group(product, group_id, {"gitopsd.io/digest": "d"})
    groups = side.cloud.groups.all()
    assert [group["ServerGroupId"] for group in groups] == [group_id]
    assert len(side.cloud.groups.members(group_id)) == 3


@both
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("throttle", times=None), Throttled),
        (Fault("error", code="IncorrectStatus.ServerGroup", times=None), Busy),
        (Fault("http-5xx", times=None), OutcomeUnknown),
        (Fault("drop-before", times=None), OutcomeUnknown),
        (Fault("drop-after", times=None), OutcomeUnknown),
        (Fault("http-5xx", times=None, html=True), OutcomeUnknown),
        (Fault("error", code="QuotaExceeded.ServerGroup"), Rejected),
        (Fault("quota"), Rejected),
        (Fault("error", code="OperationDenied.ServiceManagedResource"), Rejected),
        (Fault("error", code="IllegalParam.ServerGroupName"), Rejected),
        (Fault("forbidden"), Forbidden),
        (Fault("error", code="NoPermission", status=403), Forbidden),
        (Fault("error", code="InvalidAccessKeyId.NotFound", status=404), Unauthenticated),
        (Fault("error", code="InvalidSecurityToken.Expired"), Unauthenticated),
        (Fault("error", code="NeverHeardOf"), Rejected),
        (Fault("job-fails", code="QuotaExceeded", message="too many"), JobFailed),
        (Fault("job-stuck"), OutcomeUnknown),
    ],
    ids=lambda value: value.code or value.kind if isinstance(value, Fault) else value.__name__,
)
def test_a_lasting_trouble_of_a_write_is_told(
    side: Any,
    adapter: AlibabaCloud,
    owner: Owner,
    product: Product,
    fault: Fault,
    error: type[Exception],
) -> None:
    side.cloud.faults.append(replace(fault, operation="CreateServerGroup"))
    with pytest.raises(error) as caught:
        make(adapter, owner, product)
    assert "gitopsd-acme-shop-warehouse" in str(caught.value)
    assert side.clock.now < 1000 + 130


@both
def test_a_lasting_trouble_of_a_read_is_a_gap_for_its_product_only(
    side: Any, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    made = {name: make(adapter, owner, name, name) for name in PRODUCTS}
    side.cloud.faults.append(
        Fault("error", "ListServerGroups", product.lower(), times=None, code="SystemBusy")  # type: ignore[arg-type]
    )
    view = adapter.observe(scope(owner, *PRODUCTS))
    assert [gap.covers for gap in view.gaps] == [{product}]
    assert "SystemBusy" in view.gaps[0].why
    assert "request " in view.gaps[0].why
    assert [group.id for group in view.groups] == [
        group_id for name, group_id in made.items() if name != product
    ]


def test_a_read_that_is_cut_off_again_and_again_is_unreachable(
    side: Any, adapter: AlibabaCloud
) -> None:
    side.cloud.faults.append(Fault("drop-before", times=None))
    with pytest.raises(Unreachable):
        adapter.find("ALB", {"a": "b"})


def test_a_server_that_asks_for_time_is_given_it(side: Any, adapter: AlibabaCloud) -> None:
    side.cloud.faults.append(Fault("throttle", retry_after_ms=9000))
    adapter.find("ALB", {"a": "b"})
    assert side.clock.slept == [9.0]


def test_a_failed_job_tells_the_clouds_reason(
    side: Any, adapter: AlibabaCloud, owner: Owner
) -> None:
    group_id = make(adapter, owner)
    side.cloud.faults.append(Fault("job-fails", code="VpcNotFound", message="no such VPC"))
    with pytest.raises(JobFailed, match="VpcNotFound: no such VPC"):
        adapter.add_servers("ALB", group_id, servers("ALB", 1), "add")


@both
def test_a_stuck_job_is_named_and_found_done_later_by_the_same_token(
    side: Any, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    side.cloud.faults.append(Fault("job-stuck", "CreateServerGroup"))
    with pytest.raises(OutcomeUnknown, match=r"job .* is Processing after 60 s"):
        make(adapter, owner, product)
    side.cloud.release_stuck_jobs()
    group_id = make(adapter, owner, product)
    assert [group["ServerGroupId"] for group in side.cloud.groups.all()] == [group_id]


@both
def test_a_group_still_in_use_is_busy_at_once(
    side: Any, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    balancers = side.cloud.balancers
    name = product.lower()
    balancer = balancers.add(name, "lb", "vpc-1", zones={})
    side.cloud.groups.relate(group_id, balancer)
    before = side.clock.now
    with pytest.raises(Busy, match="ResourceInUse"):
        adapter.delete_group(product, group_id, "delete")
    assert side.clock.now == before


@both
def test_writes_to_a_group_that_is_gone_are_missing(
    adapter: AlibabaCloud, product: Product
) -> None:
    for change in (
        lambda: adapter.update_group(product, "sgp-none", {"Scheduler": "Wlc"}, "t1"),
        lambda: adapter.add_servers(product, "sgp-none", servers(product, 1), "t2"),
        lambda: adapter.update_servers(product, "sgp-none", servers(product, 1), "t3"),
    ):
        with pytest.raises(Missing):
            change()


@both
def test_a_read_only_key_reads_and_is_told_the_right_it_lacks(
    side: Any, owner: Owner, product: Product
) -> None:
    adapter = side.adapter("RO", "ROSK")
    assert adapter.observe(scope(owner, product)).gaps == ()
    with pytest.raises(Forbidden, match=f"allow {product.lower()}:CreateServerGroup"):
        make(adapter, owner, product)


def test_wrong_keys_are_unauthenticated_and_not_shown(side: Any, owner: Owner) -> None:
    adapter = side.adapter("AK", "a-wrong-secret")
    with pytest.raises(Unauthenticated) as caught:
        make(adapter, owner)
    assert "a-wrong-secret" not in str(caught.value)


@both
def test_a_parameter_that_the_api_does_not_know_is_rejected_and_named(
    adapter: AlibabaCloud, product: Product
) -> None:
    with pytest.raises(Rejected, match=r"HealthCheckConfig\.Interval"):
        adapter.create_group(
            product,
            parameters(product)
            | {"HealthCheckConfig": {"HealthCheckEnabled": True, "Interval": 5}},
            {},
            "token",
        )


@both
def test_a_member_that_is_gone_does_not_keep_the_others_from_being_removed(
    side: Any, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 3), "add")
    side.cloud.groups.remove_member(group_id, "10.8.0.1", 8080)
    adapter.remove_servers(product, group_id, servers(product, 3), "remove")
    assert side.cloud.groups.members(group_id) == []


@both
def test_a_dry_run_changes_nothing_and_tells_refusals(
    side: Any, adapter: AlibabaCloud, owner: Owner, product: Product
) -> None:
    group_id = make(adapter, owner, product)
    before = side.cloud.dump()
    trial = side.adapter(dry_run=True)
    tags = owner.tags(GROUP, "shape", retain=False)
    assert trial.create_group(product, parameters(product), tags, "t1") == ""
    trial.add_servers(product, group_id, servers(product, 3), "t2")
    trial.update_group(product, group_id, {"Scheduler": "Wlc"}, "t3")
    trial.tag_group(product, group_id, {"gitopsd.io/digest": "d"})
    trial.untag_group(product, group_id, ["gitopsd.io/shape"])
    trial.delete_group(product, group_id, "t4")
    with pytest.raises(Rejected):
        trial.create_group(product, parameters(product, "x"), tags, "t5")
    after = side.cloud.dump()
    key = product.lower()
    assert after[key]["groups"] == before[key]["groups"]


def test_a_loopback_endpoint_is_reached_past_any_proxy(
    side: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert side.adapter().find("ALB", {"a": "b"}) == ()


def test_keys_in_the_environment_are_those_of_now(
    side: Any, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "AK")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SK")
    reader = AlibabaReader(
        "cn-hangzhou", alb_endpoint=side.endpoints["alb"], credentials=Credentials()
    )
    assert reader.observe(scope(owner, "ALB")).gaps == ()
