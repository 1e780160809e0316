"""Windows: what Git changed and what drifted wait for their own, and for nothing else's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from gitopsd.engine.planning import plan_target
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.plan import Guard, Plan
from gitopsd.model.verdict import Cause
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, live, live_group, member, service, wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVENING = "2026-11-22T22:00:00Z"
NO_CHANGES, NO_DRIFT = {Cause.CHANGE: EVENING}, {Cause.DRIFT: EVENING}
LOCAL = {"spec.externalTrafficPolicy": "Local"}
SERVER = ("192.168.20.11", 8080, 100)

#: One that is new, one that Git changed, one that somebody edited, one that Git names no more.
NEW, CHANGED, EDITED = service("new"), service("changed", type="NodePort"), service("edited")
WANTED = wanted(NEW, CHANGED, EDITED)
FOUND = found(live(service("changed")), live(EDITED, edits=LOCAL), live(service("old")))


def plan(desired: Any = WANTED, observed: Any = FOUND, **options: Any) -> Plan:
    return plan_target(
        desired, observed, OWNER, PlanOptions(date(2026, 11, 22), now=NOW, **options)
    )


def names(steps: Any) -> set[str]:
    return {step.identity.name for step in steps}


def test_drift_is_put_right_while_changes_wait() -> None:
    result = plan(closed=NO_CHANGES)
    assert names(result.active) == {"edited"}
    assert names(result.postponed) == {"new", "changed", "old"}


def test_changes_are_written_while_drift_waits() -> None:
    result = plan(closed=NO_DRIFT)
    assert names(result.active) == {"new", "changed", "old"}
    assert names(result.postponed) == {"edited"}


def test_nothing_goes_while_both_windows_are_closed() -> None:
    assert plan(closed=NO_CHANGES | NO_DRIFT).active == ()


def test_what_changed_and_drifted_goes_with_the_changes() -> None:
    both = found(live(service("changed"), edits=LOCAL))
    assert plan(wanted(CHANGED), both, closed=NO_DRIFT).postponed == ()
    assert plan(wanted(CHANGED), both, closed=NO_CHANGES).active == ()


def test_what_was_deleted_by_hand_is_drift() -> None:
    first = live(EDITED)
    record = Record(entries={EDITED.identity: first.labels["gitopsd.io/digest"]})
    gone = found(record=record)
    assert names(plan(wanted(EDITED), gone, closed=NO_DRIFT).postponed) == {"edited"}
    assert names(plan(wanted(EDITED), gone, closed=NO_CHANGES).active) == {"edited"}


def test_a_group_and_its_members_go_together() -> None:
    item, second = group("warehouse", SERVER), ("192.168.20.12", 8080, 100)
    grown = group("warehouse", SERVER, second)
    fewer = found(live_group(item, members=[]))
    assert plan(wanted(item), fewer, closed=NO_DRIFT).active == ()
    assert plan(wanted(item), fewer, closed=NO_CHANGES).postponed == ()
    alive = found(live_group(item, members=[member(*SERVER)]))
    assert plan(wanted(grown), alive, closed=NO_CHANGES).active == ()
    assert plan(wanted(grown), alive, closed=NO_DRIFT).postponed == ()


def test_a_hold_of_a_window_says_until_when_and_no_approval_lets_it_go() -> None:
    result = plan(closed=NO_CHANGES)
    (hold,) = {step.hold for step in result.postponed}
    assert hold
    assert hold.reason == f"its window is closed: changes are written from {EVENING} on"
    assert "--approve" not in hold.release
    assert result.hash == plan().hash
    assert names(plan(closed=NO_CHANGES, approve=result.hash).active) == {"edited"}


def test_what_waits_for_a_person_is_told_before_the_window_opens() -> None:
    many = found(*(live(service(f"old-{n}")) for n in range(30)))
    result = plan(wanted(NEW), many, closed=NO_CHANGES)
    assert {step.hold.guard for step in result.holds if step.hold} == {
        Guard.MAX_DELETES,
        Guard.WINDOW,
    }
    approved = plan(wanted(NEW), many, closed=NO_CHANGES, approve=result.hash)
    assert approved.active == ()


def test_a_step_that_needs_a_postponed_one_waits_for_the_same() -> None:
    gone = group("warehouse", SERVER)
    identity = Identity("ServerGroup", "shop", "warehouse")
    record = Record(entries={identity: gone.digest})
    result = plan(wanted(gone), found(record=record), closed=NO_DRIFT)
    assert len(result.steps) > 1
    assert result.postponed == result.steps
