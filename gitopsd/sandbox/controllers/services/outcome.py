"""What one pass over a Service comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from gitopsd.sandbox.controllers.services.taking import Taker

Stage = Literal["", "local-model", "apply", "after-apply"]
Model = dict[str, Any]
"""`LoadBalancerAttribute`, `Listeners`, and `ServerGroups` or `VServerGroups`, with the
controllers' own field names. What was not said is not there, which is not the same as false."""


class Told(NamedTuple):
    """An event on the Service."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class ModelError(Exception):
    """The Service is refused while its model is built."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(slots=True)
class Outcome:
    """The result of a pass.

    * `controller`: which one took the Service; None for neither.
    * `stage`: where it failed, "" for success. `local-model`: nothing was done in the cloud.
      `apply`: a load balancer may have been made, nothing behind it is kept up. `after-apply`: all
      was done, labels and status are written, and the pass is tried again all the same.
    * `model`: None where building it failed.
    * `told`: events on the way, without the last one, which names the load balancer.
    """

    controller: Taker | None
    stage: Stage = ""
    error: str = ""
    model: Model | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether labels and status are written."""
        return self.controller is not None and self.stage in ("", "after-apply")

    def last(self, load_balancer: str) -> Told | None:
        """The event that ends the pass; `load_balancer` is its id, "" where there is none yet."""
        if self.controller is None or self.stage == "after-apply":
            return None
        if not self.stage:
            return Told("Normal", "EnsuredLoadBalancer", f"Ensured load balancer [{load_balancer}]")
        prefix = "build lb local model error: " if self.stage == "local-model" else ""
        known = load_balancer if self.stage == "apply" else ""
        message = f"Error syncing load balancer [{known}]: {prefix}{self.error}"
        return Told("Warning", "SyncLoadBalancerFailed", message)


def said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: flags and counters that were set stay, also off and 0."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
