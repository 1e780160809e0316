"""What a tracker has open: few things, and none that is critical in a crowd."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from gitopsd.alerts import Rules, Style
from gitopsd.model.message import Message, Severity
from gitopsd.model.report import RouteImpact
from gitopsd.model.verdict import Verdict
from tests.unit.alerts.hours import START, Hours, drift, exposure, verdict

MINUTE = timedelta(minutes=1)
TRACKER = Rules("issues", Style.THREAD)
STOLEN = (RouteImpact("demo.example.com/", 80.0),)
ALARM = "Act now: 80 % of the traffic of Exposure"


def arriving(*waves: list[str]) -> Hours:
    """One wave of findings after the other, ten minutes apart."""

    def world(now: datetime) -> list[Verdict]:
        waved = int((now - START) / (10 * MINUTE)) + 1
        return [verdict(name, drift(name)) for wave in waves[:waved] for name in wave]

    return Hours(TRACKER, world, look=0.5 * MINUTE)


def issues(hours: Hours) -> dict[str, Message]:
    """What stands in each issue last."""
    every = [message for _, message in hours.messages] + hours.silent
    return {message.conversation: message for message in sorted(every, key=lambda m: m.time)}


MILD = [f"mild-{number:02}" for number in range(14)]


def test_what_is_critical_has_an_issue_of_its_own_however_many_are_open() -> None:
    hours = arriving(MILD, ["tea"])
    hours.impacts = {exposure("tea"): STOLEN}
    found = issues(hours.run(30 * MINUTE))
    assert len(found) == 12  # ten, the crowd, and this
    [urgent] = [message for message in found.values() if message.severity is Severity.CRITICAL]
    assert urgent.title == f"{ALARM}/shop/tea at edge goes elsewhere"
    assert any("apply --correct --target edge" in line for line in urgent.plain())


def test_what_becomes_critical_leaves_the_crowd() -> None:
    hours = arriving(MILD)
    hours.run(10 * MINUTE)
    hours.impacts = {exposure("mild-13"): STOLEN}
    hours.run(30 * MINUTE)
    titles = [message.title for message in issues(hours).values()]
    assert [title for title in titles if title.startswith(ALARM)] == [
        f"{ALARM}/shop/mild-13 at edge goes elsewhere"
    ]
    assert "Decide about 3 findings at edge" in titles


def test_a_crowd_of_critical_findings_says_so_beyond_twenty_issues() -> None:
    names = [f"tea-{number:02}" for number in range(19)]
    hours = arriving(MILD, names)
    hours.impacts = {exposure(name): STOLEN for name in names}
    found = issues(hours.run(40 * MINUTE))
    assert len(found) == 21
    crowd = next(message for message in found.values() if "among" in message.title)
    assert crowd.title == (
        "Act now: 80 % of a route's traffic goes elsewhere, among 13 findings at edge"
    )
    lines = list(crowd.plain())
    assert "80 % of the traffic goes elsewhere: demo.example.com/" in lines
    assert "3 more" in lines  # of thirteen rows, ten are told


def test_no_crowd_is_opened_for_critical_findings_alone() -> None:
    names = [f"tea-{number:02}" for number in range(12)]
    hours = arriving(names)
    hours.impacts = {exposure(name): STOLEN for name in names}
    found = issues(hours.run(10 * MINUTE))
    assert Counter(message.severity for message in found.values()) == {Severity.CRITICAL: 12}
