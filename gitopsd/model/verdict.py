"""How reality stands to what is wanted, per Exposure and per server group (design §5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from gitopsd.model.desired import ModeSpan
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap
from gitopsd.model.outlook import Outlook
from gitopsd.model.position import Position
from gitopsd.model.reason import Reason

Mode = Literal["Correct", "Report", "Ignore"]


class State(StrEnum):
    """The verdicts. A subject has the worst of its parts: unknown, drifted, changed, in sync."""

    IN_SYNC = "in sync"
    CHANGED = "changed"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why a difference exists: Git (or gitopsd) moved, or reality did."""

    CHANGE = "change"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote a field, by managedFields: manager, operation (Apply, Update) and RFC 3339 time."""

    manager: str
    operation: str
    time: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One path where reality and the desired state differ. None stands for "absent".

    `resource` is the compiled thing (Service, Ingress, ServerGroup), `wanted` and `found` its
    values, `mode` how the drift policy treats this path, `position` the spec line that asks for
    the wanted value. `manual` marks a weight that somebody set to 0, of a member or in an action:
    never corrected by itself; `kept` is the value to write instead, with that 0 in it, where more
    than the 0 differs. `reason` says what kind of trouble it is, for programs. `outlook` is
    what becomes of it by itself, None where nobody has planned. `theirs` marks what gitopsd never
    writes, whatever the drift mode is; kept reports tell it by the outlook alone. `doubtful` marks
    what either Git or somebody moved, with nothing left that would tell who, where the policy
    leaves drift alone: it is told, left, and not counted as applied.
    """

    resource: Identity
    path: str
    wanted: Any
    found: Any
    cause: Cause
    mode: Mode = "Correct"
    who: Attribution | None = None
    position: Position | None = None
    note: str = ""
    manual: bool = False
    reason: Reason = Reason.FIELD
    outlook: Outlook | None = None
    theirs: bool = False
    kept: Any = None
    doubtful: bool = False

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd drift -o json`."""
        out: dict[str, Any] = {
            "resource": str(self.resource),
            "path": self.path,
            "old": self.wanted,
            "new": self.found,
            "cause": str(self.cause),
            "mode": self.mode,
        }
        if self.cause is Cause.DRIFT:
            out["reason"] = str(self.reason)
        if self.manual:
            out["manual"] = True
        if self.who:
            out |= {
                "manager": self.who.manager,
                "operation": self.who.operation,
                "time": self.who.time,
            }
        if self.position:
            out["position"] = str(self.position)
        if self.note:
            out["note"] = self.note
        return out | (self.outlook.to_json() if self.outlook else {})


class WaitingFor(StrEnum):
    """What a controller or the cloud has not done yet. The value is the stable name in outputs."""

    ADDRESS = "address"  # a Service or Ingress has no load balancer's address yet
    USE = "use"  # no load balancer uses a server group yet that a live Ingress names
    GROUP = "group"  # the cloud is still working on a server group
    MEMBERS = "members"  # the cloud is still working on members of a server group
    FAILURE = "failure"  # a controller has failed on a thing, and told no success since
    HEALTH = "health"  # nobody could say whether the members of a server group in use answer


_WAITING = {
    WaitingFor.ADDRESS: "{} has no address yet",
    WaitingFor.USE: "no load balancer uses {} yet",
    WaitingFor.GROUP: "the cloud is still working on {}",
    WaitingFor.MEMBERS: "the cloud is still working on members of {}",
    WaitingFor.FAILURE: "the controller has failed on {}, and told no success since",
    WaitingFor.HEALTH: "nobody says whether the members of {} answer",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that is asked for rightly and has not been done yet: no drift, and not ready."""

    what: WaitingFor
    resource: Identity
    detail: str = ""

    def __str__(self) -> str:
        text = _WAITING[self.what].format(self.resource)
        return f"waiting: {text}" + (f" ({self.detail})" if self.detail else "")

    def to_json(self) -> dict[str, str]:
        """The form in `gitopsd drift -o json`."""
        return {"for": str(self.what), "resource": str(self.resource), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of one Exposure or ServerGroup at one target, with the evidence.

    `over` are exceptions of its drift policy that have ended, `holds` the holds in force.
    `waiting` says what a controller has not done yet: that is no drift, and not ready either. Its
    sentences stand among the `notes` too.
    """

    subject: Identity
    state: State
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    over: tuple[ModeSpan, ...] = ()
    holds: tuple[ModeSpan, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    @property
    def green(self) -> bool:
        """Whether all is as wanted, and everybody has caught up with it."""
        return self.state is State.IN_SYNC and not self.waiting

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd drift -o json`."""
        return {
            "subject": str(self.subject),
            "state": str(self.state),
            "green": self.green,
            "differences": [difference.to_json() for difference in self.differences],
            "notes": list(self.notes),
            "over": [span.to_json() for span in self.over],
            "holds": [span.to_json() for span in self.holds],
            "waiting": [item.to_json() for item in self.waiting],
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """All verdicts of one target, sorted by subject; `gaps` say what could not be observed.

    `blind` are the kinds of trouble that this look could not find, whatever the verdicts are;
    `unheard` says why it is not known whether controllers fail, "" when it is, or nobody asked.
    """

    target: str
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...] = ()
    blind: frozenset[Reason] = frozenset()
    unheard: str = ""

    def count(self, state: State) -> int:
        """How many subjects have this state."""
        return sum(verdict.state is state for verdict in self.verdicts)

    @property
    def drifted(self) -> bool:
        """Whether anything drifted."""
        return self.count(State.DRIFTED) > 0

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd drift -o json`."""
        return {
            "target": self.target,
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "blind": sorted(map(str, self.blind)),
            "unheard": self.unheard,
            "gaps": [{"what": gap.what, "why": gap.why} for gap in self.gaps],
        }
