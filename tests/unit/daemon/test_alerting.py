"""A sink's desk by a clock of its own: what is sent, retried, kept, and by whom."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gitopsd.alerts import Rules, Scene
from gitopsd.daemon.alerting import Offer, Outbox
from gitopsd.daemon.alerting.desk import SinkDesk
from gitopsd.daemon.alerting.pace import Pace
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.settings import SinkSettings
from gitopsd.drift.policy import text_of
from gitopsd.model.message import Message, Severity
from gitopsd.model.ownership import Owner
from gitopsd.model.report import DriftReport, ReportState, RouteImpact
from gitopsd.model.verdict import Attribution, Verdict
from gitopsd.ports import (
    Incomplete,
    OutcomeUnknown,
    RateLimit,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from tests.unit.alerts.hours import OWNER, START, Hours, drift, verdict

MINUTE = timedelta(minutes=1)


@dataclass
class Memory:
    """An `AlertMemory` that is kept while operators come and go."""

    kept: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    broken: WorldError | None = None

    def load(self, owner: Owner, sink: str) -> Mapping[str, Any]:
        if self.broken:
            raise self.broken
        return self.kept.get((owner.target, sink), {})

    def save(self, owner: Owner, sink: str, content: Mapping[str, Any]) -> None:
        if self.broken:
            raise self.broken
        self.kept[owner.target, sink] = content


@dataclass
class Chat:
    """A `Sink`; `answers` are errors that it meets its callers with, None for none.

    It refuses what is about `refuses` or quotes `poison`, and what it takes while it is `late` is
    never answered.
    """

    limits: tuple[RateLimit, ...] = (RateLimit(20, 60.0),)
    answers: deque[WorldError | None] = field(default_factory=deque)
    took: list[Message] = field(default_factory=list)
    tried: int = 0
    refuses: str = ""
    poison: str = ""
    late: bool = False

    def deliver(self, message: Message) -> str:
        self.tried += 1
        error = self.answers.popleft() if self.answers else None
        if error is not None:
            raise error
        if self.refuses and any(self.refuses in str(i.report.subject) for i in message.items):
            raise Rejected("sink ops", "bad message")
        if self.poison and self.poison in json.dumps(message.to_json()):
            raise Rejected("sink ops", "bad words")
        self.took.append(message)
        if self.late:
            raise OutcomeUnknown("sink ops", "no answer within the time allowed")
        return f"handle-{len(self.took)}"


def reports(*names: str) -> tuple[DriftReport, ...]:
    """Open reports of that many Exposures."""
    found = Hours(Rules("x"), lambda _: [verdict(name, drift(name)) for name in names])
    return found.run(MINUTE).reports


def ended(report: DriftReport) -> DriftReport:
    return replace(report, state=ReportState.RESOLVED, resolved_at=text_of(START))


@dataclass
class Place:
    """One replica's desk for one sink, and the clock that it lives by."""

    chat: Chat = field(default_factory=Chat)
    memory: Memory = field(default_factory=Memory)
    lines: list[str] = field(default_factory=list)
    counted: list[tuple[tuple[str, str], WorldError | None]] = field(default_factory=list)
    seconds: float = 1000.0
    held: bool = True
    term: int = 1

    def __post_init__(self) -> None:
        self.board = Board()
        self.desk = SinkDesk(
            Rules("ops"), self.chat, "dingtalk", self.board, Journal(self.lines.append),
            told=lambda sink, error: self.counted.append((sink, error)),
            clock=lambda: self.seconds,
            now=lambda: START + timedelta(seconds=self.seconds - 1000.0),
        )  # fmt: skip

    def offer(self, found: tuple[DriftReport, ...], target: str = "edge") -> None:
        time = text_of(START + timedelta(seconds=self.seconds - 1000.0))
        scene = Scene("shop", "acme", target, found, "abc", time)
        owner = Owner(OWNER.instance, target)
        term = self.term
        self.desk.offer(
            Offer(scene, owner, self.memory, term, lambda: self.held and term == self.term)
        )

    def run(self, seconds: float) -> None:
        """Let time go by: the desk is asked when it asks to be."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds = min(end, self.seconds + max(self.desk.step(), 0.05))


def test_news_is_sent_once_and_remembered_with_its_handle() -> None:
    place = Place()
    place.offer(reports("tea"))
    place.run(600)
    assert len(place.chat.took) == 1
    said = next(iter(place.memory.kept["edge", "ops"]["said"].values()))
    assert said["handle"] == "handle-1"
    assert place.counted == [(("ops", "dingtalk"), None)]


def test_another_replica_goes_on_with_the_conversation() -> None:
    first = Place()
    first.offer(reports("tea"))
    first.run(600)
    second = Place(memory=first.memory)
    second.seconds = first.seconds
    second.offer(reports("tea"))
    second.run(600)
    assert second.chat.took == []
    second.offer(tuple(map(ended, reports("tea"))))
    second.run(600)
    assert [message.handle for message in second.chat.took] == ["handle-1"]


def test_only_the_holder_of_the_lease_sends() -> None:
    place = Place(held=False)
    place.offer(reports("tea"))
    place.run(600)
    assert place.chat.tried == 0
    place.held = True
    place.run(600)
    assert len(place.chat.took) == 1


def test_a_lease_that_is_in_doubt_for_a_moment_delays_a_message_by_seconds() -> None:
    place = Place(held=False)
    place.offer(reports("tea"))
    place.run(60)
    place.held = True
    place.run(6)
    assert len(place.chat.took) == 1


def test_what_an_earlier_term_was_offered_is_not_sent() -> None:
    place = Place()
    place.offer(reports("tea"))
    place.term = 2
    place.run(600)
    assert place.chat.tried == 0


def test_a_failing_sink_is_tried_again_later_and_later_and_named() -> None:
    place = Place()
    place.chat.answers.extend([Unreachable("sink ops", "send a message: refused")] * 1000)
    place.offer(reports("tea"))
    place.run(3600)
    assert 5 <= place.chat.tried <= 20
    assert place.desk.trouble == "dingtalk: send a message: refused"
    assert place.desk.waiting == 1
    assert sum("sink.trouble" in line for line in place.lines) == 1
    place.chat.answers.clear()
    place.run(1200)
    assert len(place.chat.took) == 1
    assert place.desk.trouble == ""


def test_a_service_that_asks_for_patience_is_left_alone_for_as_long() -> None:
    place = Place()
    place.chat.answers.append(Throttled("sink ops", "too fast", after=600.0))
    place.offer(reports("tea"))
    place.run(590)
    assert place.chat.tried == 1
    place.run(700)
    assert len(place.chat.took) == 1


def test_a_refused_message_does_not_stand_in_the_way_of_others() -> None:
    place = Place()
    place.chat.refuses = "shop/tea"
    place.offer(reports("tea"))
    place.run(600)
    assert place.chat.took == []
    place.offer(reports("tea", "coffee"))
    place.run(60)
    assert [m.items[0].report.subject.name for m in place.chat.took] == ["coffee"]
    place.chat.tried = 0
    place.run(3600)
    assert place.chat.tried <= 3  # it is put off as before, though something else was told


def test_a_refused_message_is_tried_again_later_and_later_and_never_counts_as_told() -> None:
    place = Place()
    place.chat.refuses = "shop/tea"
    place.offer(reports("tea"))
    place.run(6 * 3600)
    assert place.chat.tried == 6 + 10  # after 1, 2, 4, 8 and 16 minutes, then every half an hour
    assert place.memory.kept == {}
    place.chat.refuses = ""
    place.run(1900)
    assert [message.title for message in place.chat.took] == [
        "Decide: Exposure/shop/tea at edge is not as Git wants it"
    ]
    assert place.desk.trouble == ""


def with_words(words: str, *names: str) -> tuple[DriftReport, ...]:
    """Open reports, the first of which tells what somebody wrote, and who."""
    who = Attribution(words * 20, "Update", "2026-11-22T09:00:00Z")

    def world(now: datetime) -> list[Verdict]:
        first = verdict(names[0], drift(names[0], words, who=who))
        return [first, *(verdict(name, drift(name)) for name in names[1:])]

    return Hours(Rules("x"), world).run(MINUTE).reports


@pytest.mark.parametrize("number", [1, 2, 8])
def test_words_that_a_service_refuses_cost_the_words_and_a_minute(number: int) -> None:
    place = Place()
    place.chat.poison = "casino"
    names = [f"tea-{at}" for at in range(number)]
    place.offer(with_words("casino", *names))
    place.run(150)
    told = {item.report.subject.name for message in place.chat.took for item in message.items}
    assert told == set(names)
    assert len(place.chat.took) <= 2
    keys = [message.key for message in place.chat.took]
    assert len(set(keys)) == len(keys)
    bare = next(
        m for m in place.chat.took if any(i.report.subject.name == "tea-0" for i in m.items)
    )
    assert any("gitopsd" in line.code and "--target edge" in line.code for line in bare.lines)
    assert place.desk.trouble == ""


def test_one_finding_that_a_service_refuses_leaves_the_others_of_its_digest_told() -> None:
    place = Place()
    place.chat.refuses = "shop/tea-5"
    names = [f"tea-{at}" for at in range(12)]
    place.offer(reports(*names))
    place.run(240)
    told = [item.report.subject.name for message in place.chat.took for item in message.items]
    assert sorted(told) == sorted(set(names) - {"tea-5"})
    assert len(place.chat.took) <= 4  # not eleven
    place.run(3600)
    assert place.chat.tried <= 20
    place.chat.refuses = ""
    place.run(1900)
    assert [i.report.subject.name for i in place.chat.took[-1].items] == ["tea-5"]


def test_what_a_service_refuses_delays_no_other_news() -> None:
    place = Place()
    place.chat.refuses = "shop/tea"
    place.offer(reports("tea", "tea-1", "tea-2"))
    place.run(1200)
    place.offer((*reports("tea", "tea-1", "tea-2"), *alarms("milk")))
    place.run(2)
    assert [m.severity for m in place.chat.took] == [Severity.CRITICAL]


def alarms(*names: str) -> tuple[DriftReport, ...]:
    """Open reports that are critical."""
    stolen = (RouteImpact("demo.example.com/", 80.0),)
    return tuple(replace(report, impact=stolen) for report in reports(*names))


def test_the_log_names_what_a_refused_message_was_about() -> None:
    place = Place()
    place.chat.answers.append(Rejected("sink ops", "send a message: HTTP 400: bad message"))
    place.offer(reports("tea"))
    place.run(40)
    [line] = [line for line in place.lines if "sink.refused" in line]
    assert "Exposure/shop/tea @ edge" in line
    assert place.desk.trouble == "dingtalk: send a message: HTTP 400: bad message"


def test_a_refused_message_that_is_over_is_not_told() -> None:
    place = Place()
    place.chat.refuses = "shop/tea"
    place.offer(reports("tea"))
    place.run(600)
    place.chat.refuses = ""
    place.offer(tuple(map(ended, reports("tea"))))
    place.run(7200)
    assert place.chat.took == []


def test_a_new_process_tries_what_was_refused_at_once() -> None:
    place = Place()
    place.chat.refuses = "shop/tea"
    place.offer(reports("tea"))
    place.run(3600)
    again = Place(memory=place.memory)
    again.seconds = place.seconds
    again.offer(reports("tea"))
    again.run(1)
    assert len(again.chat.took) == 1


def test_what_not_all_got_counts_as_told_and_is_named() -> None:
    place = Place()
    lost = Incomplete("sink ops", "1 of 2 recipients are refused (550)", handle="first")
    place.chat.answers.append(lost)
    place.offer(reports("tea"))
    place.run(7200)
    assert (place.chat.tried, place.chat.took) == (1, [])
    assert place.desk.trouble == "dingtalk: 1 of 2 recipients are refused (550)"
    assert place.counted == [(("ops", "dingtalk"), lost)]
    place.offer(tuple(map(ended, reports("tea"))))
    place.run(7200)
    assert [message.handle for message in place.chat.took] == ["first"]
    assert place.desk.trouble == ""


def test_a_message_without_an_answer_is_told_again_twice_as_the_same_and_then_counts_as_told() -> (
    None
):
    place = Place()
    place.chat.late = True
    place.offer(reports("tea", "coffee", "milk", "water"))
    place.run(24 * 3600)
    assert [message.title for message in place.chat.took] == [
        "Decide about Exposure/shop/coffee and 3 more at edge"
    ] * 3
    assert len({message.key for message in place.chat.took}) == 1
    lines = [line for line in place.lines if "sink.unanswered" in line]
    assert len(lines) == 3
    assert "Exposure/shop/milk @ edge" in lines[2]
    assert "never: it counts as told" in lines[2]


def test_an_alarm_without_an_answer_is_told_again_after_a_minute() -> None:
    place, times = Place(), list[float]()
    place.chat.late = True
    place.offer(alarms("tea"))
    while place.seconds < 3 * 3600:
        before = len(place.chat.took)
        place.run(5)
        times += [place.seconds] * (len(place.chat.took) - before)
    first, second, third = times
    assert 60 <= second - first <= 70
    assert 1800 <= third - second <= 1810


def test_a_late_receiver_of_alarms_gets_at_most_24_messages_in_an_hour() -> None:
    place, times = Place(), list[float]()
    place.chat.late = True
    for number in range(180):
        names = [f"tea-{index:02}" for index in range(number // 2 + 1)]
        mild = [f"mild-{index:02}" for index in range(number // 3 + 1)]
        place.offer((*alarms(*names), *reports(*mild)))
        before = len(place.chat.took)
        place.run(60)
        times += [place.seconds] * (len(place.chat.took) - before)
    assert max(sum(a <= b < a + 3600 for b in times) for a in times) <= 24


def test_what_joins_a_message_without_an_answer_is_told_by_itself() -> None:
    place = Place()
    place.chat.late = True
    place.offer(reports("tea", "coffee", "milk", "water"))
    place.run(45)
    place.offer(reports("tea", "coffee", "milk", "water", "juice"))
    place.run(24 * 3600)
    told = [sorted(i.report.subject.name for i in m.items) for m in place.chat.took]
    assert told.count(["coffee", "milk", "tea", "water"]) == 3
    assert told.count(["juice"]) == 3
    assert len(told) == 6


@pytest.mark.parametrize("minutes", [1, 7, 60])
def test_restarts_make_no_more_of_a_message_without_an_answer(minutes: int) -> None:
    place = Place()
    for _ in range(8 * 60 // minutes):
        place.chat.late = True
        place.offer(reports("tea"))
        place.run(60 * minutes)
        again = Place(place.chat, place.memory)
        again.seconds, place = place.seconds, again
    assert len(place.chat.took) == 3
    assert len({message.key for message in place.chat.took}) == 1


def test_a_message_without_an_answer_that_had_not_arrived_arrives() -> None:
    place = Place()
    place.chat.answers.append(OutcomeUnknown("sink ops", "no answer within the time allowed"))
    place.offer(reports("tea"))
    place.run(120)
    assert len(place.chat.took) == 1
    said = next(iter(place.memory.kept["edge", "ops"]["said"].values()))
    assert said["handle"] == "handle-1"
    place.run(24 * 3600)
    assert len(place.chat.took) == 1
    assert "unanswered" not in place.memory.kept["edge", "ops"]


def test_what_is_over_after_a_message_without_an_answer_is_told_as_over() -> None:
    place = Place()
    place.chat.answers.append(OutcomeUnknown("sink ops", "no answer within the time allowed"))
    place.offer(reports("tea"))
    place.run(40)
    place.offer(tuple(map(ended, reports("tea"))))
    place.run(24 * 3600)
    assert [message.ended for message in place.chat.took] == [True]


def test_a_late_receiver_gets_at_most_12_messages_in_an_hour() -> None:
    place, times = Place(), list[float]()
    place.chat.late = True
    for number in range(180):
        found = reports(*(f"tea-{index:02}" for index in range(number // 3 + 1)))
        place.offer(found)
        before = len(place.chat.took)
        place.run(60)
        times += [place.seconds] * (len(place.chat.took) - before)
    assert len(times) >= 12
    assert max(sum(a <= b < a + 3600 for b in times) for a in times) <= 12


def test_a_sink_that_refuses_us_is_asked_again_for_ever() -> None:
    place = Place()
    place.chat.answers.extend([Unauthenticated("sink ops", "no such token")] * 8)
    place.offer(reports("tea"))
    place.run(7200)
    assert len(place.chat.took) == 1


def test_the_limits_of_a_service_are_kept_over_a_restart() -> None:
    limits = (RateLimit(2, 300.0),)
    place = Place(Chat(limits))
    place.offer(reports("tea", "coffee", "milk"))
    place.run(120)
    assert len(place.chat.took) == 2
    again = Place(Chat(limits), place.memory)
    again.seconds = place.seconds
    again.offer(reports("tea", "coffee", "milk"))
    again.run(60)
    assert again.chat.took == []
    again.run(400)
    assert len(again.chat.took) == 1


def test_what_cannot_be_remembered_is_told_and_not_said_twice_by_this_process() -> None:
    place = Place()
    place.offer(reports("tea"))
    place.desk.step()
    place.memory.broken = Unreachable("ConfigMap", "no answer")
    place.run(600)
    assert len(place.chat.took) == 1
    assert "cannot be kept" in place.desk.trouble
    place.memory.broken = None
    place.run(600)
    assert place.memory.kept


def test_nothing_is_said_while_it_is_not_known_what_was() -> None:
    place = Place()
    place.memory.broken = Unreachable("ConfigMap", "no answer")
    place.offer(reports("tea"))
    place.run(600)
    assert place.chat.tried == 0
    assert "cannot be read" in place.desk.trouble


def test_one_sink_tells_of_several_targets_in_one_digest() -> None:
    place = Place()
    for target in ("edge", "core"):
        found = (replace(report, target=target) for report in reports("tea", "coffee", "milk"))
        place.offer(tuple(found), target)
    place.run(300)
    assert [message.title for message in place.chat.took] == [
        "Decide about Exposure/shop/coffee and 5 more at core, edge"
    ]
    assert {key for key, _ in place.memory.kept} == {"edge", "core"}


def test_a_pace_keeps_any_window_within_its_limit() -> None:
    pace, now, sent = Pace((RateLimit(5, 1.0), RateLimit(20, 60.0))), 0.0, []
    while now < 300:
        if pace.wait(now) == 0:
            pace.sent(now)
            sent.append(now)
        now += 0.1
    assert max(sum(a <= b < a + 59.9 for b in sent) for a in sent) <= 20
    assert len(sent) >= 95


class Silent:
    """A sink that does not answer until it is let go."""

    def __init__(self) -> None:
        self.limits: tuple[RateLimit, ...] = ()
        self.called, self.go = threading.Event(), threading.Event()

    def deliver(self, message: Message) -> str:
        self.called.set()
        self.go.wait(60)
        return ""


@pytest.mark.timeout(120)
def test_other_settings_for_a_sink_that_hangs_are_taken_over_without_waiting_for_it(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody but its successor waits for the old one, and that says nothing before it has ended."""
    here, waited = threading.get_ident(), list[str]()
    join = SinkDesk.join

    def watched(desk: SinkDesk, timeout: float) -> bool:
        if threading.get_ident() == here and not silent.go.is_set():
            waited.append(desk.subject)
        return join(desk, 0.0 if waited else timeout)

    monkeypatch.setattr(SinkDesk, "join", watched)
    silent, files, memory = Silent(), Chat(), Memory()
    ways: list[Any] = [silent, files]
    outbox = Outbox(Board(), Journal(lambda _: None))

    def load(folder: str) -> None:
        form = {"name": "ops", "webhook": {"url": f"https://hooks.example.com/{folder}"}}
        found = SinkSettings.model_validate(form, by_alias=True)
        outbox.load([found], lambda _: ways.pop(0))

    def offer(*names: str) -> None:
        old = (replace(r, opened_at="2026-01-01T00:00:00Z") for r in reports(*names))
        scene = Scene("shop", "acme", "edge", tuple(old), "abc", text_of(START))
        outbox.offer(Offer(scene, OWNER, memory, 1, lambda: True))

    load("a")
    offer("tea")
    assert silent.called.wait(60)
    load("b")
    offer("tea", "coffee")
    assert waited == []
    assert files.tried == 0
    silent.go.set()
    done = threading.Event()
    for _ in range(1200):
        if files.took:
            break
        done.wait(0.05)
    assert [i.report.subject.name for m in files.took for i in m.items] == ["coffee"]
    outbox.leave()
    assert outbox.join(60)


@pytest.mark.timeout(120)
def test_a_sink_that_hangs_delays_neither_the_passes_nor_another_sink(
    tmp_path: Any,
) -> None:
    """Offers return at once, however many there are, and the other sink is told."""
    silent, files = Silent(), Chat()
    settings = [
        SinkSettings.model_validate(
            {"name": name, "files": {"folder": str(tmp_path)}}, by_alias=True
        )
        for name in ("hangs", "works")
    ]
    outbox = Outbox(Board(), Journal(lambda _: None))
    outbox.load(settings, lambda one: silent if one.name == "hangs" else files)
    memory = Memory()
    for number in range(500):
        scene = Scene("shop", "acme", "edge", reports("tea"), str(number), text_of(START))
        outbox.offer(Offer(scene, OWNER, memory, 1, lambda: True))
    assert silent.called.wait(60)
    done = threading.Event()
    for _ in range(600):
        if files.took:
            break
        done.wait(0.05)
    assert files.took
    outbox.leave()
    silent.go.set()
    assert outbox.join(60)
