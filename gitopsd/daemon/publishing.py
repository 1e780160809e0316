"""Telling in the cluster itself how things stand after a pass: custom resources, Events, reports.

All are for people: what goes wrong here is told once and stands in the way of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from gitopsd.daemon.journal import Journal
from gitopsd.daemon.passes import Order, PassResult
from gitopsd.drift.impact import impacts_by_subject
from gitopsd.engine.judging import Judgement, assess_and_trace, judge_target
from gitopsd.engine.observation import observe_target
from gitopsd.engine.reporting import keep_reports, tell_corrected
from gitopsd.model.approval import stamp
from gitopsd.model.identity import EXPOSURE, SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import StepState
from gitopsd.model.ownership import EXPOSURE as EXPOSURE_LABEL
from gitopsd.model.report import DriftReport
from gitopsd.model.status import Event, EventReason, MirrorObject, SubjectStatus
from gitopsd.model.traffic import Route
from gitopsd.model.verdict import Assessment
from gitopsd.planning import PlanOptions
from gitopsd.ports import Mirror, Overtaken, Site, WorldError
from gitopsd.ports.pool import Pool
from gitopsd.status import POSTPONED, Mirroring, Sight, Wanted, events_of, leaving, mirror, standing
from gitopsd.status.mirroring import generation_of

#: Requests at a time, and Events of one pass: the first apply of a large fleet is no flood.
_THREADS, _MOST = 8, 50
#: What was done is told each time, what lasts only when it turns.
_DEEDS = frozenset({EventReason.APPLIED, EventReason.DRIFT_CORRECTED, EventReason.PUT_BACK})


@dataclass(frozen=True, slots=True)
class Seen:
    """A target as a pass has left it, for those who show it.

    `revisions` are those that each custom resource names: the one that last changed its spec.
    `reports` are None where they could not be read.
    """

    sight: Sight
    statuses: Mapping[Identity, SubjectStatus] = field(default_factory=dict)
    revisions: Mapping[Identity, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    reports: tuple[DriftReport, ...] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """`pending` says that something is on its way, or could not be told just now: it is worth
    another look soon.

    `reports` are the target's drift reports as they stand now; None where they are not known, and
    `unreported` says why. `seen` is None where the pass has seen nothing that could be told.
    """

    pending: bool = False
    written: int = 0
    reports: tuple[DriftReport, ...] | None = None
    unreported: str = ""
    seen: Seen | None = None


class _Troubles(set[str]):
    """What could not be told, in words; `passing` says that another try may do."""

    passing = False

    def meet(self, error: WorldError, words: str) -> None:
        """Note what came of an error."""
        self.add(words)
        self.passing |= error.transient


class Publisher:
    """Tells how one target stands; remembers what it has told."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._troubles: frozenset[str] = frozenset()
        self._told: dict[tuple[Identity, EventReason], str] = {}

    def publish(self, result: PassResult, site: Site, now: datetime) -> Published:
        """Bring what the cluster says up to date with a pass. Raises no WorldError."""
        store, plan = site.mirror, result.plan
        if store is None or plan is None or plan.wrong_cluster or result.order.refused:
            return Published()
        order = result.order
        judged = judge_target(
            order.desired,
            result.observed,
            order.owner,
            PlanOptions(now.date(), now=now),
            plan=plan,
            withheld=result.withheld,
        )
        reporting = _reported(result, judged, site, now)
        troubles = _Troubles(reporting.troubles)
        before = _sight(result, result.observed, judged.assessment)
        after, routes = _after(before, judged.routes, result, site, now, troubles)
        found: Sequence[MirrorObject] | None = None
        try:
            found = store.load()
        except WorldError as error:
            troubles.meet(error, f"custom resources are not written: {error}")
        wanted = {} if found is None else wanted_of(result.order, after, found)
        actions = [] if found is None else _actions(result, after, wanted, found, now)
        uids = {item.identity: item.uid for item in found or ()}
        uids |= {
            identity: live.uid
            for sight in (before, after)
            for identity, live in sight.observed.objects.items()
        }
        uids |= _write(store, site, actions, troubles)
        events = [*_by_hand(actions), *self._events(before, uids)]
        self._tell(store, events, stamp(now), troubles)
        for trouble in sorted(troubles - self._troubles):
            self._journal.tell("status.trouble", "warning", what=trouble)
        self._troubles = frozenset(troubles)
        moving = not result.withheld and any(
            (one := item.status.condition("Reconciling")) is not None
            and one.status == "True"
            and one.reason != POSTPONED
            for item in wanted.values()
        )
        statuses = {identity: item.status for identity, item in wanted.items()}
        revisions = _revisions(found or (), actions)
        seen = Seen(after, statuses, revisions, routes, reporting.reports)
        pending = moving or troubles.passing
        return Published(pending, len(actions), reporting.reports, reporting.failure, seen)

    # --- Events --------------------------------------------------------------------------------

    def _events(self, sight: Sight, uids: Mapping[Identity, str]) -> Iterator[Event]:
        """What the pass says and was not said before, at each object that it is about."""
        order = sorted({verdict.subject for verdict in sight.assessment.verdicts})
        told = list(events_of([*order, *sorted(sight.desired.held - set(order))], sight))
        standing_now = {(subject, reason) for subject, reason, _, _ in told}
        for gone in self._told.keys() - standing_now:
            del self._told[gone]
        for subject, reason, message, resources in told:
            if reason not in _DEEDS and self._told.get((subject, reason)) == message:
                continue
            self._told[subject, reason] = message
            for about in sorted({subject, *resources} & uids.keys()):
                yield Event(about, uids[about], reason, message)

    def _tell(self, store: Mirror, events: Sequence[Event], now: str, troubles: _Troubles) -> None:
        for event in events[:_MOST]:
            try:
                store.tell(event, now)
            except WorldError as error:
                troubles.meet(error, f"Events are not written: {error}")
                return
        if len(events) > _MOST:
            self._journal.tell("status.events_left_out", number=len(events) - _MOST)


