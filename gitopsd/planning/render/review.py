"""What a comment on a pull request is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gitopsd.model.plan import Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.preview import Preview


@dataclass(frozen=True, slots=True)
class Review:
    """What a comment is about.

    `other` names the revision that is compared with, `revision` the one at hand. `unreached` are
    targets that could not be looked at, and why; `remarks` is what else to know first. `approve`
    makes the command that approves a plan of its target and its hash, `whole` is the one that
    prints everything. `forge` is who limits the comment.
    """

    previews: Sequence[Preview]
    other: str
    revision: str
    problems: Sequence[Problem] = ()
    unreached: Sequence[tuple[str, str]] = ()
    remarks: Sequence[str] = ()
    approve: Callable[[str, str], str] = "gitopsd approve {1} --target {0}".format
    whole: str = "gitopsd plan -o markdown"
    forge: str = "the forge"

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans of all targets."""
        return tuple(preview.plan for preview in self.previews)

    @property
    def offline(self) -> bool:
        """Whether nobody looked at a target."""
        return any(preview.offline for preview in self.previews)
