"""What arrives in an hour of flapping, edits, fights, outages and restarts (docs/alerts.md)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from gitopsd.alerts import Pacing, Quiet, Rules, Selection, Style
from gitopsd.model.message import News, Severity
from gitopsd.model.report import RouteImpact
from gitopsd.model.verdict import Attribution, Mode, Verdict
from tests.unit.alerts.hours import (
    START,
    Hours,
    World,
    drift,
    edited,
    exposure,
    flapping,
    verdict,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CHAT = Rules("ops")
TRACKER = Rules("issues", Style.THREAD)


@pytest.mark.parametrize("minutes", [2, 4, 10, 15, 30, 45])
@pytest.mark.parametrize("together", [True, False])
def test_an_hour_of_flapping_over_50_exposures_is_at_most_12_messages(
    minutes: int, together: bool
) -> None:
    hours = Hours(CHAT, flapping(50, minutes * MINUTE, together=together)).run(HOUR)
    assert 1 <= len(hours.messages) <= 12
    before = len(hours.messages)
    assert len(hours.run(HOUR).messages) - before <= 7, hours.minutes()


def test_50_exposures_that_flap_together_are_told_in_four_messages() -> None:
    for minutes in (2, 4, 10, 15, 30, 45):
        hours = Hours(CHAT, flapping(50, minutes * MINUTE, together=True)).run(HOUR)
        assert len(hours.messages) <= 4, hours.titles


@pytest.mark.parametrize("minutes", [2, 7, 15, 30, 45])
@pytest.mark.parametrize(("together", "most"), [(True, 1), (False, 11)])
def test_an_hour_of_flapping_opens_few_issues_and_touches_none_more_than_4_times_with_edits(
    minutes: int, together: bool, most: int
) -> None:
    hours = Hours(TRACKER, flapping(50, minutes * MINUTE, together=together))
    hours.look = 0.5 * MINUTE
    hours.run(HOUR)
    touched = Counter(message.conversation for _, message in hours.messages)
    touched += Counter(message.conversation for message in hours.silent)
    assert 1 <= len(touched) <= most
    assert max(touched.values()) <= 4


def once(minute: float, ends: float, name: str = "tea") -> World:
    def world(now: datetime) -> list[Verdict]:
        on = minute <= (now - START) / MINUTE < ends
        return [verdict(name, drift(name))] if on else [verdict(name)]

    return world


def test_a_drift_is_told_once_and_its_end_once() -> None:
    hours = Hours(CHAT, once(5, 25)).run(HOUR)
    assert hours.titles == [
        "Decide: Exposure/shop/tea at edge is not as Git wants it",
        "Done: Exposure/shop/tea at edge, as Git wants it again",
    ]
    told, done = hours.minutes()
    assert 5 <= told <= 6
    assert 30 <= done <= 31  # it has been over for five minutes


def test_what_nobody_was_told_of_and_is_over_is_never_told() -> None:
    quiet = edited(CHAT, quiet=Quiet(time(9, 0), time(10, 0)))
    assert Hours(quiet, once(5, 25)).run(2 * HOUR).messages == []


def test_an_outage_of_the_sink_leaves_only_what_is_true_afterwards() -> None:
    hours = Hours(CHAT, once(5, 25), broken=lambda now: now < START + 20 * MINUTE).run(HOUR)
    assert len(hours.messages) == 2
    hours = Hours(CHAT, once(5, 25), broken=lambda now: now < START + 40 * MINUTE).run(HOUR)
    assert hours.messages == []
    long = Hours(CHAT, flapping(50, 15 * MINUTE, together=False))
    long.broken = lambda now: now < START + 50 * MINUTE
    assert len(long.run(HOUR).messages) <= 6


def test_restarts_double_nothing() -> None:
    calm = Hours(CHAT, flapping(8, 30 * MINUTE, together=False)).run(HOUR)
    restarted = Hours(CHAT, flapping(8, 30 * MINUTE, together=False))
    for _ in range(60):
        restarted.run(MINUTE)
        restarted.restart()
    assert restarted.titles == calm.titles


def test_a_fight_is_told_as_one() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        if minute % 2:
            return [verdict("tea")]
        who = Attribution(("helm", "kubectl")[minute // 2 % 2], "Update", now.isoformat())
        return [verdict("tea", drift("tea", f"v{minute}", who=who))]

    hours = Hours(CHAT, world).run(HOUR)
    news = [message.items[0].news for _, message in hours.messages]
    assert news == [News.OPENED, News.FIGHT]
    assert hours.titles[1] == (
        "End the fight: helm, kubectl keep overwriting each other on Exposure/shop/tea at edge"
    )


def test_a_manager_whose_name_means_harm_stands_harmless_in_a_title() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        name = ("helm", "@all <!channel> [x](http://evil.example) `y`")[minute % 2]
        who = Attribution(name, "Update", now.isoformat())
        return [verdict("tea", drift("tea", f"v{minute}", who=who))]

    hours = Hours(CHAT, world).run(HOUR)
    fight = next(title for title in hours.titles if title.startswith("End the fight"))
    assert not set(fight) & set("@<>[]()`!")


def test_a_conversation_is_brought_to_its_end_though_the_mode_has_changed() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = (now - START) / MINUTE
        mode: Mode = "Report" if minute < 5 else "Correct"
        return [verdict("tea", drift("tea", mode=mode)) if minute < 10 else verdict("tea")]

    chosen = Selection(modes=frozenset({"Report"}))
    hours = Hours(edited(CHAT, selection=chosen), world).run(HOUR)
    assert [message.items[0].news for _, message in hours.messages] == [News.OPENED, News.RESOLVED]


def test_edits_that_are_corrected_at_once_are_told_together_and_not_again() -> None:
    def world(now: datetime) -> list[Verdict]:
        names = [f"tea-{index:02}" for index in range(12)]
        return [verdict(name, drift(name, mode="Correct")) for name in names]

    hours = Hours(CHAT, world, corrects=True).run(HOUR)
    assert hours.titles == ["Nothing to do: Exposure/shop/tea-00 and 11 more at edge"]


def test_what_has_been_open_for_four_hours_is_told_again() -> None:
    hours = Hours(CHAT, once(0, 10_000)).run(5 * HOUR)
    news = [message.items[0].news for _, message in hours.messages]
    assert news == [News.OPENED, News.WORSE]
    assert hours.titles[1].startswith("Decide at last: Exposure/shop/tea at edge, open since")


def test_what_moves_most_of_the_traffic_breaks_through_quiet_hours() -> None:
    quiet = edited(CHAT, quiet=Quiet(time(8, 0), time(23, 0)))
    hours = Hours(quiet, once(5, 10_000))
    hours.impacts = {exposure("tea"): (RouteImpact("demo.example.com/", 80.0),)}
    hours.run(HOUR)
    assert hours.titles == [
        "Act now: 80 % of the traffic of Exposure/shop/tea at edge goes elsewhere"
    ]


@pytest.mark.parametrize("number", [2, 3, 8])
def test_quiet_hours_end_with_one_digest(number: int) -> None:
    quiet = edited(CHAT, quiet=Quiet(time(9, 0), time(9, 30)))
    hours = Hours(quiet, flapping(number, 20 * HOUR, together=True)).run(HOUR)
    assert hours.minutes() == [30]
    assert len(hours.messages[0][1].items) == number


def test_a_sink_with_digests_gets_one_for_two_findings() -> None:
    digests = edited(CHAT, pacing=Pacing(digest_every=30 * MINUTE))
    hours = Hours(digests, flapping(2, 20 * HOUR, together=True)).run(HOUR)
    assert hours.minutes() == [30]
    assert len(hours.messages[0][1].items) == 2


def test_a_sink_with_digests_is_told_at_their_times_only() -> None:
    digests = edited(CHAT, pacing=Pacing(digest_every=30 * MINUTE))
    hours = Hours(digests, flapping(50, 14 * MINUTE, together=False)).run(2 * HOUR)
    assert [round(minute) for minute in hours.minutes()] == [30, 60, 90]


def test_a_sink_hears_only_what_it_chose() -> None:
    def world(now: datetime) -> list[Verdict]:
        return [verdict("tea", drift("tea"))]

    def titles(**chosen: object) -> list[str]:
        selection = Selection(**chosen)  # type: ignore[arg-type]
        return Hours(edited(CHAT, selection=selection), world).run(10 * MINUTE).titles

    assert len(titles()) == 1
    assert len(titles(targets=frozenset({"edge"}), namespaces=frozenset({"shop"}))) == 1
    assert titles(targets=frozenset({"other"})) == []
    assert titles(repositories=frozenset({"other"})) == []
    assert titles(namespaces=frozenset({"bank"})) == []
    assert titles(modes=frozenset({"Correct"})) == []
    assert titles(severity=Severity.CRITICAL) == []


def test_texts_are_short_and_in_chinese_where_that_is_chosen() -> None:
    hours = Hours(edited(CHAT, language="zh"), once(5, 25)).run(HOUR)
    assert hours.titles == [
        "请决定：edge 的 Exposure/shop/tea 与 Git 不一致",
        "已恢复：edge 的 Exposure/shop/tea 与 Git 一致",
    ]
    first = hours.messages[0][1]
    assert len("\n".join(first.plain())) < 500
    assert first.lines[0].code.startswith("gitopsd apply --correct")
