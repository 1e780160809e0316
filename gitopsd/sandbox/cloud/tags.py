"""Tags: TagResources, untagging, ListTagResources, and the tag filter of other lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import illegal, missing, not_found, quota_exceeded
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.world import Answer, Commit, World


def tag_resources(call: Call) -> Commit:
    """TagResources: sets the given keys on every resource named, at once."""
    world, parameters = call.world, call.parameters
    resources = _existing(world, parameters["ResourceType"], parameters["ResourceId"])
    new = tags_of(parameters)
    limit = world.quota("tags_per_resource")
    for resource_id in resources:
        count = len({**world.state.tags.of(resource_id), **new})
        if count > limit:
            raise quota_exceeded("Tag", "tags of a resource", count, limit)

    def commit() -> Answer:
        for resource_id in resources:
            _write(world, resource_id, {**world.state.tags.of(resource_id), **new})
        return {}

    return commit


def untag_resources(call: Call) -> Commit:
    """UnTagResources and UntagResources: takes keys away, or all of them with All."""
    world, parameters = call.world, call.parameters
    resources = _existing(world, parameters["ResourceType"], parameters["ResourceId"])
    going = [{"Key": key} for key in parameters.get("TagKey", ())]
    going += [tag for tag in parameters.get("Tag", ()) if "Key" in tag]
    everything = parameters.get("All", False)
    if not going and not everything:
        raise missing("TagKey")

    def commit() -> Answer:
        for resource_id in resources:
            old = world.state.tags.of(resource_id)
            kept = {
                key: value
                for key, value in old.items()
                if not any(_all_match({key: value}, {"Tag": (tag,)}) for tag in going)
            }
            _write(world, resource_id, {} if everything else kept)
        return {}

    return commit


def list_tag_resources(call: Call) -> Commit:
    """ListTagResources: one row for each tag of each resource, without any lag."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        wanted = parameters.get("ResourceId")
        rows = []
        for resource_id, order in _resources(world, parameters["ResourceType"]).items():
            tags = world.state.tags.of(resource_id)
            if (wanted and resource_id not in wanted) or not _all_match(tags, parameters):
                continue
            rows += [((order, key), (resource_id, key)) for key in tags]
        shown, paging = page(rows, call, 20 if world.product == "alb" else 50)
        if world.product == "alb":
            del paging["TotalCount"]
        views = [_row(world, parameters["ResourceType"], *row) for row in shown]
        return {**paging, "TagResources": views}

    return commit


def matches(world: World, resource_id: str, wanted: Iterable[Mapping[str, str]]) -> bool:
    """Whether a list operation's tag filter selects the resource now; filters lag behind."""
    tags = world.state.tags.indexed(resource_id, world.clock())
    return _all_match(tags, {"Tag": wanted})


def tags_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request sets. Raises ApiError for a key that is given twice."""
    tags = parameters.get("Tag", ())
    found = {tag["Key"]: tag.get("Value", "") for tag in tags}
    if len(found) < len(tags):
        raise illegal("Tag", "a key is given twice")
    return found


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in the form of answers, by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _all_match(tags: Mapping[str, str], parameters: Mapping[str, Any]) -> bool:
    return all(
        ("Key" not in tag or tag["Key"] in tags)
        and ("Value" not in tag or tags.get(tag.get("Key", "")) == tag["Value"])
        for tag in parameters.get("Tag", ())
    )


def _write(world: World, resource_id: str, tags: Mapping[str, str]) -> None:
    world.state.tags.write(resource_id, tags, world.clock(), world.settings.tag_lag)


def _resources(world: World, resource_type: str) -> dict[str, int]:
    """Ids of the existing resources of a type, with their order."""
    state = world.state
    if resource_type == "servergroup":
        return {group.group_id: group.order for group in state.groups.values()}
    if resource_type == "loadbalancer":
        return {lb.load_balancer_id: lb.order for lb in state.load_balancers.values()}
    if resource_type == "listener":
        return {listener.listener_id: listener.order for listener in state.listeners.values()}
    return {}


def _existing(world: World, resource_type: str, ids: Iterable[str]) -> list[str]:
    known = _resources(world, resource_type)
    names = {"servergroup": world.spelling.group, "loadbalancer": world.spelling.load_balancer}
    for resource_id in ids:
        if resource_id not in known:
            raise not_found(names.get(resource_type, resource_type))
    return list(dict.fromkeys(ids))


def _row(world: World, resource_type: str, resource_id: str, key: str) -> Answer:
    row: Answer = {
        "ResourceId": resource_id,
        "ResourceType": resource_type,
        "TagKey": key,
        "TagValue": world.state.tags.of(resource_id)[key],
    }
    if world.product == "nlb":
        row |= {"RegionNo": world.region, "Category": "Custom", "Scope": "public"}
    return row
