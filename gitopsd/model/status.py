"""How an Exposure or ServerGroup stands at one target, as its custom resource tells it.

Conditions are those of kstatus (sigs.k8s.io/cli-utils): `Ready`, and `Reconciling` and `Stalled`,
which are bad when true; `AsInGit` says whether the resource itself is what Git says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from gitopsd.model.identity import Identity

Truth = Literal["True", "False", "Unknown"]


class EventReason(StrEnum):
    """The reasons of our Events; they are stable, and listed in docs/status.md."""

    APPLIED = "Applied"
    DRIFT_DETECTED = "DriftDetected"
    DRIFT_CORRECTED = "DriftCorrected"
    HELD = "Held"
    FAILED = "Failed"
    INVALID = "Invalid"
    PUT_BACK = "PutBack"
    NOT_IN_GIT = "NotInGit"


#: Reasons that need somebody's eye; kubectl shows their Events as warnings.
WARNINGS = frozenset(EventReason) - {EventReason.APPLIED, EventReason.DRIFT_CORRECTED}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `reason` is one word for programs, `message` a sentence for people."""

    type: str
    status: Truth
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class SubjectStatus:
    """How one thing stands: `drift` and `address` as columns show them, "" for no address."""

    conditions: tuple[Condition, ...]
    drift: str = "none"
    address: str = ""

    def condition(self, kind: str) -> Condition | None:
        """The condition of this type."""
        return next((one for one in self.conditions if one.type == kind), None)


@dataclass(frozen=True, slots=True)
class MirrorObject:
    """A custom resource as it stands in a cluster, ours or made by hand."""

    identity: Identity
    uid: str
    version: str
    generation: int
    labels: Mapping[str, str] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell people at the object `about` (its `uid` names this very one)."""

    about: Identity
    uid: str
    reason: EventReason
    message: str
