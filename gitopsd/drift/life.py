"""The life of drift reports: opened once, refreshed, escalated, resolved, reopened (design §5).

Pure: the reports that are known, what was found, and the time go in; the reports as they are now,
what happened to them, and what a store has to write come out. Doing it again with what came out
changes nothing, so a crash between deciding and saving costs nothing but a repeated message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitopsd.drift.fights import (
    WRITTEN,
    Writer,
    fighting,
    movers,
    nobody,
    restorers,
    with_moves,
)
from gitopsd.drift.findings import Findings, findings, moved
from gitopsd.drift.many import covers, follow, gathered, grew
from gitopsd.drift.policy import DEFAULT, LifePolicy, since, text_of
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import (
    DriftReport,
    EventKind,
    Move,
    ReportEvent,
    ReportState,
    Resolution,
    RouteImpact,
    Told,
)
from gitopsd.model.verdict import Assessment, Difference

Impacts = Mapping[Identity, tuple[RouteImpact, ...]]


def advance(
    known: Iterable[DriftReport],
    assessment: Assessment,
    owner: Owner,
    now: datetime,
    *,
    impacts: Impacts | None = None,
    revision: str = "",
    policy: LifePolicy = DEFAULT,
    writer: Writer = nobody,
) -> Told:
    """What becomes of the reports of `owner` after one look at its target.

    `impacts` says what the drift of a subject means for its routes; `revision` is that of the
    specs looked at. An unknown verdict neither opens nor resolves anything. `writer` tells who
    wrote what stands where nothing differs any more.
    """
    mine = [r for r in known if (r.instance, r.target) == (owner.instance, owner.target)]
    ours = {report.fingerprint: report for report in mine}
    seen = findings(assessment, owner)
    work = _Pass(ours, now, policy, writer)
    taken = covers(ours.values(), now, policy)
    fresh: list[DriftReport] = []
    for name, bare in sorted(seen.reports.items()):
        found = _with_impact(bare, impacts or {}, revision)
        old = ours.get(name)
        if old is not None and (old.open or since(old.resolved_at, now) <= policy.reopen_within):
            work.meet(old, found)
        elif name not in taken:
            fresh.append(found)
    work.open(fresh, owner)
    for old in ours.values():
        if old.reason is Reason.MANY:
            work.follow(old, seen)
        elif old.fingerprint not in seen.reports:
            work.miss(old, seen)
        elif not old.open:
            work.keep(old)
    return work.told()


def _with_impact(found: DriftReport, impacts: Impacts, revision: str) -> DriftReport:
    impact = impacts.get(found.subject, ()) if found.subject else ()
    return replace(found, impact=impact, revision=revision)


@dataclass(slots=True)
class _Pass:
    """One pass over the reports: what it did so far."""

    before: Mapping[str, DriftReport]
    now: datetime
    policy: LifePolicy
    writer: Writer
    after: dict[str, DriftReport] = field(default_factory=dict)
    events: list[ReportEvent] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)

    def open(self, fresh: list[DriftReport], owner: Owner) -> None:
        """New findings: each becomes a report, or all together one."""
        if len(fresh) > self.policy.many:
            fresh = gathered(fresh, owner, self.now)
        for found in fresh:
            moves = movers(found.evidence, self.now)
            report = with_moves(self._begun(found), moves, self.now, self.policy)
            self._tell(EventKind.OPENED, replace(report, first_seen=report.opened_at))

    def _begun(self, report: DriftReport) -> DriftReport:
        time = text_of(self.now)
        return replace(
            report,
            state=ReportState.OPEN,
            opened_at=time,
            last_seen=time,
            escalated_at="",
            resolved_at="",
            resolution=None,
        )

    def meet(self, old: DriftReport, found: DriftReport) -> None:
        """A finding that is known: still there, or back."""
        news = moved(old.evidence, found.evidence)
        standing = old.open and not old.calm_since
        blows = movers(news if standing else found.evidence, self.now, old.moves)
        if standing and found.paths <= len(found.evidence):
            there = {item.path for item in found.evidence}
            gone = (item for item in old.evidence if item.path not in there)
            blows = (*blows, *self._restored(old, gone))
        report = replace(
            old,
            evidence=found.evidence,
            paths=found.paths,
            impact=found.impact,
            revision=found.revision,
            last_seen=text_of(self.now),
            calm_since="",
        )
        report = with_moves(report, blows, self.now, self.policy)
        if not old.open:
            report = replace(self._begun(report), reopened=old.reopened + 1)
            self._tell(EventKind.REOPENED, report, old)
        else:
            self._tell(EventKind.GREW if news else EventKind.REFRESHED, report, old)

    def miss(self, old: DriftReport, seen: Findings) -> None:
        """A report whose finding was not made again."""
        if not old.open:
            self.keep(old)
        elif old.subject is None or not seen.judged(old.subject, old.reason):
            self.after[old.fingerprint] = self._aged(old)
        else:
            known = seen.known(old.subject)
            self._end(old, self._restored(old, old.standing) if known else (), known=known)

    def _end(self, old: DriftReport, blows: tuple[Move, ...], *, known: bool) -> None:
        """Resolve a report, unless it only looks so, between two blows of a fight."""
        report = with_moves(old, blows, self.now, self.policy) if blows else old
        if not fighting(report, self.now, self.policy):
            how = _over(old, known=known)
            self._tell(EventKind.RESOLVED, resolved(report, how, self.now), old)
            return
        calm = replace(report, calm_since=old.calm_since or text_of(self.now))
        if not old.fighters:
            self.events.append(ReportEvent(EventKind.FIGHT, calm))
        self.after[old.fingerprint] = calm

    def _restored(self, old: DriftReport, gone: Iterable[Difference]) -> tuple[Move, ...]:
        """The moves of others who put right what a report tells."""
        written = (item for item in gone if item.reason in WRITTEN)
        pairs = ((item.path, self.writer(item.resource, item.path)) for item in written)
        return restorers(pairs, self.now, old.moves)

    def follow(self, old: DriftReport, seen: Findings) -> None:
        """A report about many: each of its rows lives on by itself."""
        alone = frozenset(name for name, report in self.after.items() if report.open)
        report = follow(old, seen, alone, self.now, self.policy, self.writer)
        if report.open and not old.open:
            self._tell(
                EventKind.REOPENED, replace(self._begun(report), reopened=old.reopened + 1), old
            )
        elif old.open and not report.open:
            known = any(seen.known(row.subject) for row in report.rows)
            how = _over(old, known=known)
            self._tell(EventKind.RESOLVED, resolved(report, how, self.now), old)
        elif old.open:
            kind = EventKind.GREW if grew(old, report) else EventKind.REFRESHED
            self._tell(kind, replace(report, last_seen=text_of(self.now)), old)
        else:
            self.keep(old)

    def keep(self, old: DriftReport) -> None:
        """A resolved report stays for a time, so that it can be read and reopened."""
        if old.fingerprint in self.after:
            return  # a new report has taken its name
        if since(old.resolved_at, self.now) > self.policy.keep:
            self.forget.append(old.fingerprint)
        else:
            self.after[old.fingerprint] = old

    def _tell(self, kind: EventKind, report: DriftReport, old: DriftReport | None = None) -> None:
        """Note what happened to a report, and what follows from its age and its moves."""
        report = self._aged(report)
        if report.fighters and not (old and old.fighters):
            self.events.append(ReportEvent(EventKind.FIGHT, report))
        if old is not None and self._only_seen_again(old, report):
            report = old
        self.events.append(ReportEvent(kind, report))
        self.after[report.fingerprint] = report

    def _aged(self, report: DriftReport) -> DriftReport:
        """The report, escalated when it has been open for too long, whether it was seen or not."""
        late = since(report.opened_at, self.now) >= self.policy.escalate_after
        if not (report.open and late) or report.escalated_at:
            return report
        report = replace(report, escalated_at=text_of(self.now))
        self.events.append(ReportEvent(EventKind.ESCALATED, report))
        return report

    def _only_seen_again(self, old: DriftReport, report: DriftReport) -> bool:
        """Whether nothing but the time moved, and that not so far that it is worth a write."""
        same = replace(report, last_seen=old.last_seen) == old
        return same and since(old.last_seen, self.now) < self.policy.write_every

    def told(self) -> Told:
        """All that came of the pass."""
        write = tuple(
            name for name, report in sorted(self.after.items()) if report != self.before.get(name)
        )
        return Told(self.after, tuple(self.events), write, tuple(sorted(self.forget)))


def _over(old: DriftReport, *, known: bool) -> Resolution:
    """How a report ended that was not corrected; `known` says that Git still asks for its thing."""
    if not known:
        return Resolution.REPLACED
    return Resolution.FIGHT_ENDED if old.fighters else Resolution.GONE


def resolved(report: DriftReport, how: Resolution, now: datetime) -> DriftReport:
    """The report at its end."""
    return replace(
        report,
        state=ReportState.RESOLVED,
        resolved_at=text_of(now),
        resolution=how,
        fighters=(),
        fought=(),
        calm_since="",
    )
