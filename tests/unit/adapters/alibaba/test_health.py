"""What listeners answer, read as health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.health import health_of
from gitopsd.adapters.alibaba.reads import groups_by_name
from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.health import HealthState, MemberHealth, worse
from gitopsd.model.observed import ObservedGroup, ObservedMember

from .conftest import Script

Make = Callable[[Product], ProductApi]


def group(group_id: str = "sgp-a", *, balancers: int = 1) -> ObservedGroup:
    key = MemberKey("i-1", 80, "10.0.0.1")
    related = tuple(f"lb-{number:02}" for number in range(balancers))
    return ObservedGroup(
        group_id, "ALB", {}, {}, (ObservedMember(key, "Ecs", 100),), related=related
    )


def info(*members: dict[str, Any], group_id: str = "sgp-a") -> dict[str, Any]:
    return {"ServerGroupId": group_id, "NonNormalServers": list(members)}


def about(status: str, **more: Any) -> dict[str, Any]:
    return {"ServerId": "i-1", "ServerIp": "10.0.0.1", "Port": 80, "Status": status} | more


def listeners(script: Script, *infos: dict[str, Any]) -> None:
    script.says("ListListeners", {"Listeners": [{"ListenerId": "lsn-1"}]})
    script.says("GetListenerHealthStatus", {"ListenerHealthStatus": [{"ServerGroupInfos": infos}]})


def the_only(api: ProductApi) -> MemberHealth:
    ((_, members),) = health_of(api, [group()])
    (health,) = members.values()
    return health


def test_one_question_a_listener_however_many_groups_and_balancers(
    script: Script, api: Make
) -> None:
    listeners(script, info(), info(group_id="sgp-b"))
    groups = [group("sgp-a", balancers=45), group("sgp-b", balancers=45)]
    assert [group_id for group_id, _ in health_of(api("NLB"), groups)] == ["sgp-a", "sgp-b"]
    assert [len(sent["LoadBalancerIds"]) for sent in script.asked("ListListeners")] == [20, 20, 5]
    assert len(script.asked("GetListenerHealthStatus")) == 1


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([], HealthState.NORMAL),
        ([about("Unhealthy")], HealthState.UNHEALTHY),
        ([about("Unused"), about("Initial")], HealthState.INITIAL),
        ([about("SomethingNew")], HealthState.INITIAL),
        ([about("Unhealthy", Port=81)], HealthState.NORMAL),
        ([about("Unhealthy", ServerIp="10.0.0.2")], HealthState.NORMAL),
        ([about("Unhealthy", ServerIp="")], HealthState.UNHEALTHY),
    ],
)
def test_a_member_is_as_healthy_as_the_worst_that_is_said_of_it(
    script: Script, api: Make, said: list[dict[str, Any]], state: HealthState
) -> None:
    listeners(script, info(*said))
    assert the_only(api("ALB")).state is state


def test_two_groups_of_one_answer_do_not_mix(script: Script, api: Make) -> None:
    listeners(script, info(about("Unhealthy"), group_id="sgp-b"), info())
    assert the_only(api("ALB")).state is HealthState.NORMAL


def test_of_two_states_the_worse_has_a_reason_to_be_told() -> None:
    silent = MemberHealth(HealthState.UNHEALTHY, "CONNECT_TIMEOUT")
    fine = MemberHealth(HealthState.NORMAL)
    assert worse(fine, silent) is worse(silent, fine) is silent
    assert str(silent) == "Unhealthy (CONNECT_TIMEOUT)"


def test_names_are_asked_for_in_portions_and_compared_again(script: Script, api: Make) -> None:
    entry = {"ServerGroupId": "sgp-a", "ServerGroupName": "n01-and-more"}
    script.says("ListServerGroups", {"ServerGroups": [entry]})
    assert groups_by_name(api("ALB"), [f"n{number:02}" for number in range(12)]) == {}
    sizes = [len(sent["ServerGroupNames"]) for sent in script.asked("ListServerGroups")]
    assert sizes == [10, 2]


def test_of_a_group_that_no_listener_names_nothing_is_said(script: Script, api: Make) -> None:
    listeners(script, info(group_id="sgp-other"))
    assert dict(health_of(api("NLB"), [group()])) == {"sgp-a": {}}
