"""Checks of the Fleet: its targets and what is declared about their networks.

An error here stops everything (design §4, "Held, not lost"), so only what is wrong whatever the
Exposures ask for is one; what an Exposure would need of a target is checked where it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsd.profiles.names import CLOUD_ID, DNS_1035, INSTANCE_LENGTH, LABEL_KEY, LABEL_VALUE
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import FleetView, IpNetwork, certain, parse_network
from gitopsd.spec.document import Path
from gitopsd.spec.model import Target
from gitopsd.spec.wording import quoted


def _targets(view: FleetView) -> Iterator[tuple[Path, Target]]:
    for index, target in enumerate(view.spec.targets):
        yield ("spec", "targets", index), target


def _repeated(items: Iterable[tuple[Path, str]], what: str) -> Findings:
    """A finding for every name that has stood before; `what` has a place for it."""
    seen: set[str] = set()
    for path, name in items:
        if name in seen:
            yield Finding(what.format(name), path)
        seen.add(name)


def long_name(view: FleetView) -> Findings:
    """A name that is too long to mark things with."""
    name = certain(view.document).name
    if len(name) > INSTANCE_LENGTH:
        yield Finding(
            f"the Fleet's name has {len(name)} characters; the name of an instance has at most"
            f" {INSTANCE_LENGTH}",
            ("metadata", "name"),
        )


def target_twice(view: FleetView) -> Findings:
    """Two targets of one name."""
    named = (((*path, "name"), target.name) for path, target in _targets(view))
    return _repeated(named, "two targets are called {}")


def target_name(view: FleetView) -> Findings:
    """A name that no label could carry."""
    for path, target in _targets(view):
        if not DNS_1035.fullmatch(target.name):
            yield Finding(f"{quoted(target.name)} cannot be the name of a target", (*path, "name"))


def contexts(view: FleetView) -> Findings:
    """More than one target reached through the current context."""
    unnamed = [(path, t.name) for path, t in _targets(view) if t.kube_context is None]
    names = listed(name for _, name in unnamed)
    for path, _ in unnamed[1:]:
        yield Finding(f"targets {names} name no kubeContext", (*path, "kubeContext"))


def same_cluster(view: FleetView) -> Findings:
    """Two targets that reach one cluster."""
    for field, key in (("kube_context", "kubeContext"), ("cluster_uid", "clusterUid")):
        seen: dict[str, str] = {}
        for path, target in _targets(view):
            value = getattr(target, field)
            if value and value in seen:
                yield Finding(
                    f"targets {seen[value]} and {target.name} have the same {key}", (*path, key)
                )
            elif value:
                seen[value] = target.name


def _cidrs(path: Path, target: Target) -> Iterator[tuple[Path, str, str]]:
    """Every range of a target: where it stands, what it belongs to, its text."""
    for index, cidr in enumerate(target.vpc.cidrs if target.vpc else []):
        yield (*path, "vpc", "cidrs", index), "the VPC", cidr
    for number, network in enumerate(target.networks):
        for index, cidr in enumerate(network.cidrs):
            place: Path = (*path, "networks", number, "cidrs", index)
            yield place, f"network {network.name}", cidr


def cidr_form(view: FleetView) -> Findings:
    """A range that is none."""
    for path, target in _targets(view):
        for place, owner, text in _cidrs(path, target):
            if parse_network(text) is None:
                yield Finding(
                    f"{quoted(text)} of {owner} at target {target.name} is not a CIDR", place
                )


def overlap(view: FleetView) -> Findings:
    """Two ranges of a target that share addresses."""
    for path, target in _targets(view):
        seen: list[tuple[IpNetwork, str]] = []
        for place, owner, text in _cidrs(path, target):
            network = parse_network(text)
            if network is None:
                continue
            for other, other_owner in seen:
                if other.version == network.version and other.overlaps(network):
                    yield Finding(
                        f"{text} of {owner} overlaps {other} of {other_owner}"
                        f" at target {target.name}",
                        place,
                    )
            seen.append((network, owner))


def network_twice(view: FleetView) -> Findings:
    """Two networks of one name at a target."""
    for path, target in _targets(view):
        named = (
            ((*path, "networks", n, "name"), net.name) for n, net in enumerate(target.networks)
        )
        yield from _repeated(named, f"target {target.name} has two networks called {{}}")


def class_twice(view: FleetView) -> Findings:
    """Two ALBs of one class at a target."""
    for path, target in _targets(view):
        named = (
            ((*path, "albs", n, "ingressClass"), alb.ingress_class)
            for n, alb in enumerate(target.albs)
        )
        yield from _repeated(named, f"target {target.name} has two ALBs of class {{}}")


def zone_form(view: FleetView) -> Findings:
    """A zone or vSwitch that could not stand in the annotation that joins them."""
    for path, target in _targets(view):
        for zone, vswitch in (target.nlb.zones if target.nlb else {}).items():
            for text in (zone, vswitch):
                if not CLOUD_ID.fullmatch(text):
                    yield Finding(
                        f"{quoted(text)} is no zone or vSwitch id", (*path, "nlb", "zones", zone)
                    )


def cloud_label(view: FleetView) -> Findings:
    """A node label that selects nothing."""
    for path, target in _targets(view):
        label = target.nodes.cloud_label
        if label is not None and not all(_is_label(pair) for pair in label.split(",")):
            yield Finding(
                f"cloudLabel {quoted(label)} is not key=value", (*path, "nodes", "cloudLabel")
            )


def _is_label(pair: str) -> bool:
    key, equals, value = pair.partition("=")
    return bool(equals and LABEL_KEY.fullmatch(key) and LABEL_VALUE.fullmatch(value))


RULES: tuple[Rule[FleetView], ...] = (
    Rule(
        "GX0101", ERROR, "two targets of one name", target_twice,
        "Exposures choose targets by name, and the name marks what belongs to a target.",
        "Rename one of them.",
    ),
    Rule(
        "GX0102", ERROR, "illegal target name", target_name,
        "The name is written into a label of every object and a tag of every group.",
        "Use at most 63 lower-case letters, digits and hyphens, starting with a letter.",
    ),
    Rule(
        "GX0103", ERROR, "several targets without kubeContext", contexts,
        "Without one the current context is used, so both would write to the same cluster.",
        "Name the kubeContext of every target but one.",
    ),
    Rule(
        "GX0104", WARNING, "two targets reach one cluster", same_cluster,
        "Both would want to make the same objects there, and each refuses what the other made.",
        "Keep one target for each cluster.",
    ),
    Rule(
        "GX0105", ERROR, "not a CIDR", cidr_form,
        "Which servers a group may hold, and how, is decided by these ranges.",
        "Write the network's first address and its length, for example 172.16.0.0/16.",
    ),
    Rule(
        "GX0106", ERROR, "overlapping networks", overlap,
        "An address in both could be local or remote, and routes between overlapping networks"
        " fail (facts §7).",
        "Correct the ranges; each address belongs to the VPC or to one network.",
    ),
    Rule(
        "GX0107", ERROR, "two networks of one name", network_twice,
        "Messages and reports name networks.",
        "Rename one of them, or list all ranges under one.",
    ),
    Rule(
        "GX0108", ERROR, "two ALBs of one class", class_twice,
        "An Exposure chooses an ALB by its class.",
        "Keep one entry for each IngressClass.",
    ),
    Rule(
        "GX0109", ERROR, "zone or vSwitch malformed", zone_form,
        "They are joined into one annotation (zone:vSwitch,…), where a blank, colon or comma is"
        " taken for something else (facts §1.4).",
        "Write ids only, for example cn-hangzhou-k: vsw-bp1….",
    ),
    Rule(
        "GX0110", ERROR, "node label malformed", cloud_label,
        "The cloud controller stops the whole Service at a label without = (facts §1.2).",
        "Write key=value, as the nodes carry it.",
    ),
    Rule(
        "GX0111", ERROR, "name of the Fleet too long", long_name,
        "It names the instance: it is part of every label, tag and group name of ours, beside"
        " namespaces and names that need the room.",
        f"Shorten metadata.name to at most {INSTANCE_LENGTH} characters.",
    ),
)  # fmt: skip
