"""The status of a commit: bad news at once, everything else at its pace."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitopsd.alerts import Memory, Rules, Scene, decide, recorded
from gitopsd.daemon.alerting.rules import rules_of
from gitopsd.daemon.settings import SinkSettings
from gitopsd.drift.policy import text_of
from gitopsd.model.verdict import Verdict
from tests.unit.alerts.hours import START, Hours, drift, verdict

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def statuses() -> Rules:
    """The rules that the settings give to such a sink."""
    form = {"forge": "github", "project": "acme/exposures", "token": {"env": "T"}}
    return rules_of(SinkSettings.model_validate({"name": "status", "commitStatus": form}))


def told(hours: Hours) -> list[tuple[float, bool]]:
    """When, and whether all is as Git wants it."""
    return [((datetime.fromisoformat(m.time) - START) / MINUTE, m.ended) for m in hours.silent]


def test_drift_turns_a_commit_red_at_once_and_its_end_turns_it_green_in_time() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = (now - START) / MINUTE
        return [verdict("tea", drift("tea")) if 3 <= minute < 5 else verdict("tea")]

    assert told(Hours(statuses(), world).run(HOUR)) == [(0, True), (3, False), (13, True)]


def test_drift_that_flaps_is_at_most_two_statuses_in_ten_minutes() -> None:
    def world(now: datetime) -> list[Verdict]:
        minute = int((now - START) / MINUTE)
        return [verdict("tea", drift("tea")) if minute % 2 else verdict("tea")]

    times = told(Hours(statuses(), world).run(2 * HOUR))
    assert times[0] == (0, True)
    for at, _ in times:
        assert sum(at <= other < at + 10 for other, _ in times) <= 2


def test_another_commit_has_its_status_at_once() -> None:
    rules, memory, found = statuses(), Memory(), []
    for second in range(0, 180, 10):
        now = START + timedelta(seconds=second)
        revision = "a" * 40 if second < 60 else "b" * 40
        scene = Scene("shop", "acme", "edge", (), revision, text_of(now))
        for parcel in decide(rules, [scene], {scene.place: memory}, now).parcels:
            memory = recorded(parcel, scene.place, memory, "")
            found.append((second, parcel.message.revision[0]))
    assert found == [(0, "a"), (60, "b")]
