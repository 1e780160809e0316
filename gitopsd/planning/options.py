"""What a person may ask of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.verdict import Cause


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The day it is, and what has been allowed for this one plan.

    `adopt` are resources that may be taken over from others (`Service/shop/tea`, or
    `ServerGroup/shop/warehouse` for its members), `adopt_from` other instances and targets of
    gitopsd from which they may be taken, `replace` those that may be deleted and made anew; `adopt`
    and `replace` also accept the Exposure's own identity. `approve` is the hash of an approved
    plan. `correct` puts drift right whatever the modes say, once; `now` is the moment, where more
    than the day is known: holds may end within a day, and without it no approval that stands on
    the record counts. `targets` are all that the Fleet names, None where that is not known.
    `again` are the words by which commands find this target again, `--target` aside (`scope`).
    `closed` are the causes whose window is closed, with the time at which it opens.
    """

    today: date
    adopt: frozenset[Identity] = frozenset()
    adopt_from: frozenset[Owner] = frozenset()
    replace: frozenset[Identity] = frozenset()
    approve: str | None = None
    correct: bool = False
    revision: str = "none"
    fleet: str = ""
    targets: frozenset[str] | None = None
    now: datetime | None = None
    closed: Mapping[Cause, str] = field(default_factory=dict)
    again: str = ""
