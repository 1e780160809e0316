"""What Events say of a subject."""

from __future__ import annotations

from datetime import UTC, datetime

from gitopsd.engine.judging import assess_target
from gitopsd.model.observed import Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.status import EventReason
from gitopsd.status.standing import Sight
from gitopsd.status.telling import events_of
from tests.unit.build import OWNER, found, live, service, wanted

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_thing_that_was_deleted_is_told_by_its_name() -> None:
    item = service()
    record = Record(entries={item.identity: live(item).labels[DIGEST]})
    desired, observed = wanted(item), found(record=record)
    sight = Sight(desired, observed, assess_target(desired, observed, OWNER, NOW))
    told = {reason: what for _, reason, what, _ in events_of([item.exposure], sight)}
    assert told == {EventReason.DRIFT_DETECTED: f"Service {item.identity.key} was deleted"}
