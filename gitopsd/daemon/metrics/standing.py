"""What is true at the moment somebody asks: read off the operator, and kept of the last passes."""

from __future__ import annotations

import platform
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import gitopsd
from gitopsd.daemon.due import overdue
from gitopsd.daemon.metrics import families
from gitopsd.daemon.metrics.counts import Counts
from gitopsd.daemon.metrics.families import Family
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.passes import PassResult
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import StepState
from gitopsd.model.requests import suspension_in
from gitopsd.model.verdict import Cause, State, Verdict

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LastPass:
    """What is told of a target's last pass. Times are seconds since the epoch, but for `observed`,
    which is by a clock that only goes on; None before the first complete observation.
    """

    observed: float | None = None
    drifted: Mapping[Identity, float] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    suspended: bool = False

    def after(self, result: PassResult, clock: float, now: float) -> LastPass:
        """What is told after one more pass.

        An incomplete observation tells nothing of what has drifted: what did stays on the list.
        """
        complete = not result.observed.gaps
        observed = clock if complete else self.observed
        record, plan = result.observed.record, result.plan
        suspension = suspension_in(record.annotations) if record else None
        suspended = suspension is not None and not suspension.over(datetime.fromtimestamp(now, UTC))
        if plan is None or result.assessment is None:
            return LastPass(observed, self.drifted, self.held, suspended)
        drifted = {
            verdict.subject: min(self.drifted.get(verdict.subject, now), _since(verdict, now))
            for verdict in result.assessment.verdicts
            if verdict.state is State.DRIFTED and not _righted(verdict, result)
        }
        if not complete:
            drifted = {**self.drifted, **drifted}
        held = Counter(str(step.hold.guard) for step in plan.blocked if step.hold)
        return LastPass(observed, drifted, held, suspended)


def _since(verdict: Verdict, now: float) -> float:
    """When the first of its drift was written, as far as managedFields tell."""
    times = [
        datetime.fromisoformat(difference.who.time).timestamp()
        for difference in verdict.differences
        if difference.cause is Cause.DRIFT and difference.who and difference.who.time
    ]
    return min([now, *times])


def _righted(verdict: Verdict, result: PassResult) -> bool:
    """Whether the pass that found it drifted has put all of it right."""
    steps = [] if result.outcome is None else result.outcome.results
    mine = [step.state for step in steps if step.step.owner == verdict.subject]
    left = any(one.mode != "Correct" or one.manual for one in verdict.differences)
    return bool(mine) and not left and all(state is StepState.DONE for state in mine)


