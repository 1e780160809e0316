"""What a part of the benchmark answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, beside what, and the ratio of the two."""

    name: str
    figure: str
    beside: str
    ratio: float
    goal: str = ""
