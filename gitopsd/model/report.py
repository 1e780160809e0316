"""A drift report: one finding, told once, followed until it is gone (design §5).

A report is a value. What happens to it over time is decided by `drift.life`, where it is kept by
the stores behind `ports.ReportStore`, and how it reads by the renderers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gitopsd.model.digest import canonical
from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action
from gitopsd.model.reason import Reason
from gitopsd.model.traffic import Shadow
from gitopsd.model.verdict import Difference


class ReportState(StrEnum):
    """Whether what is reported still holds."""

    OPEN = "Open"
    RESOLVED = "Resolved"


class Resolution(StrEnum):
    """How a report came to its end."""

    CORRECTED = "corrected"  # gitopsd put it right
    GONE = "gone"  # it stopped by itself, or somebody put it right
    FIGHT_ENDED = "fight-ended"  # those who overwrote each other have stopped
    REPLACED = "asked-for-no-more"  # Git moved, so there is nothing left to compare with


@dataclass(frozen=True, slots=True)
class Share:
    """A backend's part of a route's requests, in percent: wanted and live; None is unknown."""

    backend: str
    wanted: float | None
    live: float | None

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        return {"backend": self.backend, "wanted": self.wanted, "live": self.live}


@dataclass(frozen=True, slots=True)
class RouteImpact:
    """What a drift does to one route: `host/path`, or `port/protocol` on layer 4.

    `moved` is the share of the requests, in percent, that now go elsewhere; None is unknown.
    `shadows` are other objects that take requests of it, or may. `others` have a part in it beside
    the subject of the report: Exposures and ServerGroups that drifted too, `change` for what Git
    has still to move, `ignored` for what is left alone on purpose.
    """

    route: str
    moved: float | None
    shares: tuple[Share, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    others: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        shares = [share.to_json() for share in self.shares]
        told: dict[str, Any] = {"route": self.route, "moved": self.moved, "shares": shares}
        if self.shadows:
            told["shadows"] = [shadow.to_json() for shadow in self.shadows]
        if self.others:
            told["others"] = list(self.others)
        return told


@dataclass(frozen=True, slots=True)
class Move:
    """A time at which a field moved: `by` a manager (or us), RFC 3339 UTC `time`."""

    time: str
    by: str
    path: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        return {"time": self.time, "by": self.by, "path": self.path}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding inside a report about many (`Reason.MANY`).

    `seen` is a digest of what it told last: the report keeps no evidence of it, and yet has to
    know when somebody moves it.
    """

    fingerprint: str
    subject: Identity
    resource: Identity
    reason: Reason
    paths: int
    state: ReportState = ReportState.OPEN
    action: Action | None = None
    seen: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        out = {
            "fingerprint": self.fingerprint,
            "subject": str(self.subject),
            "resource": str(self.resource),
            "reason": str(self.reason),
            "paths": self.paths,
            "state": str(self.state),
            "seen": self.seen,
        }
        return out | ({"action": str(self.action)} if self.action else {})


def row_path(resource: Identity, path: str) -> str:
    """How a report about many names a field of one of its findings; path "" is the whole."""
    return f"{resource} {path}".rstrip()


