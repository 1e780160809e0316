"""Telling in its report that a drift was put right (design §5, mode Correct)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gitopsd.drift import many
from gitopsd.drift.fights import with_moves
from gitopsd.drift.life import resolved
from gitopsd.drift.outlook import mends
from gitopsd.drift.policy import DEFAULT, LifePolicy, text_of
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.ownership import MANAGER, Owner
from gitopsd.model.plan import Step
from gitopsd.model.report import (
    DriftReport,
    EventKind,
    Move,
    ReportEvent,
    Resolution,
    Told,
)


def put_right(
    known: Iterable[DriftReport],
    outcome: Outcome,
    owner: Owner,
    now: datetime,
    *,
    policy: LifePolicy = DEFAULT,
) -> Told:
    """What becomes of the reports of `owner` after a plan was carried out.

    A report is resolved as corrected when steps that were done cover all that it tells. If putting
    it right is a blow in a fight, it stays open: the next blow would only open it again.
    """
    done = [result.step for result in outcome.results if result.state is StepState.DONE]
    mine = [r for r in known if (r.instance, r.target) == (owner.instance, owner.target)]
    after = {report.fingerprint: report for report in mine}
    events: list[ReportEvent] = []
    undone = {r.step.identity for r in outcome.results if r.state is not StepState.DONE}
    wholly = {step.identity for step in done} - undone
    for report in mine:
        if report.open and report.rows:
            after[report.fingerprint] = table = many.put_right(report, wholly, now, policy)
            if table.fighters and not report.fighters:
                events.append(ReportEvent(EventKind.FIGHT, table))
            if not table.open:
                table = resolved(table, Resolution.CORRECTED, now)
                after[report.fingerprint] = table
                events.append(ReportEvent(EventKind.RESOLVED, table))
            continue
        mended = _mended(report, done) if report.open else ()
        if not mended:
            continue
        blows = (Move(text_of(now), MANAGER, path) for path in mended)
        moved = with_moves(report, blows, now, policy)
        whole = len(mended) == len(report.evidence) >= report.paths
        if moved.fighters:
            moved = replace(moved, calm_since=text_of(now) if whole else "")
            if not report.fighters:
                events.append(ReportEvent(EventKind.FIGHT, moved))
        elif whole:
            moved = resolved(moved, Resolution.CORRECTED, now)
            events.append(ReportEvent(EventKind.RESOLVED, moved))
        after[report.fingerprint] = moved
    write = tuple(sorted(r.fingerprint for r in mine if after[r.fingerprint] != r))
    return Told(after, tuple(events), write)


def _mended(report: DriftReport, done: list[Step]) -> tuple[str, ...]:
    """The paths of the evidence that steps which were done have put right."""
    mine = [step for step in done if step.identity == report.resource]
    return tuple(i.path for i in report.standing if any(mends(step, i) for step in mine))
