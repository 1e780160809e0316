"""A report's life: told once, followed to its end, and never doubled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from gitopsd.drift.life import advance
from gitopsd.drift.many import ROWS
from gitopsd.drift.render import Page, Words
from gitopsd.drift.render.page import sections
from gitopsd.drift.render.phrases import fight_rows, since_rows
from gitopsd.model.desired import ModeSpan
from gitopsd.model.digest import canonical
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.reason import Reason
from gitopsd.model.report import EventKind, ReportState, Resolution
from gitopsd.model.stored import report_from_json
from gitopsd.model.verdict import Assessment, Attribution
from tests.unit.build import OWNER
from tests.unit.drift.looks import HOUR, MINUTE, START, Story, by, drift, look, name_of

DAY = timedelta(days=1)


def test_a_drift_is_told_once_and_then_only_seen_again() -> None:
    story = Story()
    assert story.after(MINUTE, look(drift())) == [EventKind.OPENED]
    assert story.after(MINUTE, look(drift())) == [EventKind.REFRESHED]
    assert story.told.write == ()
    assert story.only.opened_at == "2026-11-22T08:01:00Z"


def test_while_nothing_moves_it_is_written_once_an_hour() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    writes = []
    for _ in range(18):
        story.after(10 * MINUTE, look(drift()))
        writes.append(len(story.told.write))
    assert sum(writes) == 3


def test_of_an_action_the_line_in_lists_tells_the_weights_that_moved() -> None:
    story, path = Story(), "metadata.annotations[alb.ingress.kubernetes.io/actions.forward]"
    note = "tea-svc:80 weight 55 → 20"
    story.after(MINUTE, look(drift(path=path, found="[{}]", note=note)))
    assert story.only.summary == f"{path}: {note}"


def test_another_value_of_the_same_field_is_the_same_report_with_news() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    assert story.after(MINUTE, look(drift(found="ClusterIP"))) == [EventKind.GREW]
    assert [item.found for item in story.only.evidence] == ["ClusterIP"]


def test_a_second_field_of_the_same_thing_grows_the_report_and_one_put_back_is_no_news() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    both = look(drift(), drift(path="spec.selector"))
    assert story.after(MINUTE, both) == [EventKind.GREW]
    assert story.after(MINUTE, look(drift())) == [EventKind.REFRESHED]
    assert [item.path for item in story.only.evidence] == ["spec.type"]
    assert story.told.write


def test_different_kinds_of_trouble_with_one_thing_are_reports_of_their_own() -> None:
    story = Story()
    added = drift(path="metadata.annotations[x]", reason=Reason.ADDITION)
    assert story.after(MINUTE, look(drift(), added)) == [EventKind.OPENED, EventKind.OPENED]


def test_an_exception_that_has_run_out_has_a_report_until_it_is_taken_out() -> None:
    span = ModeSpan("Service/spec.ports", "Ignore", "2026-11-01", "migration")
    calm = look(calm=["tea"])
    over = replace(calm, verdicts=(replace(calm.verdicts[0], over=(span,)),))
    story = Story()
    assert story.after(MINUTE, over) == [EventKind.OPENED]
    assert (story.only.reason, story.only.evidence[0].note) == (Reason.EXPIRED, "migration")
    assert story.after(MINUTE, calm) == [EventKind.RESOLVED]


def test_what_is_gone_is_resolved_by_itself() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    assert story.after(MINUTE, look(calm=["tea"])) == [EventKind.RESOLVED]
    assert (story.only.state, story.only.resolution) == (ReportState.RESOLVED, Resolution.GONE)


def test_what_git_asks_for_no_more_is_resolved_as_that() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    story.after(MINUTE, look())
    assert story.only.resolution is Resolution.REPLACED


@pytest.mark.parametrize(
    "blind",
    [
        look(unknown=["tea"]),
        look(gaps=True),
        look(calm=["tea"], blind=[Reason.FIELD]),
    ],
    ids=["unknown verdict", "not everything was seen", "not looked for"],
)
def test_what_could_not_be_judged_is_neither_resolved_nor_opened(blind: Assessment) -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    assert story.after(MINUTE, blind) == []
    assert story.only.open
    assert Story().after(MINUTE, blind) == []


def test_what_comes_back_soon_is_the_same_report_reopened() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    first = story.only
    story.after(MINUTE, look(calm=["tea"]))
    assert story.after(23 * HOUR, look(drift())) == [EventKind.REOPENED]
    assert story.only.fingerprint == first.fingerprint
    assert (story.only.reopened, story.only.first_seen) == (1, first.first_seen)
    assert story.only.opened_at > first.opened_at
    assert story.only.resolution is None


def test_what_comes_back_late_is_told_as_new() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    story.after(MINUTE, look(calm=["tea"]))
    assert story.after(25 * HOUR, look(drift())) == [EventKind.OPENED]
    assert story.only.reopened == 0


def test_a_resolved_report_is_forgotten_after_a_week() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    story.after(MINUTE, look(calm=["tea"]))
    name = story.only.fingerprint
    story.after(6 * DAY, look(calm=["tea"]))
    assert story.reports
    story.after(2 * DAY, look(calm=["tea"]))
    assert story.told.forget == (name,)
    assert not story.reports


def test_what_stays_open_too_long_is_escalated_once_a_spell() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    assert story.after(4 * HOUR, look(drift())) == [EventKind.ESCALATED, EventKind.REFRESHED]
    assert story.after(9 * HOUR, look(drift())) == [EventKind.REFRESHED]
    story.after(MINUTE, look(calm=["tea"]))
    story.after(MINUTE, look(drift()))
    assert story.only.escalated_at == ""
    assert EventKind.ESCALATED in story.after(4 * HOUR, look(drift()))


def test_a_clock_that_is_set_back_opens_and_resolves_nothing() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    story.after(MINUTE, look(calm=["tea"]))
    assert story.after(-DAY, look(calm=["tea"])) == []
    assert story.after(MINUTE, look(drift())) == [EventKind.REOPENED]


def test_more_than_twenty_new_ones_become_one_with_a_table() -> None:
    story = Story()
    flood = look(*(drift(f"tea-{number}") for number in range(25)))
    assert story.after(MINUTE, flood) == [EventKind.OPENED]
    assert story.only.reason is Reason.MANY
    assert len(story.only.rows) == 25
    assert story.after(MINUTE, flood) == [EventKind.REFRESHED]
    assert story.told.write == ()


def test_thousands_are_told_in_reports_that_fit_where_they_are_kept() -> None:
    story = Story()
    story.after(MINUTE, look(*(drift(f"tea-{number}") for number in range(ROWS + 1))))
    assert sorted(len(report.rows) for report in story.reports.values()) == [1, ROWS]
    for report in story.reports.values():
        assert len(canonical(report.to_json())) < 1_000_000


def test_twenty_new_ones_are_told_one_by_one() -> None:
    story = Story()
    found = look(*(drift(f"tea-{number}") for number in range(20)))
    assert story.after(MINUTE, found) == [EventKind.OPENED] * 20


def test_a_report_about_many_ends_with_its_last_row_and_comes_back_with_any() -> None:
    story = Story()
    names = [f"tea-{number}" for number in range(25)]
    story.after(MINUTE, look(*map(drift, names)))
    story.after(MINUTE, look(drift("tea-3"), calm=[n for n in names if n != "tea-3"]))
    open_rows = [row for row in story.only.rows if row.state is ReportState.OPEN]
    assert [row.subject.name for row in open_rows] == ["tea-3"]
    assert story.after(MINUTE, look(calm=names)) == [EventKind.RESOLVED]
    assert story.after(MINUTE, look(drift("tea-9"), calm=names[:9])) == [EventKind.REOPENED]
    assert len(story.reports) == 1


def test_a_row_that_comes_back_is_news_and_one_that_is_still_there_is_none() -> None:
    story = Story()
    names = [f"tea-{number}" for number in range(25)]
    story.after(MINUTE, look(*map(drift, names)))
    assert story.after(MINUTE, look(*map(drift, names[:9]), calm=names[9:])) == [
        EventKind.REFRESHED
    ]
    assert story.after(MINUTE, look(*map(drift, names[:10]), calm=names[10:])) == [EventKind.GREW]
    assert story.after(MINUTE, look(*map(drift, names[:10]), calm=names[10:])) == [
        EventKind.REFRESHED
    ]


def test_a_report_about_many_that_git_asks_for_no_more_is_resolved_as_that() -> None:
    story = Story()
    story.after(MINUTE, look(*(drift(f"tea-{number}") for number in range(25))))
    story.after(MINUTE, look())
    assert story.only.resolution is Resolution.REPLACED


def test_what_cannot_be_judged_for_long_is_escalated_by_the_clock_all_the_same() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    assert story.after(5 * HOUR, look(unknown=["tea"])) == [EventKind.ESCALATED]
    assert story.told.write == (story.only.fingerprint,)
    assert story.after(HOUR, look(unknown=["tea"])) == []


def test_what_is_new_beside_a_report_about_many_has_its_own() -> None:
    story = Story()
    flood = [drift(f"tea-{number}") for number in range(25)]
    story.after(MINUTE, look(*flood))
    events = story.after(MINUTE, look(*flood, drift("coffee")))
    assert sorted(events) == [EventKind.OPENED, EventKind.REFRESHED]


def test_two_managers_who_take_turns_become_one_report_that_names_both() -> None:
    story = Story()
    events = []
    for turn in range(6):
        manager, value = ("helm", "ClusterIP") if turn % 2 else ("kubectl-edit", "NodePort")
        who = by(manager, START + (turn + 1) * MINUTE)
        events += story.after(MINUTE, look(drift(found=value, who=who)))
    assert events.count(EventKind.FIGHT) == 1
    assert story.only.fighters == ("helm", "kubectl-edit")


def blow(story: Story, path: str, manager: str, found: str) -> list[EventKind]:
    who = by(manager, story.now + MINUTE)
    return story.after(MINUTE, look(drift(path=path, found=found, who=who)))


def test_managers_that_write_different_fields_do_not_fight() -> None:
    story = Story()
    for turn in range(8):
        one = drift(path="spec.type", found=f"{turn}", who=by("helm", story.now + MINUTE))
        other = drift(path="spec.selector", found=f"{turn}", who=by("argo", story.now + MINUTE))
        assert EventKind.FIGHT not in story.after(MINUTE, look(one, other))
    assert story.only.fighters == ()


def strike(story: Story, names: Iterable[str], manager: str, found: str) -> list[EventKind]:
    who = by(manager, story.now + MINUTE)
    return story.after(MINUTE, look(*(drift(name, found=found, who=who) for name in names)))


def test_a_fight_over_many_things_at_once_is_one_report_that_names_who_fights() -> None:
    story = Story()
    names = [f"tea-{number}" for number in range(25)]
    events = []
    for turn in range(6):
        found, manager = ("ClusterIP", "helm") if turn % 2 else ("NodePort", "argo")
        events += strike(story, names[: 25 - turn], manager, found)
    assert events.count(EventKind.FIGHT) == 1
    assert story.only.fighters == ("argo", "helm")
    assert "Service/shop/tea-0 spec.type" in story.only.fought
    assert story.only.summary.endswith("and 17 more: argo and helm overwrite each other")
    assert report_from_json(story.only.to_json()) == story.only
    before = story.only
    assert strike(story, names[:20], "helm", "ClusterIP") == [EventKind.REFRESHED]
    assert story.only.moves == before.moves
    assert story.after(MINUTE, look(calm=names)) == [EventKind.REFRESHED]
    assert (story.only.open, bool(story.only.calm_since)) == (True, True)
    assert strike(story, names[:2], "argo", "NodePort") == [EventKind.GREW]
    assert story.only.calm_since == ""
    assert story.after(2 * HOUR, look(calm=names)) == [EventKind.RESOLVED]
    assert story.after(MINUTE, look(calm=names)) == []


def test_a_fight_over_hundreds_of_things_names_every_one() -> None:
    story, names = Story(), [f"tea-{number}" for number in range(300)]
    for turn in range(6):
        strike(story, names, "helm" if turn % 2 else "argo", f"{turn}")
    assert len(story.only.fought) == len(names)
    assert len(canonical(story.only.to_json())) < 500_000


def test_a_finding_in_a_report_about_many_tells_since_when_and_who_fights_over_it() -> None:
    story = Story()
    names = [f"tea-{number}" for number in range(25)]
    for turn in range(6):
        strike(story, names, "helm" if turn % 2 else "argo", f"{turn}")
    seen = look(*(drift(name, found="5") for name in names))
    one, *_, first = sections(Page(seen, (story.only,)))
    words = Words("en")
    assert fight_rows(first, words)[0][1].endswith("spec.type, 20 more")
    assert since_rows(one, words) == [("Since", "2026-11-22 08:01 UTC")]
    assert fight_rows(one, words)[0][1] == "argo, helm keep overwriting each other at spec.type"


def test_one_who_moves_many_things_again_and_again_fights_with_nobody() -> None:
    story = Story()
    for turn in range(8):
        strike(story, [f"tea-{number}" for number in range(25)], "helm", f"{turn}")
    assert story.only.fighters == ()
    assert len(story.only.moves) == 25 * 6


def test_one_who_comes_by_once_does_not_fight() -> None:
    story = Story()
    for turn in range(6):
        blow(story, "spec.type", "kubectl-edit" if turn else "helm", f"{turn}")
    assert story.only.fighters == ()


def test_a_fight_says_what_it_is_over_and_who_fights_wherever_it_is_told_in_a_line() -> None:
    story = Story()
    for turn in range(6):
        blow(story, "spec.type", "helm" if turn % 2 else "kubectl-edit", f"{turn}")
    assert story.only.fought == ("spec.type",)
    assert story.only.summary == "spec.type: helm and kubectl-edit overwrite each other"
    story.after(MINUTE, look(calm=["tea"]))
    assert story.only.summary.endswith("overwrite each other; put right for now")
    assert story.only.actions == ()
    blow(story, "spec.type", "helm", "again")
    assert story.only.summary.endswith("overwrite each other")


def test_one_person_who_edits_again_and_again_fights_with_nobody() -> None:
    story = Story()
    for turn in range(9):
        who = by("kubectl-edit", START + (turn + 1) * MINUTE)
        story.after(MINUTE, look(drift(found=f"value-{turn}", who=who)))
    assert story.only.fighters == ()


def test_a_fight_stays_open_between_two_blows_and_is_over_when_it_is_calm() -> None:
    story = Story()
    for turn in range(6):
        manager, value = ("helm", "ClusterIP") if turn % 2 else ("kubectl-edit", "NodePort")
        who = by(manager, START + (turn + 1) * MINUTE)
        story.after(MINUTE, look(drift(found=value, who=who)))
    assert story.after(MINUTE, look(calm=["tea"])) == []
    assert story.only.open
    assert story.after(2 * HOUR, look(calm=["tea"])) == [EventKind.RESOLVED]


def turns(story: Story, names: list[str], restorer: Attribution | None) -> list[EventKind]:
    """Somebody moves a field six times, and each time it is put right again."""
    events: list[EventKind] = []
    for _ in range(6):
        events += strike(story, names, "op-b", "NodePort")
        events += story.after(MINUTE, look(calm=names), restorer)
    return events


@pytest.mark.parametrize("names", [["tea"], [f"tea-{n}" for n in range(25)]], ids=["one", "many"])
def test_one_of_two_who_fight_may_write_just_what_git_asks_for(names: list[str]) -> None:
    story = Story()
    events = turns(story, names, by("op-a", START))  # clocks of clusters may stand still
    assert events.count(EventKind.FIGHT) == 1
    assert story.only.fighters == ("op-a", "op-b")
    assert (story.only.open, bool(story.only.calm_since)) == (True, True)
    assert story.only.reopened == 2
    assert story.after(2 * HOUR, look(calm=names), by("op-a", START)) == [EventKind.RESOLVED]


@pytest.mark.parametrize("restorer", [None, by("op-b", START)], ids=["gitopsd", "the-same"])
def test_who_puts_right_what_it_moved_itself_fights_with_nobody(
    restorer: Attribution | None,
) -> None:
    story = Story()
    assert EventKind.FIGHT not in turns(story, ["tea"], restorer)
    assert (story.only.fighters, story.only.reopened) == ((), 5)


def test_nobody_fights_over_what_stands_beside_a_field_or_was_moved_by_nobody_known() -> None:
    for more in ({"reason": Reason.SHADOWED}, {"reason": Reason.ADDITION}, {}):
        story = Story()
        for _ in range(6):
            who = by("op-b", story.now + MINUTE) if more else None
            story.after(MINUTE, look(drift(who=who, **more)))
            story.after(MINUTE, look(calm=["tea"]), by("op-a", story.now))
        assert story.only.fighters == ()


def test_one_of_the_fields_of_a_thing_that_is_put_right_again_and_again_is_fought_over() -> None:
    story, stays = Story(), drift(path="spec.selector", found="x", who=by("helm", START))
    for turn in range(3):
        blown = drift(found=f"{turn}", who=by("op-b", story.now + MINUTE))
        story.after(MINUTE, look(stays, blown))
        story.after(MINUTE, look(stays), by("op-a", story.now + MINUTE))
    assert (story.only.fighters, story.only.fought) == (("op-a", "op-b"), ("spec.type",))


def test_reports_of_other_targets_are_not_looked_at() -> None:
    story = Story()
    story.after(MINUTE, look(drift()))
    other = replace(story.only, target="elsewhere")
    told = advance([other], look(calm=["tea"]), OWNER, story.now)
    assert (told.events, told.write, dict(told.reports)) == ((), (), {})


def test_a_report_says_what_will_be_done_about_it() -> None:
    story = Story()
    left = drift(outlook=Outlook(Action.LEAVE))
    story.after(MINUTE, look(left, drift(path="spec.selector", outlook=Outlook(Action.CORRECT))))
    assert set(story.only.actions) == {Action.CORRECT, Action.LEAVE}


def test_a_report_about_many_says_what_will_be_done_about_each() -> None:
    story = Story()
    flood = [drift(f"tea-{n}", outlook=Outlook(Action.CORRECT)) for n in range(25)]
    story.after(MINUTE, look(*flood))
    assert story.only.actions == (Action.CORRECT,)
    left = [drift("tea-0", outlook=Outlook(Action.LEAVE)), *flood[1:]]
    story.after(MINUTE, look(*left))
    assert set(story.only.actions) == {Action.CORRECT, Action.LEAVE}


def test_a_name_holds_nothing_that_moves_by_itself() -> None:
    early = drift(who=by("kubectl-edit", START), found=1)
    late = drift(who=by("helm", START + DAY), found=2)
    assert name_of(early) == name_of(late)
