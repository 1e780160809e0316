"""Checks of a route's backends by themselves: sources, ports, weights, ids."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.profiles.limits import GROUPS_PER_ACTION
from gitopsd.profiles.names import DNS_1035, GROUP_ID, MASKED_GROUP_ID, backend_service
from gitopsd.rules.layer4 import selector_form, target_port_form
from gitopsd.rules.routes import routes_of
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, known, listed
from gitopsd.rules.views import ExposureView
from gitopsd.spec.document import Path
from gitopsd.spec.model import Backend, Route
from gitopsd.spec.wording import quoted


def backends_of(view: ExposureView) -> Iterator[tuple[Path, Route, Backend]]:
    """All backends in their order, each with its path in the document and its route."""
    for path, route in routes_of(view):
        for index, backend in enumerate(route.backends):
            yield (*path, "backends", index), route, backend


def pods_services(route: Route, exposure: str) -> Iterator[tuple[int, Backend, str]]:
    """Backends given as pods: index in the route, backend, name of the Service made for it."""
    number = 0
    for index, backend in enumerate(route.backends):
        if backend.pods is not None:
            number += 1
            yield index, backend, backend_service(exposure, route.name, number)


def is_plain(route: Route) -> bool:
    """Whether the route compiles to an ordinary Ingress backend (design §3)."""
    if len(route.backends) != 1:
        return False
    backend = route.backends[0]
    named = backend.service is not None or backend.pods is not None
    return named and backend.server_group_id is None and backend.server_group is None


def sources(backend: Backend) -> list[str]:
    """Names of the sources that a backend gives."""
    given = {
        "service": backend.service is not None,
        "pods": backend.pods is not None,
        "serverGroup": backend.server_group is not None,
        "serverGroupId": backend.server_group_id is not None,
    }
    return [name for name, present in given.items() if present]


_TOLERATED = ["service", "serverGroupId"]


def one_source(view: ExposureView) -> Findings:
    """A backend without a source, or with several."""
    for path, route, backend in backends_of(view):
        given = sources(backend)
        if not given:
            yield Finding(f"a backend of route {route.name} says not where to", path)
        elif len(given) > 1 and given != _TOLERATED:
            yield Finding(f"a backend of route {route.name} gives {listed(given)}", path)


def id_wins(view: ExposureView) -> Findings:
    """A Service beside a group id."""
    for path, _, backend in backends_of(view):
        if sources(backend) == _TOLERATED:
            yield Finding(
                f"Service {backend.service} is not used: serverGroupId stands beside it",
                (*path, "service"),
            )


def port_missing(view: ExposureView) -> Findings:
    """A Service, and no port of it."""
    for path, _, backend in backends_of(view):
        given = sources(backend)
        if backend.port is None and given in (["service"], ["pods"]):
            name = backend.service or "made for pods"
            yield Finding(f"Service {name} needs a port", path)


def port_unused(view: ExposureView) -> Findings:
    """A port beside a group."""
    for path, _, backend in backends_of(view):
        if backend.port is not None and sources(backend) in (["serverGroup"], ["serverGroupId"]):
            yield Finding("port has no effect on a server group", (*path, "port"))


def too_many(view: ExposureView) -> Findings:
    """More groups than an action holds."""
    for path, route in routes_of(view):
        if len(route.backends) > GROUPS_PER_ACTION:
            yield Finding(
                f"route {route.name} has {len(route.backends)} backends; an action holds"
                f" {GROUPS_PER_ACTION}",
                (*path, "backends", GROUPS_PER_ACTION),
            )


def repeated(view: ExposureView) -> Findings:
    """A backend that stands twice in a route."""
    for path, route in routes_of(view):
        seen: dict[tuple[str, ...], str] = {}
        for index, backend in enumerate(route.backends):
            if backend.pods is not None:
                continue
            key, name = _goal(view, backend)
            first = seen.setdefault(key, name)
            if first is not name:
                what = f"route {route.name} names {name} twice"
                if first != name:
                    what = f"route {route.name} names one group as {first} and as {name}"
                yield Finding(what, (*path, "backends", index))


def _goal(view: ExposureView, backend: Backend) -> tuple[tuple[str, ...], str]:
    """What a backend sends to, written one way, and what it calls it.

    A ServerGroup that adopts a group is that group, whichever way a backend names it.
    """
    if backend.server_group_id is not None:
        return ("id", backend.server_group_id), f"serverGroupId {backend.server_group_id}"
    if backend.server_group is not None:
        adopted = known(_adopted, view, backend.server_group)
        named = f"serverGroup {backend.server_group}"
        return ("id", adopted) if adopted else ("group", backend.server_group), named
    service = f"{backend.service}:{backend.port}"
    return ("service", service), service


def _adopted(view: ExposureView, name: str) -> str | None:
    group = view.group(name)
    return group.spec.server_group_id if group is not None else None


def group_id_form(view: ExposureView) -> Findings:
    """An id that is none."""
    for path, _, backend in backends_of(view):
        if backend.server_group_id is not None:
            yield from id_form(backend.server_group_id, (*path, "serverGroupId"))


def id_form(text: str, path: Path) -> Findings:
    """What is wrong with a server group's id."""
    if MASKED_GROUP_ID.fullmatch(text):
        yield Finding(
            f"{text} is a masked id",
            path,
            why="Vendor samples hide the end of an id behind asterisks; no such group exists, and"
            " the ALB would send its share of requests nowhere.",
            mend="Write the whole id, or describe the servers as a ServerGroup: gitopsd finds its"
            " id.",
        )
    elif not GROUP_ID.fullmatch(text):
        yield Finding(f"{quoted(text)} is not the id of a server group", path)


