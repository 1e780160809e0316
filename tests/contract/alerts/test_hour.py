"""What arrives at each receiver in an hour of edits, fights, outages and restarts, accelerated.

The reports, the rules, the desk, the senders and the receivers are the real ones; only time is not.
The numbers stand in docs/alerts.md.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.alerts import Rules, Scene, Style
from gitopsd.daemon.alerting import Offer
from gitopsd.daemon.alerting.desk import SinkDesk
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.drift.policy import text_of
from gitopsd.model.verdict import Attribution, Verdict
from gitopsd.ports import Sink
from tests.contract.alerts import receiving
from tests.contract.alerts.receiving import Reply, Service
from tests.contract.alerts.test_chats import KINDS, SECRET, meeting
from tests.contract.forges.conftest import RECEIVERS, TOKEN
from tests.contract.forges.receiving import Account, Fault
from tests.unit.alerts.hours import OWNER, START, Hours, drift, flapping, verdict
from tests.unit.daemon.test_alerting import Memory

Make = Callable[..., Sink]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_FLAPPING = flapping(30, 6 * MINUTE, together=False)


def busy(now: datetime) -> Iterable[Verdict]:
    """Ten edits one after the other, a fight, and thirty Exposures that flap."""
    minute = int((now - START) / MINUTE)
    yield from _FLAPPING(now)
    for number in range(10):
        name = f"edit-{number}"
        yield verdict(name, drift(name)) if 0 <= minute - 3 * number < 8 else verdict(name)
    manager = ("helm", "kubectl")[minute % 2]
    who = Attribution(manager, "Update", text_of(now))
    yield verdict("fought-over", drift("fought-over", f"by {manager} at {minute}", who=who))


@dataclass
class Busy(Hours):
    """The hour as an operator has it that is restarted every seven minutes."""

    sink: Sink = field(kw_only=True)
    kept: Memory = field(default_factory=Memory)
    lines: list[str] = field(default_factory=list)
    desk: SinkDesk | None = None
    outage: Callable[[bool], None] = lambda _: None
    look: timedelta = 0.5 * MINUTE

    @property
    def seconds(self) -> float:
        return (self.now - START) / timedelta(seconds=1)

    def _send(self) -> None:
        minute = int(self.seconds // 60)
        self.outage(20 <= minute < 30)
        if self.desk is None or self.seconds % 420 == 0:
            self.desk = SinkDesk(
                self.rules, self.sink, "sink", Board(), Journal(self.lines.append),
                clock=lambda: self.seconds, now=lambda: self.now,
            )  # fmt: skip
        scene = Scene("shop", "acme", "edge", self.reports, "abc", text_of(self.now))
        self.desk.offer(Offer(scene, OWNER, self.kept, 1, lambda: True))
        self.desk.step()


def clock_of(hours: list[Busy]) -> Callable[[], float]:
    """The service's clock: the hour's, laid around the present, by which signatures are made."""
    began = time.time() - 1800
    return lambda: began + (hours[0].seconds if hours else 0.0)


def unsigned(content: dict[str, Any]) -> dict[str, Any]:
    """A message without what the time alone moves."""
    return {key: value for key, value in content.items() if key not in ("timestamp", "sign")}


@pytest.mark.parametrize("name", KINDS)
def test_a_chat_gets_at_most_12_messages_none_of_them_twice(name: str, sink: Make) -> None:
    with meeting(name, sink) as (service, way):
        hours: list[Busy] = []
        service.clock = clock_of(hours)
        down: Reply = Reply(503, b"down")

        def outage(on: bool) -> None:
            service.faults.clear()
            if on:
                service.faults.extend([down] * 50)

        hours.append(Busy(Rules("ops"), busy, sink=way, outage=outage))
        hours[0].run(HOUR)
        assert 3 <= len(service.took) <= 12
        bodies = Counter(str(unsigned(post.json)) for post in service.took)
        assert max(bodies.values()) == 1
        refused = [post for post in service.asked if post not in service.took]
        assert 0 < len(refused) <= 15  # during the outage: later and later, from each new process


@pytest.mark.parametrize("name", KINDS)
def test_a_chat_that_takes_messages_without_an_answer_gets_at_most_12_and_none_four_times(
    name: str, sink: Make
) -> None:
    with meeting(name, sink) as (service, way):
        hours: list[Busy] = []
        service.clock = clock_of(hours)
        service.answering = receiving.late(service.answering)
        hours.append(Busy(Rules("ops"), busy, sink=way))
        hours[0].run(HOUR)
        assert 3 <= len(service.took) <= 12
        assert len(service.asked) == len(service.took)
        bodies = Counter(str(unsigned(post.json)) for post in service.took)
        assert max(bodies.values()) <= 3


def test_a_chat_is_told_of_the_edits_the_fight_and_the_end(sink: Make) -> None:
    with meeting("wecom", sink) as (service, way):
        hours: list[Busy] = []
        service.clock = clock_of(hours)
        hours.append(Busy(Rules("ops"), busy, sink=way))
        hours[0].run(HOUR)
        text = "\n".join(post.json["markdown"]["content"] for post in service.took)
        assert "Exposure/shop/edit-0 @ edge" in text
        assert "End the fight: helm, kubectl" in text
        assert "Nothing to do" in text


@pytest.mark.parametrize("name", sorted(RECEIVERS))
def test_a_tracker_gets_at_most_11_issues_none_of_them_twice(
    name: str, sink: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    with RECEIVERS[name]() as receiver:
        receiver.accounts[TOKEN] = Account(41, "gitopsd")
        form = {"forge": name, "project": "acme/exposures", "url": receiver.url,
                "token": {"file": "token"}}  # fmt: skip
        way = sink({"token": TOKEN}, issues=form)

        def outage(on: bool) -> None:
            receiver.faults.clear()
            if on:
                receiver.faults.extend([Fault(401, body=b'{"message": "no"}')] * 50)

        hours = Busy(Rules("issues", Style.THREAD), busy, sink=way, outage=outage)
        hours.run(HOUR)
        issues: dict[int, dict[str, Any]] = receiver.issues
        assert 3 <= len(issues) <= 11
        markers = [
            (issue.get("body") or issue.get("description")).split("\n")[0]
            for issue in issues.values()
        ]
        assert len(set(markers)) == len(markers)
        writes = receiver.writes()
        told = sum(write.endswith(("/comments", "/notes")) for write in writes)
        assert told <= 22
        assert any("fought-over" in issue["title"] for issue in issues.values())


def test_a_webhook_gets_the_same_messages_as_a_chat_with_all_that_is_known(sink: Make) -> None:
    with Service(receiving.webhook, secret=SECRET) as service:
        way = sink({"secret": SECRET}, webhook={"url": service.url, "secret": {"file": "secret"}})
        hours = Busy(Rules("hook"), busy, sink=way)
        hours.run(HOUR)
        assert 3 <= len(service.took) <= 12
        subjects = {item["subject"] for post in service.took for item in post.json["items"]}
        assert "Exposure/shop/fought-over" in subjects
        assert sum(subject.startswith("Exposure/shop/edit-") for subject in subjects) >= 6


def test_a_webhook_that_never_answers_knows_each_message_again_by_its_key(sink: Make) -> None:
    with Service(receiving.late(receiving.webhook), secret=SECRET) as service:
        way = sink({"secret": SECRET}, webhook={"url": service.url, "secret": {"file": "secret"}})
        hours = Busy(Rules("hook"), busy, sink=way)
        hours.run(HOUR)
        assert len(service.asked) <= 12
        told = {}
        for post in service.asked:
            about = tuple(sorted((item["subject"], item["news"]) for item in post.json["items"]))
            told.setdefault(post.headers["idempotency-key"], []).append(about)
        assert max(map(len, told.values())) in (2, 3)
        every = [about for found in told.values() for about in found[0]]
        assert len(every) == len(set(every))  # nothing is told under two keys
