"""The conditions of one Exposure or ServerGroup at one target."""

from __future__ import annotations

from dataclasses import dataclass, field

from gitopsd.model.desired import DesiredObject, DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.plan import Plan, Step
from gitopsd.model.status import Condition, SubjectStatus
from gitopsd.model.verdict import Assessment, Cause, State, Verdict
from gitopsd.model.wording import said
from gitopsd.status.reach import Endpoints, Reach, reach_of
from gitopsd.typography import count

#: The reason of what waits for the time at which it may be written.
POSTPONED = "WindowClosed"
#: The reason of what drifted and is a person's to decide about, as its drift mode says.
LEFT = "LeftAlone"
#: Steps that ended so are tried again without anybody.
_UNDER_WAY = (StepState.WAITING, StepState.OVERTAKEN, StepState.BLOCKED, StepState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Sight:
    """A target after a pass. `withheld` says why nothing of the plan was begun, "" when it was."""

    desired: DesiredTarget
    observed: ObservedTarget
    assessment: Assessment
    plan: Plan | None = None
    outcome: Outcome | None = None
    endpoints: Endpoints = None
    withheld: str = ""
    _verdicts: dict[Identity, Verdict] = field(init=False, compare=False)
    _held: dict[Identity, Step] = field(init=False, compare=False)
    _postponed: dict[Identity, Step] = field(init=False, compare=False)
    _results: dict[Identity, list[StepResult]] = field(init=False, compare=False)
    _made: dict[Identity, list[DesiredObject]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Index what is asked for once for every subject."""
        results: dict[Identity, list[StepResult]] = {}
        for result in self.outcome.results if self.outcome else ():
            results.setdefault(result.step.owner, []).append(result)
        made: dict[Identity, list[DesiredObject]] = {}
        for item in self.desired.objects.values():
            made.setdefault(item.exposure, []).append(item)
        object.__setattr__(self, "_made", made)
        plan = self.plan
        postponed = {step.owner: step for step in reversed(plan.postponed if plan else ())}
        holds = {step.owner: step for step in reversed(plan.blocked if plan else ())}
        verdicts = {verdict.subject: verdict for verdict in self.assessment.verdicts}
        for name, value in (
            ("_results", results),
            ("_held", holds),
            ("_postponed", postponed),
            ("_verdicts", verdicts),
        ):
            object.__setattr__(self, name, value)

    def made(self, subject: Identity) -> list[DesiredObject]:
        """The objects that it makes at the target."""
        return self._made.get(subject, [])

    def verdict(self, subject: Identity) -> Verdict | None:
        """How it stands to what is wanted."""
        return self._verdicts.get(subject)

    def held(self, subject: Identity) -> Step | None:
        """The first step of it that a guard holds and somebody is to see to."""
        return self._held.get(subject)

    def postponed(self, subject: Identity) -> str:
        """Why a step of it waits for its window; "" when none does."""
        step = self._postponed.get(subject)
        return f"{step.key}: {step.hold.reason}" if step and step.hold else ""

    def results(self, subject: Identity, *states: StepState) -> list[StepResult]:
        """The steps of it that ended so."""
        return [result for result in self._results.get(subject, ()) if result.state in states]


def standing(subject: Identity, sight: Sight) -> SubjectStatus:
    """How one thing stands."""
    if subject in sight.desired.held:
        why = said("invalid")
        return SubjectStatus(
            (
                Condition("Ready", "Unknown", "Invalid", why),
                Condition("Reconciling", "False", "Invalid", why),
                Condition("Stalled", "True", "Invalid", why),
            ),
            "unknown",
        )
    made = sight.made(subject)
    reach = reach_of(subject, made, sight.desired, sight.observed, sight.endpoints)
    verdict = sight.verdict(subject)
    return SubjectStatus(
        (_ready(reach, verdict), _reconciling(subject, reach, sight), _stalled(subject, sight)),
        drift_of(verdict),
        reach.address,
    )


def leaving(subject: Identity, sight: Sight) -> SubjectStatus:
    """How something stands that Git does not name any more, while it is taken away."""
    held = sight.held(subject) is not None
    why = said("leaving-held" if held else "leaving")
    return SubjectStatus(
        (
            Condition("Ready", "Unknown", "Leaving", why),
            Condition("Reconciling", "False" if held else "True", "Leaving", why),
            _stalled(subject, sight),
        ),
        "unknown",
    )


def drift_of(verdict: Verdict | None) -> str:
    """`none`, `2 fields`, `unknown`."""
    if verdict is None or verdict.state is State.UNKNOWN:
        return "unknown"
    drifted = sum(
        difference.cause is Cause.DRIFT and difference.mode != "Ignore"
        for difference in verdict.differences
    )
    return count(drifted, "field") if drifted else "none"


def _ready(reach: Reach, verdict: Verdict | None) -> Condition:
    if verdict is None or verdict.state is State.UNKNOWN:
        return Condition("Ready", "Unknown", "NotObserved", said("not-looked-at"))
    return Condition("Ready", reach.ready, reach.reason, reach.message)


def _reconciling(subject: Identity, reach: Reach, sight: Sight) -> Condition:
    verdict = sight.verdict(subject)
    if waiting := sight.results(subject, *_UNDER_WAY):
        result = waiting[0]
        return Condition("Reconciling", "True", "Waiting", f"{result.step.key}: {result.detail}")
    if why := sight.postponed(subject):
        return Condition("Reconciling", "True", POSTPONED, why)
    if verdict is not None and verdict.state is State.CHANGED:
        why = sight.withheld or said("to-apply")
        return Condition("Reconciling", "True", "ToApply", why)
    if reach.pending:
        return Condition("Reconciling", "True", reach.reason, reach.message)
    if _left(verdict):
        return Condition("Reconciling", "False", LEFT, said("left-alone"))
    return Condition("Reconciling", "False", "Settled", said("settled"))


def _left(verdict: Verdict | None) -> bool:
    """Whether something drifted that is reported, and that nobody puts right but a person."""
    return verdict is not None and any(
        difference.cause is Cause.DRIFT and difference.mode == "Report"
        for difference in verdict.differences
    )


def _stalled(subject: Identity, sight: Sight) -> Condition:
    step = sight.held(subject)
    if step is not None and step.hold is not None:
        way = f"; to go on: {step.hold.release}" if step.hold.release else ""
        return Condition("Stalled", "True", "Held", f"{step.key}: {step.hold.reason}{way}")
    if failed := sight.results(subject, StepState.FAILED):
        result = failed[0]
        mend = f" ({result.mend})" if result.mend else ""
        what = f"{result.step.key}: {result.detail}{mend}"
        return Condition("Stalled", "True", "Failed", what)
    if _left(sight.verdict(subject)):  # nothing is stuck: that it is left alone is as it should be
        return Condition("Stalled", "False", LEFT, said("left-to-you"))
    return Condition("Stalled", "False", "Settled", said("waits-for-nobody"))
