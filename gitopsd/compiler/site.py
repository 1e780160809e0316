"""What compiling needs besides the document at hand: its target, and what it may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gitopsd.compiler.draft import Draft
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import ExposureSpec, ServerGroupSpec, Target


@dataclass(frozen=True, slots=True)
class Site:
    """One target being compiled for. `mode` is how the fleet treats drift."""

    target: Target
    owner: Owner
    groups: Mapping[Identity, Document[ServerGroupSpec]]
    mode: Literal["Correct", "Report", "Ignore"] = "Correct"

    def drift(
        self, document: Document[ExposureSpec] | Document[ServerGroupSpec], kind: str
    ) -> DriftPolicy:
        """How drift of what `document` makes of this kind is treated (design §5)."""
        stated = document.spec.drift
        spans = tuple(
            ModeSpan(
                path=entry.path,
                mode=entry.mode,
                until=entry.until.isoformat() if entry.until else None,
                reason=entry.reason,
                position=document.where("spec", "drift", "ignore", index),
            )
            for index, entry in enumerate(stated.ignore)
            if entry.path.partition("/")[0] == kind
        )
        return DriftPolicy(stated.mode or self.mode, spans)


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
