"""Telling what is under way, and as a part of what, to who writes traces."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

#: What is told of a piece of work, by the names of OpenTelemetry's semantic conventions, or names
#: of ours that begin with `gitopsd.`. Never a secret, and no text that others wrote.
Attributes = Mapping[str, str | int | float | bool]


class Span(Protocol):
    """A piece of work. Safe between threads; told of after its end, it keeps nothing."""

    @property
    def trace(self) -> str:
        """What the work is a part of, as 32 hexadecimal digits; "" when nobody keeps traces."""

    def note(self, attributes: Attributes) -> None:
        """Tell more of it."""

    def fail(self, kind: str, why: str = "") -> None:
        """Tell that it did not end well: the kind of error, and a line for people."""


class Tracer(Protocol):
    """Is told of work that begins and ends. Safe between threads, and never waited for.

    Work is a part of what is under way in the same context: in the same thread, or in one of a
    `ports.pool.Pool` that was given it there.
    """

    def span(
        self, name: str, attributes: Attributes | None = None, *, after: Span | None = None
    ) -> AbstractContextManager[Span]:
        """A piece of work that lasts as long as the block; what leaves it by an exception failed.

        `after` is work in another trace that gave rise to it.
        """


class _Untold:
    """Nobody keeps traces: a `Tracer` and a `Span`."""

    trace = ""

    def span(
        self,
        name: str,  # noqa: ARG002  the form of a tracer
        attributes: Attributes | None = None,  # noqa: ARG002
        *,
        after: Span | None = None,  # noqa: ARG002
    ) -> AbstractContextManager[Span]:
        return nullcontext(self)

    def note(self, attributes: Attributes) -> None:
        pass

    def fail(self, kind: str, why: str = "") -> None:
        pass


UNTRACED: Tracer = _Untold()
"""Keeps nothing."""
