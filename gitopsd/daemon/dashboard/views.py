"""What the page knows of each target: what its last pass has left, and the passes before.

Live manifests are not kept: a fleet's memory must not double because there is a page. What differs
stands in the verdicts, where requests go in the routes, and what is wanted is the order's own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gitopsd.daemon.passes import Order, PassResult
from gitopsd.daemon.publishing import Seen
from gitopsd.drift.impact import subjects_of
from gitopsd.engine.history import pass_entry
from gitopsd.model.approval import stamp
from gitopsd.model.desired import DesiredGroup, DesiredObject
from gitopsd.model.history import PassEntry, PassState, brief
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget, Record
from gitopsd.model.ownership import EXPOSURE as EXPOSURE_LABEL
from gitopsd.model.plan import Step
from gitopsd.model.report import DriftReport
from gitopsd.model.status import SubjectStatus
from gitopsd.model.traffic import Route
from gitopsd.model.verdict import Verdict
from gitopsd.status import Sight, standing

#: (repository, target).
Place = tuple[str, str]
#: So many passes of a target are remembered with their phases.
KEPT = 50
#: So many steps of a plan are told.
STEPS = 500


@dataclass(frozen=True, slots=True)
class Timed:
    """A pass, and the seconds of each of its phases; none where it ended in an earlier process."""

    entry: PassEntry
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubjectView:
    """An Exposure or ServerGroup; `born` is when the first of what it made was (RFC 3339, "")."""

    status: SubjectStatus
    verdict: Verdict | None = None
    revision: str = ""
    born: str = ""
    held: str = ""
    routes: tuple[Route, ...] = ()
    parts: tuple[DesiredObject | DesiredGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan of the last pass: `steps` at most `STEPS`, `total` how many there are."""

    hash: str
    total: int
    steps: tuple[Step, ...]
    holds: tuple[Step, ...]

    @property
    def awaits_approval(self) -> bool:
        """Whether a person's word would let it go on."""
        return any(step.hold and step.hold.guard.approvable for step in self.holds)


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as its last pass has left it, at a time; `reports` None: they are not known."""

    order: Order
    at: datetime
    subjects: Mapping[Identity, SubjectView]
    plan: PlanView | None
    record: Record | None
    gaps: tuple[tuple[str, str], ...] = ()
    reports: tuple[DriftReport, ...] | None = None
    withheld: str = ""


def view_of(result: PassResult, seen: Seen | None, at: datetime) -> TargetView | None:
    """What is to be shown of a target after a pass; None when the pass has nothing to say."""
    if result.cut_short or result.assessment is None or result.plan is None:
        return None
    if seen is None:
        desired, observed = result.order.desired, result.observed
        seen = Seen(Sight(desired, observed, result.assessment, result.plan, result.outcome))
    plan, sight = result.plan, seen.sight
    record = sight.observed.record or result.observed.record
    return TargetView(
        result.order,
        at,
        dict(_subjects(result.order, seen)),
        PlanView(plan.hash, len(plan.steps), plan.steps[:STEPS], plan.holds[:STEPS])
        if plan.steps
        else None,
        replace(record, entries={}, fields={}) if record else None,
        tuple((gap.what, gap.why) for gap in sight.observed.gaps),
        seen.reports,
        result.withheld,
    )


def _subjects(order: Order, seen: Seen) -> Iterator[tuple[Identity, SubjectView]]:
    sight = seen.sight
    parts: dict[Identity, list[DesiredObject | DesiredGroup]] = {}
    for item in order.desired.objects.values():
        parts.setdefault(item.exposure, []).append(item)
    for group in order.desired.groups.values():
        parts.setdefault(group.identity, []).append(group)
    routes: dict[Identity, list[Route]] = {}
    for route in seen.routes:
        for subject in subjects_of(route):
            routes.setdefault(subject, []).append(route)
    born = _births(sight.observed)
    told = {v.subject for v in sight.assessment.verdicts} | order.desired.held | parts.keys()
    for subject in sorted(told | seen.statuses.keys(), key=_order):
        step = sight.held(subject)
        yield (
            subject,
            SubjectView(
                seen.statuses.get(subject) or standing(subject, sight),
                sight.verdict(subject),
                seen.revisions.get(subject) or order.revision,
                born.get(subject, ""),
                step.hold.reason if step and step.hold else "",
                tuple(routes.get(subject, ())),
                tuple(parts.get(subject, ())),
            ),
        )


def _order(subject: Identity) -> tuple[str, str, str]:
    return subject.namespace, subject.name, subject.kind


def _births(observed: ObservedTarget) -> dict[Identity, str]:
    found: dict[Identity, str] = {}
    for identity, live in observed.objects.items():
        metadata: Mapping[str, Any] = live.manifest.get("metadata") or {}
        born = str(metadata.get("creationTimestamp") or "")
        owner = Identity("Exposure", identity.namespace, live.labels.get(EXPOSURE_LABEL, ""))
        if born and born < found.get(owner, "~"):
            found[owner] = born
    return found


class Views:
    """Views by target, and their passes. All methods are safe from any thread.

    `changed` is called after each change, in the thread that made it.
    """

    def __init__(self, now: Callable[[], datetime], changed: Callable[[], None]) -> None:
        self._now = now
        self._changed = changed
        self._lock = threading.Lock()
        self._views: dict[Place, TargetView] = {}
        self._passes: dict[Place, deque[Timed]] = {}

    def pass_ended(self, place: Place, result: PassResult | None, seen: Seen | None) -> None:
        """Take over what a pass has left; None for one that failed on the way."""
        now = (result.began if result else None) or self._now()
        view = view_of(result, seen, now) if result is not None else None
        timed = _timed(result, stamp(now))
        with self._lock:
            if view is not None:
                self._views[place] = view
            self._passes.setdefault(place, deque(maxlen=KEPT)).append(timed)
        self._changed()

    def keep_only(self, places: frozenset[Place]) -> None:
        """Forget the targets that are not ours any more: their holder knows better."""
        with self._lock:
            self._views = {place: view for place, view in self._views.items() if place in places}

    @property
    def views(self) -> dict[Place, TargetView]:
        """The views, by place."""
        with self._lock:
            return dict(sorted(self._views.items()))

    def passes(self, place: Place) -> tuple[Timed, ...]:
        """The passes of a target, the latest first; older ones as its record tells them."""
        with self._lock:
            mine = tuple(reversed(self._passes.get(place, ())))
            view = self._views.get(place)
        first = mine[-1].entry.time if mine else "~"
        told = view.record.history if view and view.record else ()
        older = [Timed(entry) for entry in reversed(told) if entry.time < first]
        return (*mine, *older)


def _timed(result: PassResult | None, now: str) -> Timed:
    if result is None:
        return Timed(PassEntry(now, "", PassState.FAILED, trouble="it did not come to an end"))
    if result.plan is None:
        state = PassState.INTERRUPTED if result.cut_short else PassState.FAILED
        entry = PassEntry(now, result.order.revision, state, trouble=brief(result.trouble))
        return Timed(entry, result.seconds)
    steps = result.outcome.results if result.outcome else ()
    entry = pass_entry(result.plan, steps, now, result.observed.gaps, result.withheld)
    return Timed(entry, result.seconds)
