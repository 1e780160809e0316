"""Keeping drift reports from the command line, and saying what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsd.cli.options import Call
from gitopsd.cli.reading import Reading
from gitopsd.cli.targets import Failure, Sight, moment, places, tell_failures
from gitopsd.drift.impact import impacts_by_subject
from gitopsd.engine.judging import Judgement, judge_target
from gitopsd.engine.reporting import Kept, keep_reports, tell_corrected
from gitopsd.model.outcome import Outcome
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.model.report import DriftReport, EventKind, ReportEvent, Row
from gitopsd.planning import PlanOptions
from gitopsd.ports import ReportStore, WorldError
from gitopsd.typography import clean
from gitopsd.wiring.sites import Place, open_reports


@dataclass(slots=True)
class Reporting:
    """The reports of all targets that a command looks at, kept in one place; none without one."""

    call: Call
    where: str | None
    revision: str
    kept: dict[str, Kept] = field(default_factory=dict)

    def follow(self, sight: Sight, judged: Judgement) -> Failure | None:
        """Keep the reports of a target; answers why that was not possible."""
        if self.where is None:
            return None
        try:
            store = open_reports(self.where, sight.place, self.call.settings)
            self.kept[sight.owner.target] = self._told(store, sight.owner, judged)
        except WorldError as error:
            return Failure(sight.owner.target, error)
        return None

    def correct(
        self,
        targets: Iterable[tuple[Place, Owner]],
        outcomes: Sequence[Outcome],
        seen: Mapping[str, Judgement],
    ) -> list[Failure]:
        """Note what was put right, and say so; answers the targets where that was not possible.

        `seen` are the judgements that the plans rest on. They are told first: a drift that is put
        right at once was one too.
        """
        if self.where is None:
            return []
        failures: list[Failure] = []
        done = {outcome.plan.target: outcome for outcome in outcomes}
        for place, owner in targets:
            if owner.target not in done:
                continue
            try:
                store = open_reports(self.where, place, self.call.settings)
                self.kept[owner.target] = self._corrected(
                    store, owner, seen.get(owner.target), done[owner.target]
                )
            except WorldError as error:
                failures.append(Failure(owner.target, error))
        self.tell()
        tell_failures(self.call, failures)
        return failures

    def _corrected(
        self, store: ReportStore, owner: Owner, seen: Judgement | None, outcome: Outcome
    ) -> Kept:
        events: tuple[ReportEvent, ...] = ()
        if seen is not None:
            events = self._told(store, owner, seen).told.events
        after = tell_corrected(store, outcome, owner, moment())
        return replace(after, told=replace(after.told, events=(*events, *after.told.events)))

    def _told(self, store: ReportStore, owner: Owner, seen: Judgement) -> Kept:
        return keep_reports(
            store,
            seen.assessment,
            owner,
            moment(),
            impacts=impacts_by_subject(seen.routes),
            revision=self.revision,
            writer=seen.writer,
        )

    def reports(self, target: str) -> tuple[DriftReport, ...]:
        """All reports of a target, open and resolved, by fingerprint."""
        kept = self.kept.get(target)
        return tuple(report for _, report in sorted(kept.told.reports.items())) if kept else ()

    def tell(self) -> None:
        """Say of each target what became of its reports, and which of them make no sense."""
        for target, kept in self.kept.items():
            place = clean(str(self.where))
            self.call.terminal.say(f"{target}: drift reports in {place}: {said(kept)}")
            for text in kept.unreadable:
                self.call.terminal.warn(f"{target}: a drift report cannot be read: {clean(text)}")

    def to_json(self) -> list[dict[str, Any]]:
        """The form in "reporting" of `gitopsd drift -o json`."""
        return [
            {
                "target": target,
                "events": {str(kind): n for kind in EventKind if (n := kept.told.count(kind))},
                "unreadable": list(kept.unreadable),
            }
            for target, kept in self.kept.items()
        ]


def verdicts(sights: Iterable[Sight], plans: Iterable[Plan]) -> dict[str, Judgement]:
    """How the targets stood when these plans of them were made."""
    now = moment()
    options = PlanOptions(now.date(), now=now)
    return {
        sight.owner.target: judge_target(
            sight.desired, sight.observed, sight.owner, options, plan=plan
        )
        for sight, plan in zip(sights, plans, strict=True)
    }


def said(kept: Kept) -> str:
    """`2 opened, 1 resolved; 3 open`."""
    counts = [(kept.told.count(kind), kind) for kind in EventKind]
    events = ", ".join(f"{number:,} {kind}" for number, kind in counts if number)
    still = sum(report.open for report in kept.told.reports.values())
    return f"{events or 'nothing new'}; {still:,} open"


def find(reports: Sequence[DriftReport], name: str) -> list[DriftReport]:
    """The reports whose fingerprint begins so, or whose subject or resource is called so.

    One about many is found by each of its findings.
    """
    return [
        report
        for report in reports
        if _called(report, name) or any(_called(row, name) for row in report.rows)
    ]


def _called(item: DriftReport | Row, name: str) -> bool:
    return item.fingerprint.startswith(name) or name in (str(item.subject), str(item.resource))


def stored(
    call: Call, reading: Reading, where: str
) -> tuple[list[DriftReport], list[str], list[Failure]]:
    """All reports of the chosen targets, what makes no sense, and the targets that failed.

    By target and time of opening, the latest first.
    """
    found: list[DriftReport] = []
    unreadable: list[str] = []
    failures: list[Failure] = []
    for place, owner, _ in places(call, reading):
        try:
            kept = open_reports(where, place, call.settings).load(owner)
        except WorldError as error:
            failures.append(Failure(owner.target, error))
            continue
        found += sorted(kept.reports, key=lambda report: report.opened_at, reverse=True)
        unreadable += kept.unreadable
    return found, unreadable, failures
