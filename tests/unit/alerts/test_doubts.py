"""A message that waits to be sent again hides nothing that becomes worse meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytest

from gitopsd.alerts import Quiet, Rules, Scene, decide, recorded, refused, unanswered
from gitopsd.drift.policy import text_of
from gitopsd.model.message import News
from gitopsd.model.report import RouteImpact
from gitopsd.model.verdict import Attribution, Verdict
from tests.unit.alerts.hours import START, Hours, drift, edited, exposure, verdict

MINUTE = timedelta(minutes=1)
CHAT = Rules("ops")
DECIDE = "Decide: Exposure/shop/tea at edge is not as Git wants it"
ACT = "Act now: 80 % of the traffic of Exposure/shop/tea at edge goes elsewhere"
RIVALS = ("hpa", "argo")


def share(name: str) -> tuple[RouteImpact, ...]:
    return (RouteImpact(f"{name}.example.com/", 80.0),)


@dataclass
class Deaf(Hours):
    """A sink that gives no answer, or a refusal, up to a minute; `have` got the message all the
    same. `tried` are the minute, the title, the key, and who is known to have it. What drifts
    turns critical at its minute in `critical`.
    """

    until: float = 0
    refuses: bool = False
    have: tuple[str, ...] = ()
    critical: dict[str, float] = field(default_factory=dict)
    tried: list[tuple[float, str, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def minute(self) -> float:
        return (self.now - START) / MINUTE

    def _pass(self) -> None:
        self.impacts = {
            exposure(name): share(name) for name, at in self.critical.items() if self.minute >= at
        }
        super()._pass()

    def _send(self) -> None:
        scene = Scene("shop", "acme", "edge", self.reports, "abc", text_of(self.now))
        for parcel in decide(self.rules, [scene], {scene.place: self.memory}, self.now).parcels:
            message, place = parcel.message, scene.place
            self.tried.append((self.minute, message.title, message.key, message.have))
            if self.minute >= self.until:
                self.memory = recorded(parcel, place, self.memory, "h")
                self.messages.append((self.now, message))
            elif self.refuses:
                self.memory = refused(parcel, place, self.memory, self.now)
            else:
                self.memory = unanswered(parcel, place, self.memory, self.now, self.have)
            return

    def keys(self, title: str) -> set[str]:
        return {key for _, found, key, _ in self.tried if found == title}

    def times(self, title: str) -> list[float]:
        return [at for at, found, _, _ in self.tried if found == title]


def standing(*names: str) -> list[Verdict]:
    return [verdict(name, drift(name)) for name in names]


@pytest.mark.parametrize("have", [(), ("dev@example.com",)])
@pytest.mark.parametrize("until", [3.0, 600.0])
def test_what_turns_critical_after_two_lost_answers_is_told_at_once_to_all_as_news(
    until: float, have: tuple[str, ...]
) -> None:
    hours = Deaf(CHAT, lambda _: standing("tea"), until=until, have=have, critical={"tea": 6})
    hours.run(90 * MINUTE)
    assert hours.times(DECIDE) == [0.5, 1.5]
    assert [known for _, title, _, known in hours.tried if title == DECIDE] == [(), have]
    assert next(one[1:] for one in hours.tried if one[0] >= 6) == (ACT, *hours.keys(ACT), ())
    assert hours.times(ACT) == ([6] if until == 3 else [6, 7, 37])
    assert not hours.keys(ACT) & hours.keys(DECIDE)


def test_what_turns_critical_leaves_the_digest_that_nobody_may_have_heard() -> None:
    names = ("tea", "milk", "soda", "rum")
    hours = Deaf(CHAT, lambda _: standing(*names), until=3, critical={"tea": 6})
    hours.run(60 * MINUTE)
    assert hours.times(ACT) == [6]
    (_, _, first, _), (_, _, second, _), *_, (at, title, last, _) = hours.tried
    assert (at, title) == (31.5, "Decide about Exposure/shop/milk and 2 more at edge")
    assert first == second == last


def fought(now: datetime, since: float) -> list[Verdict]:
    """An edit that stands, and from a minute on two managers that undo each other's."""
    minute = int((now - START) / MINUTE)
    if minute < since:
        return [verdict("tea", drift("tea"))]
    who = Attribution(RIVALS[minute % 2], "Update", text_of(now))
    return [verdict("tea", drift("tea", f"v{minute}", who=who))]


@pytest.mark.parametrize("alarm", [False, True])
def test_a_fight_is_told_although_a_message_waits_for_its_repetition(alarm: bool) -> None:
    rules = edited(CHAT, quiet=Quiet(time(9, 5), time(23))) if alarm else CHAT
    critical = {"tea": 0.0} if alarm else {}
    hours = Deaf(rules, lambda now: fought(now, 4), until=3, critical=critical)
    hours.run(30 * MINUTE)
    [(at, message)] = hours.messages
    assert 5 <= at.minute <= 13
    assert [item.news for item in message.items] == [News.FIGHT]
    assert message.key not in {key for minute, _, key, _ in hours.tried if minute < 3}


def test_an_incident_left_open_is_told_as_such_although_its_alarm_waits_for_repetition() -> None:
    hours = Deaf(CHAT, lambda _: standing("tea"), until=600, critical={"tea": 239})
    hours.run(300 * MINUTE)
    times = [one[:3] for one in hours.tried if one[1] == ACT]
    minutes, keys = [at for at, _, _ in times], [key for _, _, key in times]
    assert minutes[0] == 239
    assert len(set(keys)) == 2, "the alarm, and that nobody has acted for so long"
    assert max(keys.count(key) for key in keys) <= 3


@pytest.mark.parametrize("minute", [4, 6, 9])
def test_what_turns_critical_after_a_refusal_is_told_at_once_under_another_key(minute: int) -> None:
    hours = Deaf(
        CHAT, lambda _: standing("tea"), until=minute, refuses=True, critical={"tea": minute}
    )
    hours.run(60 * MINUTE)
    assert hours.times(ACT) == [minute]
    assert not hours.keys(ACT) & hours.keys(DECIDE)


def test_refusals_of_what_turned_critical_are_put_off_as_any() -> None:
    hours = Deaf(CHAT, lambda _: standing("tea"), until=600, refuses=True, critical={"tea": 6})
    hours.run(60 * MINUTE)
    assert hours.times(ACT) == [6, 7, 9, 13, 21, 37]
