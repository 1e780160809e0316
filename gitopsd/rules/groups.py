"""Checks of a ServerGroup by itself: protocol, scheduler, servers, adoption."""

from __future__ import annotations

from difflib import get_close_matches

from gitopsd.profiles.limits import SERVERS_PER_GROUP
from gitopsd.profiles.names import INSTANCE_ID
from gitopsd.profiles.servergroups import PROTOCOLS, SCHEDULERS, UDP_SCHEDULERS
from gitopsd.rules.backends import id_form
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import GroupAt, GroupView
from gitopsd.spec.document import Path
from gitopsd.spec.wording import quoted

_SERVERS = ("spec", "servers")


def unknown_word(word: str, allowed: tuple[str, ...], what: str, path: Path) -> Findings:
    """A word that the product does not know; only the case differing gets its own mend."""
    if word in allowed:
        return
    same = [option for option in allowed if option.lower() == word.lower()]
    close = same or get_close_matches(word, allowed, n=1)
    mend = f"Did you mean {close[0]}?" if close else f"Write one of {listed(allowed)}."
    yield Finding(f"{what} {quoted(word)} is not one of {listed(allowed)}", path, mend=mend)


def protocol(view: GroupView) -> Findings:
    """A protocol of another product."""
    spec = view.spec
    allowed = PROTOCOLS[spec.product]
    yield from unknown_word(spec.protocol, allowed, "protocol", ("spec", "protocol"))


def scheduler(view: GroupView) -> Findings:
    """A scheduler of another product, or one that needs another protocol."""
    spec = view.spec
    if spec.scheduler is None:
        return
    path = ("spec", "scheduler")
    if spec.product == "ALB" and spec.scheduler == "Uch":
        mend = (
            "Use Sch: it hashes the source address. Uch needs a query key, which no spec can say."
        )
        yield Finding("scheduler Uch is not offered", path, mend=mend)
        return
    yield from unknown_word(spec.scheduler, SCHEDULERS[spec.product], "scheduler", path)
    if spec.product == "NLB" and spec.scheduler in UDP_SCHEDULERS and spec.protocol != "UDP":
        yield Finding(
            f"scheduler {spec.scheduler} with protocol {spec.protocol}",
            path,
            mend="Set protocol: UDP, or choose another scheduler.",
        )


def one_name(view: GroupView) -> Findings:
    """A server without a name, or with two."""
    for index, server in enumerate(view.spec.servers):
        if server.ip is None and server.instance_id is None:
            yield Finding("a server needs ip or instanceId", (*_SERVERS, index))
        elif server.ip is not None and server.instance_id is not None:
            yield Finding("a server has ip and instanceId", (*_SERVERS, index))


def mixed(view: GroupView) -> Findings:
    """Servers by address and by instance in one group."""
    servers = view.spec.servers
    first = next((s for s in servers if (s.ip is None) != (s.instance_id is None)), None)
    if first is None:
        return
    by_instance = first.instance_id is not None
    for index, server in enumerate(servers):
        if (server.ip is None) == (server.instance_id is None):
            continue
        if (server.instance_id is not None) != by_instance:
            here, there = ("ip", "instanceId") if by_instance else ("instanceId", "ip")
            yield Finding(
                f"this server is given by {here}, others by {there}", (*_SERVERS, index, here)
            )
            return


def remote_instance(view: GroupView) -> Findings:
    """An instance id where only addresses reach."""
    if view.spec.location == "SameVPC":
        return
    for index, server in enumerate(view.spec.servers):
        if server.instance_id is not None:
            yield Finding(
                f"instance {server.instance_id} in a group whose location is {view.spec.location}",
                (*_SERVERS, index, "instanceId"),
            )


def instance_form(view: GroupView) -> Findings:
    """An instance id that is none."""
    for index, server in enumerate(view.spec.servers):
        if server.instance_id is not None and not INSTANCE_ID.fullmatch(server.instance_id):
            yield Finding(
                f"{quoted(server.instance_id)} is not an instance id",
                (*_SERVERS, index, "instanceId"),
            )


def repeated(view: GroupView) -> Findings:
    """A server that stands twice with one port."""
    seen: set[tuple[str, int]] = set()
    for index, server in enumerate(view.spec.servers):
        key = (server.ip or server.instance_id or "", server.port)
        if key[0] and key in seen:
            yield Finding(f"{key[0]}:{key[1]} stands twice", (*_SERVERS, index))
        seen.add(key)


