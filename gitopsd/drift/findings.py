"""What one look at a target found, gathered into what deserves a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitopsd.model.digest import canonical, digest
from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.ownership import Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport
from gitopsd.model.verdict import Assessment, Cause, Difference, State, Verdict, WaitingFor

#: Hexadecimal digits of a fingerprint: 64 bits, short enough to be read out on the phone.
_LENGTH = 16
#: Digits of a digest that only has to tell one state of a finding from the next.
_SEEN = 12
#: So many paths of a report are kept as evidence; `paths` tells how many there are.
EVIDENCE = 100
#: A value whose JSON is longer (a whole manifest) is named by its size and digest instead, so that
#: a report fits where it is kept: an object of the API server holds about a megabyte.
VALUE = 4096


def fingerprint(
    owner: Owner, subject: Identity | None, resource: Identity | None, reason: Reason, *more: str
) -> str:
    """What a report is told apart by: who, where, which thing, what kind of trouble.

    Paths and values do not count. A second field edited on the same object is the same incident:
    with the paths in it, every further edit and every partial repair would resolve one report and
    open another. That the evidence grew is told by an event of its own. Nothing in it moves by
    itself: no time, version, count or message.
    """
    names = [str(subject or ""), str(resource or ""), str(reason), *more]
    return digest([owner.instance, owner.target, *names])[:_LENGTH]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, by fingerprint, and about what nothing can be said this time."""

    reports: Mapping[str, DriftReport]
    _unknown: frozenset[Identity]
    _judged: frozenset[Identity]
    _blind: frozenset[Reason]
    _complete: bool
    _unheard: frozenset[Identity] = frozenset()

    def judged(self, subject: Identity, reason: Reason) -> bool:
        """Whether this look could have found such trouble, so that not finding it means it is gone.

        A subject without a verdict has left Git and left nothing behind, unless not everything
        could be seen.
        """
        if subject in self._unknown or reason in self._blind:
            return False
        if reason is Reason.MEMBER_SILENT and subject in self._unheard:
            return False
        return subject in self._judged or self._complete

    def known(self, subject: Identity) -> bool:
        """Whether the subject is still there to be judged."""
        return subject in self._judged


def findings(assessment: Assessment, owner: Owner) -> Findings:
    """The drift of every subject with a verdict, one finding for each resource and reason.

    An unknown verdict finds nothing. The order of verdicts and differences makes no difference.
    """
    gathered: dict[tuple[Identity, Identity, Reason], list[Difference]] = {}
    for verdict in assessment.verdicts:
        if verdict.state is State.UNKNOWN:
            continue
        for item in (*verdict.differences, *_ended(verdict)):
            if item.cause is Cause.DRIFT and item.mode != "Ignore":
                key = (verdict.subject, item.resource, item.reason)
                gathered.setdefault(key, []).append(item)
    reports = (_report(owner, *key, found) for key, found in sorted(gathered.items()))
    unknown = {v.subject for v in assessment.verdicts if v.state is State.UNKNOWN}
    return Findings(
        {report.fingerprint: report for report in reports},
        frozenset(unknown),
        frozenset(verdict.subject for verdict in assessment.verdicts),
        assessment.blind,
        not assessment.gaps,
        frozenset(
            verdict.subject
            for verdict in assessment.verdicts
            if any(item.what is WaitingFor.HEALTH for item in verdict.waiting)
        ),
    )


def _ended(verdict: Verdict) -> Iterator[Difference]:
    """The exceptions of the drift policy that have run out: somebody meant to come back to them."""
    for span in verdict.over:
        yield Difference(
            verdict.subject,
            span.path,
            None,
            span.until,
            Cause.DRIFT,
            "Report",
            position=span.position,
            note=span.reason,
            reason=Reason.EXPIRED,
            outlook=Outlook(Action.DECIDE),
            theirs=True,
        )


def _report(
    owner: Owner, subject: Identity, resource: Identity, reason: Reason, found: list[Difference]
) -> DriftReport:
    ordered = sorted(found, key=lambda item: (item.path, canonical([item.wanted, item.found])))
    return DriftReport(
        fingerprint(owner, subject, resource, reason),
        owner.instance,
        owner.target,
        subject,
        resource,
        reason,
        tuple(_bounded(item) for item in ordered[:EVIDENCE]),
        paths=len(ordered),
    )


def _bounded(item: Difference) -> Difference:
    return replace(item, wanted=_short(item.wanted), found=_short(item.found))


def _short(value: Any) -> Any:
    text = canonical(value)
    return value if len(text) <= VALUE else f"{len(text):,} bytes, digest {digest(value)[:12]}"


def moved(old: Iterable[Difference], new: Iterable[Difference]) -> tuple[Difference, ...]:
    """The differences of `new` whose path or value `old` did not tell."""
    told = {_content(item) for item in old}
    return tuple(item for item in new if _content(item) not in told)


def told_by(report: DriftReport) -> str:
    """A digest of what a finding tells, for where its evidence is not kept."""
    return digest([[d.path, d.wanted, d.found] for d in report.evidence])[:_SEEN]


def _content(item: Difference) -> bytes:
    return canonical([item.path, item.wanted, item.found])
