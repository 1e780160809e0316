"""What a row of the table of checks is, and how a finding becomes a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from gitopsd.model.problem import Problem, Severity
from gitopsd.spec.document import Document, Path
from gitopsd.spec.part import Unknown
from gitopsd.spec.wording import sentence

ERROR = Severity.ERROR
WARNING = Severity.WARNING

P = ParamSpec("P")
T = TypeVar("T")
V_contra = TypeVar("V_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: what, and the path in the document where it stands.

    `what` has no full stop, and its middle is left out where it is long; what users wrote in it is
    quoted by `spec.wording`. `why` and `mend` replace the row's own sentences where the case at
    hand allows better ones; `document` and `target` are given only by checks that see more than
    one of them.
    """

    what: str
    path: Path = ()
    why: str = ""
    mend: str = ""
    document: Document[Any] | None = None
    target: str | None = None


Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Rule(Generic[V_contra]):
    """A row: a stable id, how bad it is, what it is called, the function, why it matters, mending.

    The function gets one view (see `views`) and yields what is wrong there, in any order. An id
    never changes its meaning and is never given out again.
    """

    id: str
    severity: Severity
    title: str
    check: Callable[[V_contra], Iterable[Finding]]
    why: str
    mend: str

    def problem(self, finding: Finding, document: Document[Any] | None) -> Problem:
        """A finding of this row as a problem, about `document` unless the finding says another."""
        place = finding.document or document
        return Problem(
            id=self.id,
            severity=self.severity,
            what=f"{sentence(finding.what)}.",
            why=finding.why or self.why,
            mend=sentence(finding.mend) or self.mend,
            position=place.where(*finding.path) if place else None,
            subject=place.identity if place and place.named else None,
            target=finding.target,
        )


def known(question: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
    """The answer, or None where the document is in doubt about it.

    For checks that look at several things of which each is told by itself.
    """
    try:
        return question(*args, **options)
    except Unknown:
        return None


def listed(words: Iterable[object], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = [str(word) for word in words]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
