"""What compiling needs besides the document at hand: its target, and what it may refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gitopsd.compiler.draft import Draft
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.ownership import Owner
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import ExposureSpec, ServerGroupSpec, Target


@dataclass(frozen=True, slots=True)
class Site:
    """One target being compiled for.

    `groups` are the ServerGroups that the document at hand refers to, `users` the Exposures of this
    target that refer to a ServerGroup; `mode` is how the fleet treats drift.
    """

    target: Target
    owner: Owner
    groups: Mapping[Identity, Document[ServerGroupSpec]] = field(default_factory=dict)
    users: Mapping[Identity, Sequence[Document[ExposureSpec]]] = field(default_factory=dict)
    mode: Literal["Correct", "Report", "Ignore"] = "Correct"

    def drift(
        self, document: Document[ExposureSpec] | Document[ServerGroupSpec], kind: str
    ) -> DriftPolicy:
        """How drift of what `document` makes of this kind is treated (design §5)."""
        return DriftPolicy(document.spec.drift.mode or self.mode, _spans(document, kind))

    def group_drift(self, document: Document[ServerGroupSpec]) -> DriftPolicy:
        """As `drift`, and with the exceptions of the Exposures that send to the group.

        Of two for one path that of the ServerGroup itself holds, else that of the first Exposure
        by namespace and name.
        """
        own = self.drift(document, SERVER_GROUP)
        users = self.users.get(document.identity, ())
        theirs = (span for user in users for span in _spans(user, SERVER_GROUP))
        return DriftPolicy(own.mode, (*own.spans, *theirs))


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
