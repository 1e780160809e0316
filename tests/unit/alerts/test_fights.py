"""A fight is told as one, whoever overwrites whom, and although gitopsd puts it right each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from gitopsd.alerts import Pacing, Rules, Scene, Style
from gitopsd.alerts.bare import bare
from gitopsd.alerts.composing import item_of, lines_of
from gitopsd.alerts.digests import digest_lines, digest_title
from gitopsd.alerts.folding import folded
from gitopsd.drift.life import advance
from gitopsd.drift.policy import text_of
from gitopsd.drift.render import Words
from gitopsd.drift.righting import put_right
from gitopsd.model.message import Message, News, Severity
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.plan import Change, Operation, Plan, Step
from gitopsd.model.report import DriftReport, ReportState, RouteImpact
from gitopsd.model.verdict import Assessment, Attribution, Mode, Verdict
from tests.unit.alerts.hours import (
    OWNER,
    START,
    Hours,
    drift,
    edited,
    exposure,
    verdict,
)

EN, ZH = Words("en"), Words("zh")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CHAT, TRACKER = Rules("ops"), Rules("issues", Style.THREAD)
FIGHT = "End the fight: gitopsd, helm keep overwriting each other on Exposure/shop/tea at edge"
WAY_OUT = (
    "Let only one of them write it: take it out of what the other applies,"
    " or take its value into Git."
)
FIELD = "They overwrite each other: gitopsd, helm (spec.type)"
MANY = [f"tea-{number:02}" for number in range(30)]


@dataclass
class Righting(Hours):
    """Helm writes from the start on every so many minutes, until it stops; where the mode is
    Correct, each pass puts it right and says so in the reports, as an operator does.
    """

    names: Sequence[str] = ("tea",)
    every: int = 1
    stops: float = 10_000
    mode: Mode = "Correct"

    def _pass(self) -> None:
        minute = int((self.now - START) / MINUTE)
        on = minute % self.every == 0 and minute < self.stops
        who = Attribution("helm", "Update", text_of(self.now))
        found = [drift(name, mode=self.mode, who=who) for name in self.names if on]
        verdicts = [verdict(item.resource.name, item) for item in found]
        verdicts = verdicts or [verdict(name) for name in self.names]
        assessment = Assessment("edge", tuple(verdicts))
        told = advance(self.reports, assessment, OWNER, self.now, impacts=self.impacts)
        self.reports = tuple(told.reports.values())
        if found and self.mode == "Correct":
            change = (Change("spec.type", "NodePort", "ClusterIP"),)
            steps = [
                Step(Operation.UPDATE, "Service", i.resource, exposure(i.resource.name), change)
                for i in found
            ]
            done = tuple(StepResult(step, StepState.DONE) for step in steps)
            outcome = Outcome(Plan("acme", "edge", tuple(steps)), done)
            self.reports = tuple(put_right(self.reports, outcome, OWNER, self.now).reports.values())


def righting(rules: Rules = CHAT, **story: object) -> Righting:
    return Righting(rules, lambda _: (), look=0.5 * MINUTE, **story)  # type: ignore[arg-type]


def last(hours: Hours) -> Message:
    """What stands in the issue at the end."""
    every = [message for _, message in hours.messages] + hours.silent
    return max(every, key=lambda message: message.time)


# --- by whom, and how often -----------------------------------------------------------------------


@pytest.mark.parametrize("rules", [CHAT, TRACKER], ids=["chat", "issue"])
@pytest.mark.parametrize("every", [1, 3, 5, 10, 15])
def test_who_writes_again_what_gitopsd_puts_right_is_told_of_as_a_fight(
    every: int, rules: Rules
) -> None:
    hours = righting(rules, every=every, stops=80).run(2.5 * HOUR)
    assert hours.titles.count(FIGHT) == 1, hours.titles
    assert hours.titles[-1] == "Done: Exposure/shop/tea at edge, as Git wants it again"
    assert not [title for title in hours.titles if title.startswith("Decide")]
    assert len(hours.titles) <= 4, hours.titles
    [fight] = [message for _, message in hours.messages if message.title == FIGHT]
    assert next(fight.plain()) == WAY_OUT
    assert FIELD in fight.plain()


def test_what_became_a_fight_after_it_was_told_has_its_title_in_the_issue_from_then_on() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        by = "argo" if minute < 20 else ("argo", "helm")[minute % 2]
        who = Attribution(by, "Update", text_of(now))
        found = "v0" if minute < 20 else f"v{minute}"
        return [verdict("tea", drift("tea", found, who=who))]

    hours, fight = Hours(TRACKER, world, look=0.5 * MINUTE), FIGHT.replace("gitopsd", "argo")
    hours.run(24 * MINUTE)
    assert hours.titles == ["Decide: Exposure/shop/tea at edge is not as Git wants it"]
    hours.silent.clear()
    hours.run(HOUR)
    assert hours.titles[1:] == [fight]
    assert {message.title for message in hours.silent} == {fight}


def test_an_issue_about_a_fight_is_not_edited_at_every_blow() -> None:
    hours = righting(TRACKER, every=1).run(3 * HOUR)
    assert hours.titles == [FIGHT]
    assert hours.silent == []


def test_a_fight_that_is_open_for_hours_is_told_again_as_such() -> None:
    hours = righting(every=1).run(5 * HOUR)
    assert hours.titles == [
        FIGHT,
        "End the fight at last: gitopsd, helm keep overwriting each other on Exposure/shop/tea at"
        " edge, open since 2026-11-22 09:02 UTC",
    ]


def test_the_end_of_a_fight_is_told_as_one() -> None:
    for names, language, said in (
        (MANY[:21], "en", "Over since 2026-11-22 10:28 UTC: the overwriting has stopped."),
        (("tea",), "zh", "恢复时间：2026-11-22 10:28 UTC（已停止相互覆盖）。"),
    ):
        rules = edited(CHAT, language=language)
        hours = righting(rules, names=names, stops=28).run(3 * HOUR)
        assert said in list(hours.messages[-1][1].plain())


# --- over many things -----------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [CHAT, TRACKER], ids=["chat", "issue"])
def test_a_fight_over_many_things_says_who_and_over_what(rules: Rules) -> None:
    hours = righting(rules, names=MANY).run(15 * MINUTE)
    message = last(hours)
    assert message.title == (
        "End the fight: gitopsd, helm keep overwriting each other on 30 findings at edge"
    )
    told = list(message.plain())
    assert told[0] == WAY_OUT
    assert FIELD in told
    assert "Fields were changed behind Git's back. Service/shop/tea-00" in told
    assert "20 more" in told


def test_a_report_about_many_says_how_much_of_it_is_fought_over() -> None:
    [report] = righting(names=MANY).run(10 * MINUTE).reports
    rows = tuple(replace(row, state=ReportState.OPEN) for row in report.rows)
    part = replace(report, fought=report.fought[:2], rows=rows, calm_since="")
    for words, title, field in (
        (EN, "on 2 of 30 findings at edge", FIELD),
        (ZH, "请停止相互覆盖：gitopsd、helm 反复修改 edge 的 2 处漂移（共 30 处）",
         "相互覆盖： gitopsd、helm（spec.type）"),
    ):  # fmt: skip
        assert item_of(News.OPENED, part, words).title.endswith(title)
        assert field in [f"{line.text} {line.code}" for line in lines_of(part, words)]
        told = item_of(News.OPENED, bare(part), words)
        assert "2" in told.title
        assert "helm" not in told.title


def test_fights_in_the_issue_that_many_share_are_told_in_it() -> None:
    names = [f"tea-{number:02}" for number in range(14)]
    found = [fight(name) for name in names]
    scene = Scene("shop", "acme", "edge", tuple(found), "abc", text_of(START))
    [*own, crowd] = folded(scene, found, {}, 10, Severity.WARNING)
    assert len(own) == 10
    assert item_of(News.OPENED, crowd, EN).title == (
        "End the fight: gitopsd, helm keep overwriting each other on 4 findings at edge"
    )


# --- in digests -----------------------------------------------------------------------------------


def fight(name: str, manager: str = "helm", calm: str = "2026-11-22T09:30:00Z") -> DriftReport:
    [report] = Hours(CHAT, lambda _: [verdict(name, drift(name))]).run(MINUTE).reports
    fighters = tuple(sorted(("gitopsd", manager)))
    return replace(report, fighters=fighters, fought=("spec.type",), calm_since=calm)


def plain(name: str) -> DriftReport:
    return replace(fight(name), fighters=(), fought=(), calm_since="")


def digest_of(*found: DriftReport, words: Words = EN) -> tuple[str, list[str]]:
    items = [item_of(News.OPENED, report, words) for report in found]
    told = digest_lines(items, [Scene("shop", "acme", "edge")], words)
    return digest_title(items, words), [f"{line.text} {line.code}".strip() for line in told]


def test_a_digest_of_one_fight_over_many_things_says_so_though_they_are_put_right_for_now() -> None:
    names = [f"web-{number}" for number in range(10)]
    title, told = digest_of(*map(fight, names))
    assert title == (
        "End the fight: gitopsd, helm keep overwriting each other on Exposure/shop/web-0 and 9"
        " more at edge"
    )
    assert told[0] == WAY_OUT
    assert told[1].startswith(
        "gitopsd, helm keep overwriting each other at edge, put right for now: "
    )
    title, told = digest_of(*map(fight, names), words=ZH)
    assert title == "请停止相互覆盖：gitopsd、helm 反复修改 edge 的 Exposure/shop/web-0 及另外 9 处"
    assert told[0] == "只保留一方写入：从另一方的配置中去掉它，或将其值写回 Git。"


def test_a_fight_leads_a_digest_and_what_else_is_to_be_decided_follows() -> None:
    title, told = digest_of(plain("a"), fight("b"), fight("c", "argo", calm=""))
    assert title == (
        "End the fight: argo, gitopsd keep overwriting each other on Exposure/shop/c;"
        " decide about 2 more at edge"
    )
    rows = [line.split(" ")[0] for line in told if line.startswith("Exposure")]
    assert rows == ["Exposure/shop/c", "Exposure/shop/b", "Exposure/shop/a"]
    assert ["put right for now" in line for line in told[2:5]] == [False, True, False]


def test_a_digest_of_what_is_to_be_decided_says_what_can_be_done() -> None:
    title, told = digest_of(plain("a"), plain("b"))
    assert title == "Decide about Exposure/shop/a and 1 more at edge"
    assert told[0] == (
        "Put it right at once, with all else that has drifted at this target."
        " gitopsd apply --correct --target edge --wait"
    )


def test_the_titles_in_a_digest_of_an_hour_are_those_of_fights() -> None:
    rules = edited(CHAT, pacing=Pacing(digest_every=30 * MINUTE))
    hours = righting(rules, names=MANY[:10], every=3).run(HOUR)
    assert hours.titles[0].startswith("End the fight: gitopsd, helm keep overwriting each other on")
    assert all(a != b for a, b in pairwise(hours.titles))


# --- and an alarm ---------------------------------------------------------------------------------


def test_a_fight_that_takes_traffic_is_an_alarm_that_says_who_fights() -> None:
    report = replace(fight("tea", calm=""), impact=(RouteImpact("demo.example.com/", 80.0),))
    assert item_of(News.OPENED, report, EN).title.startswith("Act now: 80 % of the traffic of")
    told = [f"{line.text} {line.code}".strip() for line in lines_of(report, EN)]
    assert told[0] == WAY_OUT
    assert FIELD in told