class Standing(Collector):
    """Reads the operator, for each scrape. Told of every pass by `pass_ended`."""

    def __init__(
        self,
        operator: Operator,
        counts: Counts,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._operator = operator
        self._counts = counts
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._last: dict[Place, LastPass] = {}
        self._begun: dict[Place, tuple[int, float]] = {}

    def pass_ended(self, place: Place, result: PassResult | None) -> None:
        """Keep what a pass found; None for one that failed on the way."""
        if result is None:
            return
        with self._lock:
            before = self._last.get(place, LastPass())
            self._last[place] = before.after(result, self._clock(), self._now())
        assessed = result.assessment.verdicts if result.assessment else ()
        for verdict in assessed:
            if verdict.state is State.DRIFTED and verdict.subject not in before.drifted:
                self._counts.drift_found(place, verdict.subject.kind)

    def collect(self) -> Iterator[Metric]:
        """All of it, as it is now."""
        build = (gitopsd.__version__, platform.python_version())
        yield _family(families.BUILD, [(build, 1.0)])
        yield _family(families.READY, [((), float(self._operator.ready))])
        yield from self._of_targets()
        yield from self._of_repositories()
        yield from self._of_queues()
        yield from self._of_sinks()
        subjects = self._operator.board.lines
        yield _family(families.TROUBLE, [((subject,), 1.0) for subject in subjects])

    def _of_targets(self) -> Iterator[Metric]:
        desks = {
            (desk.repository.name, desk.target): desk for desk in self._operator.targets.values()
        }
        held = {place: desk.held for place, desk in sorted(desks.items())}
        terms = {place: desk.term for place, desk in desks.items()}
        yield _family(families.LEASE, [(place, float(ours)) for place, ours in held.items()])
        yield _family(families.TERMS, [(place, float(term)) for place, term in terms.items()])
        yield from self._of_ours({place: terms[place] for place, ours in held.items() if ours})

    def _of_ours(self, terms: Mapping[Place, int]) -> Iterator[Metric]:
        """What only a target's holder knows; `terms` are those of the targets that are ours."""
        clock, now = self._clock(), self._now()
        with self._lock:
            self._begun = {
                place: self._begun[place]
                if place in self._begun and self._begun[place][0] == term
                else (term, clock)
                for place, term in terms.items()
            }
            # What an earlier term saw may have been put right by its successor.
            self._last = {place: last for place, last in self._last.items() if place in terms}
            since = {place: begun for place, (_, begun) in self._begun.items()}
            last = [(place, self._last.get(place, LastPass())) for place in terms]
        ages = [(p, clock - (since[p] if o.observed is None else o.observed)) for p, o in last]
        yield _family(families.OBSERVED, ages)
        repositories = dict(self._operator.repositories)
        late = [
            (p, overdue(repositories[p[0]].repository.drift, now - age, now) if o.observed else age)
            for (p, age), (_, o) in zip(ages, last, strict=True)
            if p[0] in repositories
        ]
        yield _family(families.OBSERVED_LATE, late)
        drifted = [
            ((*place, subject.namespace, subject.name, subject.kind), max(0.0, now - since))
            for place, one in last
            for subject, since in one.drifted.items()
        ]
        yield _family(families.DRIFT, drifted)
        held = [((*place, guard), float(n)) for place, one in last for guard, n in one.held.items()]
        yield _family(families.HELD, held)
        yield _family(families.SUSPENDED, [(place, float(one.suspended)) for place, one in last])

    def _of_repositories(self) -> Iterator[Metric]:
        desks = dict(self._operator.repositories)
        clock, now = self._clock(), self._now()
        ages = [((name,), clock - desk.reached_at) for name, desk in desks.items()]
        yield _family(families.FETCHED, ages)
        late = [
            ((name,), overdue(desk.repository.sync, now - age, now) if desk.answered else age)
            for ((name,), age), desk in zip(ages, desks.values(), strict=True)
        ]
        yield _family(families.FETCHED_LATE, late)
        errors = [((name,), float(desk.errors)) for name, desk in desks.items()]
        yield _family(families.ERRORS, errors)

    def _of_queues(self) -> Iterator[Metric]:
        repositories = list(self._operator.repositories.values())
        targets = list(self._operator.targets.values())
        waiting = {
            "repository": sum(desk.waiting for desk in repositories),
            "target": sum(desk.waiting for desk in targets),
        }
        busy = {
            "repository": sum(desk.busy for desk in repositories),
            "target": sum(desk.busy for desk in targets),
        }
        yield _family(families.QUEUE, [((work,), float(n)) for work, n in waiting.items()])
        yield _family(families.BUSY, [((work,), float(n)) for work, n in busy.items()])

    def _of_sinks(self) -> Iterator[Metric]:
        desks = {(desk.rules.name, desk.kind): desk for desk in self._operator.outbox.desks}
        failing = [(sink, float(bool(desk.trouble))) for sink, desk in desks.items()]
        yield _family(families.SINK_FAILING, failing)
        waiting = [(sink, float(desk.waiting)) for sink, desk in desks.items()]
        yield _family(families.SINK_WAITING, waiting)


def _family(family: Family, samples: Iterable[tuple[Sequence[str], float]]) -> Metric:
    """A metric with its values by their labels."""
    if family.type == "info":
        info = InfoMetricFamily(family.name, family.help)
        for labels, _ in samples:
            info.add_metric((), dict(zip(family.labels, labels, strict=True)))
        return info
    kind = CounterMetricFamily if family.type == "counter" else GaugeMetricFamily
    made = kind(family.name, family.help, labels=family.labels)
    for labels, value in samples:
        made.add_metric(labels, value)
    return made
