"""Checks of how drift is to be treated: paths that exist, exceptions that end and say why."""

from __future__ import annotations

import re

from gitopsd.model.identity import INGRESS, SERVER_GROUP, SERVICE
from gitopsd.model.paths import join, route_place
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import ExposureView, FleetView, GroupView
from gitopsd.spec.wording import quoted

View = ExposureView | GroupView
_DRIFT = ("spec", "drift")


def _kinds(view: View) -> tuple[str, ...]:
    """The kinds that a document makes, and the groups that an Exposure sends to."""
    if isinstance(view, GroupView):
        return (SERVER_GROUP,)
    if view.kind != "ALB":
        return (SERVICE,)
    backends = (backend for route in view.spec.routes or [] for backend in route.backends)
    named = any(backend.server_group is not None for backend in backends)
    return (INGRESS, SERVICE, SERVER_GROUP) if named else (INGRESS, SERVICE)


def path_form(view: View) -> Findings:
    """A path into something that this document neither makes nor, as a ServerGroup, sends to."""
    kinds = _kinds(view)
    for place, entry in view.spec.drift.spans():
        kind, slash, field = entry.path.partition("/")
        if kind not in kinds:
            yield Finding(
                f"{quoted(entry.path)} is no path into what it is about: {listed(kinds)}",
                (*_DRIFT, *place, "path"),
                mend=f"Start with {listed((f'{k}/' for k in kinds), 'or')}, for example"
                f" {_EXAMPLES[kinds[0]]}.",
            )
        elif slash and (not field or field.startswith((".", "/"))):
            yield Finding(f"{quoted(entry.path)} names no field", (*_DRIFT, *place, "path"))


_EXAMPLES = {
    SERVICE: "Service/spec.ports",
    INGRESS: "Ingress/spec.rules",
    SERVER_GROUP: "ServerGroup/servers[192.168.20.11:8080].weight",
}


def open_end(view: View) -> Findings:
    """An exception that leaves drift alone without an end or a reason."""
    for place, entry in view.spec.drift.spans():
        if entry.mode == "Correct":
            continue  # nothing is left undone that somebody would have to come back to
        absent = [name for name in ("until", "reason") if not getattr(entry, name)]
        if absent:
            yield Finding(
                f"the exception for {entry.path} has no {listed(absent, 'and no')}",
                (*_DRIFT, *place),
            )


def named_twice(view: View) -> Findings:
    """A path that has a mode already: the first one counts."""
    first: dict[str, str] = {}
    for place, entry in view.spec.drift.spans():
        if entry.path in first:
            yield Finding(
                f"{entry.path} has mode {first[entry.path]} already, so {entry.mode} never counts",
                (*_DRIFT, *place, "path"),
            )
        first.setdefault(entry.path, entry.mode)


def no_mode(view: View) -> Findings:
    """An end or a reason of a mode that is not there."""
    drift = view.spec.drift
    given = [name for name in ("until", "reason") if getattr(drift, name)]
    if drift.mode is None and given:
        yield Finding(f"drift has {listed(given)} and no mode", (*_DRIFT, given[0]))


def no_fleet_mode(view: FleetView) -> Findings:
    """An end of the fleet's mode that changes nothing, or a reason of one that is not there."""
    drift = view.spec.drift
    told = "mode" in drift.model_fields_set
    if drift.mode != "Correct":
        return
    if drift.until:
        what = (
            "drift has until and its mode is Correct, which is what counts after that day as well"
        )
        yield Finding(what if told else "drift has until and no mode", (*_DRIFT, "until"))
    elif drift.reason and not told:
        yield Finding("drift has reason and no mode", (*_DRIFT, "reason"))


def numbered(view: View) -> Findings:
    """A path that leads to a route by its number."""
    routes = [] if isinstance(view, GroupView) else view.spec.routes or []
    for place, entry in view.spec.drift.spans():
        found = _NUMBERED.match(entry.path)
        if found is None:
            continue
        number = int(found[1])
        if number >= len(routes):
            what = f"{entry.path} counts routes, of which this has {len(routes)}"
            yield Finding(what, (*_DRIFT, *place, "path"))
            continue
        route = routes[number]
        named = f"{INGRESS}/{join(('spec', 'rules', route_place(route.host or '', route.path)))}"
        yield Finding(
            f"{entry.path} counts routes, and means {named} as they stand",
            (*_DRIFT, *place, "path"),
            mend=f"Write {named}, or {named}.backend for what it sends to.",
        )


_NUMBERED = re.compile(rf"{INGRESS}/spec\.rules\[(\d{{1,6}})\]")

FLEET_RULES: tuple[Rule[FleetView], ...] = (
    Rule(
        "GX0905", WARNING, "end or reason of no mode of the fleet", no_fleet_mode,
        "Drift is corrected all the same, from today on.",
        "Add the mode that is to count until then, Report or Ignore, or remove both.",
    ),
)  # fmt: skip

RULES: tuple[Rule[View], ...] = (
    Rule(
        "GX0901", ERROR, "path of nothing that is made", path_form,
        "The exception would never apply, and drift would be corrected that was to be left alone.",
        "Write the kind of the compiled thing, a slash, and the field.",
    ),
    Rule(
        "GX0902", WARNING, "exception without end or reason", open_end,
        "Exceptions outlive what they were made for; whoever finds this one must know why it is"
        " there and when it may go.",
        "Add until: a day, and reason: a sentence.",
    ),
    Rule(
        "GX0903", WARNING, "path with two drift modes", named_twice,
        "Whoever reads the second one would take it for what holds.",
        "Keep one of the two, in drift.ignore or in drift.paths.",
    ),
    Rule(
        "GX0904", ERROR, "end or reason of no mode", no_mode,
        "They say nothing by themselves: the fleet's mode would count, and drift could be corrected"
        " that was to be left alone.",
        "Add the mode that is to count until then, or remove them.",
    ),
    Rule(
        "GX0906", WARNING, "route by its number", numbered,
        "A route that is added in front moves the exception to another one.",
        "Write host and path of the route: Ingress/spec.rules[demo.example.com/tea].",
    ),
)  # fmt: skip
