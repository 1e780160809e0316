"""Where drift reports are kept between passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gitopsd.model.ownership import Owner

if TYPE_CHECKING:  # a plan needs no reports
    from gitopsd.model.report import DriftReport


@dataclass(frozen=True, slots=True)
class StoredReports:
    """What a store holds of one owner. `unreadable` says what is there and makes no sense."""

    reports: tuple[DriftReport, ...] = ()
    unreadable: tuple[str, ...] = ()


class ReportStore(Protocol):
    """Keeps drift reports between passes, one by one: losing one costs a repeated message.

    Each of its methods raises the errors of `ports.errors`. What is unreadable is told, does not
    stand in the way of the rest, and is replaced when a report of its name is saved.
    """

    def load(self, owner: Owner) -> StoredReports:
        """All reports of an instance at a target."""

    def save(self, report: DriftReport) -> None:
        """Keep a report, in the place of the one with its fingerprint; wholly or not at all."""

    def forget(self, owner: Owner, fingerprint: str) -> None:
        """Remove a report; gone already counts as done."""
