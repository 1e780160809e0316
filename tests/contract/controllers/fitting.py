"""What the API would say to a client that asked for what the stand-ins made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.sandbox.cloud.addresses import check_server
from gitopsd.sandbox.cloud.checks import check_attributes
from gitopsd.sandbox.cloud.decode import decode
from gitopsd.sandbox.cloud.errors import ApiError, Product
from gitopsd.sandbox.cloud.members import member_view
from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.cloud.state import Group
from gitopsd.sandbox.cloud.world import World
from tests.unit.sandbox.controllers.stage import Stage

_OWNED = "ack.aliyun.com"
_SENT = ("ServerId", "ServerIp", "ServerType", "Port", "Weight", "Description")


def refusals(stage: Stage, product: Product) -> set[str]:
    """Codes with which the API would refuse the controllers' groups and their members."""
    with stage.cloud.entered() as worlds:
        world = worlds[product]
        groups = world.state.groups.values()
        mine = [each for each in groups if _OWNED in world.state.tags.of(each.group_id)]
        return {code for group in mine for code in _codes(world, group)}


def _codes(world: World, group: Group) -> set[str]:
    found = set()
    try:
        _ask(world.product, "CreateServerGroup", group.attributes)
        check_attributes(world, group.attributes)
    except ApiError as error:
        found.add(error.code)
    for member in group.members.values():
        view = member_view(world, group, member)
        server = {name: view[name] for name in _SENT if view[name]}
        try:
            _ask(world.product, "AddServersToServerGroup", {"Servers": [server]}, group.group_id)
            check_server(world, group, {"Port": 0, **server})
        except ApiError as error:
            found.add(error.code)
    return found


def _ask(product: Product, action: str, values: Mapping[str, Any], group_id: str = "") -> None:
    """Send values over the wire's decoder, without what an answer has and a request has not."""
    operation = APIS[product].operations[action]
    sent = {"ServerGroupId": group_id, **values} if group_id else values
    decode(
        operation,
        _flat({field.name: sent[field.name] for field in operation.query if field.name in sent}),
        _flat({field.name: sent[field.name] for field in operation.form if field.name in sent}),
    )


def _flat(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = {str(index): each for index, each in enumerate(value, 1)}.items()
    else:
        return {path: str(value)}
    return {
        name: text
        for key, each in items
        for name, text in _flat(each, f"{path}.{key}" if path else key).items()
    }
