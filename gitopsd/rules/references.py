"""Checks of what backends refer to: ServerGroups of the same namespace, at each target."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.profiles.limits import BASIC_HEALTH_PROTOCOLS, BASIC_PROTOCOLS
from gitopsd.rules.backends import backends_of
from gitopsd.rules.table import ERROR, Finding, Findings, Rule, known, listed
from gitopsd.rules.views import ExposureAt, ExposureView
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import ServerGroupSpec


def missing(view: ExposureView) -> Findings:
    """A ServerGroup that nobody describes."""
    specs = view.repository.specs
    namespace = view.identity.namespace
    for path, _, backend in backends_of(view):
        name = backend.server_group
        if name is None or view.group(name) is not None:
            continue
        if specs.may_hold(Identity(SERVER_GROUP, namespace, name)):
            continue  # it has errors of its own: the Exposure is held with it
        elsewhere = [i.namespace for i in specs.server_groups if i.name == name]
        mend = ""
        if elsewhere:
            mend = (
                f"It is in namespace {listed(sorted(elsewhere))}: a backend names a group of its"
                " own Exposure's namespace. Move one of the two."
            )
        yield Finding(
            f"there is no ServerGroup {name} in namespace {namespace}",
            (*path, "serverGroup"),
            mend=mend,
        )


def _groups_of(view: ExposureView) -> Iterator[tuple[Path, Document[ServerGroupSpec]]]:
    """The ServerGroups that backends name, each with where it is named.

    What a group that was refused says may be in doubt, whatever the others say.
    """
    for path, _, backend in backends_of(view):
        group = view.group(backend.server_group) if backend.server_group else None
        if group is not None:
            yield (*path, "serverGroup"), group


def product(view: ExposureView) -> Findings:
    """A group of a product that an ALB cannot use."""
    for path, group in _groups_of(view):
        product = known(_product, group)
        if product not in (None, "ALB"):
            yield Finding(f"ServerGroup {group.identity.name} is for {product}", path)


def _product(group: Document[ServerGroupSpec]) -> str:
    return group.spec.product


def elsewhere(at: ExposureAt) -> Findings:
    """A group that does not serve this target."""
    for path, group in _groups_of(at.exposure):
        if known(_serves, group, at) is False:
            name = group.identity.name
            yield Finding(f"ServerGroup {name} is not for target {at.target.name}", path)


def _serves(group: Document[ServerGroupSpec], at: ExposureAt) -> bool:
    return group.spec.targets is None or at.target.name in group.spec.targets


def basic_edition(at: ExposureAt) -> Findings:
    """A group that a Basic ALB cannot use."""
    if at.alb is None or at.alb.edition != "Basic":
        return
    for path, group in _groups_of(at.exposure):
        if known(_product, group) != "ALB" or not known(_serves, group, at):
            continue
        if what := known(_other_protocol, group) or known(_other_health_check, group):
            yield Finding(
                f"ServerGroup {group.identity.name} is {what}, and the ALB of class"
                f" {at.alb.ingress_class} is Basic",
                path,
            )


def _other_protocol(group: Document[ServerGroupSpec]) -> str:
    """What a group is that forwards otherwise than a Basic ALB does; "" for none."""
    protocol = group.spec.protocol
    return "" if protocol in BASIC_PROTOCOLS else f"of protocol {protocol}"


def _other_health_check(group: Document[ServerGroupSpec]) -> str:
    """What a group is that is checked otherwise than a Basic ALB does; "" for none."""
    check = group.spec.health_check
    protocol = (check.protocol if check and check.enabled else None) or "HTTP"
    return "" if protocol in BASIC_HEALTH_PROTOCOLS else f"with a health check over {protocol}"


RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0521", ERROR, "no such ServerGroup", missing,
        "Without it there is no id to send requests to.",
        "Correct the name, or add the ServerGroup.",
    ),
    Rule(
        "GX0522", ERROR, "ServerGroup of another product", product,
        "An ALB sends to groups of its own product only.",
        "Set product: ALB on the ServerGroup, or make another one.",
    ),
)  # fmt: skip

AT_RULES: tuple[Rule[ExposureAt], ...] = (
    Rule(
        "GX0531", ERROR, "ServerGroup not at this target", elsewhere,
        "A group is made at each of its own targets, and there would be none here.",
        "Add the target to the ServerGroup, or take it off the Exposure.",
    ),
    Rule(
        "GX0532", ERROR, "not on a Basic ALB", basic_edition,
        "A Basic ALB forwards to HTTP and gRPC groups, and does not check over HTTPS"
        " (facts §4.1, §4.6).",
        "Use HTTP, or an ALB of the Standard edition.",
    ),
)  # fmt: skip
