"""Things that need no step but that people should know, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.model.identity import Identity
from gitopsd.model.problem import Problem, Severity

#: id -> (what, why it matters, how to mend it); the texts take the named values.
NOTICES: Mapping[str, tuple[str, str, str]] = {
    "GX1001": (
        "{what} could not be observed: {why}",
        "what cannot be seen is neither judged nor deleted",
        "mend the cause and plan again",
    ),
    "GX1002": (
        "{identity} is being deleted, and a finalizer holds it",
        "its controller takes the load balancer down first",
        "wait for the controller; look at the events of {identity} when it takes long",
    ),
    "GX1003": (
        "group {id} has members that gitopsd did not add: {members}",
        "they take their share of the traffic, and nothing in Git says so",
        "add them to the ServerGroup and plan with --adopt, or remove them by hand",
    ),
    "GX1004": (
        "group {id} carries our instance and target, but no tag that names its ServerGroup",
        "without it nobody can tell what the group is for, so it is left alone",
        "put the tag gitopsd.io/group=namespace/name back, or delete the group by hand",
    ),
    "GX1005": (
        "target {target} is not pinned to a cluster",
        "a kubeconfig that points elsewhere one day would fill another cluster",
        "add to the target in fleet.yaml: clusterUid: {uid}",
    ),
    "GX1006": (
        "target {target} has left the fleet, and what was made for it here stays as it is",
        "a target that is missing from fleet.yaml is no order to empty it",
        "put it back with state: Retiring to empty it first, or remove its things by hand",
    ),
    "GX1007": (
        "{what} has ended (until {until})",
        "an exception that nobody renews has done its work, and drift there counts again",
        "take it out of the spec, or give it another until",
    ),
    "GX1008": (
        "{what} has ended (until {until})",
        "a hold is for an incident and ends by itself: drift there counts again",
        "take the change into Git (gitopsd drift accept), or hold it anew (gitopsd drift hold)",
    ),
    "GX1009": (
        "the annotation {key} on the record of target {target} is no hold that can be read",
        "what it was to protect is treated as if nobody had asked",
        "take it off with kubectl annotate, and use gitopsd drift hold",
    ),
}


def notice(number: str, subject: Identity | None = None, **values: Any) -> Problem:
    """One notice with its values filled in."""
    what, why, mend = (text.format(**values) for text in NOTICES[number])
    return Problem(number, Severity.WARNING, what, why, mend, subject=subject)