def _sight(
    result: PassResult,
    observed: ObservedTarget,
    assessment: Assessment,
    endpoints: Mapping[tuple[str, str], int] | None = None,
) -> Sight:
    plan, outcome = result.plan, result.outcome
    desired, withheld = result.order.desired, result.withheld
    return Sight(desired, observed, assessment, plan, outcome, endpoints, withheld)


def _after(
    before: Sight,
    routes: tuple[Route, ...],
    result: PassResult,
    site: Site,
    now: datetime,
    troubles: _Troubles,
) -> tuple[Sight, tuple[Route, ...]]:
    """The target as the pass has left it: looked at again where something was written."""
    order, observed, assessment = result.order, before.observed, before.assessment
    if result.outcome is not None and result.outcome.count(StepState.DONE):
        around = observed.neighbours
        observed = observe_target(order.desired, site, order.owner, lambda _: None, health=True)
        observed = replace(observed, neighbours=around)  # nothing that was written moved them
        assessment, routes = assess_and_trace(order.desired, observed, order.owner, now)
    try:
        endpoints = site.mirror.endpoints() if site.mirror is not None else None
    except WorldError as error:
        troubles.meet(error, str(error))
        endpoints = None
    return _sight(result, observed, assessment, endpoints), routes


def _revisions(found: Iterable[MirrorObject], actions: Iterable[Mirroring]) -> dict[Identity, str]:
    """The revision that each custom resource names, after the actions."""
    told = {item.identity: item.status for item in found}
    told |= {action.identity: action.status for action in actions if action.status is not None}
    return {identity: str(status.get("revision") or "") for identity, status in told.items()}


class _Reporting(NamedTuple):
    """The drift reports after a pass, None where they could not be kept; what is wrong there."""

    reports: tuple[DriftReport, ...] | None = None
    failure: str = ""
    unreadable: tuple[str, ...] = ()

    @property
    def troubles(self) -> list[str]:
        told = [f"a drift report cannot be read: {text}" for text in self.unreadable]
        return [*told, self.failure] if self.failure else told


