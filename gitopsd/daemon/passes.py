"""One pass at one target, as the operator does it: look, plan, write, and say what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from gitopsd.daemon.settings import TightenedGuards
from gitopsd.engine.execution import Execution, execute, note, writes
from gitopsd.engine.judging import plan_and_assess
from gitopsd.engine.neighbourhood import look_around
from gitopsd.engine.observation import observe_target
from gitopsd.engine.record import Beside
from gitopsd.engine.windows import opening, waits
from gitopsd.model.approval import by_instance, stamp
from gitopsd.model.desired import DesiredTarget, Limits
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.model.requests import suspension_in
from gitopsd.model.verdict import Assessment
from gitopsd.model.windows import Windows
from gitopsd.planning import PlanOptions
from gitopsd.ports import UNTRACED, Site, Tracer
from gitopsd.spec.model import ExposureSpec, ServerGroupSpec, Target

#: Seconds until it is asked again whether we still are behind.
_AGAIN = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a target is to become. `targets` are all that the Fleet names, `documents` the specs
    that make something there, `named` the instance that commands have to name: "" where it is the
    Fleet's own name.
    """

    revision: str
    fleet: str
    owner: Owner
    target: Target
    desired: DesiredTarget
    targets: frozenset[str] = frozenset()
    documents: Mapping[Identity, ExposureSpec | ServerGroupSpec] = field(
        default_factory=dict, compare=False
    )
    named: str = ""

    @property
    def refused(self) -> str:
        """Why nothing may be written for this target, whatever the plan; "" when it may."""
        if self.desired.cluster_uid or self.target.kube_context is None:
            return ""
        return (
            "clusterUid is missing in fleet.yaml: the operator writes to another cluster than its "
            "own only when it can tell that it is the right one"
        )


def tightened(limits: Limits, guards: TightenedGuards) -> Limits:
    """The Fleet's limits, where the operator's settings are not tighter."""
    deletes, percent = guards.max_deletes, guards.max_delete_percent
    return Limits(
        limits.max_deletes if deletes is None else min(limits.max_deletes, deletes),
        limits.max_delete_percent if percent is None else min(limits.max_delete_percent, percent),
    )


@dataclass(frozen=True, slots=True)
class PassResult:
    """What a pass found and did; `seconds` are those of each phase.

    `assessment` is how the target stood before anything was written. `outcome` is None when nothing
    was to be written, or `withheld` says why it was not; `again` are the seconds until it may be,
    or what was postponed of it. `began` is when it did, where that was told.
    """

    order: Order
    observed: ObservedTarget
    plan: Plan | None = None
    outcome: Outcome | None = None
    withheld: str = ""
    again: float | None = None
    cut_short: bool = False
    assessment: Assessment | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    began: datetime | None = None

    @property
    def trouble(self) -> str:
        """What is wrong, in a line for people; "" when all is well."""
        if self.withheld:
            return self.withheld
        if self.cut_short:
            return ""
        gaps = [f"{gap.what} could not be read: {gap.why}" for gap in self.observed.gaps]
        results = self.outcome.results if self.outcome else ()
        failed = [
            f"{result.step.key} {result.state}: {result.detail}"
            for result in results
            if result.state not in (StepState.DONE, StepState.HELD, StepState.INTERRUPTED)
        ]
        held = [f"{s.key} held: {s.hold.reason}" for s in (self.plan.holds if self.plan else ())
                if s.hold]  # fmt: skip
        notes = list(self.outcome.notes) if self.outcome else []
        every = [*gaps, *failed, *notes, *held]
        more = f" (and {len(every) - 1} more)" if len(every) > 1 else ""
        return f"{every[0]}{more}" if every else ""

    @property
    def verdict(self) -> str:
        """How it went in a word, as metrics and traces tell it."""
        if self.withheld:
            return "withheld"
        if self.cut_short:
            return "cut_short"
        return "troubled" if self.trouble else "well"

    @property
    def unanswered(self) -> bool:
        """Whether a write was sent that got no answer in the time it was given."""
        return bool(self.outcome and any(result.unanswered for result in self.outcome.results))

    @property
    def well(self) -> bool:
        """Whether it would be pointless to try again: what is held waits for a person."""
        if self.observed.gaps or (self.outcome and self.outcome.notes):
            return False
        unsettled = (StepState.FAILED, StepState.WAITING, StepState.OVERTAKEN)
        return not (self.outcome and any(self.outcome.count(state) for state in unsettled))


