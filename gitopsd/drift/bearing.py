"""Which differences may move traffic in a way that nobody can tell the shares of.

What a route is drawn from is told with its shares. Of all the rest only what is listed here is
known to leave traffic where it was; anything else, of today or of a later controller, may move it.
"""

from __future__ import annotations

from gitopsd.model.identity import INGRESS, SERVICE
from gitopsd.model.ownership import LABELS
from gitopsd.model.paths import split
from gitopsd.model.verdict import Difference
from gitopsd.profiles.annotations import ACTIONS

#: What routes are drawn from, by kind: the first keys of a path; `()` is the thing as a whole.
_DRAWN = {
    INGRESS: (("spec", "rules"), ("spec", "ingressClassName")),
    SERVICE: (("spec", "type"), ("spec", "selector"), ("spec", "ports")),
}
#: What leaves requests where they are, by kind: which of the same pods answers a client, and the
#: name and the stamps of a group; its scheduler deals by the same weights.
_STILL = {
    INGRESS: (),
    SERVICE: (("spec", "sessionAffinity"),),
}
_STILL_OF_GROUPS = ("tags", "name", "Scheduler")
#: Parts of a group's member that decide over its share, or over nothing.
_MEMBER = ("weight", "health", "description")


def obscures(difference: Difference) -> bool:
    """Whether traffic may have moved because of this, and the drawing of a route cannot show it."""
    keys = tuple(map(str, split(difference.path))) if difference.path else ()
    if not keys:  # being deleted; what is gone already is drawn as gone
        return difference.found is not None and difference.resource.kind in _DRAWN
    kind = difference.resource.kind
    if kind not in _DRAWN:
        return not _clear_of_group(keys)
    if keys[0] == "metadata":
        part, key = (*keys[1:3], "", "")[:2]
        stamp = part == "labels" and key in LABELS
        return not (stamp or (part == "annotations" and key.startswith(ACTIONS)))
    return keys[:2] not in (*_DRAWN[kind], *_STILL[kind])


def _clear_of_group(keys: tuple[str, ...]) -> bool:
    if keys[0] == "servers":
        return len(keys) < 3 or keys[2] in _MEMBER
    return keys[0] in _STILL_OF_GROUPS
