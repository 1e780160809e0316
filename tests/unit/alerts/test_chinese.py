"""Messages in Chinese hold no English sentences; in Latin letters stand names and code."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gitopsd.alerts import Pacing, Rules, Style
from gitopsd.alerts.composing import lines_of, summary_of
from gitopsd.drift.render import Words
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Chinese, Guard, Hold
from gitopsd.model.report import DriftReport
from gitopsd.model.verdict import Attribution, Verdict
from tests.unit.alerts.hours import START, Hours, drift, verdict

ZH, EN = Words("zh"), Words("en")
MINUTE = timedelta(minutes=1)


def report() -> DriftReport:
    who = Attribution("kubectl-edit", "Update", "2026-11-22T09:00:00Z")
    [found] = (
        Hours(Rules("ops"), lambda _: [verdict("tea", drift("tea", who=who))]).run(MINUTE).reports
    )
    return found


def test_a_row_of_a_digest_says_in_chinese_what_moved() -> None:
    hours = Hours(
        Rules("ops", language="zh"),
        lambda _: [
            verdict(name, drift(name), replace(drift(name), path="spec.ports[0].port"))
            for name in (f"tea-{number}" for number in range(5))
        ],
    ).run(2 * MINUTE)
    [(_, message)] = hours.messages
    assert list(message.plain())[1] == (
        "Exposure/shop/tea-0 @ edge: spec.ports[0].port: ClusterIP → NodePort 等 2 处"
    )


def test_a_fight_in_a_digest_is_told_in_chinese() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        if minute % 2:
            return [verdict("tea")]
        who = Attribution(("helm", "kubectl")[minute // 2 % 2], "Update", now.isoformat())
        return [verdict("tea", drift("tea", f"v{minute}", who=who))]

    found = Hours(Rules("ops"), world).run(20 * MINUTE).reports[0]
    fight = replace(found, fighters=("gitopsd", "helm"), fought=("spec.type",), calm_since="")
    calm = replace(fight, calm_since="2026-11-22T09:00:00Z")
    assert summary_of(fight, ZH) == "spec.type：gitopsd、helm 相互覆盖"
    wide = replace(fight, fought=("a", "b", "c", "d", "e"))
    assert summary_of(wide, ZH) == "a、b、c、另 2 项：gitopsd、helm 相互覆盖"
    assert summary_of(calm, ZH) == "spec.type：gitopsd、helm 相互覆盖；当前已纠正"


def test_a_report_about_many_is_summed_up_in_chinese() -> None:
    hours = Hours(Rules("ops"), lambda _: [verdict(f"t{n}", drift(f"t{n}")) for n in range(60)])
    many = next(one for one in hours.run(MINUTE).reports if one.subject is None)
    assert summary_of(many, ZH) == "60 处漂移中 60 处未恢复，涉及 60 个 Exposure 与服务器组"


def test_summaries_in_english_are_those_of_the_report() -> None:
    assert summary_of(report(), EN) == report().summary
    assert summary_of(report(), ZH) == "spec.type: ClusterIP → NodePort（kubectl-edit）"


@pytest.mark.parametrize(
    ("action", "title"),
    [(Action.HOLD, "被保护规则拦下："), (Action.LEAVE, "apply --correct 会被保护规则拦下：")],
)
def test_what_a_guard_says_is_told_in_chinese(action: Action, title: str) -> None:
    hold = Hold(Guard.ADOPTION, "somebody else made it", "", None, Chinese("由他人创建"))
    outlook = Outlook(action, hold=hold)
    held = replace(report(), evidence=(replace(drift("tea"), outlook=outlook),))
    lines = [f"{line.text} {line.code}".strip() for line in lines_of(held, ZH)]
    assert f"{title} 由他人创建" in lines


def test_an_alert_is_described_in_the_language_of_the_sink() -> None:
    rules = Rules("alarms", Style.STATE, "zh", pacing=Pacing(edit=timedelta(0)))
    who = Attribution("helm", "Update", "2026-11-22T09:00:00Z")
    hours = Hours(rules, lambda _: [verdict("tea", drift("tea", who=who))]).run(MINUTE)
    assert hours.silent[0].items[0].summary == "spec.type: ClusterIP → NodePort（helm）"
