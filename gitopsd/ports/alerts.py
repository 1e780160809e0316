"""Where people are told of drift, and where it is remembered what they were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gitopsd.model.ownership import Owner

if TYPE_CHECKING:  # a plan tells nobody anything
    from gitopsd.model.message import Message


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `number` messages in any `seconds`."""

    number: int
    seconds: float


class Sink(Protocol):
    """A service that takes messages.

    It is asked by one thread at a time. What goes wrong is one of the errors of `ports.errors`, and
    no secret stands in it.
    """

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """What the service allows; whoever sends keeps within."""

    def deliver(self, message: Message) -> str:
        """Tell it; answers by what name the service knows the conversation, "" where by none.

        That is handed in again as `message.handle`. Delivering the same message twice is told once
        where the service can know it again. Raises Incomplete when it was told, but not to all.
        """


class AlertMemory(Protocol):
    """Keeps what each sink was told of a target, beside the target's reports.

    Its methods raise the errors of `ports.errors`. What is there and makes no sense counts as
    nothing: it costs a repeated message.
    """

    def load(self, owner: Owner, sink: str) -> Mapping[str, Any]:
        """What was saved last; empty when nothing was."""

    def save(self, owner: Owner, sink: str, content: Mapping[str, Any]) -> None:
        """Keep a JSON object in the place of the last one; wholly or not at all."""
