"""A ServerGroup becomes one cloud server group at each of its targets (design §2, facts §6)."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.compiler.draft import Draft, Origins, Reason
from gitopsd.compiler.site import Site
from gitopsd.model.desired import DesiredGroup, Member
from gitopsd.profiles.defaults import group_type
from gitopsd.profiles.names import group_name, server_type
from gitopsd.profiles.servergroups import HEALTH_CHECKS
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import Server, ServerGroupSpec

_CHECK = "HealthCheckConfig"


def compile_group(document: Document[ServerGroupSpec], site: Site) -> DesiredGroup:
    """The group at this target. The document has passed all checks for it."""
    spec = document.spec
    draft = Draft(document)
    _write(draft, spec, site)
    members = tuple(_member(document, index, s) for index, s in enumerate(spec.servers))

    def reasons() -> Iterator[Reason]:
        recorded = Draft(document, recording=True)
        _write(recorded, spec, site)
        yield from recorded.reasons
        yield from _member_reasons(spec, members)

    return DesiredGroup(
        identity=document.identity,
        product=spec.product,
        create=draft.content,
        members=members,
        adopt_id=spec.server_group_id,
        retain=spec.deletion_policy == "Retain",
        origins=Origins(document, reasons),
        drift=site.group_drift(document),
        position=document.where("metadata", "name"),
        location=spec.location,
    )


def _write(draft: Draft, spec: ServerGroupSpec, site: Site) -> None:
    identity = draft.document.identity
    name = group_name(site.owner.instance, identity.namespace, identity.name)
    draft.put(name, "GR0501", ("metadata", "name"), "ServerGroupName")
    by_instance = any(server.instance_id is not None for server in spec.servers)
    kind = group_type(spec.location, by_instance=by_instance, servers=len(spec.servers))
    rule = "GR0502" if kind == "Instance" else "GR0503"
    draft.put(kind, rule, ("spec", "servers"), "ServerGroupType")
    if site.target.vpc is not None:
        draft.put(site.target.vpc.id, "GR0504", ("spec", "targets"), "VpcId")
    draft.put(spec.protocol, "GR0221", ("spec", "protocol"), "Protocol")
    if spec.scheduler is not None:
        draft.put(spec.scheduler, "GR0221", ("spec", "scheduler"), "Scheduler")
    _health_check(draft, spec)


def _health_check(draft: Draft, spec: ServerGroupSpec) -> None:
    """The check is always said to be on or off; what else is sent is what the spec gives."""
    check = spec.health_check
    enabled = check is None or check.enabled
    path: Path = ("spec", "healthCheck")
    draft.put(enabled, "GR0505", (*path, "enabled"), _CHECK, "HealthCheckEnabled")
    if check is None or not enabled:
        return
    for field, api_name in HEALTH_CHECKS[spec.product].fields.items():
        value = getattr(check, field)
        if value is not None:
            alias = type(check).model_fields[field].alias or field
            sent = list(value) if isinstance(value, list) else value
            draft.put(sent, "GR0221", (*path, alias), _CHECK, api_name)


def _member(document: Document[ServerGroupSpec], index: int, server: Server) -> Member:
    spec = document.spec
    place = document.where("spec", "servers", index)
    if server.instance_id is not None:
        kind = server_type(server.instance_id)
        return Member(server.instance_id, server.port, kind, "", server.weight, False, place)
    address = server.ip or ""
    remote = spec.location != "SameVPC"
    return Member(address, server.port, "Ip", address, server.weight, remote, place)


def _member_reasons(spec: ServerGroupSpec, members: tuple[Member, ...]) -> Iterator[Reason]:
    """The reasons of every member's fields, under `servers[<server>:<port>].<API name>`."""
    for index, (server, member) in enumerate(zip(spec.servers, members, strict=True)):
        asked: Path = ("spec", "servers", index)
        here: Path = ("servers", str(member.key))
        named: Path = (*asked, "instanceId" if server.instance_id is not None else "ip")
        yield (*here, "ServerId"), "GR0221", named
        yield (*here, "ServerIp"), "GR0221", named
        yield (*here, "ServerType"), "GR0508", named
        yield (*here, "Port"), "GR0221", (*asked, "port")
        weighed = "GR0221" if "weight" in server.model_fields_set else "GR0509"
        yield (*here, "Weight"), weighed, (*asked, "weight")
        remote = "GR0506" if member.remote else "GR0507"
        yield (*here, "RemoteIpEnabled"), remote, ("spec", "location")
        yield (*here, "Description"), "GR0510", asked
