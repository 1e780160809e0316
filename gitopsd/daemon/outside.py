"""What the operator is given by the composition root: ways to repositories and to targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gitopsd.daemon.leases import Share, Tenure
from gitopsd.daemon.settings import OperatorSettings, Repository, SinkSettings
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.ownership import Owner
from gitopsd.ports import FollowedSource, Sink, Site, Term, Tracer
from gitopsd.spec.model import Target


class Outside(Protocol):
    """Makes the ends that the operator works on. Nothing is sent by making them."""

    @property
    def tracer(self) -> Tracer:
        """Is told of the operator's work."""

    def follow(self, repository: Repository) -> FollowedSource:
        """The repository, to be looked at again and again. Raises RepositoryError."""

    def tenure(self, target: Target, owner: Owner, share: Share) -> Tenure:
        """A candidate for the target's lease, one of the replica's. Raises Misconfigured."""

    def site(self, target: Target, desired: DesiredTarget, term: Term) -> Site:
        """The ends of a target, written to within `term`. Raises Misconfigured."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and the ways that go with them.

    `open_sink` makes the way to a service that people are told by; nothing is sent by making it.
    """

    settings: OperatorSettings
    outside: Outside
    open_sink: Callable[[SinkSettings], Sink] | None = None
