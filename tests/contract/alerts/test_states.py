"""Alertmanager, a real one where it is installed; files; and what Apprise would be handed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gitopsd.alerts import Rules, Scene, Style
from gitopsd.daemon.alerting import Offer
from gitopsd.daemon.alerting.desk import SinkDesk
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.drift.policy import text_of
from gitopsd.model.message import Message, Severity
from gitopsd.model.report import ReportState, RouteImpact
from gitopsd.model.verdict import Verdict
from gitopsd.ports import Misconfigured, Sink
from tests.contract.alerts import receiving
from tests.contract.alerts.conftest import messages
from tests.contract.alerts.receiving import Service
from tests.unit.alerts.hours import OWNER, START, Hours, drift, exposure, verdict
from tests.unit.daemon.test_alerting import Memory

Make = Callable[..., Sink]
ALERTMANAGER = shutil.which("prometheus-alertmanager")


def open_state() -> Message:
    """A target with one open report, as of now: Alertmanager goes by its own clock."""
    found = next(message for message in messages(Style.STATE) if not message.ended)
    now = text_of(datetime.now(UTC))
    item = found.items[0]
    report = replace(item.report, opened_at=now, last_seen=now)
    return replace(found, time=now, items=(replace(item, report=report),))


def ended(message: Message) -> Message:
    """The same, resolved a moment ago."""
    item = message.items[0]
    now = text_of(datetime.now(UTC))
    report = replace(item.report, state=ReportState.RESOLVED, resolved_at=now)
    return replace(message, ended=True, time=now, items=(replace(item, report=report),))


def test_an_open_report_is_an_alert_with_an_end_in_the_future(sink: Make) -> None:
    with Service(receiving.alertmanager) as service:
        message = open_state()
        sink(alertmanager={"url": service.url}).deliver(message)
        [alert] = service.took[0].json
        assert alert["labels"]["target"] == "edge"
        assert (alert["labels"]["namespace"], alert["labels"]["name"]) == ("shop", "tea")
        assert alert["labels"]["severity"] == "warning"
        assert alert["endsAt"] > message.time
        assert alert["annotations"]["summary"].startswith("Decide: Exposure/shop/tea")


def test_the_labels_of_an_alert_do_not_move_with_its_evidence(sink: Make) -> None:
    with Service(receiving.alertmanager) as service:
        way, message = sink(alertmanager={"url": service.url}), open_state()
        way.deliver(message)
        item = message.items[0]
        way.deliver(replace(message, items=(replace(item, title="other"),)))
        first, second = (post.json[0]["labels"] for post in service.took)
        assert first == second


def mattering(message: Message, severity: Severity) -> Message:
    """The same, with another severity."""
    item = replace(message.items[0], severity=severity, was=severity)
    return replace(message, items=(item,))


def over(message: Message, was: Severity = Severity.CRITICAL) -> Message:
    """Its end, as the rules make it: what is over is critical no more."""
    item = replace(message.items[0], severity=Severity.WARNING, was=was)
    return ended(replace(message, items=(item,)))


@pytest.mark.parametrize("remembered", [False, True])
def test_a_critical_alert_ends_under_the_labels_that_it_fired_under(
    sink: Make, remembered: bool
) -> None:
    with Service(receiving.alertmanager) as service:
        way = sink(alertmanager={"url": service.url})
        message = mattering(open_state(), Severity.CRITICAL)
        handle = way.deliver(message)
        way.deliver(replace(over(message), handle=handle if remembered else ""))
        [fired], [resolved] = (post.json for post in service.took)
        assert fired["labels"]["severity"] == "critical"
        assert resolved["labels"] == fired["labels"]


def test_what_comes_to_matter_less_ends_as_what_it_was_and_once(sink: Make) -> None:
    with Service(receiving.alertmanager) as service:
        way, message, handle = sink(alertmanager={"url": service.url}), open_state(), ""
        for severity in (Severity.CRITICAL, Severity.WARNING, Severity.WARNING):
            handle = way.deliver(replace(mattering(message, severity), handle=handle))
        for _ in range(2):
            handle = way.deliver(replace(over(message, was=Severity.CRITICAL), handle=handle))
        assert handle == "[]"
        told = [
            [(alert["labels"]["severity"], alert["endsAt"] > message.time) for alert in post.json]
            for post in service.took
        ]
        assert told == [
            [("critical", True)],
            [("critical", False), ("warning", True)],
            [("warning", True)],
            [("warning", False)],
        ]


def test_what_comes_to_matter_less_over_a_restart_ends_all_the_same(sink: Make) -> None:
    """The memory is the stored one; process and term are others."""
    with Service(receiving.alertmanager) as service:
        kept, now = Memory(), START + timedelta(minutes=1)
        for moved in (80.0, 20.0, 20.0):
            hours = Hours(Rules("alarms", Style.STATE), lambda _: [verdict("tea", drift("tea"))])
            hours.impacts = {exposure("tea"): (RouteImpact("demo.example.com/", moved),)}
            found = hours.run(timedelta(minutes=1)).reports
            desk = SinkDesk(
                hours.rules, sink(alertmanager={"url": service.url}), "alertmanager", Board(),
                Journal(lambda _: None), clock=lambda: 0.0, now=lambda: now,
            )  # fmt: skip
            scene = Scene("shop", "acme", "edge", found, "abc")
            desk.offer(Offer(scene, OWNER, kept, 1, lambda: True))
            desk.step()
        told = [
            [(alert["labels"]["severity"], alert["endsAt"] > text_of(now)) for alert in post.json]
            for post in service.took
        ]
        assert told == [
            [("critical", True)],
            [("critical", False), ("warning", True)],
            [("warning", True)],
        ]


def test_what_is_told_of_no_more_ends(sink: Make) -> None:
    with Service(receiving.alertmanager) as service:
        way, message = sink(alertmanager={"url": service.url}), open_state()
        handle = way.deliver(message)
        way.deliver(replace(message, items=(), handle=handle))
        [alert] = service.took[1].json
        assert alert["endsAt"] == message.time


def test_the_end_of_a_critical_report_says_what_it_was() -> None:
    def world(now: datetime) -> list[Verdict]:
        on = now < START + timedelta(minutes=20)
        return [verdict("tea", drift("tea")) if on else verdict("tea")]

    hours = Hours(Rules("alerts", Style.STATE), world)
    hours.impacts = {exposure("tea"): (RouteImpact("demo.example.com/", 80.0),)}
    hours.run(timedelta(hours=1))
    first, last = hours.silent[0].items[0], hours.silent[-1].items[0]
    assert (first.severity, first.was) == (Severity.CRITICAL, Severity.CRITICAL)
    assert last.severity is not Severity.CRITICAL
    assert last.was is Severity.CRITICAL


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    """The URL of a real one."""
    if ALERTMANAGER is None:
        pytest.skip("prometheus-alertmanager is not installed")
    (tmp_path / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        ALERTMANAGER, f"--config.file={tmp_path}/am.yml", f"--storage.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: asked(f"{url}/-/ready") is not None)
        yield url
    finally:
        process.terminate()
        process.wait(120)


def asked(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


def wait_for(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_real_alertmanager_fires_and_resolves(sink: Make, alertmanager: str) -> None:
    def active() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(asked(f"{alertmanager}/api/v2/alerts") or b"[]")
        return found

    way = sink(alertmanager={"url": alertmanager})
    message = mattering(open_state(), Severity.CRITICAL)
    handle = way.deliver(message)
    wait_for(lambda: len(active()) == 1)
    assert active()[0]["labels"]["alertname"] == "GitopsdDrift"
    ends = datetime.fromisoformat(active()[0]["endsAt"])
    assert ends > datetime.now(UTC) + timedelta(minutes=5)
    handle = way.deliver(replace(mattering(message, Severity.WARNING), handle=handle))
    wait_for(lambda: [alert["labels"]["severity"] for alert in active()] == ["warning"])
    handle = way.deliver(replace(mattering(message, Severity.CRITICAL), handle=handle))
    wait_for(lambda: [alert["labels"]["severity"] for alert in active()] == ["critical"])
    way.deliver(replace(over(message), handle=handle))
    wait_for(lambda: active() == [])


def test_files_hold_the_state_of_a_target(sink: Make, tmp_path: Path) -> None:
    way = sink(files={"folder": str(tmp_path / "drift")})
    message = open_state()
    way.deliver(message)
    content = json.loads((tmp_path / "drift/acme/edge.json").read_text())
    assert content["items"][0]["subject"] == "Exposure/shop/tea"
    assert "Exposure/shop/tea" in (tmp_path / "drift/acme/edge.md").read_text()
    way.deliver(ended(message))
    content = json.loads((tmp_path / "drift/acme/edge.json").read_text())
    assert content["items"][0]["state"] == "Resolved"
    assert sorted(p.name for p in (tmp_path / "drift/acme").iterdir()) == ["edge.json", "edge.md"]


def test_a_folder_that_cannot_be_written_is_told(sink: Make, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(Misconfigured, match="taken"):
        sink(files={"folder": str(tmp_path / "taken")}).deliver(open_state())


def test_without_apprise_its_sink_says_how_to_install_it(sink: Make) -> None:
    if importlib.util.find_spec("apprise") is not None:
        pytest.skip("Apprise is installed")
    with pytest.raises(Misconfigured, match="gitopsd\\[apprise\\]"):
        sink({"url": "json://localhost"}, apprise={"url": {"file": "url"}}).deliver(messages()[0])


class Handed:
    """What stands in for Apprise: it keeps what it is handed."""

    told: ClassVar[list[dict[str, Any]]] = []

    def add(self, url: str) -> bool:
        return "://" in url

    def notify(self, **told: Any) -> bool:
        self.told.append(told)
        return True


def test_what_others_wrote_calls_nobody_whatever_apprise_speaks_to(
    sink: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handed, "told", [])
    module = types.ModuleType("apprise")
    module.Apprise = Handed  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "apprise", module)
    sink({"url": "discord://id/token"}, apprise={"url": {"file": "url"}}).deliver(messages()[0])
    [told] = Handed.told
    sent = told["title"] + told["body"]
    assert not set(sent) & set("@<`")
    assert "](" not in sent
    assert "everyone" in sent  # it is told, and calls nobody
    assert told["body_format"] == "text"


def test_apprise_delivers_where_it_is_installed(sink: Make) -> None:
    pytest.importorskip("apprise", reason="Apprise is not installed (gitopsd[apprise])")
    with Service(lambda service, post: receiving.Reply(200)) as service:
        way = sink({"url": f"json://{service.host}/x"}, apprise={"url": {"file": "url"}})
        way.deliver(messages()[0])
        assert service.asked
