"""A plan: what will be done, in which order, and what is held back and why.

A plan is data. It can be printed, saved, hashed, refused and approved; applying it decides nothing
(design §1). Ids that are not known yet stand in it as `<namespace/name>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from gitopsd.model.approval import Approval
from gitopsd.model.digest import full_digest
from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem

#: Version of the plan's form; a plan file of another version is refused.
FORMAT = 1


class Operation(StrEnum):
    """What a step does to its thing."""

    CREATE = "create"
    ADOPT = "adopt"  # take over something that others made
    UPDATE = "update"
    REPLACE = "replace"  # delete, then create: the address changes
    DELETE = "delete"
    RELEASE = "release"  # take our marks off and leave it (Retain)


StepKind = Literal["ServerGroup", "Members", "Service", "Ingress"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a step moves. None stands for "absent"; JSON null does not occur in specs.

    `note` says what the change means where the raw values do not (a weight inside an annotation).
    """

    path: str
    old: Any
    new: Any
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The form in plan files and `-o json`."""
        out = {"path": self.path, "from": self.old, "to": self.new}
        return out | {"note": self.note} if self.note else out


class Guard(StrEnum):
    """Why a step is held. The value is the stable name in outputs; docs/reference/guards.md."""

    ADOPTION = "adoption"
    REPLACEMENT = "replacement"
    INCOMPLETE = "incomplete-observation"
    EMPTIED = "emptied-repository"
    UNREADABLE = "unreadable-file"
    NAMESPACE = "missing-namespace"
    BACKEND = "missing-backend"
    MAX_DELETES = "max-deletes"
    MAX_DELETE_PERCENT = "max-delete-percent"
    ALIKE = "alike"
    CAPACITY = "capacity"
    SHARED = "shared-group"
    COPY = "copy"
    DEPENDENCY = "dependency"
    TARGET = "wrong-cluster"
    CONFLICT = "conflict"
    WINDOW = "window"

    @property
    def approvable(self) -> bool:
        """Whether an approval of the plan's hash overrides it.

        Not where the plan itself may be wrong (what was not seen, another cluster), where the step
        cannot work yet, or where the thing has to be named (`--adopt`, `--replace`).
        """
        return self in _APPROVABLE


_APPROVABLE = frozenset(
    {
        Guard.EMPTIED,
        Guard.UNREADABLE,
        Guard.MAX_DELETES,
        Guard.MAX_DELETE_PERCENT,
        Guard.ALIKE,
        Guard.CAPACITY,
        Guard.SHARED,
        Guard.COPY,
    }
)


@dataclass(frozen=True, slots=True)
class Chinese:
    """What a hold says, for pages in Chinese; no plan file and no report keeps it."""

    reason: str
    release: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a step is not done now, what would let it go on, and the spec line behind it."""

    guard: Guard
    reason: str
    release: str = ""
    position: Position | None = None
    chinese: Chinese | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The form in plan files and `-o json`."""
        out = {"guard": str(self.guard), "reason": self.reason, "release": self.release}
        return out | {"position": str(self.position)} if self.position else out

    def of_plan(self, before: str, now: str) -> Hold:
        """The same hold in a plan whose name was `before` and is `now`."""
        chinese = self.chinese
        if chinese is not None:
            chinese = replace(chinese, release=chinese.release.replace(before, now))
        return replace(self, release=self.release.replace(before, now), chinese=chinese)

    def beside(self, other: Hold) -> Hold:
        """Both in one, at the place of the first; what both say is said once."""
        if other.reason in self.reason.split("; "):
            return self
        chinese = self.chinese
        if chinese is not None and other.chinese is not None:
            ways = dict.fromkeys((chinese.release, other.chinese.release))
            chinese = Chinese(f"{chinese.reason}；{other.chinese.reason}", "；".join(ways))
        reason = f"{self.reason}; {other.reason}"
        release = "; ".join(dict.fromkeys((self.release, other.release)))
        return replace(self, reason=reason, release=release, chinese=chinese)

    def released_also_by(self, release: str, in_chinese: str) -> Hold:
        """The same hold with one more way to go on, said in both languages."""
        chinese = self.chinese
        if chinese is not None:
            both = f"{chinese.release}，或 {in_chinese}" if chinese.release else in_chinese
            chinese = replace(chinese, release=both)
        both = f"{self.release}, or {release}" if self.release else release
        return replace(self, release=both, chinese=chinese)

    def released_only_with(self, option: str) -> Hold:
        """The same hold, where the command that lets it go takes one more option."""
        chinese = self.chinese
        if chinese is not None:
            chinese = replace(chinese, release=f"{chinese.release} {option}")
        return replace(self, release=f"{self.release} {option}", chinese=chinese)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one resource.

    `identity` names the resource (a group and its members share one); `owner` the spec that asked.
    `group_id` is the cloud id where one is known. `expects` is the digest of what the step expects
    to find, "" for "nothing there". `payload` is what is sent, by the API's names. `needs` are the
    keys of the steps that must have succeeded before. `hold` is set when a guard took it out,
    `waived` when a person's approval let it go all the same.
    """

    operation: Operation
    kind: StepKind
    identity: Identity
    owner: Identity
    changes: tuple[Change, ...] = ()
    expects: str = ""
    group_id: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    hold: Hold | None = None
    why: str = ""
    waived: Hold | None = None

    @property
    def key(self) -> str:
        """Unique within a plan; readable, because it stands in messages."""
        suffix = f" {self.group_id}" if self.group_id else ""
        parts = [self.payload[name] for name in ("part", "turn") if name in self.payload]
        part = f" {parts[0]}" if parts else ""
        return f"{self.operation} {self.kind} {self.identity.key}{suffix}{part}"

    def held(self, hold: Hold) -> Step:
        """This step, taken out of the plan.

        An earlier reason stays, unless an approval would override it and not the new one.
        """
        if self.hold and (hold.guard.approvable or not self.hold.guard.approvable):
            return self
        return replace(self, hold=hold)

    def to_json(self) -> dict[str, Any]:
        """The form in plan files and `-o json`."""
        out: dict[str, Any] = {
            "key": self.key,
            "operation": str(self.operation),
            "kind": self.kind,
            "namespace": self.identity.namespace,
            "name": self.identity.name,
            "owner": str(self.owner),
            "changes": [change.to_json() for change in self.changes],
            "expects": self.expects,
            "groupId": self.group_id,
            "payload": dict(self.payload),
            "needs": list(self.needs),
        }
        if self.why:
            out["why"] = self.why
        if self.hold:
            out["hold"] = self.hold.to_json()
        if self.waived:
            out["waived"] = self.waived.to_json()
        return out


