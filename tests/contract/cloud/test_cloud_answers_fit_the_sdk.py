"""Every field of every answer is known to the SDK's response model of the operation."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models

from gitopsd.sandbox.cloud import SEEDED_ALB, Cloud
from gitopsd.sandbox.cloud.products import APIS

from .cloud_calls import (
    HandClock,
    add_to_alb,
    add_to_nlb,
    alb_server,
    create_alb_group,
    create_nlb_group,
    nlb_server,
)
from .sdk_models import MODELS, members

OPERATIONS = [(product, action) for product, api in APIS.items() for action in api.operations]


@pytest.fixture
def world(alb: Any, nlb: Any, cloud: Cloud, clock: HandClock) -> dict[str, Any]:
    """Something of everything that can be read, with all optional parts filled in."""
    sticky = alb_models.CreateServerGroupRequestStickySessionConfig(sticky_session_enabled=True)
    uch = alb_models.CreateServerGroupRequestUchConfig(type="QueryString", value="user")
    alb_id = create_alb_group(alb, sticky_session_config=sticky, uch_config=uch, service_name="s")
    nlb_id = create_nlb_group(nlb)
    job_list = MODELS["nlb"].ListAsynJobsRequest()
    nlb_job = nlb.list_asyn_jobs(job_list).body.jobs[0].id
    clock.advance()
    add_to_alb(alb, alb_id, alb_server("10.0.0.1"), alb_server("10.0.0.2"))
    add_to_nlb(nlb, nlb_id, nlb_server("10.0.0.1"))
    clock.advance()
    cloud.groups.set_health(alb_id, "10.0.0.1", 80)
    cloud.groups.set_health(nlb_id, "10.0.0.1", 80)
    cloud.groups.set_tags(alb_id, {"a": "b"})
    cloud.groups.set_tags(nlb_id, {"a": "b"})
    balancer = cloud.balancers.add("nlb", "n", "vpc", zones={"z": "v"}, tags={"a": "b"})
    alb_listener = cloud.balancers.add_listener(SEEDED_ALB, 80, "HTTP", group_ids=[alb_id])
    nlb_listener = cloud.balancers.add_listener(balancer, 80, "TCP", group_ids=[nlb_id])
    host = {"Type": "Host", "HostConfig": {"Values": ["a.example"]}}
    cloud.balancers.add_rule(alb_listener, 1, {alb_id: 100}, conditions=[host])
    return {
        "alb": {"group": alb_id, "balancer": SEEDED_ALB, "listener": alb_listener, "job": ""},
        "nlb": {"group": nlb_id, "balancer": balancer, "listener": nlb_listener, "job": nlb_job},
    }


def parameters(action: str, ids: dict[str, str]) -> dict[str, str]:
    """Parameters that make each operation succeed in the world above."""
    group = {"ServerGroupId": ids["group"]}
    member = {"ServerId": "10.0.0.1", "ServerIp": "10.0.0.1", "ServerType": "Ip", "Port": "80"}
    other = {**member, "ServerId": "10.0.0.9", "ServerIp": "10.0.0.9"}
    tagged = {"ResourceType": "servergroup", "ResourceId.1": ids["group"]}
    return {
        "CreateServerGroup": {
            "ServerGroupName": "new",
            "VpcId": "vpc",
            "HealthCheckConfig.HealthCheckEnabled": "true",
        },
        "UpdateServerGroupAttribute": {**group, "Scheduler": "Wlc"},
        "DeleteServerGroup": {"ServerGroupId": ""},
        "AddServersToServerGroup": {**group, **listed("Servers", other)},
        "RemoveServersFromServerGroup": {**group, **listed("Servers", member)},
        "UpdateServerGroupServersAttribute": {**group, **listed("Servers", member)},
        "ReplaceServersInServerGroup": {
            **group,
            **listed("AddedServers", other),
            **listed("RemovedServers", member),
        },
        "TagResources": {**tagged, "Tag.1.Key": "k", "Tag.1.Value": "v"},
        "UnTagResources": {**tagged, "TagKey.1": "a"},
        "UntagResources": {**tagged, "TagKey.1": "a"},
        "ListTagResources": {"ResourceType": "servergroup"},
        "GetJobStatus": {"JobId": ids["job"]},
        "GetLoadBalancerAttribute": {"LoadBalancerId": ids["balancer"]},
        "GetListenerAttribute": {"ListenerId": ids["listener"]},
        "GetListenerHealthStatus": {"ListenerId": ids["listener"], "IncludeRule": "true"},
    }.get(action, {})


def listed(name: str, item: dict[str, str]) -> dict[str, str]:
    return {f"{name}.1.{key}": value for key, value in item.items()}


def unknown_fields(model: type, value: dict[str, Any], path: str) -> Iterator[str]:
    known = members(model)
    for name, item in value.items():
        if name not in known:
            yield f"{path}.{name}"
            continue
        annotation = known[name]
        (nested,) = typing.get_args(annotation) or (annotation,)
        for each in item if isinstance(item, list) else [item]:
            if hasattr(nested, "from_map"):
                yield from unknown_fields(nested, each, f"{path}.{name}")
            else:
                assert isinstance(each, nested), f"{path}.{name}: {each!r}"


@pytest.mark.parametrize(("product", "action"), OPERATIONS)
def test_every_answered_field_is_known_to_the_sdk(
    raw: Callable[..., dict[str, Any]],
    world: dict[str, Any],
    cloud: Cloud,
    product: Any,
    action: str,
) -> None:
    sent = parameters(action, world[product])
    if action == "DeleteServerGroup":
        sent["ServerGroupId"] = cloud.groups.create(product, "lonely", VpcId="vpc")
    form_names = {field.name for field in APIS[product].operations[action].form}
    query_names = {field.name for field in APIS[product].operations[action].query}
    first = {name: name.split(".")[0] for name in sent}
    answer = raw(
        product,
        action,
        {name: sent[name] for name in sent if first[name] in query_names},
        {name: sent[name] for name in sent if first[name] in form_names},
    )
    model = getattr(MODELS[product], f"{action}ResponseBody")
    assert answer["RequestId"]
    assert list(unknown_fields(model, answer, action)) == []
    lists = [value for name, value in answer.items() if isinstance(value, list)]
    assert all(lists) or action.startswith("Get"), "a listing without entries shows nothing"
