"""The outcome of compiling as data for other programs: the contract of `render -o json`.

    {"targets": [{"name", "objects": [manifest…],
                  "serverGroups": [{"namespace", "name", "product", "create", "servers"}]}],
     "problems": [problem…]}

`create` holds CreateServerGroup parameters and `servers` AddServersToServerGroup entries, both by
the API's names. An id that only the cloud knows is `<namespace/name>`; the digest, which covers the
ids, becomes a label or tag when they are known, and is not in it. Held documents are not in it;
their problems are. Objects stand in the order of namespace, name and kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitopsd.compiler.catalogue import RULES
from gitopsd.compiler.catalogue_chinese import CHINESE
from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredState, DesiredTarget, Origin
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import RETENTION, Owner
from gitopsd.model.paths import join


def render(state: DesiredState, *, instance: str | None = None, explain: bool = False) -> Any:
    """The JSON value. `instance` is the one the state was compiled for, the Fleet unless given.

    With `explain` each object and group has `explain`: for the path of every field, the id of the
    `rule` that set it, `because` in words, and the `position` of the spec line that it acted on.
    """
    name = instance or state.fleet
    return {
        "targets": [
            _target(target, Owner(name, target.name), explain) for target in state.targets.values()
        ],
        "problems": [problem.to_json() for problem in state.problems],
    }


def _target(target: DesiredTarget, owner: Owner, explain: bool) -> dict[str, Any]:
    return {
        "name": target.name,
        "objects": [object_json(item, explain=explain) for item in ordered(target.objects)],
        "serverGroups": [
            group_json(item, owner, explain=explain) for item in ordered(target.groups)
        ],
    }


def ordered(items: Mapping[Identity, Any]) -> Iterator[Any]:
    """Values by namespace, name and kind."""
    for identity in sorted(items, key=lambda i: (i.namespace, i.name, i.kind)):
        yield items[identity]


def object_json(item: DesiredObject, *, explain: bool = False) -> dict[str, Any]:
    """A manifest, with `explain` beside its fields when asked for."""
    if not explain:
        return item.manifest
    return {**item.manifest, "explain": _explained(item.origins)}


def group_json(item: DesiredGroup, owner: Owner, *, explain: bool = False) -> dict[str, Any]:
    """A server group: what creates it with its tags, and what adds its servers, as `owner`."""
    members = [m.to_api(owner.member_description, product=item.product) for m in item.members]
    tags = owner.tags(item.identity, item.shape, retain=item.retain, adopted=item.adopted)
    group: dict[str, Any] = {
        "namespace": item.identity.namespace,
        "name": item.identity.name,
        "product": item.product,
        "create": {
            **item.create,
            "Tag": [{"Key": key, "Value": value} for key, value in tags.items()],
        },
        "servers": members,
    }
    if item.adopt_id is not None:
        group["serverGroupId"] = item.adopt_id
    if explain:
        group["explain"] = _explained(group_origins(item, owner))
    return group


def group_origins(item: DesiredGroup, owner: Owner) -> dict[str, Origin]:
    """Reasons by the paths of the rendered group: `create.Protocol`, `servers[0].Weight`."""
    places = {
        join(("servers", str(member.key))): index for index, member in enumerate(item.members)
    }
    origins: dict[str, Origin] = {}
    for path, origin in item.origins.items():
        if not path.startswith("servers["):
            origins[f"create.{path}"] = origin
            continue
        head, _, name = path.rpartition(".")
        entry = item.members[places[head]].to_api("", product=item.product)
        if name in entry:
            origins[f"servers[{places[head]}].{name}"] = origin
    return origins | dict(_tag_origins(item, owner))


def _tag_origins(item: DesiredGroup, owner: Owner) -> Iterator[tuple[str, Origin]]:
    """Reasons of the tags, by their paths in the rendered group."""
    for index, key in enumerate(
        owner.tags(item.identity, item.shape, retain=item.retain, adopted=item.adopted)
    ):
        rule = "GR0512" if key == RETENTION else "GR0511"
        for name in ("Key", "Value"):
            yield f"create.Tag[{index}].{name}", Origin(rule, item.position)


def _explained(origins: Mapping[str, Origin]) -> dict[str, dict[str, str]]:
    return {path: explanation(origin) for path, origin in origins.items()}


def explanation(origin: Origin, *, chinese: bool = False) -> dict[str, str]:
    """The id and the sentence of the rule, and the place in the spec where there is one."""
    because = CHINESE[origin.rule] if chinese else RULES[origin.rule].because
    told = {"rule": origin.rule, "because": because}
    if origin.position is not None:
        told["position"] = str(origin.position)
    return told
