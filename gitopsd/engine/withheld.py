"""Why the operator writes nothing at a target for now, as far as its record tells."""

from __future__ import annotations

from datetime import datetime

from gitopsd.engine.windows import closed
from gitopsd.model.history import PassState
from gitopsd.model.observed import Record
from gitopsd.model.requests import Suspension, suspension_in
from gitopsd.model.verdict import Cause


def withheld_at(record: Record | None, now: datetime) -> str:
    """The suspension in force, or what kept the last pass from writing; "" for nothing.

    A pass that could have written since would stand behind it in the history.
    """
    if record is None:
        return ""
    suspension = suspension_in(record.annotations)
    if suspension is not None and not suspension.over(now):
        return str(suspension)
    last = record.history[-1] if record.history else None
    if last is None or last.state is not PassState.WITHHELD:
        return ""
    ended = last.trouble.startswith(Suspension.WORD)
    return "" if ended else last.trouble


def closed_at(record: Record | None, now: datetime) -> dict[Cause, str]:
    """The causes whose window is closed by what the operator says on the record, until when."""
    return closed(record.windows, now) if record else {}
