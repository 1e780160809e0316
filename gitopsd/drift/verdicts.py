"""Verdicts: in sync, changed, drifted, unknown, per Exposure and per server group (design §5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from gitopsd.diff.modes import treatment
from gitopsd.diff.objects import exposure_of
from gitopsd.diff.unmarked import left_git
from gitopsd.drift.exceptions import with_exceptions
from gitopsd.drift.failing import failing
from gitopsd.drift.reasons import with_reason
from gitopsd.drift.shadowing import shadows
from gitopsd.drift.silence import all_asked, silent
from gitopsd.drift.waiting import waiting
from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedGroup, ObservedTarget
from gitopsd.model.ownership import DIGEST
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Assessment, Cause, Difference, State, Verdict, Waiting
from gitopsd.model.wording import said

_DIGESTS = frozenset({join(("metadata", "labels", DIGEST)), join(("tags", DIGEST))})


@dataclass(slots=True)
class _Subject:
    """What is known of one Exposure or ServerGroup while the parts are gathered."""

    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    unknown: bool = False

    def verdict(self, identity: Identity) -> Verdict:
        told = tuple(with_reason(d) for d in self.differences if treatment(d).told)
        if told and all(map(_lags, told)):
            lagging = {d.resource for d in told}
            mine = (d for d in self.differences if d.resource in lagging)
            left = not all(treatment(d).told for d in mine)
            told = ()
            self.notes.append(said("lags-beside" if left else "lags"))
        notes = dict.fromkeys([*self.notes, *map(str, self.waiting)])
        waits = tuple(self.waiting)
        return Verdict(identity, self._state(told), told, tuple(notes), waiting=waits)

    def _state(self, told: tuple[Difference, ...]) -> State:
        if self.unknown:
            return State.UNKNOWN
        if any(d.cause is Cause.DRIFT for d in told):
            return State.DRIFTED
        return State.CHANGED if told else State.IN_SYNC


def assess(
    comparison: Comparison, desired: DesiredTarget, observed: ObservedTarget, *, today: date
) -> Assessment:
    """The verdict of every subject of a target. An incomplete observation is never green."""
    subjects: dict[Identity, _Subject] = {}
    for item in comparison.objects:
        _object(subjects.setdefault(item.exposure, _Subject()), item)
    for group in comparison.groups:
        subjects.setdefault(group.identity, _Subject()).differences += silent(group, today)
        _group(subjects.setdefault(group.identity, _Subject()), group)
    for identity, difference in shadows(comparison, observed, today):
        subjects[identity].differences.append(difference)
    for identity, found in waiting(comparison, observed):
        subjects[identity].waiting.append(found)
    for identity, found in failing(comparison, observed, today):
        subjects[identity].waiting.append(found)
    left = left_git(observed, desired)
    for identity, thing in observed.unmarked.items():
        whose = identity if isinstance(thing, ObservedGroup) else exposure_of(thing)
        subject = subjects.setdefault(whose, _Subject())
        if identity in left:
            subject.differences.append(_stray(identity, said("unmarked-left"), Reason.STAMP))
        else:
            subject.unknown = True
            subject.notes.append(said("unmarked", identity=identity))
    for identity in desired.held:
        subject = subjects.setdefault(identity, _Subject())
        subject.unknown = True
        subject.notes.append(said("held"))
    gaps = observed.gaps
    if desired.cluster_uid not in (None, observed.cluster_uid):
        why = said("not-pinned", uid=desired.cluster_uid)
        gaps = (*gaps, Gap(said("right-cluster"), why))
        for subject in subjects.values():
            subject.unknown = True
    verdicts = (
        with_exceptions(subject.verdict(identity), comparison)
        for identity, subject in sorted(subjects.items())
    )
    blind = _blind(comparison, observed)
    return Assessment(comparison.target, tuple(verdicts), gaps, blind, observed.unheard)


def _blind(comparison: Comparison, observed: ObservedTarget) -> frozenset[Reason]:
    """The kinds of trouble that nobody asked about in this observation."""
    blind = set()
    if observed.neighbours is None:
        blind.add(Reason.SHADOWED)
    if not all_asked(comparison, observed):
        blind.add(Reason.MEMBER_SILENT)
    return frozenset(blind)


def _lags(difference: Difference) -> bool:
    """Whether only our note of what was applied is behind: Git now asks for what is there."""
    return difference.cause is Cause.CHANGE and difference.path in _DIGESTS


def _object(subject: _Subject, item: ObjectComparison) -> None:
    subject.unknown |= item.unknown
    subject.differences += item.differences
    if item.unknown:
        subject.notes.append(said("unseen-object", identity=item.identity))
    elif item.copied_by is not None:
        subject.differences.append(_copy(item.identity, item.copied_by))
    elif item.desired is None:
        subject.differences.append(_leaving(item.identity))
    elif item.foreign is not None:
        subject.notes.append(said("unmarked", identity=item.identity))
    elif item.going is not None:
        subject.differences.append(item.going)
    if item.replacement:
        subject.notes.append(item.replacement)


def _group(subject: _Subject, group: GroupComparison) -> None:
    subject.unknown |= group.unknown
    subject.differences += group.differences
    if group.unknown:
        subject.notes.append(said("unseen-group"))
    elif group.desired is None:
        subject.differences.append(_leaving(group.identity))
    if group.conflict:
        subject.notes.append(group.conflict)
    subject.notes += _others(group)


def _others(group: GroupComparison) -> Iterable[str]:
    for old in group.outdated if group.desired else ():
        yield said("outdated", id=old.id)
    for double in group.duplicates:
        yield said("double", id=double.id)


def _copy(identity: Identity, makers: tuple[str, ...]) -> Difference:
    by = said("written", names=", ".join(makers)) if makers else said("written-by-others")
    return _stray(identity, said("copy", by=by), Reason.COPIED)


def _stray(identity: Identity, note: str, reason: Reason) -> Difference:
    """A whole thing that is there and that Git knows nothing of: a person decides about it."""
    return Difference(
        identity, "", None, {}, Cause.DRIFT, "Report", note=note, reason=reason, theirs=True
    )


def _leaving(identity: Identity) -> Difference:
    return Difference(identity, "", None, {}, Cause.CHANGE, note=said("left-git"))
