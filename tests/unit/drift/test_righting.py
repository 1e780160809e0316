"""What was put right is told in its report; what was not is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitopsd.drift.remedies import remedies
from gitopsd.drift.render import Page, page_text
from gitopsd.drift.righting import put_right
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Change, Guard, Hold, Operation, Plan, Step
from gitopsd.model.reason import Reason
from gitopsd.model.report import EventKind, RemedyKind, Resolution, Told
from gitopsd.model.verdict import Difference
from tests.unit.build import OWNER
from tests.unit.drift.looks import MINUTE, Story, drift, exposure, look

TEA = Identity("Service", "shop", "tea")


def outcome(
    *paths: str, state: StepState = StepState.DONE, operation: Operation = Operation.UPDATE
) -> Outcome:
    changes = tuple(Change(path, "NodePort", "LoadBalancer") for path in paths)
    owner = Identity("Exposure", "shop", "tea")
    step = Step(operation, "Service", TEA, owner, changes)
    return Outcome(Plan(OWNER.instance, OWNER.target, (step,)), (StepResult(step, state),))


def after(story: Story, done: Outcome) -> Told:
    story.now += MINUTE
    told = put_right(story.reports.values(), done, OWNER, story.now)
    story.reports = dict(told.reports)
    return told


def opened(*paths: str) -> Story:
    story = Story()
    story.after(MINUTE, look(*(drift(path=path) for path in paths)))
    return story


def test_a_step_that_moved_the_field_puts_it_right() -> None:
    story = opened("spec.type")
    told = after(story, outcome("spec.type"))
    assert [event.kind for event in told.events] == [EventKind.RESOLVED]
    assert story.only.resolution is Resolution.CORRECTED
    assert told.write == (story.only.fingerprint,)
    assert [move.by for move in story.only.moves][-1] == "gitopsd"


@pytest.mark.parametrize(
    "done",
    [
        outcome("spec.selector"),
        outcome("spec.type", state=StepState.FAILED),
        outcome("spec.type", state=StepState.HELD),
    ],
    ids=["another field", "failed", "held"],
)
def test_what_was_not_done_puts_nothing_right(done: Outcome) -> None:
    story = opened("spec.type")
    assert after(story, done).events == ()
    assert story.only.open


def test_a_report_is_put_right_as_a_whole_or_not_at_all() -> None:
    story = opened("spec.type", "spec.selector")
    assert after(story, outcome("spec.type")).events == ()
    assert story.only.open


def test_a_thing_that_was_made_anew_is_right_in_every_field() -> None:
    story = opened("spec.type", "spec.selector")
    after(story, outcome(operation=Operation.CREATE))
    assert not story.only.open


def test_a_deleted_thing_is_right_only_when_it_was_made_anew() -> None:
    story = opened("")
    assert after(story, outcome("spec.type")).events == ()
    after(story, outcome("", operation=Operation.CREATE))
    assert not story.only.open


def test_a_blow_in_a_fight_resolves_nothing() -> None:
    story = Story()
    kinds: list[EventKind] = []
    for _ in range(3):
        kinds += story.after(MINUTE, look(drift()))
        kinds += [event.kind for event in after(story, outcome("spec.type")).events]
    assert kinds.count(EventKind.FIGHT) == 1
    assert story.only.open
    assert story.only.fighters == ("gitopsd", "unknown")
    assert story.after(timedelta(hours=2), look(calm=["tea"])) == [EventKind.RESOLVED]
    assert story.only.resolution is Resolution.FIGHT_ENDED


def test_to_put_it_right_once_more_is_no_remedy_for_a_fight_of_gitopsd() -> None:
    story = Story()
    item = drift(outlook=Outlook(Action.CORRECT))
    for _ in range(3):
        story.after(MINUTE, look(item))
        after(story, outcome("spec.type"))
    kinds = [remedy.kind for remedy in remedies(story.only)]
    assert kinds == [RemedyKind.END_FIGHT, RemedyKind.LOOK]
    story.after(MINUTE, look(item))
    kinds = [remedy.kind for remedy in remedies(story.only)]
    assert kinds == [
        RemedyKind.END_FIGHT, RemedyKind.ACCEPT, RemedyKind.HOLD, RemedyKind.LOOK,
    ]  # fmt: skip


def test_of_a_fight_that_was_put_right_only_the_fight_is_told() -> None:
    story = Story()
    for _ in range(3):
        story.after(MINUTE, look(drift()))
        after(story, outcome("spec.type"))
    assert story.only.calm_since == "2026-11-22T08:06:00Z"
    text = page_text(Page(look(calm=["tea"]), (story.only,)), width=400)
    assert "gitopsd, unknown keep overwriting each other at spec.type" in text
    assert "put right at 2026-11-22 08:06 UTC" in text
    assert "NodePort" not in text
    story.after(MINUTE, look(drift()))
    assert story.only.calm_since == ""
    assert "NodePort" in page_text(Page(look(drift()), (story.only,)), width=400)


def test_a_blow_counts_although_another_field_of_the_report_is_left() -> None:
    story = Story()
    for _ in range(3):
        story.after(MINUTE, look(drift(), drift(path="spec.selector", mode="Report")))
        after(story, outcome("spec.type"))
        story.after(MINUTE, look(drift(path="spec.selector", mode="Report")))
    assert (story.only.fighters, story.only.fought) == (("gitopsd", "unknown"), ("spec.type",))
    assert story.only.calm_since == ""


FLOOD = [drift(f"tea-{n}", outlook=Outlook(Action.CORRECT)) for n in range(21)]


def done(*items: Difference) -> Outcome:
    owner, change = exposure("tea"), (Change("spec.type", "NodePort", "LoadBalancer"),)
    steps = [Step(Operation.UPDATE, "Service", i.resource, owner, change) for i in items]
    results = tuple(StepResult(step, StepState.DONE) for step in steps)
    return Outcome(Plan(OWNER.instance, OWNER.target, tuple(steps)), results)


def test_a_fight_that_gitopsd_has_a_part_in_keeps_a_report_about_many_open() -> None:
    story = Story()
    for _ in range(3):
        story.after(MINUTE, look(*FLOOD))
        after(story, done(*FLOOD))
    assert (story.only.open, story.only.fighters) == (True, ("gitopsd", "unknown"))
    assert story.only.calm_since == "2026-11-22T08:06:00Z"
    calm = [f"tea-{n}" for n in range(21)]
    assert EventKind.RESOLVED not in story.after(MINUTE, look(calm=calm))
    assert story.after(timedelta(hours=2), look(calm=calm)) == [EventKind.RESOLVED]
    assert story.only.resolution is Resolution.FIGHT_ENDED


def test_a_report_about_many_is_put_right_row_by_row() -> None:
    story, flood = Story(), FLOOD
    story.after(MINUTE, look(*flood))
    assert after(story, done(*flood[:20])).events == ()
    assert story.only.summary == "1 of 21 findings, about 1 Exposure or server group"
    assert [event.kind for event in after(story, done(flood[20])).events] == [EventKind.RESOLVED]
    assert story.only.resolution is Resolution.CORRECTED


def test_reports_of_others_are_left_alone() -> None:
    story = opened("spec.type")
    other = replace(story.only, instance="another")
    assert put_right([other], outcome("spec.type"), OWNER, story.now).reports == {}


def kinds_of(report_reason: Reason, outlook: Outlook) -> list[RemedyKind]:
    story = Story()
    story.after(MINUTE, look(replace(drift(), reason=report_reason, outlook=outlook)))
    return [remedy.kind for remedy in remedies(story.only)]


ADOPTION = Hold(Guard.ADOPTION, "our labels were taken off it", f"--adopt {TEA}")


def test_what_can_be_done_depends_on_the_kind_of_trouble() -> None:
    correct, decide = Outlook(Action.CORRECT), Outlook(Action.DECIDE)
    assert kinds_of(Reason.FIELD, correct) == [
        RemedyKind.CORRECT, RemedyKind.ACCEPT, RemedyKind.HOLD, RemedyKind.LOOK,
    ]  # fmt: skip
    lost = kinds_of(Reason.STAMP, Outlook(Action.HOLD, ADOPTION))
    assert lost == [RemedyKind.ADOPT, RemedyKind.LOOK]
    assert kinds_of(Reason.STAMP, correct) == [RemedyKind.CORRECT, RemedyKind.LOOK]
    assert kinds_of(Reason.SHADOWED, decide) == [RemedyKind.MEND, RemedyKind.LOOK]


def test_every_field_that_drifted_can_be_held() -> None:
    story = Story()
    story.after(MINUTE, look(*(drift(path=f"spec.{n}") for n in range(7))))
    holds = [r.command for r in remedies(story.only) if r.kind is RemedyKind.HOLD]
    assert [f"--path Service/spec.{n} " in holds[n] for n in range(5)] == [True] * 5
    assert len(holds) == 5


def test_only_drift_that_is_left_needs_more_than_a_plain_apply() -> None:
    commands = {}
    for action in (Action.CORRECT, Action.LEAVE):
        story = Story()
        story.after(MINUTE, look(replace(drift(), outlook=Outlook(action))))
        commands[action] = remedies(story.only)[0].command
    assert commands[Action.CORRECT].startswith("gitopsd apply --target ")
    assert commands[Action.LEAVE].startswith("gitopsd apply --correct --target ")


def test_nothing_is_to_be_done_about_a_resolved_report() -> None:
    story = opened("spec.type")
    after(story, outcome("spec.type"))
    assert remedies(story.only) == ()
