"""Checks of where a ServerGroup's servers are, at each of its targets (design §2, facts §6.3, §7).

An address of a SameVPC group lies in the VPC; of a remote group, in exactly one declared network of
its location, with a private address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from gitopsd.profiles.defaults import REMOTE_RANGES
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import GroupAt, GroupView
from gitopsd.spec.document import Path
from gitopsd.spec.model import Network
from gitopsd.spec.wording import quoted

_PRIVATE = tuple(ipaddress.IPv4Network(text) for text in REMOTE_RANGES)

#: What the network team builds towards a location: needed there, and good to declare.
_NEEDED = {"OnPremises": ("cen", "vbr"), "CrossRegion": ()}
_GOOD = {"OnPremises": ("transitRouter",), "CrossRegion": ("cen", "transitRouter", "region")}
_FIELDS = {"transitRouter": "transit_router"}


def _addresses(at: GroupAt) -> Iterator[tuple[Path, ipaddress.IPv4Address]]:
    for index, address in at.group.addresses:
        yield ("spec", "servers", index, "ip"), address


def address_form(view: GroupView) -> Findings:
    """An address that is none."""
    legal = {index for index, _ in view.addresses}
    for index, server in enumerate(view.spec.servers):
        if server.ip is not None and index not in legal:
            mend = ""
            if ":" in server.ip:
                mend = "Give its IPv4 address: groups with IPv6 addresses are not made."
            path = ("spec", "servers", index, "ip")
            yield Finding(f"{quoted(server.ip)} is not an IPv4 address", path, mend=mend)


def outside_vpc(at: GroupAt) -> Findings:
    """A SameVPC address that is not in the VPC."""
    vpc = at.target.spec.vpc
    if at.spec.location != "SameVPC" or vpc is None:
        return
    for path, address in _addresses(at):
        if any(address in network for network in at.target.vpc_ranges):
            continue
        homes = [n for _, n, cidr in at.target.network_ranges if address in cidr]
        mend = ""
        if homes:
            mend = f"It is in network {homes[0].name}: set location: {homes[0].location}."
        yield Finding(
            f"{address} is not in the VPC of {at.target.name} ({listed(vpc.cidrs)})",
            path,
            mend=mend,
        )


def not_private(at: GroupAt) -> Findings:
    """A remote address that is not private."""
    if at.spec.location == "SameVPC":
        return
    for path, address in _addresses(at):
        if not any(address in network for network in _PRIVATE):
            yield Finding(f"{address} is not a private address", path)


def not_in_network(at: GroupAt) -> Findings:
    """A remote address in no declared network of the location, or in several."""
    location = at.spec.location
    if location == "SameVPC":
        return
    for path, address in _addresses(at):
        homes = {n.name: n for _, n, cidr in at.target.network_ranges if address in cidr}
        right = [name for name, network in homes.items() if network.location == location]
        if len(right) == 1:
            continue
        if right:
            yield Finding(f"{address} is in several networks: {listed(right)}", path)
            continue
        yield Finding(
            f"{address} is in no {location} network of {at.target.name}",
            path,
            mend=_home_mend(at, address, list(homes.values())),
        )


def _home_mend(at: GroupAt, address: ipaddress.IPv4Address, homes: list[Network]) -> str:
    if homes:
        return f"It is in network {homes[0].name}: set location: {homes[0].location}."
    if any(address in network for network in at.target.vpc_ranges):
        return "It is in the target's own VPC: set location: SameVPC."
    return ""


def _used_networks(at: GroupAt) -> dict[str, Network]:
    used: dict[str, Network] = {}
    for _, address in _addresses(at):
        for _, network, cidr in at.target.network_ranges:
            if address in cidr and network.location == at.spec.location:
                used[network.name] = network
    return used


def _undeclared(at: GroupAt, fields: tuple[str, ...]) -> Findings:
    for name, network in _used_networks(at).items():
        absent = [f for f in fields if not getattr(network, _FIELDS.get(f, f))]
        if absent:
            yield Finding(
                f"network {name} of {at.target.name} declares no {listed(absent, 'or')}",
                ("spec", "location"),
            )


def no_way(at: GroupAt) -> Findings:
    """A network to which no way is declared."""
    if at.spec.location != "SameVPC":
        yield from _undeclared(at, _NEEDED[at.spec.location])


def incomplete_way(at: GroupAt) -> Findings:
    """A network whose way is declared in part."""
    if at.spec.location != "SameVPC":
        yield from _undeclared(at, _GOOD[at.spec.location])


RULES: tuple[Rule[GroupView], ...] = (
    Rule(
        "GX0701", ERROR, "not an address", address_form,
        "The API refuses the member.",
        "Write an IPv4 address, for example 192.168.20.11.",
    ),
)  # fmt: skip

AT_RULES: tuple[Rule[GroupAt], ...] = (
    Rule(
        "GX0711", ERROR, "address outside the VPC", outside_vpc,
        "A member that is not marked as remote must lie in the group's VPC; the API refuses it or"
        " it never gets healthy (facts §6.3).",
        "Correct the address or vpc.cidrs in fleet.yaml, or set the location it is in.",
    ),
    Rule(
        "GX0712", ERROR, "not a private address", not_private,
        "Remote members are reached over private routes only; the API takes "
        + listed(REMOTE_RANGES) + " (facts §6.3).",
        "Give the server's private address.",
    ),
    Rule(
        "GX0713", ERROR, "address in no declared network", not_in_network,
        "Without a way declared by the network team nothing says that the load balancer reaches"
        " it; the member would only ever be unhealthy.",
        "Correct the address, or declare its network in fleet.yaml: networks of the target.",
    ),
    Rule(
        "GX0714", ERROR, "no way to the network declared", no_way,
        "A data centre is reached over CEN and a VBR at the end of its circuit (facts §7).",
        "Have them built, and declare them in fleet.yaml: cen and vbr of the network.",
    ),
    Rule(
        "GX0715", WARNING, "way to the network declared in part", incomplete_way,
        "Both ends need a transit router on the same CEN (facts §7); undeclared, nobody can tell"
        " whether they have one.",
        "Declare it in fleet.yaml.",
    ),
)  # fmt: skip
