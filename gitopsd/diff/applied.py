"""A target as it would stand had a desired state been applied, and nothing happened since.

With it two desired states are compared by the very functions that compare one with reality.
"""

from __future__ import annotations

from gitopsd.diff.fields import remember
from gitopsd.diff.group_memory import remember_group
from gitopsd.diff.naming import resolve
from gitopsd.diff.objects import with_digest
from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredTarget
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import (
    BackendService,
    ObservedGroup,
    ObservedMember,
    ObservedObject,
    ObservedTarget,
    Record,
)
from gitopsd.model.ownership import DIGEST, Owner


def as_applied(before: DesiredTarget, wanted: DesiredTarget, owner: Owner) -> ObservedTarget:
    """What an observation for `wanted` would find where `before` has been applied.

    Groups have `<namespace/name>` in the place of their ids. What specs do not say is taken to be
    as they need it: Services of others declare the ports that are asked for, every namespace
    exists, the cluster is the one that is pinned, groups that are to be adopted are there.
    """
    ids = {
        identity: group.adopt_id or f"<{identity.key}>" for identity, group in before.groups.items()
    }
    objects = {identity: _object(item, ids) for identity, item in before.objects.items()}
    used = {group for item in before.objects.values() for group in item.groups}
    groups = tuple(
        _group(group, ids[identity], owner, in_use=identity in used)
        for identity, group in before.groups.items()
    )
    entries = {identity: live.labels[DIGEST] for identity, live in objects.items()}
    entries |= {identity: group.digest for identity, group in before.groups.items()}
    fields = {identity: remember_group(group) for identity, group in before.groups.items()}
    fields |= {identity: remember(live.manifest) for identity, live in objects.items()}
    return ObservedTarget(
        wanted.name,
        objects,
        groups,
        adoptable=_adoptable(before, wanted),
        services=_services(before, wanted),
        record=Record(entries=entries, fields=fields),
        cluster_uid=wanted.cluster_uid,
    )


def _adoptable(before: DesiredTarget, wanted: DesiredTarget) -> dict[str, ObservedGroup]:
    """The groups of others that specs name, as plain as they can be."""
    return {
        group.adopt_id: ObservedGroup(group.adopt_id, group.product, dict(group.create), {})
        for group in (*before.groups.values(), *wanted.groups.values())
        if group.adopt_id is not None
    }


def _object(item: DesiredObject, ids: dict[Identity, str]) -> ObservedObject:
    manifest = resolve(item.manifest, ids, item.groups)
    return ObservedObject(item.identity, "", "", with_digest(manifest, digest(manifest)))


def _group(group: DesiredGroup, id_: str, owner: Owner, *, in_use: bool) -> ObservedGroup:
    tags = owner.tags(group.identity, group.shape, retain=group.retain, adopted=group.adopted)
    members = tuple(
        ObservedMember(
            member.key,
            member.server_type,
            member.weight,
            owner.member_description,
            remote=member.remote,
        )
        for member in group.members
    )
    return ObservedGroup(
        id_,
        group.product,
        dict(group.create),
        tags | {DIGEST: group.digest},
        members,
        related=("a load balancer",) if in_use else (),
    )


def _services(*states: DesiredTarget) -> dict[tuple[str, str], BackendService]:
    """The Services of others that backends name, as they are asked to be."""
    ports: dict[tuple[str, str], frozenset[int]] = {}
    for state in states:
        for item in state.objects.values():
            for asked in item.services:
                key = (asked.namespace, asked.name)
                ports[key] = ports.get(key, frozenset()) | {asked.port}
    return {key: BackendService(declared, "NodePort") for key, declared in ports.items()}
