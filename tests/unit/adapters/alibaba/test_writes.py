"""A write returns when its job is done, the group takes changes, and new members are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.writes import Writes
from gitopsd.model.desired import Product
from gitopsd.ports import OutcomeUnknown

from .conftest import Script

Make = Callable[[Product], ProductApi]


def fine(script: Script) -> None:
    """A cloud that does everything at once."""
    group = {"ServerGroupId": "g", "ServerGroupStatus": "Available"}
    script.says("ListAsynJobs", {"Jobs": [{"Id": "j", "Status": "Succeeded"}]})
    script.says("ListServerGroups", {"ServerGroups": [group]})
    script.says("ListServerGroupServers", {"Servers": []})
    for operation in ("AddServersTo", "RemoveServersFrom"):
        script.says(f"{operation}ServerGroup", {"JobId": "j"})
    for operation in ("UpdateServerGroupServersAttribute", "UpdateServerGroupAttribute"):
        script.says(operation, {"JobId": "j"})


def servers(count: int) -> list[dict[str, Any]]:
    return [
        {"ServerId": f"i-{n}", "ServerType": "Ecs", "Port": 80, "Weight": 1, "Description": "d"}
        for n in range(count)
    ]


def names(script: Script) -> list[str]:
    return [name for name, _ in script.calls]


def test_members_go_out_in_batches_with_a_token_each_and_one_after_the_other(
    script: Script, api: Make
) -> None:
    fine(script)
    Writes(api("ALB")).update_servers("g", servers(90), "t")
    sent = script.asked("UpdateServerGroupServersAttribute")
    assert [len(one["Servers"]) for one in sent] == [40, 40, 10]
    assert [one["ClientToken"] for one in sent] == ["t-1", "t-2", "t-3"]
    once = ["UpdateServerGroupServersAttribute", "ListAsynJobs", "ListServerGroups"]
    assert names(script) == once * 3


def test_a_change_ends_with_an_available_group(script: Script, api: Make) -> None:
    fine(script)
    Writes(api("ALB")).update("g", {"Scheduler": "Wlc"}, "t")
    assert names(script) == ["UpdateServerGroupAttribute", "ListAsynJobs", "ListServerGroups"]


def test_an_addition_ends_with_available_members(script: Script, api: Make) -> None:
    fine(script)
    Writes(api("ALB")).add_servers("g", servers(1), "t")
    assert names(script)[-1] == "ListServerGroupServers"


def test_a_member_is_named_only_by_what_the_operation_takes(script: Script, api: Make) -> None:
    fine(script)
    member = servers(1)[0] | {"ServerIp": "10.0.0.1", "RemoteIpEnabled": True}
    Writes(api("ALB")).update_servers("g", [member], "t")
    Writes(api("ALB")).remove_servers("g", [member], "t")
    updated = script.asked("UpdateServerGroupServersAttribute")[0]["Servers"][0]
    removed = script.asked("RemoveServersFromServerGroup")[0]["Servers"][0]
    assert "RemoteIpEnabled" not in updated
    assert set(removed) == {"ServerId", "ServerType", "ServerIp", "Port"}


def test_a_creation_whose_answer_names_no_group_has_an_unknown_outcome(
    script: Script, api: Make
) -> None:
    script.says("CreateServerGroup", {"RequestId": "r"})
    with pytest.raises(OutcomeUnknown):
        Writes(api("ALB")).create({"ServerGroupName": "x"}, {}, "t")