def _reported(result: PassResult, judged: Judgement, site: Site, now: datetime) -> _Reporting:
    """Keep the drift reports of what the pass has found and put right."""
    owner, store, outcome = result.order.owner, site.reports, result.outcome
    if store is None:
        return _Reporting()
    impacts, revision = impacts_by_subject(judged.routes), result.order.revision
    try:
        kept = keep_reports(
            store,
            judged.assessment,
            owner,
            now,
            impacts=impacts,
            revision=revision,
            writer=judged.writer,
        )
        told, unreadable = kept.told, kept.unreadable
        if outcome is not None and outcome.count(StepState.DONE):
            told = tell_corrected(store, outcome, owner, now).told
    except WorldError as error:
        return _Reporting(failure=f"drift reports are not written: {error}")
    return _Reporting(tuple(told.reports.values()), "", unreadable)


def wanted_of(order: Order, sight: Sight, found: Iterable[MirrorObject]) -> dict[Identity, Wanted]:
    """What each custom resource of a target is to say.

    What a document with errors made, and what is on its way out, keeps the spec that it has.
    """
    observed, desired = sight.observed, sight.desired
    wanted = {
        subject: Wanted(_spec(order, subject), standing(subject, sight))
        for subject in order.documents
        if observed.namespaces is None or subject.namespace in observed.namespaces
    }
    there = {item.identity for item in found if order.owner.owns_labels(item.labels)}
    for subject in (desired.held & there) - wanted.keys():
        wanted[subject] = Wanted(None, standing(subject, sight))
    for subject in (_made(observed) & there) - wanted.keys():
        wanted[subject] = Wanted(None, leaving(subject, sight))
    return wanted


def _spec(order: Order, subject: Identity) -> dict[str, Any]:
    """What Git says, for this target."""
    form = order.documents[subject].model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude_none=True
    )
    return {**form, "targets": [order.target.name]}


def _made(observed: ObservedTarget) -> set[Identity]:
    """The Exposures and ServerGroups that have something at the target."""
    exposures = {
        Identity(EXPOSURE, identity.namespace, live.labels.get(EXPOSURE_LABEL, ""))
        for identity, live in observed.objects.items()
    }
    groups = {group.identity for group in observed.groups if group.identity}
    return exposures | {group for group in groups if group.kind == SERVER_GROUP}


def _actions(
    result: PassResult,
    sight: Sight,
    wanted: Mapping[Identity, Wanted],
    found: Iterable[MirrorObject],
    now: datetime,
) -> list[Mirroring]:
    order = result.order
    complete = sight.observed.complete and not order.desired.hold_deletions
    return list(mirror(wanted, found, order.owner, order.revision, now, complete=complete))


def _write(
    store: Mirror, site: Site, actions: Iterable[Mirroring], troubles: _Troubles
) -> dict[Identity, str]:
    """Carry the actions out, several at a time, for as long as the term lasts.

    Answers the uids of what was written.
    """

    def write(action: Mirroring) -> MirrorObject | None:
        if site.term is not None and site.term.over:
            return None
        try:
            return _carry_out(store, action)
        except Overtaken:
            troubles.passing = True  # somebody was faster: the next pass sees what is there then
            return None
        except WorldError as error:
            troubles.meet(error, f"custom resources are not written: {error.detail}")
            return None

    with Pool(_THREADS, thread_name_prefix="mirror") as pool:
        return {item.identity: item.uid for item in pool.map(write, actions) if item}


def _carry_out(store: Mirror, action: Mirroring) -> MirrorObject | None:
    """Do one thing; answers what stands there then, None for nothing."""
    found = action.found
    if action.remove:
        if found is not None:
            store.remove(found)
        return None
    if action.spec is not None:
        found = store.put(action.identity, found, action.labels or {}, action.spec)
        action = generation_of(action, found)
    if found is not None and action.status is not None:
        store.mark(found, action.status)
    return found


def _by_hand(actions: Iterable[Mirroring]) -> Iterator[Event]:
    """What was found made or edited by hand."""
    for action in actions:
        if action.by_hand and action.found is not None:
            reason = EventReason.NOT_IN_GIT if action.spec is None else EventReason.PUT_BACK
            yield Event(action.identity, action.found.uid, reason, action.by_hand)
