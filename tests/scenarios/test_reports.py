"""Edits by hand, fights and outages, followed by reports over the real adapters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitopsd.adapters.reports import ReportFolder
from gitopsd.drift.policy import DEFAULT, LifePolicy
from gitopsd.engine.judging import assess_target, judge_target
from gitopsd.engine.neighbourhood import look_around
from gitopsd.engine.reporting import keep_reports, tell_corrected
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.outcome import StepState
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, EventKind, Resolution
from gitopsd.model.verdict import Assessment, Cause, Difference, State
from gitopsd.planning import PlanOptions
from gitopsd.sandbox.cloud import Fault
from tests.scenarios.test_convergence import ACTION, A, B, live_groups, owned, shop
from tests.scenarios.test_groups import put_to_use
from tests.scenarios.world import TODAY, World, edit, make_object, objects, remove
from tests.unit.build import service

MINUTE = timedelta(minutes=1)


@dataclass
class Watch:
    """Looks at a world, each a minute after the last, and the reports that came of them."""

    world: World
    desired: DesiredTarget
    store: ReportFolder
    policy: LifePolicy = DEFAULT
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def assess(self) -> Assessment:
        world, desired = self.world, self.desired
        observed = world.observe(desired, health=True)
        observed = look_around(desired, observed, world.site.cluster, world.owner)
        return assess_target(desired, observed, world.owner, TODAY)

    def judge(self) -> tuple[Difference, ...]:
        """All that drifted, with what becomes of it."""
        world, desired = self.world, self.desired
        observed = world.observe(desired, health=True)
        observed = look_around(desired, observed, world.site.cluster, world.owner)
        judged = judge_target(desired, observed, world.owner, PlanOptions(TODAY))
        found = (d for v in judged.assessment.verdicts for d in v.differences)
        return tuple(item for item in found if item.cause is Cause.DRIFT)

    def look(self) -> list[EventKind]:
        self.now += MINUTE
        kept = keep_reports(
            self.store, self.assess(), self.world.owner, self.now, policy=self.policy
        )
        return [event.kind for event in kept.told.events]

    def correct(self) -> list[EventKind]:
        """Mode Correct: look, apply, note what was put right.

        Controllers write to the same objects, so that a pass may be overtaken; the next one is not.
        """
        self.look()
        events: list[EventKind] = []
        for _ in range(5):
            outcome = self.world.apply(self.desired)
            kept = tell_corrected(
                self.store, outcome, self.world.owner, self.now, policy=self.policy
            )
            events += [event.kind for event in kept.told.events]
            if outcome.ok:
                return events
        raise AssertionError(outcome.to_json())

    @property
    def reports(self) -> tuple[DriftReport, ...]:
        found = self.store.load(self.world.owner)
        assert found.unreadable == ()
        return found.reports

    @property
    def open(self) -> dict[Reason, DriftReport]:
        return {report.reason: report for report in self.reports if report.open}


def alone(world: World, **more: Any) -> DesiredTarget:
    """The shop on a host of its own: all tests share one ALB, and would shadow each other."""
    desired = shop(world, A, B, **more)
    for item in desired.objects.values():
        if item.identity.kind == "Ingress":
            item.manifest["spec"]["rules"][0]["host"] = host(world)
    return desired


def host(world: World) -> str:
    return f"{world.owner.instance}.example.com"


@pytest.fixture
def watch(world: World, tmp_path: Path) -> Iterator[Watch]:
    desired = alone(world)
    assert world.apply(desired).ok
    made = Watch(world, desired, ReportFolder(tmp_path))
    assert made.look() == []
    yield made
    world.sandbox.cloud.faults.clear()


def weight(watch: Watch) -> None:
    """Somebody moves a share of the traffic with kubectl."""
    name = watch.world.owner.instance
    live = objects(watch.world.sandbox, "Ingress", name)["menu"]["metadata"]["annotations"][ACTION]
    action = json.loads(live)
    action[0]["ForwardConfig"]["ServerGroups"][0]["Weight"] = 10
    annotations = {ACTION: json.dumps(action)}
    edit(watch.world.sandbox, "Ingress", name, "menu", {"metadata": {"annotations": annotations}})


def annotation(watch: Watch) -> None:
    key = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-bandwidth"
    name = watch.world.owner.instance
    patch = {"metadata": {"annotations": {key: "5"}}}
    edit(watch.world.sandbox, "Service", name, "tea", patch)


def deletion(watch: Watch) -> None:
    remove(watch.world.sandbox, "Ingress", watch.world.owner.instance, "menu")


def labels(watch: Watch) -> None:
    marks = dict.fromkeys(watch.world.owner.labels("tea"))
    name = watch.world.owner.instance
    edit(watch.world.sandbox, "Service", name, "tea", {"metadata": {"labels": marks}})


def stranger(watch: Watch) -> None:
    (group,) = live_groups(watch.world)
    watch.world.sandbox.cloud.groups.add_member(group.id, "192.168.20.99", 8080)


def leaver(watch: Watch) -> None:
    (group,) = live_groups(watch.world)
    watch.world.sandbox.cloud.groups.remove_member(group.id, A[0], A[1])


def rival(watch: Watch) -> None:
    name = watch.world.owner.instance
    backend = {"service": {"name": "tea-svc", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    rule = {"host": host(watch.world), "http": {"paths": paths}}
    spec = {"ingressClassName": "alb", "rules": [rule]}
    manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "by-hand", "namespace": name},
        "spec": spec,
    }
    make_object(watch.world.sandbox, manifest)


#: Each leaves alone what the ones before it did.
EDITS: tuple[tuple[Callable[[Watch], None], Reason], ...] = (
    (weight, Reason.FIELD),
    (annotation, Reason.ADDITION),
    (stranger, Reason.MEMBER_FOREIGN),
    (leaver, Reason.MEMBER_GONE),
    (rival, Reason.SHADOWED),
    (labels, Reason.STAMP),
    (deletion, Reason.DELETED),
)


def test_what_somebody_does_by_hand_opens_one_report_of_its_kind(watch: Watch) -> None:
    for change, reason in EDITS:
        before = set(watch.open)
        change(watch)
        assert watch.look().count(EventKind.OPENED) == 1
        assert set(watch.open) - before == {reason}
        assert EventKind.OPENED not in watch.look()


def test_who_edited_with_kubectl_and_what_is_in_the_report(watch: Watch) -> None:
    weight(watch)
    watch.look()
    (item,) = watch.open[Reason.FIELD].evidence
    assert item.who is not None
    assert item.who.manager == "kubectl-edit"
    assert "weight 80 → 10" in item.note or "weight 10" in item.note


def test_what_is_promised_is_what_the_next_pass_does(watch: Watch) -> None:
    """Whatever was done by hand: of all that drifted, an apply mends what was said, and no more."""
    for change, _ in EDITS:
        change(watch)
    before = watch.judge()
    promised = {(d.resource, d.path) for d in before if d.outlook == Outlook(Action.CORRECT)}
    others = {(d.resource, d.path) for d in before} - promised
    assert promised
    assert others
    for _ in range(5):  # controllers write too, so that a step may be overtaken
        states = {result.state for result in watch.world.apply(watch.desired).results}
        if states <= {StepState.DONE, StepState.HELD}:
            break
    after = {(d.resource, d.path) for d in watch.judge()}
    assert promised & after == set()
    assert others <= after


def test_what_a_pass_puts_right_is_reported_as_put_right(watch: Watch) -> None:
    weight(watch)
    leaver(watch)
    assert sorted(watch.correct()) == [EventKind.RESOLVED, EventKind.RESOLVED]
    assert {report.resolution for report in watch.reports} == {Resolution.CORRECTED}
    assert watch.look() == []


def test_a_fight_over_a_field_becomes_one_report_that_names_both(watch: Watch) -> None:
    name = watch.world.owner.instance
    # The cluster tells seconds, so that four quick edits of one manager may count as one move.
    watch.policy = LifePolicy(fight_moves=5)
    events: list[EventKind] = []
    for _ in range(4):
        edit(watch.world.sandbox, "Service", name, "tea",
             {"spec": {"externalTrafficPolicy": "Local"}})  # fmt: skip
        events += watch.look()
        events += watch.correct()
    assert events.count(EventKind.OPENED) == 1
    assert EventKind.FIGHT in events
    (report,) = watch.reports
    assert report.open
    assert report.fighters == ("gitopsd", "kubectl-edit")
    watch.now += timedelta(hours=2)
    assert watch.look() == [EventKind.RESOLVED]


def test_an_outage_neither_opens_nor_resolves(watch: Watch) -> None:
    stranger(watch)
    watch.look()
    leaver(watch)
    outage = Fault("forbidden", "ListServerGroups", times=99)
    watch.world.sandbox.cloud.faults.append(outage)
    states: dict[Any, State] = {v.subject.kind: v.state for v in watch.assess().verdicts}
    assert states["ServerGroup"] is State.UNKNOWN
    assert watch.look() == []
    assert set(watch.open) == {Reason.MEMBER_FOREIGN}
    watch.world.sandbox.cloud.faults.clear()
    assert sorted(watch.look()) == [EventKind.OPENED, EventKind.REFRESHED]


def test_a_server_that_does_not_answer_is_reported_until_it_does(watch: Watch) -> None:
    groups, made = watch.world.sandbox.cloud.groups, put_to_use(watch.world)
    groups.set_health(made.id, A[0], A[1], reason="CONNECT_FAILED")
    assert watch.look() == [EventKind.OPENED]
    (item,) = watch.open[Reason.MEMBER_SILENT].evidence
    assert (item.found, item.mode) == ("Unhealthy (CONNECT_FAILED)", "Report")
    groups.set_health(made.id, A[0], A[1], status="Normal")
    assert watch.look() == [EventKind.RESOLVED]


def test_a_change_in_git_opens_no_report(watch: Watch) -> None:
    watch.desired = alone(watch.world, weight=50)
    assert watch.look() == []
    assert watch.reports == ()


def test_many_at_once_are_one_report(world: World, tmp_path: Path) -> None:
    name = world.owner.instance
    items = [service(f"tea-{number}", name) for number in range(21)]
    desired = owned(world, *items)
    world.apply(desired)
    watch = Watch(world, desired, ReportFolder(tmp_path))
    told = []
    for policy in ("Local", "Cluster"):
        for item in items:
            patch = {"spec": {"externalTrafficPolicy": policy}}
            edit(world.sandbox, "Service", name, item.identity.name, patch)
        told += [watch.look(), list(watch.open)]
    assert told == [[EventKind.OPENED], [Reason.MANY], [EventKind.RESOLVED], []]
