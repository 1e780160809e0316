"""Writing down a difference of a server group: its cause, its mode, the line that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gitopsd.diff.modes import mode_of
from gitopsd.model.desired import DesiredGroup, DriftPolicy
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.paths import join
from gitopsd.model.position import Position
from gitopsd.model.verdict import Cause, Difference


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all differences of one group share. A group has moved as a whole, or drifted."""

    item: DesiredGroup
    cause: Cause
    today: date

    def difference(
        self,
        keys: tuple[str, ...],
        wanted: Any,
        found: Any,
        position: Position | None = None,
        cause: Cause | None = None,
    ) -> Difference:
        """One difference; without a position, the line of the nearest compiled field."""
        item, path = self.item, join(keys)
        mode = mode_of(item.drift, SERVER_GROUP, path, self.today)
        because = cause or self.cause
        if keys and mode == "Ignore" and self._singled_out(path):
            because = Cause.DRIFT  # nobody can tell who moved it, and the exception is about it
        place = position or self._origin(keys) or item.position
        return Difference(item.identity, path, wanted, found, because, mode, position=place)

    def _singled_out(self, path: str) -> bool:
        """Whether an exception names a path, and not only the whole group's mode covers it."""
        spans = DriftPolicy("Correct", tuple(s for s in self.item.drift.spans if s.path))
        return mode_of(spans, SERVER_GROUP, path, self.today) == "Ignore"

    def _origin(self, keys: tuple[str, ...]) -> Position | None:
        for length in range(len(keys), 0, -1):
            origin = self.item.origins.get(join(keys[:length]))
            if origin is not None and origin.position is not None:
                return origin.position
        return None