@dataclass(frozen=True)
class Plan:
    """What one pass at one target will do.

    `steps` are in the order in which they are done; held ones stand among them. `notices` are
    things people should know that need no step (foreign members, a record that cannot be kept).
    `settled` maps what needs no step to the digest it was applied with, and `fields` such of it
    whose drift is left alone to the memory of its fields (`diff.fields`), both for the record.
    `cluster_uid` is the cluster it was made for; applied to another one it is refused.
    `wrong_cluster` says that it is not the one the Fleet pins: nothing at all is written there.
    `approval` is the word of a person that let the `waived` steps go.
    """

    instance: str
    target: str
    steps: tuple[Step, ...]
    notices: tuple[Problem, ...] = ()
    revision: str = "none"
    complete: bool = True
    fleet: str = ""
    settled: Mapping[Identity, str] = field(default_factory=dict)
    cluster_uid: str | None = None
    wrong_cluster: bool = False
    fields: Mapping[Identity, str] = field(default_factory=dict)
    approval: Approval | None = None

    @cached_property
    def hash(self) -> str:
        """Names what will be done and nothing else (design §4, "Plan hash").

        The revision, the time, uids and held or not do not count: the plan of a pull request and
        of its merge commit hash alike, and approving a plan does not change its name.
        """
        return full_digest(
            {
                "format": FORMAT,
                "instance": self.instance,
                "target": self.target,
                "steps": [
                    [
                        str(step.operation),
                        step.kind,
                        step.identity.key,
                        [[c.path, c.old, c.new] for c in step.changes],
                    ]
                    for step in self.steps
                ],
            }
        )

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that will be done."""
        return tuple(step for step in self.steps if not step.hold)

    @property
    def holds(self) -> tuple[Step, ...]:
        """The steps that guards took out."""
        return tuple(step for step in self.steps if step.hold)

    @property
    def blocked(self) -> tuple[Step, ...]:
        """The held steps that somebody is to see to."""
        return tuple(s for s in self.steps if s.hold and s.hold.guard is not Guard.WINDOW)

    @property
    def postponed(self) -> tuple[Step, ...]:
        """The steps that wait for nobody but the time: their window is closed."""
        return tuple(s for s in self.steps if s.hold and s.hold.guard is Guard.WINDOW)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do and nothing held."""
        return not self.steps

    def with_steps(self, steps: Iterable[Step]) -> Plan:
        """The same plan with other steps."""
        return replace(self, steps=tuple(steps))

    def to_json(self) -> dict[str, Any]:
        """The plan file (schema: `gitopsd schema plan`)."""
        return {
            "format": FORMAT,
            "instance": self.instance,
            "target": self.target,
            "revision": self.revision,
            "hash": self.hash,
            "complete": self.complete,
            "fleet": self.fleet,
            "clusterUid": self.cluster_uid,
            "wrongCluster": self.wrong_cluster,
            "approval": self.approval.to_json() if self.approval else None,
            "settled": {str(identity): value for identity, value in sorted(self.settled.items())},
            "fields": {str(identity): value for identity, value in sorted(self.fields.items())},
            "steps": [step.to_json() for step in self.steps],
            "notices": [notice.to_json() for notice in self.notices],
        }
