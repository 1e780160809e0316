"""Checks of an ALB Exposure's routes: names, hosts, paths, and which ALB they go to."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.profiles.albrules import (
    ADDRESS,
    FORBIDDEN_ENDS,
    FORBIDDEN_PARTS,
    HOST,
    LENGTH,
    PATH,
    WILDCARDS,
)
from gitopsd.profiles.names import DNS_1035, ROUTE_LENGTH
from gitopsd.rules.table import ERROR, Finding, Findings, Rule, listed
from gitopsd.rules.views import ExposureAt, ExposureView
from gitopsd.spec.document import Path
from gitopsd.spec.model import Route
from gitopsd.spec.wording import quoted

_ROUTES = ("spec", "routes")


def routes_of(view: ExposureView) -> Iterator[tuple[Path, Route]]:
    """The routes in their order, each with its path in the document."""
    for index, route in enumerate(view.spec.routes or []):
        yield (*_ROUTES, index), route


def none(view: ExposureView) -> Findings:
    """An ALB Exposure that serves nothing."""
    if not view.spec.routes:
        yield Finding("an ALB Exposure needs routes", _ROUTES)


def name_form(view: ExposureView) -> Findings:
    """A name that no annotation could end with."""
    for path, route in routes_of(view):
        if not DNS_1035.fullmatch(route.name) or len(route.name) > ROUTE_LENGTH:
            yield Finding(f"{quoted(route.name)} cannot be the name of a route", (*path, "name"))


def name_twice(view: ExposureView) -> Findings:
    """Two routes of one name."""
    seen: set[str] = set()
    for path, route in routes_of(view):
        if route.name in seen:
            yield Finding(f"two routes are called {route.name}", (*path, "name"))
        seen.add(route.name)


def host_form(view: ExposureView) -> Findings:
    """A host that is no DNS name."""
    for path, route in routes_of(view):
        host = route.host
        if host is None or (
            HOST.fullmatch(host) and 3 <= len(host) <= LENGTH and not ADDRESS.fullmatch(host)
        ):
            continue
        yield Finding(f"{quoted(host)} is not a host", (*path, "host"), mend=_host_mend(host))


def _host_mend(host: str) -> str:
    if not host:
        return "Leave host out to serve every host."
    if ADDRESS.fullmatch(host):
        return "Write the name that clients use; the API server refuses addresses."
    if host != host.lower() and HOST.fullmatch(host.lower()):
        return f"Write it in lower case: {host.lower()}."
    if ":" in host or "/" in host:
        return "Write the name alone, without scheme, port or path."
    return ""


def path_form(view: ExposureView) -> Findings:
    """A path that the API server or ALB refuses."""
    for path, route in routes_of(view):
        if not route.path.startswith("/"):
            what = f"path {quoted(route.path)} does not start with /"
        elif len(route.path) > LENGTH:
            what = f"path of {len(route.path)} characters"
        elif not PATH.fullmatch(route.path):
            what = f"path {quoted(route.path)} holds characters that no rule can"
        elif route.path_type != "ImplementationSpecific" and _misleading(route.path):
            what = f"path {quoted(route.path)} is not a plain path"
        else:
            continue
        yield Finding(what, (*path, "path"))


def _misleading(path: str) -> bool:
    return path.endswith(FORBIDDEN_ENDS) or any(part in path for part in FORBIDDEN_PARTS)


def wildcard(view: ExposureView) -> Findings:
    """A wildcard where the controller takes none."""
    for path, route in routes_of(view):
        if route.path_type != "ImplementationSpecific" and WILDCARDS.search(route.path):
            yield Finding(
                f"{route.path_type} path {quoted(route.path)} holds a wildcard", (*path, "path")
            )


def no_alb(at: ExposureAt) -> Findings:
    """A class that the target does not have."""
    wanted = at.spec.load_balancer.ingress_class
    if at.alb is not None:
        return
    declared = [alb.ingress_class for alb in at.target.spec.albs]
    if not declared:
        what = f"target {at.target.name} has no {at.exposure.kind}"
        yield Finding(what, ("spec", "loadBalancer", "type"))
    else:
        yield Finding(
            f"target {at.target.name} has no ALB of class {wanted}",
            ("spec", "loadBalancer", "ingressClass"),
            mend=f"Name one of {listed(declared)}, or add it to albs in fleet.yaml.",
        )


def scheme(at: ExposureAt) -> Findings:
    """A scheme that the ALB does not have."""
    wanted = at.spec.load_balancer.scheme
    if at.alb is None or wanted in (None, at.alb.scheme):
        return
    others = [a.ingress_class for a in at.target.spec.albs if a.scheme == wanted]
    yield Finding(
        f"the ALB of class {at.alb.ingress_class} at {at.target.name} is {at.alb.scheme},"
        f" not {wanted}",
        ("spec", "loadBalancer", "scheme"),
        mend=f"Set ingressClass to {listed(others, 'or')}." if others else "",
    )


_BLOCKED = "One Ingress with an error stops every Ingress on the ALB (facts §4.7)"

RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0401", ERROR, "no routes", none,
        "An Ingress without rules serves nothing.",
        "Add routes.",
    ),
    Rule(
        "GX0402", ERROR, "illegal route name", name_form,
        "The name ends the key of an annotation and names the path's backend (facts §4.2).",
        f"Use at most {ROUTE_LENGTH} lower-case letters, digits and hyphens, starting with a letter"
        " and not ending with a hyphen.",
    ),
    Rule(
        "GX0403", ERROR, "two routes of one name", name_twice,
        "Both would share one annotation, and the second one's backends would replace the first's.",
        "Rename one of them.",
    ),
    Rule(
        "GX0404", ERROR, "illegal host", host_form,
        "The API server refuses the Ingress.",
        "Write a DNS name in lower case of 3 to 128 characters; *.example.com for all names below.",
    ),
    Rule(
        "GX0405", ERROR, "illegal path", path_form,
        f"The API server or ALB refuses it. {_BLOCKED}.",
        f"Start with /, use at most {LENGTH} characters, no blanks, and no //, /./, /../ or %2F.",
    ),
    Rule(
        "GX0406", ERROR, "wildcard in a path", wildcard,
        f"The controller refuses * and ? in Exact and Prefix paths. {_BLOCKED}.",
        "Remove it (a Prefix covers everything below it), or use pathType: ImplementationSpecific.",
    ),
)  # fmt: skip

AT_RULES: tuple[Rule[ExposureAt], ...] = (
    Rule(
        "GX0411", ERROR, "no such ALB", no_alb,
        "An Ingress whose class does not exist is ignored without a word (facts §5).",
        "Declare the ALB in fleet.yaml: albs of the target.",
    ),
    Rule(
        "GX0412", ERROR, "ALB of another scheme", scheme,
        "An ALB is reachable from where it was made to be; an Exposure does not change it.",
        "Remove scheme, or name the class of an ALB with this scheme.",
    ),
)  # fmt: skip