def id_of_several(view: ExposureView) -> Findings:
    """One id for several targets."""
    names = list(dict.fromkeys(view.spec.targets or []))
    if len(names) < 2:
        return
    for path, _, backend in backends_of(view):
        if backend.server_group_id is not None:
            yield Finding(
                f"serverGroupId in an Exposure for {len(names)} targets: {listed(names)}",
                (*path, "serverGroupId"),
            )


def service_form(view: ExposureView) -> Findings:
    """A Service name that cannot be, or that of the Service to be made."""
    for path, _, backend in backends_of(view):
        if backend.service is not None and not DNS_1035.fullmatch(backend.service):
            yield Finding(f"{quoted(backend.service)} cannot name a Service", (*path, "service"))
    for path, route in routes_of(view):
        for index, _, name in pods_services(route, view.identity.name):
            if len(name) > 63:
                yield Finding(
                    f"Service {name} would have a name of {len(name)} characters",
                    (*path, "backends", index, "pods"),
                    mend="Shorten the Exposure's or the route's name: together they have 60"
                    " characters.",
                )


def pods_form(view: ExposureView) -> Findings:
    """Pods that no Service can select."""
    for path, _, backend in backends_of(view):
        if backend.pods is not None:
            yield from selector_form(backend.pods.selector, (*path, "pods", "selector"))
            yield from target_port_form(backend.pods.target_port, (*path, "pods", "targetPort"))


def taken_name(view: ExposureView) -> Findings:
    """A route with an action that is called like the Service of an ordinary one."""
    actions = {route.name for _, route in routes_of(view) if not is_plain(route)}
    for path, route in routes_of(view):
        if not is_plain(route):
            continue
        made = [name for _, _, name in pods_services(route, view.identity.name)]
        service = made[0] if made else route.backends[0].service
        if service in actions:
            yield Finding(
                f"route {route.name} sends to Service {service}, and another route is called so",
                (*path, "backends", 0),
            )


_STOPS = "stops every Ingress on the ALB (facts §4.7)"

RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0501", ERROR, "not exactly one source", one_source,
        "A backend is one thing to send requests to.",
        "Give exactly one of service, pods, serverGroup and serverGroupId.",
    ),
    Rule(
        "GX0502", WARNING, "Service beside a group id", id_wins,
        "The ALB takes the id alone (facts §4.3), so only the id is written.",
        "Remove service and port, or serverGroupId.",
    ),
    Rule(
        "GX0503", ERROR, "port missing", port_missing,
        f"A backend whose Service does not declare its port {_STOPS}.",
        "Add the Service's port.",
    ),
    Rule(
        "GX0504", WARNING, "port without effect", port_unused,
        "Each server of a group has its own port.",
        "Remove port.",
    ),
    Rule(
        "GX0507", ERROR, "too many backends", too_many,
        "ALB refuses the rule (facts §3.3), and what it refuses " + _STOPS + ".",
        "Join backends: one ServerGroup holds servers of several kinds.",
    ),
    Rule(
        "GX0508", ERROR, "backend twice", repeated,
        "One group has one weight in an action.",
        "Keep one of them, with the sum of the weights.",
    ),
    Rule(
        "GX0509", ERROR, "malformed group id", group_id_form,
        "The controller passes ids on unchecked, and what the API refuses " + _STOPS + ".",
        "Copy the id from the console: sgp- and lower-case letters and digits.",
    ),
    Rule(
        "GX0510", ERROR, "group id for several targets", id_of_several,
        "A server group belongs to one VPC, so its id means nothing at another target.",
        "Use serverGroup, which gets a group at each target, or write an Exposure for each target.",
    ),
    Rule(
        "GX0511", ERROR, "illegal Service name", service_form,
        "The API server refuses the name.",
        "Use at most 63 lower-case letters, digits and hyphens, starting with a letter.",
    ),
    Rule(
        "GX0512", ERROR, "illegal pods", pods_form,
        "The API server refuses the Service that is made for them.",
        "Copy the labels and the port's name from the pods.",
    ),
    Rule(
        "GX0513", ERROR, "route called like a Service", taken_name,
        "The controller looks for an action under the Service's name, finds the other route's, and"
        " takes both for final actions, which " + _STOPS + ".",
        "Rename that route.",
    ),
)  # fmt: skip
