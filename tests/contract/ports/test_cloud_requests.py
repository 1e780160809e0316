"""What gitopsd sends to the cloud, against the vendor's description and the SDK's own models."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.model.desired import Product
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.cloud import dispatch
from gitopsd.sandbox.cloud.schema import Operation
from tests.contract.cloud.openapi_meta import PLACES, described_as
from tests.contract.cloud.sdk_models import MODELS, members

from .cloud_stage import CloudSide, both, make, scope, servers

Sent = tuple[str, Mapping[str, str], Mapping[str, str]]
"""An action with its parameters of the query string and of the form body, as they travel."""

_ACTIONS = {
    "AddServersToServerGroup",
    "CreateServerGroup",
    "DeleteServerGroup",
    "GetListenerHealthStatus",
    "ListListeners",
    "ListServerGroupServers",
    "ListServerGroups",
    "RemoveServersFromServerGroup",
    "TagResources",
    "UpdateServerGroupAttribute",
    "UpdateServerGroupServersAttribute",
}
_OWN = {"ALB": {"ListAsynJobs", "UnTagResources"}, "NLB": {"GetJobStatus", "UntagResources"}}


@pytest.fixture
def sent(side: CloudSide, monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Everything that arrives at the cloud, as it arrived."""
    found: list[Sent] = []
    decode = dispatch.decode

    def note(operation: Operation, query: Mapping[str, str], form: Mapping[str, str]) -> Any:
        found.append((operation.name, query, form))
        return decode(operation, query, form)

    monkeypatch.setattr(dispatch, "decode", note)
    return found


def live(side: CloudSide, adapter: AlibabaCloud, owner: Owner, product: Product) -> None:
    """The life of a group, with everything that an adapter asks and does on the way."""
    group_id = make(adapter, owner, product)
    adapter.add_servers(product, group_id, servers(product, 3), "add")
    adapter.update_servers(product, group_id, servers(product, 2, weight=5), "weigh")
    adapter.update_group(product, group_id, {"Scheduler": "Wlc"}, "update")
    adapter.tag_group(product, group_id, {"gitopsd.io/digest": "one"})
    adapter.untag_group(product, group_id, ["gitopsd.io/digest"])
    adapter.look_up(product, ["web"], [group_id])
    name, protocol = product.lower(), "HTTP" if product == "ALB" else "TCP"
    balancer = side.cloud.balancers.add(typing.cast("Any", name), "edge", "vpc-1")
    listener = side.cloud.balancers.add_listener(balancer, 80, protocol, group_ids=[group_id])
    adapter.observe(scope(owner, product))
    group = adapter.read(product, group_id)
    assert group is not None
    adapter.health([group])
    side.cloud.balancers.remove_listener(listener)
    adapter.remove_servers(product, group_id, servers(product, 3), "remove")
    adapter.delete_group(product, group_id, "delete")


@both
def test_every_request_is_as_the_vendor_describes_it(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner, sent: list[Sent], product: Product
) -> None:
    live(side, adapter, owner, product)
    for action, query, form in sent:
        described = {
            each["name"]: each for each in described_as(product.lower(), action)["parameters"]
        }
        for place, values in (("query", query), ("form", form)):
            for name in {path.partition(".")[0] for path in values}:
                assert PLACES[described[name]["position"]] == place, f"{action} {name}"
        given = {path.partition(".")[0] for path in (*query, *form)}
        assert {name for name, each in described.items() if each["required"]} <= given, action


@both
def test_every_request_is_one_that_the_sdk_knows(
    side: CloudSide, adapter: AlibabaCloud, owner: Owner, sent: list[Sent], product: Product
) -> None:
    live(side, adapter, owner, product)
    assert {action for action, _, _ in sent} == _ACTIONS | _OWN[product]
    for action, query, form in sent:
        model = getattr(MODELS[product.lower()], f"{action}Request")
        for path, value in {**query, **form}.items():
            _fits(model, path.split("."), value)


def _fits(annotation: Any, path: Sequence[str], value: str) -> None:
    """Follow a flattened parameter through the model; its end has the model's type."""
    if not path:
        if annotation is bool:
            assert value.lower() in ("true", "false")
        elif annotation is int:
            assert value.isdecimal()
        else:
            assert annotation is str
    elif hasattr(annotation, "from_map"):
        _fits(members(annotation)[path[0]], path[1:], value)
    else:
        (item,) = typing.get_args(annotation)
        assert path[0].isdecimal()
        _fits(item, path[1:], value)
