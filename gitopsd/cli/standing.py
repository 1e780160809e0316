"""How a target stands, put together from its record, its Lease and a look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from gitopsd.cli.attending import Ear
from gitopsd.cli.options import Call
from gitopsd.cli.reading import Reading
from gitopsd.cli.targets import Failure, Sight, look, moment, places, side_by_side
from gitopsd.cli.terminal import Terminal
from gitopsd.engine.judging import assess_target
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.history import PassEntry, PassState
from gitopsd.model.observed import Record
from gitopsd.model.requests import Suspension, suspension_in
from gitopsd.model.verdict import Assessment, State
from gitopsd.ports import WorldError
from gitopsd.typography import ELLIPSIS, Meaning, clean, columns, count, hang
from gitopsd.wiring.sites import read_lease

#: Passes that ended so need nobody.
_WELL = (PassState.IN_SYNC, PassState.DONE)


@dataclass(frozen=True, slots=True)
class Standing:
    """One target. `holder` is who holds its Lease, "" for nobody, None when it cannot be read."""

    target: str
    record: Record | None
    assessment: Assessment
    suspension: Suspension | None
    holder: str | None

    @property
    def last(self) -> PassEntry | None:
        """The last pass that its record tells of."""
        return self.record.history[-1] if self.record and self.record.history else None

    @property
    def drift(self) -> str:
        """`none`, `2 drifted`, `2 drifted, 1 to apply`, `unknown`."""
        names = {State.DRIFTED: "drifted", State.CHANGED: "to apply", State.UNKNOWN: "unknown"}
        told = [(self.assessment.count(state), word) for state, word in names.items()]
        said = ", ".join(f"{number:,} {word}" for number, word in told if number)
        return said or ("unknown" if self.assessment.gaps else "none")

    @property
    def wrong(self) -> list[str]:
        """What is wrong now, the worst first."""
        gaps = [f"{gap.what} could not be read: {gap.why}" for gap in self.assessment.gaps]
        told = list(gaps)
        if self.record is None:
            told.append("nothing has been applied here yet, or the record cannot be read")
        elif self.record.trouble:
            told.append(self.record.trouble)
        last = self.last
        bad = last is not None and last.state not in _WELL and last.state is not PassState.WITHHELD
        if bad and last and not _said(last.trouble, gaps):
            plan = f" (plan {last.plan})" if last.state is PassState.HELD else ""
            told.append(f"the pass of {last.time} {last.outcome}: {last.trouble}{plan}")
        if self.suspension is not None:
            told.append(str(self.suspension))
        if drifted := self.assessment.count(State.DRIFTED):
            told.append(f"{count(drifted, 'thing')} drifted; gitopsd drift says which")
        return told

    def to_json(self) -> dict[str, Any]:
        """The form in `gitopsd status -o json`."""
        record, last = self.record, self.last
        return {
            "target": self.target,
            "revision": record.revision if record else "none",
            "time": record.time if record else "",
            "lastPass": last.to_json() if last else None,
            "drift": {str(state): self.assessment.count(state) for state in State},
            "suspended": self.suspension.to_json() if self.suspension else None,
            "holder": self.holder,
            "wrong": self.wrong,
        }


def standings(call: Call, reading: Reading) -> Iterator[Standing | Failure]:
    """How each of the chosen targets stands, all looked at side by side.

    One that has stopped to answer is a failure, and is left to itself.
    """
    now = moment()
    with call.terminal.progress() as progress:

        def work(target: str, desired: DesiredTarget, ear: Ear) -> Standing | Failure:
            one = reading.at({target: desired})

            def observing(text: str) -> None:
                ear.begin()  # what gives credentials had its time before
                progress(text)

            (seen,) = look(call, one, observing, write=False, meter=ear)
            return seen if isinstance(seen, Failure) else _standing(call, seen, now)

        works = {
            owner.target: partial(work, owner.target, desired)
            for _, owner, desired in places(call, reading)
        }
        yield from (found for _, found in side_by_side(call, works))


def _standing(call: Call, seen: Sight, now: datetime) -> Standing:
    record = seen.observed.record
    suspension = suspension_in(record.annotations) if record else None
    return Standing(
        seen.owner.target,
        record,
        assess_target(seen.desired, seen.observed, seen.owner, now),
        suspension if suspension and not suspension.over(now) else None,
        _holder(call, seen),
    )


def _said(trouble: str, told: Iterable[str]) -> bool:
    """Whether what a pass met is among what is told now; the record keeps the beginning of it."""
    start = trouble.removesuffix(ELLIPSIS)
    return bool(start) and any(line.startswith(start) for line in told)


def _holder(call: Call, seen: Sight) -> str | None:
    """A Lease that cannot be read is not what is asked for: the rest is told all the same."""
    try:
        lease = read_lease(seen.place, seen.owner, call.settings)
    except WorldError:
        return None
    return lease.holder if lease else ""


def table(standings: list[Standing], terminal: Terminal) -> str:
    """A line for each target, and under it one for each thing that is wrong."""
    head = ("TARGET", "REVISION", "SINCE", "LAST PASS", "DRIFT", "SUSPENDED", "HOLDER")
    rows = columns([head, *(tuple(map(clean, _row(standing))) for standing in standings)])
    lines = [rows[0]]
    for row, standing in zip(rows[1:], standings, strict=True):
        lines.append(row)
        for wrong in standing.wrong:
            told = hang("  ! ", wrong, terminal.width)
            lines += [terminal.palette.paint(line, Meaning.WARNING) for line in told]
    return "\n".join(lines)


def _row(standing: Standing) -> tuple[str, ...]:
    record, last, suspension = standing.record, standing.last, standing.suspension
    holder = "unknown" if standing.holder is None else standing.holder or "nobody"
    return (
        standing.target,
        record.revision[:12] if record else "none",
        (record.time if record else "") or "-",
        last.outcome if last else "-",
        standing.drift,
        ("until " + suspension.until if suspension.until else "yes") if suspension else "no",
        holder,
    )