def too_many(view: GroupView) -> Findings:
    """More servers than a group holds."""
    most = SERVERS_PER_GROUP[view.spec.product]
    if len(view.spec.servers) > most:
        yield Finding(
            f"{len(view.spec.servers)} servers; {view.spec.product} takes {most} a group",
            (*_SERVERS, most),
        )


def nobody(view: GroupView) -> Findings:
    """A group in which nobody serves."""
    servers = view.spec.servers
    if not servers:
        yield Finding("the group has no servers", _SERVERS)
    elif all(server.weight == 0 for server in servers):
        yield Finding("every server of the group has weight 0", _SERVERS)


def adopted_form(view: GroupView) -> Findings:
    """An id to adopt that is none."""
    if view.spec.server_group_id is not None:
        yield from id_form(view.spec.server_group_id, ("spec", "serverGroupId"))


def adopted_by_several(view: GroupView) -> Findings:
    """One group for several targets."""
    names = list(dict.fromkeys(view.spec.targets or []))
    if view.spec.server_group_id is not None and len(names) > 1:
        yield Finding(
            f"one serverGroupId for {len(names)} targets: {listed(names)}",
            ("spec", "serverGroupId"),
        )


def no_vpc(at: GroupAt) -> Findings:
    """A target whose VPC nobody named."""
    if at.target.spec.vpc is None:
        yield Finding(f"target {at.target.name} declares no vpc", ("spec",))


RULES: tuple[Rule[GroupView], ...] = (
    Rule(
        "GX0601", ERROR, "unknown protocol", protocol,
        "The API refuses the group.",
        "An ALB group has HTTP, HTTPS or gRPC, an NLB group TCP, UDP or TCP_UDP.",
    ),
    Rule(
        "GX0602", ERROR, "unknown scheduler", scheduler,
        "The API refuses the group; qch reads QUIC ids, which only UDP carries (facts §6.2).",
        "Remove scheduler for weighted round robin.",
    ),
    Rule(
        "GX0603", ERROR, "not exactly one name", one_name,
        "A member is told by its address or by its instance.",
        "Give exactly one of ip and instanceId.",
    ),
    Rule(
        "GX0604", ERROR, "addresses and instances mixed", mixed,
        "A group holds the one or the other: its type is Ip or Instance, and never changes"
        " (facts §6.2).",
        "Give all servers by ip or all by instanceId, or make two ServerGroups.",
    ),
    Rule(
        "GX0605", ERROR, "instance outside the VPC", remote_instance,
        "An Instance group holds instances of its own VPC; others are reached by address"
        " (facts §7).",
        "Give the server by its private ip.",
    ),
    Rule(
        "GX0606", ERROR, "malformed instance id", instance_form,
        "The API refuses the member.",
        "Copy the id from the console: i-…, eci-… or eni-….",
    ),
    Rule(
        "GX0607", ERROR, "server twice", repeated,
        "Server and port tell a member apart; a second one cannot be added.",
        "Keep one of the two.",
    ),
    Rule(
        "GX0608", ERROR, "too many servers", too_many,
        "The API refuses more (facts §3.3).",
        "Split it into several ServerGroups; a route takes up to five.",
    ),
    Rule(
        "GX0609", WARNING, "nobody serves", nobody,
        "Requests for this group fail.",
        "Add a server with a weight above 0.",
    ),
    Rule(
        "GX0610", ERROR, "malformed group id", adopted_form,
        "There is no such group to adopt.",
        "Copy the id from the console, or remove serverGroupId to have a group made.",
    ),
    Rule(
        "GX0611", ERROR, "one group for several targets", adopted_by_several,
        "A server group belongs to one VPC.",
        "Write a ServerGroup for each target.",
    ),
)  # fmt: skip

AT_RULES: tuple[Rule[GroupAt], ...] = (
    Rule(
        "GX0621", ERROR, "no VPC", no_vpc,
        "Every server group belongs to a VPC, that of its load balancer (facts §6.2).",
        "Declare vpc with id and cidrs for the target in fleet.yaml.",
    ),
)  # fmt: skip
