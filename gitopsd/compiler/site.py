"""What compiling needs besides the document at hand: its target, and what it may refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gitopsd.compiler.draft import Draft
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.position import Position
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import DriftMode, ExposureSpec, FleetSpec, ServerGroupSpec, Target


@dataclass(frozen=True, slots=True)
class Site:
    """One target being compiled for.

    `groups` are the ServerGroups that the document at hand refers to, `users` the Exposures of this
    target that refer to a ServerGroup; `policy` is how the fleet treats drift.
    """

    target: Target
    owner: Owner
    groups: Mapping[Identity, Document[ServerGroupSpec]] = field(default_factory=dict)
    users: Mapping[Identity, Sequence[Document[ExposureSpec]]] = field(default_factory=dict)
    policy: DriftPolicy = field(default_factory=DriftPolicy)

    def drift(
        self, document: Document[ExposureSpec] | Document[ServerGroupSpec], kind: str
    ) -> DriftPolicy:
        """How drift of what `document` makes of this kind is treated (design §5).

        A mode that ends on a day gives way to that of the fleet.
        """
        own, around = document.spec.drift, self.policy
        spans = _spans(document, kind)
        if own.mode is None:
            return DriftPolicy(around.mode, (*spans, *around.spans))
        if own.until is None:
            return DriftPolicy(own.mode, spans)
        place = document.where("spec", "drift", "mode")
        return ending(own.mode, own.until, own.reason, place, around=around, before=spans)

    def group_drift(self, document: Document[ServerGroupSpec]) -> DriftPolicy:
        """As `drift`, and with the exceptions of the Exposures that send to the group.

        Of two for one path that of the ServerGroup itself holds, else that of the first Exposure
        by namespace and name.
        """
        own = self.drift(document, SERVER_GROUP)
        users = self.users.get(document.identity, ())
        theirs = (span for user in users for span in _spans(user, SERVER_GROUP))
        return DriftPolicy(own.mode, (*own.spans, *theirs))


def fleet_policy(fleet: Document[FleetSpec]) -> DriftPolicy:
    """How the fleet treats drift; a mode that ends on a day gives way to Correct."""
    drift = fleet.spec.drift
    if drift.until is None:
        return DriftPolicy(drift.mode)
    place = fleet.where("spec", "drift", "mode")
    return ending(drift.mode, drift.until, drift.reason, place, around=DriftPolicy())


def ending(
    mode: DriftMode,
    until: date,
    reason: str,
    position: Position,
    *,
    around: DriftPolicy,
    before: tuple[ModeSpan, ...] = (),
) -> DriftPolicy:
    """A policy of a mode until a day, and of what stands around it from then on.

    `before` are exceptions for paths, which count before the mode of the whole.
    """
    span = ModeSpan("", mode, until.isoformat(), reason, position)
    return DriftPolicy(around.mode, (*before, span, *around.spans))


def _spans(
    document: Document[ExposureSpec] | Document[ServerGroupSpec], kind: str
) -> tuple[ModeSpan, ...]:
    """The exceptions that a document makes for paths of this kind."""
    return tuple(
        ModeSpan(
            path=entry.path,
            mode=entry.mode,
            until=entry.until.isoformat() if entry.until else None,
            reason=entry.reason,
            position=document.where("spec", "drift", *place),
        )
        for place, entry in document.spec.drift.spans()
        if entry.path.partition("/")[0] == kind
    )


def head(draft: Draft, site: Site, kind: tuple[str, str], name: tuple[str, str]) -> None:
    """Write what every object has: `kind` is API version and kind, `name` the name and its rule."""
    identity = draft.document.identity
    balancer: Path = ("spec", "loadBalancer", "type")
    draft.put(kind[0], "GR0101", balancer, "apiVersion")
    draft.put(kind[1], "GR0101", balancer, "kind")
    written: Path = ("metadata", "name")
    draft.put(name[0], name[1], written, "metadata", "name")
    draft.put(identity.namespace, "GR0102", ("metadata", "namespace"), "metadata", "namespace")
    for label, value in site.owner.labels(identity.name).items():
        draft.put(value, "GR0103", written, "metadata", "labels", label)
