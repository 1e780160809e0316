"""What lost our marks before it left Git, beside what documents that cannot be used may ask for.

Without marks nothing says which document made a thing.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.diff.objects import exposure_of, is_held
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedObject, ObservedTarget


def left_git(
    observed: ObservedTarget, desired: DesiredTarget
) -> Mapping[Identity, ObservedObject | ObservedGroup]:
    """The unmarked things of an observation that Git certainly asks for no more.

    That is nothing while a file could not be read, and not what a held document may have made: a
    group by its name, an object by what is left of its labels.
    """
    if desired.hold_deletions:
        return {}
    return {
        identity: thing
        for identity, thing in observed.unmarked.items()
        if not (
            identity in desired.held
            if isinstance(thing, ObservedGroup)
            else is_held(thing, exposure_of(thing), desired)
        )
    }
