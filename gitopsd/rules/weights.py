"""Checks of how a route shares its traffic among its backends."""

from __future__ import annotations

from gitopsd.rules.backends import backends_of
from gitopsd.rules.routes import routes_of
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule
from gitopsd.rules.views import ExposureView
from gitopsd.spec.model import Route


def weight_missing(view: ExposureView) -> Findings:
    """Several backends, and one without a share."""
    for path, route, backend in backends_of(view):
        if len(route.backends) > 1 and backend.weight is None:
            yield Finding(
                f"route {route.name} has {len(route.backends)} backends, and this one no weight",
                path,
            )


def no_weight(view: ExposureView) -> Findings:
    """A route whose backends, more than one, all get nothing."""
    for path, route in routes_of(view):
        if len(route.backends) > 1 and _is_idle(route):
            yield Finding(f"all weights of route {route.name} are 0", (*path, "backends"))


def idle(view: ExposureView) -> Findings:
    """A route whose only backend gets nothing."""
    for path, route in routes_of(view):
        if len(route.backends) == 1 and _is_idle(route):
            yield Finding(
                f"route {route.name} takes no traffic: its only backend has weight 0",
                (*path, "backends", 0, "weight"),
            )


def _is_idle(route: Route) -> bool:
    return all(backend.weight == 0 for backend in route.backends)


RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0505", ERROR, "weight missing", weight_missing,
        "A weight that is left out counts as 0: the backend would get nothing (facts §4.3).",
        "Give every backend of the route a weight from 0 to 100.",
    ),
    Rule(
        "GX0506", ERROR, "all weights 0", no_weight,
        "No backend would get a request.",
        "Give at least one backend a weight above 0, or remove the route.",
    ),
    Rule(
        "GX0514", WARNING, "route without traffic", idle,
        "Every request that the route matches fails; no other route gets it.",
        "Give the backend a weight above 0, or remove the route.",
    ),
)  # fmt: skip
