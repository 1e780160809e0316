"""Being told what is asked of the APIs."""

from __future__ import annotations

from typing import Protocol

from gitopsd.ports.errors import WorldError


class Meter(Protocol):
    """Is told what is asked of the APIs, to be counted. Safe between threads.

    `product` is Kubernetes, ALB or NLB, `operation` what its API calls it (`CreateServerGroup`,
    `list services`). All times are in seconds.
    """

    def called(
        self, product: str, operation: str, error: WorldError | None, seconds: float
    ) -> None:
        """One request was answered, or not; each attempt is told."""

    def paced(self, product: str, seconds: float) -> None:
        """A request was kept back so long, so that the product need not throttle us."""
