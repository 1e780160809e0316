"""Looking around a target: what others have put where traffic meant for us could go.

Not a part of `observe_target`: what stands around does not change what a pass would write, so what
only plans and applies does not pay for these lists. Judging for a report wants to know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from gitopsd.drift.shadowing import (
    ingress_classes,
    load_balancers,
    names_class,
    names_load_balancer,
)
from gitopsd.model.desired import DesiredTarget, Manifest
from gitopsd.model.identity import INGRESS, SERVICE
from gitopsd.model.observed import Gap, ObservedObject, ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.wording import said
from gitopsd.ports import ClusterReader, Forbidden, WorldError


def look_around(
    desired: DesiredTarget, observed: ObservedTarget, reader: ClusterReader, owner: Owner
) -> ObservedTarget:
    """The observation with the neighbours of what is wanted; at most one list for each kind.

    Without the right to list what others have, nobody has looked: that is no gap, because it would
    make every verdict of a modest installation doubtful for ever. Any other failure is one.
    """
    classes, balancers = ingress_classes(desired), load_balancers(observed)
    wanted: list[tuple[str, Callable[[Manifest], bool]]] = []
    if classes:
        wanted.append((INGRESS, partial(names_class, classes=classes)))
    if balancers:
        wanted.append((SERVICE, partial(names_load_balancer, known=balancers)))
    found: list[ObservedObject] = []
    try:
        for kind, keep in wanted:
            found += reader.neighbours(kind, owner, keep)
    except Forbidden:
        return observed
    except WorldError as error:
        gap = Gap(said("beside"), str(error), frozenset())
        return replace(observed, gaps=(*observed.gaps, gap))
    return replace(observed, neighbours=tuple(found))
