"""Why the drift policy leaves a thing as somebody made it, and what would end that."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from gitopsd.diff.holding import name_of
from gitopsd.diff.modes import span_of
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.identity import Identity
from gitopsd.model.wording import said


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the policy of `subject` says about one path of a kind that it makes.

    `where` are the words by which commands find the target.
    """

    policy: DriftPolicy
    subject: Identity
    kind: str
    path: str
    now: date
    where: str

    @property
    def why(self) -> str:
        """`drift mode Report`, or the hold or exception, and until when it counts."""
        span = span_of(self.policy, self.kind, self.path, self.now)
        if span is None:
            return said("mode", mode=self.policy.mode)
        if span.until is None:
            return name_of(span)
        return said("counts-until", what=name_of(span), until=span.until)

    @property
    def end(self) -> str:
        """What has to go so that drift there is put right: all of it, where one is on another."""
        *others, last = tuple(self._ends()) or (said("end-mode"),)
        for first in reversed(others):
            last = said("end-also", first=first, then=last)
        return last

    def _ends(self) -> Iterator[str]:
        policy = self.policy
        while span := span_of(policy, self.kind, self.path, self.now):
            if span.mode == "Correct":
                return
            if span.source == "hold":
                yield said("end-hold", command=lifting(span, self.subject, self.where))
            else:
                yield said("end-exception", what=name_of(span))
            policy = replace(policy, spans=tuple(one for one in policy.spans if one != span))
        if policy.mode != "Correct":
            yield said("end-mode")


def lifting(span: ModeSpan, subject: Identity, where: str) -> str:
    """The command that takes a hold off the record."""
    return f"gitopsd drift hold {subject} --release --path {shlex.quote(span.path)} {where}"
