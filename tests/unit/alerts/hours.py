"""Hours in an instant: passes over a target whose drift comes and goes, and a sink that is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gitopsd.alerts import Memory, Rules, Scene, decide, recorded
from gitopsd.drift.life import advance, resolved
from gitopsd.drift.policy import text_of
from gitopsd.model.identity import Identity
from gitopsd.model.message import Message
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.ownership import Owner
from gitopsd.model.report import DriftReport, Resolution, RouteImpact
from gitopsd.model.verdict import Assessment, Attribution, Cause, Difference, Mode, State, Verdict

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OWNER = Owner("acme", "edge")
#: Between two passes, and between two looks of a sink at what there is to send.
PASS, LOOK = timedelta(seconds=60), timedelta(seconds=10)


def exposure(name: str, namespace: str = "shop") -> Identity:
    return Identity("Exposure", namespace, name)


def drift(
    name: str, found: object = "NodePort", *, mode: Mode = "Report", who: Attribution | None = None
) -> Difference:
    service = Identity("Service", "shop", name)
    outlook = Outlook(Action.CORRECT if mode == "Correct" else Action.LEAVE)
    wanted = "ClusterIP"
    return Difference(service, "spec.type", wanted, found, Cause.DRIFT, mode, who, outlook=outlook)


def verdict(name: str, *found: Difference) -> Verdict:
    state = State.DRIFTED if found else State.IN_SYNC
    return Verdict(exposure(name), state, tuple(found))


#: What is found at a time: the verdicts of one pass.
World = Callable[[datetime], Iterable[Verdict]]


@dataclass
class Hours:
    """One target and one sink. `messages` are those that reached somebody, with their times."""

    rules: Rules
    world: World
    now: datetime = START
    reports: tuple[DriftReport, ...] = ()
    memory: Memory = field(default_factory=Memory)
    messages: list[tuple[datetime, Message]] = field(default_factory=list)
    silent: list[Message] = field(default_factory=list)
    broken: Callable[[datetime], bool] = lambda _: False
    corrects: bool = False
    named: str = ""
    look: timedelta = LOOK
    impacts: dict[Identity, tuple[RouteImpact, ...]] = field(default_factory=dict)

    def run(self, length: timedelta) -> Hours:
        """Let time go by: passes, and what the sink is sent."""
        end = self.now + length
        while self.now < end:
            if (self.now - START) % PASS == timedelta(0):
                self._pass()
            self._send()
            self.now += self.look
        return self

    def restart(self) -> None:
        """A new process: what it knows is what was stored."""
        self.memory = Memory.from_json(self.memory.to_json())

    def _pass(self) -> None:
        verdicts = tuple(self.world(self.now))
        assessment = Assessment("edge", verdicts)
        told = advance(self.reports, assessment, OWNER, self.now, impacts=self.impacts)
        reports = tuple(told.reports.values())
        if self.corrects:
            reports = tuple(
                resolved(report, Resolution.CORRECTED, self.now) if report.open else report
                for report in reports
            )
        self.reports = reports

    def _send(self) -> None:
        scene = Scene("shop", "acme", "edge", self.reports, "abc", text_of(self.now), self.named)
        memories = {scene.place: self.memory}
        for parcel in decide(self.rules, [scene], memories, self.now).parcels:
            if self.broken(self.now):
                return
            self.memory = recorded(parcel, scene.place, self.memory, "h")
            if parcel.silent:
                self.silent.append(parcel.message)
            else:
                self.messages.append((self.now, parcel.message))

    @property
    def titles(self) -> list[str]:
        return [message.title for _, message in self.messages]

    def minutes(self) -> list[float]:
        return [(time - START) / timedelta(minutes=1) for time, _ in self.messages]


def flapping(number: int, period: timedelta, *, together: bool) -> World:
    """Exposures that drift for half of each period, all at once or each in its own time."""

    def world(now: datetime) -> Iterable[Verdict]:
        for index in range(number):
            shift = timedelta(0) if together else period * index / number
            on = (now - START + shift) % period < period / 2
            name = f"tea-{index:02}"
            yield verdict(name, drift(name)) if on else verdict(name)

    return world


def edited(rules: Rules, **changes: object) -> Rules:
    return replace(rules, **changes)  # type: ignore[arg-type]