def row_parts(path: str) -> tuple[str, str]:
    """What `row_path` put together: the resource, and the field; "" is the whole."""
    resource, _, rest = path.partition(" ")
    return resource, rest


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One finding at one target and what became of it. All times are RFC 3339, UTC, "" for never.

    - `fingerprint` names it: 16 hexadecimal digits out of instance, target, subject, resource and
      reason (`drift.fingerprint` says why the paths do not count).
    - `subject` is the Exposure or ServerGroup it is about, `resource` the compiled thing that
      moved; both are None in a report about many, which has `rows` instead of `evidence`.
    - `evidence` holds the differences as they were last seen: path, wanted, found, who, spec line;
      the first of them where `paths`, their number, is large.
    - `impact` says what it means for traffic, by route.
    - `first_seen` begins the story and stays when it is reopened; `opened_at` begins the present
      spell; `last_seen` is at most `drift.life.WRITE_EVERY` old while it is open.
    - `escalated_at` is when it had been open for too long, in the present spell.
    - `reopened` counts how often it came back after it was resolved.
    - `moves` are the latest changes of its evidence, ours included; when these came so often that
      managers fight over fields (design §5, field.md §2), `fighters` names them, `fought` the
      fields, and `calm_since` the time of our last blow while it holds. In a report about many
      each path has its resource before it (`row_path`).
    """

    fingerprint: str
    instance: str
    target: str
    subject: Identity | None
    resource: Identity | None
    reason: Reason
    evidence: tuple[Difference, ...] = ()
    state: ReportState = ReportState.OPEN
    first_seen: str = ""
    opened_at: str = ""
    last_seen: str = ""
    escalated_at: str = ""
    resolved_at: str = ""
    resolution: Resolution | None = None
    reopened: int = 0
    moves: tuple[Move, ...] = ()
    fighters: tuple[str, ...] = ()
    impact: tuple[RouteImpact, ...] = ()
    rows: tuple[Row, ...] = ()
    paths: int = 0
    revision: str = ""
    fought: tuple[str, ...] = ()
    calm_since: str = ""

    @property
    def open(self) -> bool:
        """Whether what it tells still holds."""
        return self.state is ReportState.OPEN

    @property
    def standing(self) -> tuple[Difference, ...]:
        """The evidence, as far as it still stands: between two blows of a fight none of it does."""
        return () if self.calm_since else self.evidence

    @property
    def actions(self) -> tuple[Action, ...]:
        """What gitopsd will do about it, without repetition; () where nobody has planned."""
        found = [item.outlook.action for item in self.standing if item.outlook]
        found += [row.action for row in self.rows if row.action and row.state is ReportState.OPEN]
        return tuple(dict.fromkeys(found))

    @property
    def summary(self) -> str:
        """What moved, in a line, for lists of reports: `spec.type: ClusterIP → NodePort (helm)`."""
        if not self.evidence:
            still = [row for row in self.rows if row.state is ReportState.OPEN]
            subjects = len({row.subject for row in still or self.rows})
            what = "Exposure or server group" if subjects == 1 else "Exposures and server groups"
            told = f"{len(still)} of {len(self.rows)} findings, about {subjects} {what}"
            return f"{told}; {self._fight}" if self.fighters else told
        if self.fighters:
            return self._fight
        who = self.evidence[0].who
        more = f" and {self.paths - 1} more" if self.paths > 1 else ""
        return self.moved + more + (f" ({_brief(who.manager)})" if who else "")

    @property
    def moved(self) -> str:
        """The first of the evidence: `spec.type: ClusterIP → NodePort`; "" where there is none."""
        if not self.evidence:
            return ""
        first = self.evidence[0]
        if self.reason in (Reason.FIELD, Reason.MEMBER_SILENT) and first.path:
            moved = f"{_brief(first.wanted)} → {_brief(first.found)}"
            if first.note and _ACTION in first.path:
                moved = _brief(first.note, _WORDS)  # the values are long, and begin alike
            return f"{first.path}: {moved}"
        return first.path or str(first.resource)

    @property
    def _fight(self) -> str:
        """`spec.type: gitopsd and helm overwrite each other; put right for now`."""
        fields = ", ".join(path or str(self.resource) for path in self.fought[:_FOUGHT])
        if more := len(self.fought[_FOUGHT:]):
            fields += f" and {more} more"
        names = " and ".join(map(_brief, self.fighters))
        calm = "; put right for now" if self.calm_since else ""
        return f"{fields}: {names} overwrite each other{calm}"

    def to_json(self) -> dict[str, Any]:
        """The stored form, and the one in `gitopsd reports -o json` (schema: `driftreport`)."""
        return {
            "fingerprint": self.fingerprint,
            "instance": self.instance,
            "target": self.target,
            "subject": str(self.subject) if self.subject else "",
            "resource": str(self.resource) if self.resource else "",
            "reason": str(self.reason),
            "state": str(self.state),
            "summary": self.summary,
            "firstSeen": self.first_seen,
            "openedAt": self.opened_at,
            "lastSeen": self.last_seen,
            "escalatedAt": self.escalated_at,
            "resolvedAt": self.resolved_at,
            "resolution": str(self.resolution) if self.resolution else "",
            "reopened": self.reopened,
            "revision": self.revision,
            "paths": self.paths,
            "fighters": list(self.fighters),
            "fought": list(self.fought),
            "calmSince": self.calm_since,
            "actions": [str(action) for action in self.actions],
            "evidence": [item.to_json() for item in self.evidence],
            "impact": [item.to_json() for item in self.impact],
            "moves": [item.to_json() for item in self.moves],
            "rows": [item.to_json() for item in self.rows],
        }


#: Characters of a value or a name in a summary, those of words about one, and the fields of a
#: fight that it names.
_BRIEF, _WORDS, _FOUGHT = 40, 100, 3
#: What the path of an action annotation of an Ingress holds.
_ACTION = ".ingress.kubernetes.io/actions."


def _brief(value: Any, limit: int = _BRIEF) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class RemedyKind(StrEnum):
    """What a person can do about a report; the key of its explanation in each language."""

    LOOK = "look"  # see it again
    END_FIGHT = "end-fight"  # outside of gitopsd: let only one of them write it
    CORRECT = "correct"  # put it right now
    APPROVE = "approve"  # let go what a guard holds
    REPLACE = "replace"  # let it be deleted and made anew
    HOLD = "hold"  # leave it alone for a time
    ACCEPT = "accept"  # take it into Git
    ADOPT = "adopt"  # take it back as ours
    LET_GO = "let-go"  # have what Git asks for no more deleted, now that it does not look like ours
    FORGET = "forget"  # keep that, and hear no more of it
    WAYS_OUT = "ways-out"  # read in the plan which of the two can be done how
    MEND = "mend"  # outside of gitopsd: the server, the other object, the spec line


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something a person can do: why it would be chosen, and the command to type ("" if none)."""

    kind: RemedyKind
    command: str = ""


class EventKind(StrEnum):
    """What happened. REFRESHED is told to nobody; it is there to be counted."""

    OPENED = "opened"
    GREW = "grew"  # more paths of the same thing, or other values, than were told
    REFRESHED = "refreshed"
    ESCALATED = "escalated"
    FIGHT = "fight"  # recognised as two managers fighting over it
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """Something that happened to a report in a pass, for those who send word of it."""

    kind: EventKind
    report: DriftReport


@dataclass(frozen=True, slots=True)
class Told:
    """Reports after a pass: all of them, what happened, and which ones a store has to write."""

    reports: Mapping[str, DriftReport] = field(default_factory=dict)
    events: tuple[ReportEvent, ...] = ()
    write: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()

    def count(self, kind: EventKind) -> int:
        """How many reports met this."""
        return sum(event.kind is kind for event in self.events)
