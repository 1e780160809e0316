"""Recognising that several managers fight over a thing (field.md §2: flapping)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gitopsd.drift.policy import LifePolicy, since, text_of
from gitopsd.model.report import DriftReport, Move
from gitopsd.model.verdict import Difference

#: Who moved it where nothing tells: a change through the cloud's API leaves no name.
UNKNOWN = "unknown"


def movers(found: Iterable[Difference], now: datetime) -> tuple[Move, ...]:
    """Who moved these differences and when, by managedFields, else unknown and now.

    Each manager counts once: an edit of ten fields is one move.
    """
    latest: dict[str, str] = {}
    for item in found:
        name = item.who.manager if item.who and item.who.manager else UNKNOWN
        time = item.who.time if item.who and item.who.time else text_of(now)
        latest[name] = max(time, latest.get(name, ""))
    return tuple(Move(time, name) for name, time in sorted(latest.items()))


def with_moves(
    report: DriftReport, moves: Iterable[Move], now: datetime, policy: LifePolicy
) -> DriftReport:
    """The report with further moves, and with its fighters if it has become a fight, or calm again.

    Only the latest moves are kept. Once recognised, a fight goes on until nobody has moved for
    `fight_within`, so that a pause between two blows is no peace.
    """
    every = sorted({*report.moves, *moves}, key=lambda move: (move.time, move.by))
    kept = tuple(every[-policy.fight_moves :])
    recent = [move for move in kept if since(move.time, now) <= policy.fight_within]
    names = tuple(sorted({move.by for move in recent}))
    if len(recent) >= policy.fight_moves and len(names) > 1:
        fighters = tuple(sorted({*report.fighters, *names}))
    else:
        fighters = report.fighters if recent else ()
    return replace(report, moves=kept, fighters=fighters)


def fighting(report: DriftReport, now: datetime, policy: LifePolicy) -> bool:
    """Whether a fight over it is still going on."""
    return bool(with_moves(report, (), now, policy).fighters)
