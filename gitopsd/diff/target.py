"""One target, compared as a whole."""

from __future__ import annotations

from datetime import date

from gitopsd.diff.groups import compare_groups, known_ids
from gitopsd.diff.holding import counting, exceptions, in_force, over, with_holds
from gitopsd.diff.objects import compare_objects
from gitopsd.diff.places import idle
from gitopsd.model.comparison import Comparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner


def compare_target(
    desired: DesiredTarget,
    observed: ObservedTarget,
    owner: Owner,
    *,
    today: date,
    replacing: frozenset[Identity] = frozenset(),
) -> Comparison:
    """Groups first, because Ingresses name them by ids that only the groups tell.

    `today` is the day, or the exact time: holds may end within a day. `replacing` are the groups
    whose replacement is allowed: their new id is not known yet.
    """
    desired = with_holds(desired, observed.record)
    groups = compare_groups(desired, observed, owner, today)
    ids = known_ids(groups, observed, replacing)
    objects = compare_objects(desired, observed, ids, today)
    spans = exceptions(desired)
    return Comparison(
        desired.name,
        objects,
        groups,
        ids,
        over(spans, today),
        in_force(spans, today),
        idle(objects, groups, counting(spans, today)),
    )
