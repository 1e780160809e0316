"""A user's mistake as a value: what, where, why it matters, how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gitopsd.model.identity import Identity
from gitopsd.model.position import Position


class Severity(StrEnum):
    """An error holds what its document made; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check.

    `id` is stable (`GX0101`) and documented in `docs/reference/checks.md`; `what`, `why` and
    `mend` are sentences for the author of the file. `subject` is the document it is about, when
    that could be told; `target` is set when it is only true for one target.
    """

    id: str
    severity: Severity
    what: str
    why: str = ""
    mend: str = ""
    position: Position | None = None
    subject: Identity | None = None
    target: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the document's outcome is held because of this."""
        return self.severity is Severity.ERROR

    def sort_key(self) -> tuple[Any, ...]:
        """By place, then by id: two runs print the same list."""
        place = self.position or Position("")
        return (place.file, place.line, place.column, self.id, self.what, self.target or "")

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Problem:
        """What `to_json` made; raises KeyError and ValueError where it is something else."""
        place = Position(told["file"], told["line"], told["column"]) if "file" in told else None
        kind, namespace, name = told["subject"].split("/") if "subject" in told else ("", "", "")
        return cls(
            told["id"],
            Severity(told["severity"]),
            told["what"],
            told.get("why", ""),
            told.get("mend", ""),
            place,
            target=told.get("target"),
            subject=Identity(kind, namespace, name) if kind else None,  # a Fleet has no namespace
        )

    def to_json(self) -> dict[str, Any]:
        """The form that `-o json` prints (schema: `gitopsd schema problem`)."""
        out: dict[str, Any] = {"id": self.id, "severity": str(self.severity), "what": self.what}
        for name, value in (("why", self.why), ("mend", self.mend), ("target", self.target)):
            if value:
                out[name] = value
        if self.subject:
            out["subject"] = str(self.subject)
        if self.position:
            place = self.position
            out |= {"file": place.file, "line": place.line, "column": place.column}
        return out
