"""Two revisions side by side, with a cluster and without."""

from __future__ import annotations

from datetime import date

import pytest

from gitopsd.diff.applied import as_applied
from gitopsd.engine.judging import assess_target
from gitopsd.engine.planning import plan_target
from gitopsd.engine.previews import preview_offline, preview_target
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Guard, Operation
from gitopsd.model.verdict import State
from gitopsd.planning import PlanOptions
from tests.golden.runner import Case, cases, state_of
from tests.unit.build import OWNER, found, group, ingress, live, service, wanted

OPTIONS = PlanOptions(date(2026, 11, 22))
TEA, COFFEE = service("tea"), service("coffee")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_what_has_been_applied_differs_in_nothing_from_what_is_wanted(case: Case) -> None:
    for desired in state_of(case.repository).targets.values():
        owner = Owner("acme", desired.name)
        assert preview_offline(desired, desired, owner, OPTIONS).plan.steps == ()
        observed = as_applied(desired, desired, owner)
        verdicts = assess_target(desired, observed, owner, OPTIONS.today).verdicts
        assert {item.state for item in verdicts} <= {State.IN_SYNC, State.UNKNOWN}


def test_without_a_cluster_the_steps_lead_from_one_revision_to_the_other() -> None:
    before = wanted(TEA, service("kiosk"))
    after = wanted(service("tea", externalTrafficPolicy="Local"), COFFEE)
    preview = preview_offline(after, before, OWNER, OPTIONS)
    assert preview.offline
    assert [(step.operation, step.identity.name) for step in preview.plan.steps] == [
        (Operation.CREATE, "coffee"),
        (Operation.UPDATE, "tea"),
        (Operation.DELETE, "kiosk"),
    ]
    assert preview.brought == preview.plan.steps
    assert (preview.pending, preview.dropped) == ((), ())


def test_without_a_cluster_members_and_ids_are_compared_too() -> None:
    warehouse = group("warehouse", ("192.168.20.11", 8080, 100))
    more = group("warehouse", ("192.168.20.11", 8080, 50), ("192.168.20.12", 8080, 100))
    menu = ingress(groups=[warehouse.identity])
    preview = preview_offline(wanted(more, menu), wanted(warehouse, menu), OWNER, OPTIONS)
    assert {(step.operation, step.kind) for step in preview.plan.steps} == {
        (Operation.CREATE, "Members"),
        (Operation.UPDATE, "Members"),
        (Operation.UPDATE, "ServerGroup"),
    }


def test_without_a_cluster_the_guards_that_need_none_hold_all_the_same() -> None:
    many = [service(f"s{number}") for number in range(12)]
    preview = preview_offline(wanted(many[0]), wanted(*many), OWNER, OPTIONS)
    assert {step.hold.guard for step in preview.plan.holds if step.hold} == {Guard.MAX_DELETES}


def test_a_target_that_is_new_is_filled_from_nothing() -> None:
    preview = preview_offline(wanted(TEA), None, OWNER, OPTIONS)
    assert [step.operation for step in preview.plan.steps] == [Operation.CREATE]


def test_with_a_cluster_what_is_due_anyway_is_told_from_what_the_change_brings() -> None:
    observed = found(live(TEA, edits={"spec.externalTrafficPolicy": "Local"}))
    preview = preview_target(wanted(TEA, COFFEE), wanted(TEA), observed, OWNER, OPTIONS)
    assert [step.identity.name for step in preview.brought] == ["coffee"]
    assert [step.identity.name for step in preview.pending] == ["tea"]
    assert preview.dropped == ()


def test_with_a_cluster_what_the_change_takes_back_before_it_was_done_is_told() -> None:
    preview = preview_target(wanted(TEA), wanted(TEA, COFFEE), found(live(TEA)), OWNER, OPTIONS)
    assert preview.plan.steps == ()
    assert [step.identity.name for step in preview.dropped] == ["coffee"]


def test_the_plan_beside_another_is_the_plan_alone_hash_included() -> None:

    observed = found(live(TEA))
    preview = preview_target(wanted(COFFEE), wanted(TEA), observed, OWNER, OPTIONS)
    assert preview.plan == plan_target(wanted(COFFEE), observed, OWNER, OPTIONS)
