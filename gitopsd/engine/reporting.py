"""Keeping the drift reports of a target: what is known, what it becomes, what is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gitopsd.drift.fights import Writer, nobody
from gitopsd.drift.life import Impacts, advance
from gitopsd.drift.policy import DEFAULT, LifePolicy
from gitopsd.drift.righting import put_right
from gitopsd.model.outcome import Outcome
from gitopsd.model.ownership import Owner
from gitopsd.model.report import Told
from gitopsd.model.verdict import Assessment
from gitopsd.ports import ReportStore


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a target's reports; `unreadable` says what in the store makes no sense."""

    told: Told
    unreadable: tuple[str, ...] = ()


def keep_reports(
    store: ReportStore,
    assessment: Assessment,
    owner: Owner,
    now: datetime,
    *,
    impacts: Impacts | None = None,
    revision: str = "",
    policy: LifePolicy = DEFAULT,
    writer: Writer = nobody,
) -> Kept:
    """Follow the reports of a target through one look at it. Raises the errors of the store.

    Word of the events is to be sent after this: whoever is told of a report can then find it. Cut
    short, the next look says again what was not saved, and saves the rest.
    """
    known = store.load(owner)
    told = advance(
        known.reports,
        assessment,
        owner,
        now,
        impacts=impacts,
        revision=revision,
        policy=policy,
        writer=writer,
    )
    _save(store, owner, told)
    return Kept(told, known.unreadable)


def tell_corrected(
    store: ReportStore,
    outcome: Outcome,
    owner: Owner,
    now: datetime,
    *,
    policy: LifePolicy = DEFAULT,
) -> Kept:
    """Note in the reports of a target what a plan has put right. Raises the errors of the store."""
    known = store.load(owner)
    told = put_right(known.reports, outcome, owner, now, policy=policy)
    _save(store, owner, told)
    return Kept(told, known.unreadable)


def _save(store: ReportStore, owner: Owner, told: Told) -> None:
    for fingerprint in told.write:
        store.save(told.reports[fingerprint])
    for fingerprint in told.forget:
        store.forget(owner, fingerprint)
