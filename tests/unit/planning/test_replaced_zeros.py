"""What the hold of a replacement says of a group that somebody has drained."""

from __future__ import annotations

from datetime import date

from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.observed import Record
from gitopsd.model.ownership import DIGEST
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, ingress, live, live_group, wanted

SERVER = ("192.168.20.11", 8080, 100)
KEY = "alb.ingress.kubernetes.io/actions.forward"


def reason(*, by_hand: bool) -> str:
    """Why a group waits to be replaced that has a 0 in an Ingress, set by hand or by Git."""
    before, after = group("warehouse", SERVER), group("warehouse", SERVER, protocol="HTTPS")
    item = ingress(groups=[after.identity])
    ids = {after.identity: "sgp-one"}
    action = live(item, ids).manifest["metadata"]["annotations"][KEY]
    zero = action.replace('"Weight":20', '"Weight":0')
    assert zero != action
    seen = live(item, ids, edits={f"metadata.annotations@{KEY}": zero})
    applied = seen.manifest if not by_hand else live(item, ids).manifest
    record = Record(
        entries={item.identity: seen.labels[DIGEST]}, fields={item.identity: remember(applied)}
    )
    observed = found(seen, live_group(before), record=record)
    plan = plan_target(wanted(item, after), observed, OWNER, PlanOptions(date(2026, 11, 22)))
    (step,) = (step for step in plan.holds if step.key == "create ServerGroup shop/warehouse")
    assert step.hold is not None
    assert step.hold.release == "--replace ServerGroup/shop/warehouse"
    return step.hold.reason


def test_the_hold_of_a_replacement_says_that_somebody_has_drained_the_group() -> None:
    assert "sgp-one was set to 0 by hand (kubectl-edit) in Ingress/shop/menu" in reason(
        by_hand=True
    )


def test_the_hold_of_a_replacement_says_nothing_of_a_0_of_git() -> None:
    assert "set to 0" not in reason(by_hand=False)
