"""Writing down a difference of a server group: its cause, its mode, the line that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gitopsd.diff.group_memory import GroupMemory
from gitopsd.diff.modes import mode_of
from gitopsd.model.desired import DesiredGroup, DriftPolicy
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.paths import join
from gitopsd.model.position import Position
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all differences of one group share.

    `cause` is what counts where nobody remembers the fields of the group: then it has moved as a
    whole, or drifted. `memory` is what was applied before, where what is wanted now was not yet.
    `ours` says that the group was ours before.
    """

    item: DesiredGroup
    cause: Cause
    today: date
    memory: GroupMemory | None = None
    ours: bool = True

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
        because, doubtful = cause or self.cause, False
        if cause is None and because is Cause.CHANGE and keys:
            because, doubtful = self._mover(keys, path, wanted, found, mode)
        place = position or self._origin(keys) or item.position
        return Difference(
            item.identity,
            path,
            wanted,
            found,
            because,
            mode,
            position=place,
            note=said("doubtful") if doubtful else "",
            doubtful=doubtful,
        )

    def _mover(
        self, keys: tuple[str, ...], path: str, wanted: Any, found: Any, mode: Mode
    ) -> tuple[Cause, bool]:
        """Who moved a field of a group that Git has moved, and whether that is in doubt.

        Where both did, Git wins, but for a field that is ignored. A server that has our mark and
        that neither Git nor memory knows was left by an apply that was cut short.
        """
        if self.memory is not None:
            moved = self.memory.moved(keys, wanted, found)
            left_over = len(keys) == 2 and wanted is None and not moved.git
            drift = moved.reality and not left_over and (mode == "Ignore" or not moved.git)
            return (Cause.DRIFT if drift else Cause.CHANGE), False
        if mode != "Ignore" or not self._singled_out(path):
            return Cause.CHANGE, False
        return (Cause.CHANGE, True) if self.ours else (Cause.DRIFT, False)

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
