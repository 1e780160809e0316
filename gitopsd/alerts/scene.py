"""The reports of one target as they stand after a pass."""

from __future__ import annotations

from dataclasses import dataclass

from gitopsd.model.report import DriftReport


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to be told of one target. `time` is RFC 3339, that of the pass; `named` is the
    instance that commands have to name, "" where it is the Fleet's own name.
    """

    repository: str
    instance: str
    target: str
    reports: tuple[DriftReport, ...] = ()
    revision: str = ""
    time: str = ""
    named: str = ""

    @property
    def place(self) -> str:
        """`repository/target`."""
        return f"{self.repository}/{self.target}"
