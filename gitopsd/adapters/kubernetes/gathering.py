"""Many readings at once, of which some may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from gitopsd.model.observed import Gap
from gitopsd.ports import WorldError
from gitopsd.ports.pool import Pool

K = TypeVar("K")
T = TypeVar("T")


@dataclass
class Gathering:
    """Readings on a pool of threads; an error of the world becomes a gap, any other one rises.

    Results are taken in the order in which they were asked for, so gaps always read the same.
    """

    pool: Pool
    gaps: list[Gap] = field(default_factory=list)

    def settle(self, what: str, future: Future[T], default: T) -> T:
        """The result of a reading that no kind's state depends on.

        When it failed: `default`, and a gap called `what`.
        """
        try:
            return future.result()
        except WorldError as error:
            self.miss(what, error)
            return default

    def each(
        self,
        keys: Iterable[K],
        read: Callable[[K], T],
        what: Callable[[K], str],
        covers: Callable[[K], str | None] = lambda _: None,
    ) -> list[tuple[K, T]]:
        """Read for every key at once; what failed is left out, with a gap.

        `what` names the reading of a key, `covers` the kind whose state it tells, if any.
        """
        waiting = [(key, self.pool.submit(read, key)) for key in keys]
        done: list[tuple[K, T]] = []
        for key, future in waiting:
            try:
                done.append((key, future.result()))
            except WorldError as error:
                self.miss(what(key), error, covers(key))
        return done

    def miss(self, what: str, error: WorldError, kind: str | None = None) -> None:
        """Note that something could not be read, why, and which kind is unknown for it."""
        why = error.detail + (f" ({error.mend})" if error.mend else "")
        self.gaps.append(Gap(what, why, frozenset({kind} if kind else ())))
