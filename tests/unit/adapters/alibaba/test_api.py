"""One call: what is sent with it, and which answers are refusals in disguise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.model.desired import Product
from gitopsd.ports import Busy, Missing, OutcomeUnknown, Rejected, Unreachable

from .conftest import Script

Make = Callable[[Product], ProductApi]


def test_a_refusal_that_comes_with_status_200_is_a_refusal(script: Script, api: Make) -> None:
    script.says("CreateServerGroup", {"Code": "IllegalParam.VpcId", "Message": "no"})
    with pytest.raises(Rejected, match=r"IllegalParam\.VpcId"):
        api("ALB").call("create", {}, "group")


def test_a_busy_answer_with_status_200_is_outlasted(script: Script, api: Make) -> None:
    script.says("CreateServerGroup", {"Success": False, "Code": "SystemBusy"}, {"JobId": "j"})
    assert api("ALB").call("create", {}, "group") == {"JobId": "j"}


def test_a_dry_run_without_objections_is_an_empty_answer(script: Script, api: Make) -> None:
    script.says("CreateServerGroup", {"Code": "DryRunOperation"})
    assert api("NLB").call("create", {}, "group", dry_run=True) == {}
    assert script.calls[0][1] == {"RegionId": "cn-hangzhou", "DryRun": True}


def test_every_attempt_of_a_call_carries_the_same_token(script: Script, api: Make) -> None:
    script.says("DeleteServerGroup", {"Code": "IdempotenceProcessing"}, {})
    api("ALB").call("delete", {"ServerGroupId": "g"}, "group", token="t-1")
    assert [sent["ClientToken"] for sent in script.asked("DeleteServerGroup")] == ["t-1", "t-1"]


def test_a_call_without_any_answer_is_tried_a_few_times(script: Script, api: Make) -> None:
    script.says("ListServerGroups", OSError("cut"))
    script.says("DeleteServerGroup", OSError("cut"))
    with pytest.raises(Unreachable):
        api("ALB").call("list", {}, "groups")
    with pytest.raises(OutcomeUnknown):
        api("ALB").call("delete", {}, "group")
    assert len(script.asked("ListServerGroups")) == 4
    assert script.clock.slept == [0.5, 1, 2] * 2


def test_a_busy_call_is_tried_until_the_budget_is_used_up(script: Script, api: Make) -> None:
    script.says("DeleteServerGroup", {"Code": "IncorrectStatus.ServerGroup"})
    with pytest.raises(Busy):
        api("ALB").call("delete", {}, "group")
    assert 50 < script.clock.now <= 60


@pytest.mark.parametrize("later", ["Throttling.User", "IncorrectStatus.ServerGroup", "Forbidden"])
def test_a_later_refusal_does_not_settle_what_became_of_an_unanswered_attempt(
    script: Script, api: Make, later: str
) -> None:
    script.says("CreateServerGroup", OSError("cut"), {"Code": later, "Message": "no"})
    with pytest.raises(OutcomeUnknown, match=later):
        api("ALB").call("create", {}, "group")


def test_what_is_gone_after_an_unanswered_attempt_is_gone(script: Script, api: Make) -> None:
    gone = {"Code": "ResourceNotFound.ServerGroup", "Message": "gone"}
    script.says("DeleteServerGroup", OSError("cut"), gone)
    with pytest.raises(Missing):
        api("ALB").call("delete", {}, "group")


def test_a_list_is_read_until_its_token_is_empty(script: Script, api: Make) -> None:
    pages = [{"ServerGroups": [{"n": n}], "NextToken": token} for n, token in ((1, "a"), (2, ""))]
    script.says("ListServerGroups", *pages)
    assert list(api("ALB").pages("list", {}, "groups", "ServerGroups")) == [{"n": 1}, {"n": 2}]
    assert [sent.get("NextToken") for sent in script.asked("ListServerGroups")] == [None, "a"]


def test_an_answer_without_its_list_is_not_an_empty_list(script: Script, api: Make) -> None:
    script.says("ListServerGroups", {"RequestId": "r"})
    with pytest.raises(Unreachable, match="without ServerGroups"):
        list(api("ALB").pages("list", {}, "groups", "ServerGroups"))


def test_a_list_of_nothing_may_leave_the_list_out(script: Script, api: Make) -> None:
    script.says("ListServerGroups", {"RequestId": "r", "TotalCount": 0})
    assert list(api("ALB").pages("list", {}, "groups", "ServerGroups")) == []


def test_a_mistake_of_ours_is_not_taken_for_the_worlds(script: Script, api: Make) -> None:
    script.says("ListServerGroups", ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError):
        api("ALB").call("list", {}, "groups")


def test_the_transport_is_built_once_and_not_before_it_is_needed() -> None:
    from gitopsd.adapters.alibaba import Pace

    built: list[Script] = []

    def build() -> Script:
        from .conftest import HandClock

        built.append(Script(HandClock()))
        built[-1].says("ListServerGroups", {})
        return built[-1]

    api = ProductApi("ALB", "cn-hangzhou", build, Pace())
    assert built == []
    api.call("list", {}, "groups")
    api.call("list", {}, "groups")
    assert len(built) == 1