def run_pass(
    order: Order,
    site: Site,
    *,
    now: datetime,
    windows: Windows | None = None,
    behind: Callable[[str], bool] = lambda _: False,
    trouble: str = "",
    tracer: Tracer = UNTRACED,
    clock: Callable[[], float] = time.monotonic,
) -> PassResult:
    """Look at the target, plan, and carry the plan out.

    `windows` are when changes may be written, and drift put right; `behind`
    tells whether the revision that was applied last is newer than ours; `trouble` is what is wrong
    beside the pass. `tracer` is told of the phases. The site's term must have begun: as soon as it
    is over, nothing more is begun. What the world refuses is in the result; raises only what is a
    fault of ours.
    """
    began = clock()
    asks = site.mirror is not None
    with tracer.span("observe") as span:
        observed = observe_target(order.desired, site, order.owner, _silent, health=asks)
        seen = _around(order, observed, site) if asks else observed
        span.note({"gitopsd.observation.gaps": len(seen.gaps)})
    seconds = {"observe": clock() - began}
    if _over(site):
        return PassResult(order, seen, cut_short=True, seconds=seconds)
    began = clock()
    shut = waits(windows or {}, now)
    options = PlanOptions(
        now.date(),
        revision=order.revision,
        fleet=order.fleet,
        targets=order.targets,
        now=now,
        again=by_instance(order.named),
        closed={cause: opening(now, wait) for cause, wait in shut.items()},
    )
    with tracer.span("plan"):
        plan, assessment = plan_and_assess(order.desired, observed, order.owner, options, seen=seen)
    seconds["plan"] = clock() - began
    again = min(shut.values()) if plan.postponed else None
    result = PassResult(order, seen, plan, again=again, assessment=assessment, seconds=seconds)
    beside = Beside(trouble, windows or {})
    context = Execution(site, order.owner, stamp(now), beside=beside, tracer=tracer)
    objection = _objection(result, now, behind)
    if objection is not None and (plan.active or objection.suspended):
        return _withheld(result, context, objection)
    if objection is not None or not writes(plan, observed, context.now, beside=beside):
        return result
    began = clock()
    with tracer.span("apply"):
        outcome = execute(plan, observed, context)
    seconds["apply"] = clock() - began
    cut_short = bool(outcome.count(StepState.INTERRUPTED))
    return replace(result, outcome=outcome, cut_short=cut_short)


class _Objection(NamedTuple):
    """Why nothing is written now; `again` are the seconds until it may be, where that is known.

    What is `ours` to tell is noted in the target's record.
    """

    why: str
    again: float | None = None
    ours: bool = False
    suspended: bool = False


def _objection(
    result: PassResult,
    now: datetime,
    behind: Callable[[str], bool],
) -> _Objection | None:
    order, record = result.order, result.observed.record
    suspension = suspension_in(record.annotations) if record else None
    if suspension is not None and not suspension.over(now):
        return _Objection(str(suspension), ours=not order.refused, suspended=True)
    if order.refused:
        return _Objection(order.refused)
    if record is not None and _commit(record.revision) and behind(record.revision):
        why = f"the target is at {record.revision[:12]}, which came after what is known here"
        return _Objection(f"{why}: the repository must be reached first", _AGAIN)
    return None


def _withheld(result: PassResult, context: Execution, objection: _Objection) -> PassResult:
    notes: tuple[str, ...] = ()
    if result.plan is not None and objection.ours:
        notes = tuple(note(result.plan, result.observed, context, objection.why))
    return replace(result, withheld="; ".join([objection.why, *notes]), again=objection.again)


def _commit(revision: str) -> bool:
    """Whether a record names a commit: by hand, a folder without one may have been applied."""
    return revision.isalnum() and revision != "none"


def _around(order: Order, observed: ObservedTarget, site: Site) -> ObservedTarget:
    """The observation with what others have put in the way, which is told and changes no plan.

    An API that has just failed to list what is ours is not asked for what is not.
    """
    if observed.unknown(INGRESS) or observed.unknown(SERVICE):
        return observed
    return look_around(order.desired, observed, site.cluster, order.owner)


def _over(site: Site) -> bool:
    return site.term is not None and site.term.over


def _silent(_: str) -> None:
    """Nobody watches the operator while it works: its journal tells what became of it."""
