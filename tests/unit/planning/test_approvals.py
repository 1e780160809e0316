"""What approves a plan, for how long, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gitopsd.engine.planning import plan_target
from gitopsd.engine.record import next_record
from gitopsd.model.approval import APPROVE, Approval, approve_too, to_type
from gitopsd.model.observed import Gap, Record
from gitopsd.model.outcome import StepResult, StepState
from gitopsd.model.plan import Guard, Hold, Operation, Plan, Step
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, live, live_group, service, wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEEN = [live(service(f"s{n}")) for n in range(12)]


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def emptying(record: Record | None = None, **options: Any) -> Plan:
    """Twelve deletions, more than maxDeletes."""
    choice = PlanOptions(date(2026, 11, 22), now=NOW, **options)
    return plan_target(wanted(), found(*SEEN, record=record), OWNER, choice)


HASH = emptying().hash


def annotated(value: str, written: str, *approvals: Approval) -> Record:
    return Record(
        annotations={APPROVE: value},
        annotated={APPROVE: written} if written else {},
        approvals=approvals,
    )


def release(plan: Plan) -> str:
    hold = plan.steps[0].hold
    assert hold is not None
    return hold.release


def record_after(plan: Plan, before: Record | None, state: StepState) -> Record:
    results = tuple(StepResult(step, state) for step in plan.steps)
    found = next_record(plan, before, results, {}, {}, at(1))
    return found or before or Record()


def test_an_approval_names_its_plan_and_no_other() -> None:
    assert release(emptying()) == f"--approve {HASH}"
    assert emptying(approve="0" * 64).active == ()
    assert "names another plan" in release(emptying(approve="0" * 64))
    approved = emptying(approve=HASH)
    assert len(approved.active) == 12
    assert {step.waived.guard for step in approved.steps if step.waived} == {Guard.MAX_DELETES}
    assert approved.hash == HASH


def test_an_approval_stands_in_the_history_once_a_step_that_it_let_go_was_done() -> None:
    approved = emptying(approve=HASH)
    failed = record_after(approved, None, StepState.FAILED)
    assert failed.approvals == ()
    assert len(emptying(failed, approve=HASH).active) == 12
    done = record_after(approved, None, StepState.DONE)
    (used,) = done.approvals
    assert (used.plan_hash, used.used) == (HASH, at(1))
    again = emptying(done, approve=HASH)
    assert again.active == ()
    assert "counts once" in release(again)
    assert release(again).startswith(f"gitopsd approve {HASH} --target {OWNER.target} (")


@pytest.mark.parametrize("record", [annotated(HASH, at(-1)), None])
def test_a_plan_that_was_approved_before_names_the_way_that_approves_it_again(
    record: Record | None,
) -> None:
    """Whoever looks at it is not sent to a command that is refused."""
    approved = emptying(record) if record else emptying(approve=HASH)
    used = record_after(approved, record, StepState.DONE)
    for told in (emptying(used), emptying(used, fleet="other"), emptying(used, approve=HASH)):
        assert "--approve" not in release(told)
        command = to_type(release(told), HASH, "--target t")
        assert command == f"gitopsd approve {HASH} --target t && gitopsd apply --target t --wait"
        hold = told.steps[0].hold
        assert hold is not None
        assert hold.chinese is not None
        assert hold.chinese.release.endswith(
            f"{HASH} --target {OWNER.target}（对此计划的批准已于 {at(1)} 使用，仅一次有效）"
        )
    again = release(emptying(used, again="--instance acme repo"))
    assert again.startswith(
        f"gitopsd approve {HASH} --target {OWNER.target} --instance acme repo ("
    )
    renewed = replace(used, annotations={APPROVE: f"{HASH} {at(1.5)}"})
    later = PlanOptions(date(2026, 11, 22), now=NOW + timedelta(hours=2))
    seen = found(*SEEN, record=renewed)
    assert len(plan_target(wanted(), seen, OWNER, later).active) == 12


@pytest.mark.parametrize(
    ("value", "written"),
    [(HASH, at(-1)), (HASH, at(-23.9)), (f"{HASH} {at(-1)}", ""), (f"{HASH} {at(-1)}", at(-99))],
)
def test_an_annotation_on_the_record_approves_for_a_day(value: str, written: str) -> None:
    approved = emptying(annotated(value, written))
    assert len(approved.active) == 12
    assert approved.approval is not None
    assert approved.approval.plan_hash == HASH


@pytest.mark.parametrize(
    ("value", "written", "words"),
    [
        (HASH, at(-24.1), "counts for 24 hours"),
        (HASH, "", "unknown time"),
        (f"{HASH} yesterday", at(-1), "counts for 24 hours"),
        (f"{HASH} {at(2)}", at(-1), "counts for 24 hours"),
        (f"{HASH} 2026-11-22T08:00:00", at(-1), "counts for 24 hours"),
        ("0" * 64, at(-1), "names another plan"),
    ],
)
def test_an_annotation_that_does_not_count_is_told(value: str, written: str, words: str) -> None:
    held = emptying(annotated(value, written))
    assert held.active == ()
    assert words in release(held)


def test_an_annotation_is_used_once_even_when_its_manager_writes_again() -> None:
    approved = emptying(annotated(HASH, at(-1)))
    used = record_after(approved, annotated(HASH, at(-1)), StepState.DONE)
    later = replace(used, annotations={APPROVE: HASH}, annotated={APPROVE: at(2)})
    assert emptying(later).active == ()


def test_approvals_of_several_plans_stand_beside_one_another() -> None:
    """And each grows old, is given again, and is used, for itself."""
    other = "0" * 64
    stands = approve_too(approve_too(None, HASH, NOW - timedelta(hours=2)), other, NOW)
    assert stands == f"{HASH} 2026-11-22T07:00:00Z, {other} 2026-11-22T09:00:00Z"
    approved = emptying(annotated(stands, ""))
    assert (len(approved.active), approved.approval) == (12, Approval(HASH, "2026-11-22T07:00:00Z"))
    done = record_after(approved, annotated(stands, ""), StepState.DONE)
    assert [(past.plan_hash, past.used) for past in done.approvals] == [(other, ""), (HASH, at(1))]
    used = emptying(replace(done, annotations={APPROVE: stands}))
    assert used.active == ()
    assert "counts once" in release(used)
    again = approve_too(stands, HASH, NOW + timedelta(hours=2))
    assert again == f"{other} 2026-11-22T09:00:00Z, {HASH} 2026-11-22T11:00:00Z"
    assert approve_too(stands, other, NOW + timedelta(hours=23)).count(",") == 0
    assert approve_too("bare", other, NOW).startswith("bare, ")


def test_the_same_plan_is_approved_again_by_an_annotation_with_a_later_time() -> None:
    past = Approval(HASH, at(-9), at(-8))
    assert emptying(annotated(f"{HASH} {at(-8.5)}", "", past)).active == ()
    assert len(emptying(annotated(f"{HASH} {at(-7)}", "", past)).active) == 12


def test_an_unused_annotation_grows_old_from_when_it_was_first_seen() -> None:
    other = plan_target(wanted(), found(), OWNER, PlanOptions(date(2026, 11, 22), now=NOW))
    before = annotated(HASH, at(-30))
    noted = next_record(other, before, (), {}, {}, at(-29))
    assert noted is not None
    assert noted.approvals == (Approval(HASH, at(-30), bare=True),)
    moved = replace(noted, annotations={APPROVE: HASH}, annotated={APPROVE: at(-1)})
    assert emptying(moved).active == ()
    assert next_record(other, replace(moved), (), {}, {}, at(0)) is None


def test_a_bare_annotation_is_not_judged_by_one_that_had_a_time() -> None:
    other = plan_target(wanted(), found(), OWNER, PlanOptions(date(2026, 11, 22), now=NOW))
    timed = next_record(other, annotated(f"{HASH} {at(-40)}", ""), (), {}, {}, at(-39))
    assert timed is not None
    bare = replace(timed, annotations={APPROVE: HASH}, annotated={APPROVE: at(-1)})
    approved = emptying(bare)
    assert len(approved.active) == 12
    used = record_after(approved, bare, StepState.DONE)
    assert [past.used for past in used.approvals] == ["", at(1)]
    again = replace(used, annotations={APPROVE: HASH}, annotated={APPROVE: at(2)})
    assert emptying(again).active == ()


def test_a_bare_annotation_taken_off_and_put_back_is_another_approval() -> None:
    other = plan_target(wanted(), found(), OWNER, PlanOptions(date(2026, 11, 22), now=NOW))
    noted = next_record(other, annotated(HASH, at(-40)), (), {}, {}, at(-39))
    assert noted is not None
    back = {"annotations": {APPROVE: HASH}, "annotated": {APPROVE: at(-1)}}
    assert emptying(replace(noted, **back)).active == ()
    without = next_record(other, noted, (), {}, {}, at(-2))
    assert without is not None
    assert len(emptying(replace(without, **back)).active) == 12


def test_nonsense_in_the_history_is_told_left_out_and_written_no_more() -> None:
    plan = emptying(Record(nonsense=3))
    assert [notice.id for notice in plan.notices] == ["GX1014"]
    other = plan_target(wanted(), found(), OWNER, PlanOptions(date(2026, 11, 22), now=NOW))
    before = next_record(other, Record(), (), {}, {}, at(0)) or Record()
    assert next_record(other, before, (), {}, {}, at(0)) is None
    assert next_record(other, replace(before, nonsense=3), (), {}, {}, at(0)) is not None


def test_an_endless_annotation_makes_no_endless_message() -> None:
    assert len(release(emptying(annotated(f"{HASH} {'x' * 9000}", "")))) < 400
    assert len(release(emptying(annotated("x" * 9000, "")))) < 400


def test_an_approval_never_overrides_what_was_not_seen_or_another_cluster() -> None:
    before, after = group("warehouse", ("192.168.20.11", 8080, 100)), group("warehouse")
    options = PlanOptions(date(2026, 11, 22), now=NOW)
    pinned = wanted(after, cluster_uid="uid-a")
    seen = found(live_group(before), cluster_uid="uid-b")
    held = plan_target(pinned, seen, OWNER, options)
    approved = plan_target(pinned, seen, OWNER, replace(options, approve=held.hash))
    assert approved.active == ()
    gaps = (Gap("the ingresses", "403", frozenset({"Ingress"})),)
    blind = plan_target(wanted(), found(*SEEN, gaps=gaps), OWNER, replace(options, approve=HASH))
    assert blind.active == ()


def test_of_two_holds_the_one_that_no_approval_overrides_stays() -> None:
    identity = service().identity
    step = Step(Operation.DELETE, "Service", identity, identity)
    soft, hard = Hold(Guard.CAPACITY, "soft"), Hold(Guard.TARGET, "hard")
    assert step.held(soft).held(hard).hold == hard
    assert step.held(hard).held(soft).hold == hard
