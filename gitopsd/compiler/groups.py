"""A ServerGroup becomes one cloud server group at each of its targets (design §2, facts §6)."""

from __future__ import annotations

from typing import Any

from gitopsd.compiler.draft import Draft
from gitopsd.compiler.site import Site
from gitopsd.model.desired import DesiredGroup, Member, Origin
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.paths import join
from gitopsd.profiles.defaults import group_type
from gitopsd.profiles.names import group_name, server_type
from gitopsd.profiles.servergroups import HEALTH_CHECKS
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import Server, ServerGroupSpec

_CHECK = "HealthCheckConfig"


def compile_group(document: Document[ServerGroupSpec], site: Site) -> DesiredGroup:
    """The group at this target. The document has passed all checks for it."""
    spec = document.spec
    draft = Draft()
    _attributes(draft, document, site)
    _health_check(draft, document)
    members = tuple(_member(document, index, s) for index, s in enumerate(spec.servers))
    return DesiredGroup(
        identity=document.identity,
        product=spec.product,
        create=draft.content,
        members=members,
        adopt_id=spec.server_group_id,
        retain=spec.deletion_policy == "Retain",
        origins={**draft.origins, **_member_origins(document, members)},
        drift=site.drift(document, SERVER_GROUP),
        position=document.where("metadata", "name"),
    )


def _attributes(draft: Draft, document: Document[ServerGroupSpec], site: Site) -> None:
    spec = document.spec
    identity = document.identity
    name = group_name(site.owner.instance, identity.namespace, identity.name)
    draft.put(name, "GR0501", document.where("metadata", "name"), "ServerGroupName")
    by_instance = any(server.instance_id is not None for server in spec.servers)
    kind = group_type(spec.location, by_instance=by_instance, servers=len(spec.servers))
    rule = "GR0502" if kind == "Instance" else "GR0503"
    draft.put(kind, rule, document.where("spec", "servers"), "ServerGroupType")
    if site.target.vpc is not None:
        draft.put(site.target.vpc.id, "GR0504", document.where("spec", "targets"), "VpcId")
    draft.put(spec.protocol, "GR0221", document.where("spec", "protocol"), "Protocol")
    if spec.scheduler is not None:
        draft.put(spec.scheduler, "GR0221", document.where("spec", "scheduler"), "Scheduler")


def _health_check(draft: Draft, document: Document[ServerGroupSpec]) -> None:
    """The check is always said to be on or off; what else is sent is what the spec gives."""
    check = document.spec.health_check
    enabled = check is None or check.enabled
    place = document.where("spec", "healthCheck", "enabled")
    draft.put(enabled, "GR0505", place, _CHECK, "HealthCheckEnabled")
    if check is None or not enabled:
        return
    for field, api_name in HEALTH_CHECKS[document.spec.product].fields.items():
        value = getattr(check, field)
        if value is not None:
            alias = type(check).model_fields[field].alias or field
            sent = list(value) if isinstance(value, list) else value
            place = document.where("spec", "healthCheck", alias)
            draft.put(sent, "GR0221", place, _CHECK, api_name)


def _member(document: Document[ServerGroupSpec], index: int, server: Server) -> Member:
    spec = document.spec
    place = document.where("spec", "servers", index)
    if server.instance_id is not None:
        kind = server_type(server.instance_id)
        return Member(server.instance_id, server.port, kind, "", server.weight, False, place)
    address = server.ip or ""
    remote = spec.location != "SameVPC"
    return Member(address, server.port, "Ip", address, server.weight, remote, place)


#: Entry of AddServersToServerGroup -> the rule behind it where it is not just what the spec says.
_MEMBER_RULES = {"ServerType": "GR0508", "Description": "GR0510"}


def _member_origins(
    document: Document[ServerGroupSpec], members: tuple[Member, ...]
) -> dict[str, Origin]:
    """The reasons of every member's fields, under `servers[<server>:<port>].<API name>`."""
    spec = document.spec
    origins: dict[str, Origin] = {}
    for index, (server, member) in enumerate(zip(spec.servers, members, strict=True)):
        written: Path = ("spec", "servers", index)
        named = "instanceId" if server.instance_id is not None else "ip"
        fields: dict[str, tuple[str, Any]] = {
            "ServerId": ("GR0221", named),
            "ServerIp": ("GR0221", named),
            "ServerType": ("GR0508", named),
            "Port": ("GR0221", "port"),
            "Weight": ("GR0221" if "weight" in server.model_fields_set else "GR0509", "weight"),
        }
        for name, (rule, key) in fields.items():
            place = document.where(*written, key)
            origins[join(("servers", str(member.key), name))] = Origin(rule, place)
        rule = "GR0506" if member.remote else "GR0507"
        location = document.where("spec", "location")
        path = ("servers", str(member.key), "RemoteIpEnabled")
        origins[join(path)] = Origin(rule, location)
        origins[join(("servers", str(member.key), "Description"))] = Origin("GR0510")
    return origins
