"""Numbers that are given out: those that clients may name keep clear of those made up for them.

The real server makes up node ports and cluster IPs from above a static band and turns to the band
last, so that a client's choice from the band is hardly ever taken (its documentation: "avoiding
collisions" for NodePort and for ClusterIP).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

ALLOCATED: Final = "provided port is already allocated"
_SMALLEST_BAND: Final = 16


def static_band(size: int, *, share: int, most: int) -> int:
    """How many values at the start of a range are given out last: one in `share`, 16 to `most`."""
    return min(max(size // share, _SMALLEST_BAND), most) if size > _SMALLEST_BAND else 0


@dataclass(slots=True)
class Pool:
    """Values from `start` on with the objects that hold them; free ones are given out in turn.

    The first `band` values come last.
    """

    start: int
    size: int
    band: int = 0
    holders: dict[int, str] = field(default_factory=dict)
    cursor: int = 0

    def next_free(self, taken: Container[int]) -> int | None:
        """A value that nothing holds and that is not `taken`; None when there is none."""
        if len(self.holders) >= self.size:
            return None
        above = self.size - self.band
        turns = (self.band + (self.cursor + step) % above for step in range(above))
        for offset in chain(turns, range(self.band)):
            value = self.start + offset
            if value not in self.holders and value not in taken:
                if offset >= self.band:
                    self.cursor = (offset - self.band + 1) % above
                return value
        return None

    def __contains__(self, value: int) -> bool:
        return self.start <= value < self.start + self.size


@dataclass(slots=True)
class PortOperation:
    """The node ports that one write asks for.

    Args:
        ports: the range.
        spare: made up from when that is full; nobody may ask for one of these.
        wished: numbers that the client names anywhere in the object: none of them is made up.
        dry_run: numbers are neither held nor checked against the range, as on the real server.
    """

    ports: Pool
    spare: Pool
    wished: frozenset[int]
    dry_run: bool
    allocated: set[int] = field(default_factory=set)

    def allocate(self, number: int) -> str:
        """Take a number; the answer says why it cannot be had, and is empty if it can."""
        ports = self.ports
        if number not in ports and not self.dry_run:
            shown = f"{ports.start}-{ports.start + ports.size - 1}"
            return f"provided port is not in the valid range. The range of valid ports is {shown}"
        if number in ports.holders or number in self.allocated:
            return ALLOCATED
        self.allocated.add(number)
        return ""

    def allocate_next(self) -> int | None:
        """Make a number up; None when the range is full."""
        number: int | None
        if self.dry_run:  # one more than the last, and beyond the range for the first
            number = max(self.allocated, default=self.ports.start + self.ports.size) + 1
        else:
            taken = self.allocated | self.wished
            number = self.ports.next_free(taken) or self.spare.next_free(taken)
        if number is not None:
            self.allocated.add(number)
        return number
