"""What lost our marks is said to have left Git only where Git could be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from gitopsd.engine.judging import assess_target
from gitopsd.engine.planning import plan_target
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.ownership import EXPOSURE, LABELS
from gitopsd.model.verdict import State
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, live, live_group, service, wanted

TODAY = date(2026, 11, 22)
TEA, MILK = (Identity("Exposure", "shop", name) for name in ("tea", "milk"))
STOCK = Identity("ServerGroup", "shop", "stock")


def told(
    kind: str,
    held: Iterable[Identity] = (),
    unread: Iterable[str] = (),
    *,
    stripped: Iterable[str] = LABELS,
) -> tuple[bool, set[State], set[Identity]]:
    """Whether it is told as gone from Git, the verdicts, and what the next pass remembers of it."""
    if kind == "group":
        identity, thing = STOCK, live_group(group("stock"))
        thing = replace(thing, tags={})
    else:
        identity, thing = service("tea").identity, live(service("tea"))
        for label in stripped:
            thing.manifest["metadata"]["labels"].pop(label, None)
    seen = found(unmarked={identity: thing}, record=Record(entries={identity: "before"}))
    desired = wanted(held=held, hold_deletions=unread)
    plan = plan_target(desired, seen, OWNER, PlanOptions(TODAY))
    notices = {notice.id for notice in plan.notices}
    verdicts = assess_target(desired, seen, OWNER, TODAY).verdicts
    return "GX1018" in notices, {one.state for one in verdicts}, set(plan.settled)


@pytest.mark.parametrize("kind", ["object", "group"])
def test_what_lost_our_marks_is_gone_from_git_where_git_has_no_such_document(kind: str) -> None:
    gone, states, remembered = told(kind)
    assert (gone, states, len(remembered)) == (True, {State.DRIFTED}, 1)


@pytest.mark.parametrize(
    ("kind", "held", "unread"),
    [("object", (TEA,), ()), ("object", (MILK,), ()), ("group", (STOCK,), ()),
     ("object", (), ("x",)), ("group", (), ("x",))],
    ids=["its-document", "one-beside", "its-group", "a-file", "a-file-with-a-group"],
)  # fmt: skip
def test_what_a_document_that_cannot_be_used_may_ask_for_is_unknown_and_remembered(
    kind: str, held: tuple[Identity, ...], unread: tuple[str, ...]
) -> None:
    gone, states, remembered = told(kind, held, unread)
    assert (gone, states, len(remembered)) == (False, {State.UNKNOWN}, 1)


def test_a_document_with_errors_says_nothing_of_what_bears_the_name_of_another() -> None:
    others = [label for label in LABELS if label != EXPOSURE]
    gone, states, _ = told("object", (MILK,), stripped=others)
    assert (gone, states) == (True, {State.DRIFTED, State.UNKNOWN})
    assert told("group", (MILK,))[0]
