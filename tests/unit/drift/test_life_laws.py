"""Laws of the life of reports, whatever is seen in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.drift.findings import findings
from gitopsd.drift.life import advance
from gitopsd.drift.policy import LifePolicy
from gitopsd.model.reason import Reason
from gitopsd.model.report import EventKind, ReportState
from gitopsd.model.verdict import Assessment
from tests.unit.build import OWNER
from tests.unit.drift.looks import Story, by, drift, look

NAMES = tuple("abcde")
#: Few findings already count as many, so that small stories have reports about many.
POLICY = LifePolicy(many=2)
TIMES = st.sampled_from([1, 30, 70, 300, 60 * 25, 60 * 24 * 8]).map(lambda n: timedelta(minutes=n))


@st.composite
def looks(draw: st.DrawFn) -> Assessment:
    found, calm, unknown = [], [], []
    for name in NAMES:
        match draw(st.sampled_from(["calm", "drift", "both", "unknown", "away"])):
            case "calm":
                calm.append(name)
            case "unknown":
                unknown.append(name)
            case "drift":
                found.append(drift(name, found=draw(st.sampled_from(["x", "y"]))))
            case "both":
                found.append(drift(name))
                found.append(drift(name, path="spec.other", reason=Reason.ADDITION))
    return look(*found, calm=calm, unknown=unknown, gaps=draw(st.booleans()))


stories = st.lists(st.tuples(TIMES, looks()), min_size=1, max_size=8)


def played(steps: list[tuple[timedelta, Assessment]]) -> Story:
    story = Story(POLICY)
    for time, assessment in steps:
        story.after(time, assessment)
    return story


@given(stories)
def test_the_same_look_again_changes_nothing(steps: list[tuple[timedelta, Assessment]]) -> None:
    story = played(steps)
    before = story.reports
    events = story.after(timedelta(0), steps[-1][1])
    assert story.reports == before
    assert set(events) <= {EventKind.REFRESHED}
    assert (story.told.write, story.told.forget) == ((), ())


@given(stories, st.randoms(use_true_random=False))
def test_the_order_of_verdicts_and_differences_makes_no_difference(
    steps: list[tuple[timedelta, Assessment]], chance: random.Random
) -> None:
    def shuffled(assessment: Assessment) -> Assessment:
        verdicts = [
            replace(v, differences=tuple(chance.sample(v.differences, len(v.differences))))
            for v in assessment.verdicts
        ]
        chance.shuffle(verdicts)
        return replace(assessment, verdicts=tuple(verdicts))

    mixed = played([(time, shuffled(assessment)) for time, assessment in steps])
    assert mixed.reports == played(steps).reports


@given(stories)
def test_no_finding_is_ever_told_by_two_open_reports(
    steps: list[tuple[timedelta, Assessment]],
) -> None:
    story = Story(POLICY)
    for time, assessment in steps:
        story.after(time, assessment)
        told = [r.fingerprint for r in story.reports.values() if r.open and not r.rows]
        for report in story.reports.values():
            if report.open:
                told += [r.fingerprint for r in report.rows if r.state is ReportState.OPEN]
        assert len(told) == len(set(told))
        assert set(findings(assessment, OWNER).reports) <= set(told)


@given(stories)
def test_what_is_to_be_written_is_exactly_what_differs(
    steps: list[tuple[timedelta, Assessment]],
) -> None:
    story = Story(POLICY)
    for time, assessment in steps:
        before = story.reports
        story.after(time, assessment)
        stored = {**before, **{name: story.reports[name] for name in story.told.write}}
        for name in story.told.forget:
            del stored[name]
        assert stored == story.reports


@given(stories, st.data())
def test_a_crash_while_saving_doubles_nothing(
    steps: list[tuple[timedelta, Assessment]], data: st.DataObject
) -> None:
    story = played(steps[:-1])
    time, last = steps[-1]
    stored = dict(story.reports)
    story.after(time, last)
    saved = data.draw(st.integers(0, len(story.told.write)))
    for name in story.told.write[:saved]:
        stored[name] = story.reports[name]
    again = advance(stored.values(), last, OWNER, story.now, policy=POLICY)
    covered = [r.fingerprint for r in again.reports.values() if r.open and not r.rows]
    covered += [
        row.fingerprint
        for r in again.reports.values()
        for row in r.rows
        if r.open and row.state is ReportState.OPEN
    ]
    assert len(covered) == len(set(covered))
    assert set(findings(last, OWNER).reports) <= set(covered)


@given(st.permutations(NAMES), st.sampled_from(["helm", "kubectl"]))
def test_reopening_within_the_window_keeps_the_name(order: list[str], manager: str) -> None:
    story = Story()
    story.after(timedelta(0), look(*map(drift, order)))
    names = set(story.reports)
    story.after(timedelta(minutes=5), look(calm=order))
    who = by(manager, story.now)
    events = story.after(timedelta(hours=3), look(*(drift(name, who=who) for name in order)))
    assert set(events) == {EventKind.REOPENED}
    assert set(story.reports) == names
