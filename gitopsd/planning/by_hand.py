"""Whose the weights of 0 in a live Ingress are."""

from __future__ import annotations

from dataclasses import dataclass

from gitopsd.diff.causes import applied_digest
from gitopsd.diff.fields import AppliedFields, recall
from gitopsd.diff.ownership import applied, entries, holders
from gitopsd.diff.routes import BACKEND, RULES, Key
from gitopsd.diff.write_ahead import memories
from gitopsd.model.observed import ObservedObject, Record

_ANNOTATIONS = ("metadata", "annotations")


@dataclass(frozen=True, slots=True)
class ByHand:
    """Whose a 0 in a live Ingress is: Git's, as far as is remembered, or somebody's."""

    live: ObservedObject
    fields: AppliedFields | None

    @classmethod
    def of(cls, live: ObservedObject, record: Record | None) -> ByHand:
        """What is known of a live Ingress, marked as ours or not any more."""
        recorded = record.entries.get(live.identity) if record else None
        before = applied_digest(live, entries(live), recorded)
        return cls(live, recall(memories(record, live.identity).get(before or "")))

    def drained(self, action: str, name: str, route: Key) -> bool:
        """Whether Git has not asked for a 0, found for a destination in the action of a route.

        Without a memory it has not.
        """
        if self.fields is None:
            return True
        before = self.fields.values_of((*_ANNOTATIONS, action, name))
        if before is None:  # the action is of an earlier commit, and kept
            before = self.fields.values_of((*RULES, *route, BACKEND, name))
        return self.fields.differs(before, 0)

    def who(self, action: str) -> str:
        """Who holds an action beside us, in brackets; "" where nobody is known."""
        held = holders(entries(self.live), (*_ANNOTATIONS, action))
        names = dict.fromkeys(who.manager for who in held if not applied(who))
        return f" ({', '.join(names)})" if names else ""
