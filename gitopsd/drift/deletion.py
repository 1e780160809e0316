"""Objects whose deletion has begun, while a finalizer keeps them until their balancer has gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gitopsd.diff.causes import of_deletion
from gitopsd.diff.members import because
from gitopsd.diff.modes import mode_of
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.observed import Record
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference
from gitopsd.model.wording import said


def being_deleted(
    item: ObjectComparison, record: Record | None, today: date
) -> Iterator[Difference]:
    """That a wanted object is on its way out: by somebody's doing, or by ours."""
    desired, live = item.desired, item.live
    if desired is None or live is None or not live.deleting:
        return
    when = live.manifest["metadata"]["deletionTimestamp"]
    going = Difference(
        desired.identity,
        "",
        desired.manifest,
        {"metadata": {"deletionTimestamp": when}},
        of_deletion(item.identity, item.digest, record, live),
        mode_of(desired.drift, desired.identity.kind, "", today),
        position=desired.position,
        note=said("deleting", when=when),
    )
    yield because(going, Reason.DELETED)
