"""The operator's numbers: names, labels, and what makes them move."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gitopsd import ports
from gitopsd.daemon.due import overdue
from gitopsd.daemon.metrics import Counts, MetricsPage, Recent, Standing
from gitopsd.daemon.metrics.counts import result_of
from gitopsd.daemon.metrics.families import FAMILIES
from gitopsd.daemon.metrics.reference import page as reference
from gitopsd.daemon.passes import PassResult
from gitopsd.daemon.settings import Schedule
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedTarget, Record
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.plan import Guard, Hold, Operation, Plan, Step
from gitopsd.model.verdict import Assessment, Attribution, Cause, Difference, State, Verdict
from gitopsd.ports import Throttled, WorldError

PAGE = Path(__file__).parents[3] / "docs/reference/metrics.md"
PLACE = ("shop", "edge")
#: An hour and a half after the time at which a stage begins (08:00 UTC).
DAILY = Schedule(cron="30 9 * * *")
TEA = Identity("Exposure", "shop", "tea")
SERVICE = Identity("Service", "shop", "tea")


def test_the_page_of_metrics_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run make docs"


def test_names_follow_the_conventions_of_prometheus() -> None:
    for family in FAMILIES:
        assert re.fullmatch(r"gitopsd_[a-z_]+", family.name)
        assert not family.name.endswith(("_total", "_info", "_bucket"))
        assert "milli" not in family.name
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
            assert family.buckets


@pytest.mark.parametrize(
    ("error", "label"),
    [
        (None, "ok"),
        (Throttled("ListServerGroups", "later"), "throttled"),
        (ports.OutcomeUnknown("Service", "cut off"), "outcome_unknown"),
        (type("Special", (ports.Missing,), {})("x", "y"), "missing"),
    ],
)
def test_the_result_of_a_call_is_the_kind_of_error_that_the_ports_know(
    error: WorldError | None, label: str
) -> None:
    assert result_of(error) == label


class Fixed:
    """An operator at rest, with one repository and one target that is ours."""

    def __init__(self) -> None:
        self.ready = True
        self.board = SimpleNamespace(lines={"shop/edge": "a step failed"})
        self.desk = SimpleNamespace(
            repository=SimpleNamespace(name="shop"),
            target="edge",
            held=True,
            term=1,
            waiting=True,
            busy=False,
        )
        self.targets = {"shop/edge": self.desk}
        rules = SimpleNamespace(name="ops")
        sink = SimpleNamespace(rules=rules, kind="dingtalk", trouble="HTTP 500", waiting=3)
        self.outbox = SimpleNamespace(desks=[sink])
        self.repositories = {
            "shop": SimpleNamespace(
                repository=SimpleNamespace(sync=DAILY, drift=DAILY),
                errors=2,
                reached_at=90.0,
                answered=True,
                waiting=False,
                busy=True,
            )
        }


class Stage:
    """The numbers of such an operator, with clocks that the test moves."""

    def __init__(self) -> None:
        self.clock, self.now = 100.0, 1_800_000_000.0
        self.counts, self.operator = Counts(), Fixed()
        self.standing = Standing(
            self.operator,  # type: ignore[arg-type]
            self.counts,
            clock=lambda: self.clock,
            now=lambda: self.now,
        )
        self.page = MetricsPage(self.counts, self.standing)

    def end(self, result: PassResult | None) -> None:
        self.counts.pass_ended(PLACE, result)
        self.standing.pass_ended(PLACE, result)

    def samples(self, name: str) -> dict[str, float]:
        """The samples of one metric: labels as they are written, and values."""
        text = self.page()[2].decode()
        found = re.findall(rf"^{name}(\{{.*?\}})? (\S+)$", text, re.MULTILINE)
        return {labels: float(value) for labels, value in found}

    def sample(self, name: str) -> float:
        (value,) = self.samples(name).values()
        return value


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_page_is_made_once_a_second_however_often_it_is_asked_for(stage: Stage) -> None:
    page = Recent(stage.page, clock=lambda: stage.clock)
    before = page()
    stage.end(None)
    assert page() is before
    stage.clock += 1.0
    assert page() != before


def drift(mode: Any = "Correct", time: str = "", manual: bool = False) -> Verdict:
    who = Attribution("kubectl-edit", "Update", time) if time else None
    difference = Difference(SERVICE, "spec.ports", 80, 81, Cause.DRIFT, mode, who, manual=manual)
    return Verdict(TEA, State.DRIFTED, (difference,))


def step(hold: Hold | None = None) -> Step:
    return Step(Operation.UPDATE, "Service", SERVICE, TEA, hold=hold)


def ended(
    *verdicts: Verdict,
    states: tuple[StepState, ...] = (),
    hold: Hold | None = None,
    gaps: tuple[Gap, ...] = (),
    record: Record | None = None,
) -> PassResult:
    one = step(hold)
    plan = Plan("acme", "edge", (one,) if hold or states else ())
    outcome = Outcome(plan, tuple(StepResult(one, state) for state in states)) if states else None
    order: Any = SimpleNamespace(revision="abc")
    return PassResult(
        order,
        ObservedTarget("edge", gaps=gaps, record=record),
        plan,
        outcome,
        assessment=Assessment("edge", verdicts, gaps),
        seconds={"observe": 0.5, "plan": 0.1},
    )


def test_every_metric_of_the_table_is_on_the_page(stage: Stage) -> None:
    told = set(re.findall(r"^# TYPE (\S+)", stage.page()[2].decode(), re.MULTILINE))
    missing = {
        family.name for family in FAMILIES if family.name not in told and family.sample not in told
    }
    assert missing == set()


def test_nothing_is_on_the_page_that_the_table_does_not_tell_of(stage: Stage) -> None:
    stage.end(ended(drift("Report"), states=(StepState.DONE,)))
    stage.counts.called("ALB", "ListServerGroups", None, 0.1)
    told = set(re.findall(r"^# TYPE (\S+)", stage.page()[2].decode(), re.MULTILINE))
    known = {name for family in FAMILIES for name in (family.name, family.sample)}
    assert {name for name in told - known if not name.startswith("process_")} == set()


def test_labels_are_those_of_the_table(stage: Stage) -> None:
    stage.end(ended(drift("Report"), states=(StepState.DONE,), hold=None))
    stage.counts.called("ALB", "ListServerGroups", None, 0.1)
    stage.counts.paced("ALB", 0.5)
    stage.counts.answered("github", 202)
    stage.counts.told(("ops", "dingtalk"), None)
    for family in FAMILIES:
        for labels in stage.samples(family.sample):
            names = set(re.findall(r"(\w+)=", labels)) - {"le"}
            assert names == set(family.labels), family.name


def test_drift_that_is_left_alone_grows_old(stage: Stage) -> None:
    stage.end(ended(drift("Report")))
    stage.now += 600
    stage.end(ended(drift("Report")))
    assert stage.samples("gitopsd_drift_age_seconds") == {
        '{kind="Exposure",name="tea",namespace="shop",repository="shop",target="edge"}': 600.0
    }
    assert stage.sample("gitopsd_drift_found_total") == 1


def test_drift_is_as_old_as_managed_fields_say(stage: Stage) -> None:
    stage.now = 1_795_000_000.0
    stage.end(ended(drift("Report", "2026-11-18T09:06:40Z")))
    assert stage.sample("gitopsd_drift_age_seconds") > 0


def test_drift_that_was_put_right_in_the_same_pass_is_counted_and_has_no_age(stage: Stage) -> None:
    stage.end(ended(drift(), states=(StepState.DONE,)))
    assert stage.samples("gitopsd_drift_age_seconds") == {}
    assert stage.sample("gitopsd_drift_found_total") == 1


@pytest.mark.parametrize("verdict", [drift(manual=True), drift("Report")])
def test_drift_that_is_left_beside_what_was_done_keeps_its_age(
    stage: Stage, verdict: Verdict
) -> None:
    stage.end(ended(verdict, states=(StepState.DONE,)))
    assert len(stage.samples("gitopsd_drift_age_seconds")) == 1


def test_an_incomplete_observation_neither_ends_drift_nor_counts_as_one(stage: Stage) -> None:
    stage.page()
    stage.end(ended(drift("Report")))
    stage.clock += 50
    gap = Gap("our services", "the API server is away", frozenset({"Service"}))
    stage.end(ended(gaps=(gap,)))
    assert len(stage.samples("gitopsd_drift_age_seconds")) == 1
    assert stage.sample("gitopsd_observation_age_seconds") == 50


def test_before_the_first_observation_its_age_counts_from_the_lease(stage: Stage) -> None:
    stage.page()
    stage.clock += 30
    assert stage.sample("gitopsd_observation_age_seconds") == 30


def test_what_is_looked_at_once_a_day_is_late_only_after_that(stage: Stage) -> None:
    stage.end(ended())
    for hours, late in ((0, 0.0), (1, 0.0), (1.5, 0.0), (2, 1800.0)):
        stage.clock, stage.now = 100.0 + hours * 3600, 1_800_000_000.0 + hours * 3600
        assert stage.sample("gitopsd_observation_overdue_seconds") == late
        assert stage.sample("gitopsd_fetch_overdue_seconds") == late


def test_what_was_never_seen_is_late_from_the_beginning(stage: Stage) -> None:
    stage.page()
    stage.operator.repositories["shop"].answered = False
    stage.clock += 30
    assert stage.sample("gitopsd_observation_overdue_seconds") == 30
    assert stage.sample("gitopsd_fetch_overdue_seconds") == 40


def test_an_interval_is_late_after_its_jitter() -> None:
    hourly = Schedule(every_seconds=3600, jitter_seconds=60)
    assert overdue(hourly, 1000.0, 1000.0 + 3660) == 0
    assert overdue(hourly, 1000.0, 1000.0 + 3661) == 1


def test_a_standby_tells_nothing_but_that_it_is_one(stage: Stage) -> None:
    stage.end(ended(drift("Report")))
    stage.operator.desk.held = False
    assert stage.samples("gitopsd_drift_age_seconds") == {}
    assert stage.samples("gitopsd_observation_age_seconds") == {}
    assert stage.sample("gitopsd_lease_held") == 0


def test_what_an_earlier_term_saw_is_forgotten(stage: Stage) -> None:
    stage.end(ended(drift("Report")))
    stage.operator.desk.held = False
    stage.page()
    stage.operator.desk.held, stage.operator.desk.term = True, 2
    assert stage.samples("gitopsd_drift_age_seconds") == {}


def test_steps_are_counted_by_what_became_of_them(stage: Stage) -> None:
    stage.end(ended(states=(StepState.FAILED,)))
    (labels,) = stage.samples("gitopsd_changes_total")
    assert 'kind="Service"' in labels
    assert 'operation="update"' in labels
    assert 'outcome="failed"' in labels


def test_held_steps_stand_with_the_name_of_their_guard(stage: Stage) -> None:
    stage.end(ended(hold=Hold(Guard.MAX_DELETES, "more than 10")))
    (labels,) = stage.samples("gitopsd_held_steps")
    assert 'guard="max-deletes"' in labels


@pytest.mark.parametrize(("annotations", "value"), [({}, 0), ({"gitopsd.io/suspend": "x"}, 1)])
def test_a_suspended_target_says_so(
    stage: Stage, annotations: dict[str, str], value: float
) -> None:
    stage.end(ended(record=Record(annotations=annotations)))
    assert stage.sample("gitopsd_suspended") == value


def test_passes_are_counted_by_how_they_ended(stage: Stage) -> None:
    stage.end(ended())
    stage.end(ended(states=(StepState.FAILED,)))
    stage.end(None)
    results = {
        re.findall('result="(.*?)"', labels)[0]: value
        for labels, value in stage.samples("gitopsd_passes_total").items()
    }
    assert results == {"well": 1, "troubled": 1, "failed": 1}


def test_queues_repositories_and_trouble_are_read_off_the_operator(stage: Stage) -> None:
    assert stage.samples("gitopsd_queue_length") == {
        '{work="repository"}': 0,
        '{work="target"}': 1,
    }
    assert stage.samples("gitopsd_queue_busy")['{work="repository"}'] == 1
    assert stage.sample("gitopsd_fetch_age_seconds") == 10
    assert stage.sample("gitopsd_config_errors") == 2
    assert stage.samples("gitopsd_trouble") == {'{subject="shop/edge"}': 1}


def test_sinks_tell_what_they_sent_what_waits_and_whether_they_fail(stage: Stage) -> None:
    stage.counts.told(("ops", "dingtalk"), None)
    stage.counts.told(("ops", "dingtalk"), Throttled("sink ops", "too fast"))
    place = 'kind="dingtalk"'
    assert stage.samples("gitopsd_messages_total") == {
        f'{{{place},result="ok",sink="ops"}}': 1,
        f'{{{place},result="throttled",sink="ops"}}': 1,
    }
    assert stage.sample("gitopsd_sink_failing") == 1
    assert stage.sample("gitopsd_sink_waiting") == 3


def test_a_stranger_cannot_make_labels_grow(stage: Stage) -> None:
    for number in range(100):
        stage.counts.answered(f"nobody-{number}", 404)
    assert stage.samples("gitopsd_webhooks_total") == {'{provider="unknown",status="404"}': 100}
