"""What is urgent: told by itself with all that is needed, past what is not, to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import pytest

from gitopsd.alerts import Quiet, Rules
from gitopsd.model.report import RouteImpact
from gitopsd.model.verdict import Verdict
from tests.unit.alerts.hours import START, Hours, World, drift, edited, exposure, verdict

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CHAT = Rules("ops")
ACT = "Act now: 80 % of the traffic of Exposure/shop/tea at edge goes elsewhere"
AGAIN = "Act now: 80 % of the traffic of Exposure/shop/tea at edge goes elsewhere again"
DONE = "Done: Exposure/shop/tea at edge, as Git wants it again"


def spells(times: Mapping[str, list[tuple[float, float]]]) -> World:
    """Exposures that drift in these spells, in minutes."""

    def world(now: datetime) -> list[Verdict]:
        minute = (now - START) / MINUTE
        return [
            verdict(name, drift(name)) if any(a <= minute < b for a, b in spans) else verdict(name)
            for name, spans in times.items()
        ]

    return world


def critical(world: World, *names: str, rules: Rules = CHAT) -> Hours:
    hours = Hours(rules, world)
    hours.impacts = {exposure(name): (RouteImpact("demo.example.com/", 80.0),) for name in names}
    return hours


def busy(critical_at: list[tuple[float, float]], singles: int = 8) -> World:
    """Harmless findings one after the other, which use up all patience, and a critical one."""
    times = {f"mild-{number}": [(2.0 * number, 200.0)] for number in range(singles)}
    return spells(times | {"tea": critical_at})


def told(hours: Hours, title: str) -> list[float]:
    return [at for at, found in zip(hours.minutes(), hours.titles, strict=True) if found == title]


@pytest.mark.parametrize("minute", [13, 14, 15, 16, 17])
def test_urgent_news_is_told_by_itself_at_once_whatever_else_was_told(minute: int) -> None:
    hours = critical(busy([(minute, 200)]), "tea").run(HOUR)
    assert told(hours, ACT) == [minute]
    message = next(message for _, message in hours.messages if message.title == ACT)
    lines = list(message.plain())
    assert any("gitopsd apply --correct --target edge" in line for line in lines)
    assert "80 % of the traffic goes elsewhere: demo.example.com/" in lines
    assert f"Since 2026-11-22 09:{minute} UTC." in lines
    assert message.conversation


def test_urgent_news_does_not_wait_in_a_digest_of_other_news() -> None:
    world = spells(
        {f"mild-{number}": [(5.0, 200.0)] for number in range(6)} | {"tea": [(5.0, 200.0)]}
    )
    hours = critical(world, "tea").run(HOUR)
    assert hours.titles == [ACT, "Decide about Exposure/shop/mild-0 and 5 more at edge"]


def test_the_end_of_what_was_urgent_breaks_through_as_its_beginning_did() -> None:
    quiet = edited(CHAT, quiet=Quiet(time(8), time(23)))
    hours = critical(spells({"tea": [(5, 25)]}), "tea", rules=quiet).run(2 * HOUR)
    assert list(zip(hours.titles, hours.minutes(), strict=True)) == [(ACT, 5), (DONE, 30)]
    hours = critical(busy([(14, 20)]), "tea").run(HOUR)
    assert told(hours, DONE) == [25]


def test_what_is_urgent_again_is_told_as_such_in_quiet_hours() -> None:
    quiet = edited(CHAT, quiet=Quiet(time(8), time(23)))
    hours = critical(spells({"tea": [(5, 25), (50, 200)]}), "tea", rules=quiet).run(2 * HOUR)
    assert hours.titles == [ACT, DONE, AGAIN]


def test_what_becomes_critical_as_a_fight_begins_breaks_through() -> None:
    quiet = edited(CHAT, quiet=Quiet(time(9, 5), time(23)))

    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        if minute == 10:
            hours.impacts = {exposure("tea"): (RouteImpact("demo.example.com/", 80.0),)}
        return [verdict("tea", drift("tea", f"v{minute if minute < 12 else 12}"))]

    hours = Hours(quiet, world)
    hours.run(HOUR)
    assert len(hours.messages) == 2
    assert 10 <= hours.minutes()[1] <= 11


def test_a_digest_of_urgent_news_names_the_worst_its_share_and_what_to_type() -> None:
    names = [f"tea-{number}" for number in range(5)]
    hours = critical(spells({name: [(5, 200)] for name in names}), *names).run(10 * MINUTE)
    [(_, message)] = hours.messages
    assert message.title == (
        "Act now: 80 % of the traffic of Exposure/shop/tea-0 and of 4 more at edge goes elsewhere"
    )
    lines = list(message.plain())
    assert lines[0].endswith("gitopsd apply --correct --target edge --wait")
    assert lines[1] == (
        "Exposure/shop/tea-0 @ edge, 80 % elsewhere since 2026-11-22 09:05 UTC:"
        " spec.type: ClusterIP → NodePort"
    )


@pytest.mark.parametrize("period", [2, 6, 12, 30])
def test_critical_news_that_flaps_stays_bounded(period: int) -> None:
    names = [f"tea-{number:02}" for number in range(50)]
    length = period * MINUTE

    def world(now: datetime) -> list[Verdict]:
        def on(number: int) -> bool:
            return (now - START + length * number / 50) % length < length / 2

        return [
            verdict(name, drift(name)) if on(number) else verdict(name)
            for number, name in enumerate(names)
        ]

    hours = critical(world, *names)
    hours.look = 0.5 * MINUTE
    assert 1 <= len(hours.run(HOUR).messages) <= 24
