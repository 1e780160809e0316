"""Recognising that several managers fight over a field (field.md §2: flapping)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from gitopsd.drift.policy import LifePolicy, since, text_of
from gitopsd.model.identity import Identity
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, Move
from gitopsd.model.verdict import Attribution, Difference

#: Who wrote what stands at a path of a resource, if others than we did, as managedFields tell.
Writer = Callable[[Identity, str], Attribution | None]

#: Who moved it where nothing tells: a change through the cloud's API leaves no name.
UNKNOWN = "unknown"
#: So often at least two of them must have moved a field: one who comes by once fights with nobody.
_EACH = 2
#: So many moves of one report are kept: those of a fight over 300 fields, in about 250 kB.
_KEPT = 1800
#: Reasons of findings about fields that somebody wrote, and not about what stands beside them.
WRITTEN = frozenset({Reason.FIELD, Reason.STAMP})


def movers(
    found: Iterable[Difference], now: datetime, known: Iterable[Move] = ()
) -> tuple[Move, ...]:
    """Who moved each of these fields and when, by managedFields, else unknown and now.

    Clusters tell seconds, by another clock than ours: what moved again since the latest of the
    `known` moves of a field did so later, whatever time it carries.
    """
    latest = _latest(known)
    moves = {_move(d.path, d.who, now, latest.get(d.path)) for d in found}
    return tuple(sorted(moves, key=_order))


def restorers(
    gone: Iterable[tuple[str, Attribution | None]], now: datetime, known: Iterable[Move]
) -> tuple[Move, ...]:
    """The moves of those who wrote what Git asks for over what somebody else had written.

    `gone` are the paths that differ no more, as the `known` moves name them, each with who wrote
    what stands there. Who puts right again and again what others move fights with them. Where
    nobody knows who moved it, the same manager may have: it is not laid at anybody's door.
    """
    latest = _latest(known)
    moves = set()
    for path, who in gone:
        before = latest.get(path)
        if who is not None and before is not None and before.by not in (UNKNOWN, who.manager):
            moves.add(_move(path, who, now, before))
    return tuple(sorted(moves, key=_order))


def nobody(_resource: Identity, _path: str) -> Attribution | None:
    """The `Writer` where managedFields are not at hand."""
    return None


def _latest(known: Iterable[Move]) -> dict[str, Move]:
    return {move.path: move for move in sorted(known, key=_order)}


def _move(path: str, who: Attribution | None, now: datetime, before: Move | None) -> Move:
    name = who.manager if who and who.manager else UNKNOWN
    time = who.time if who and who.time else text_of(now)
    if before is not None and before.by != name and before.time >= time:
        time = text_of(now)
    return Move(time, name, path)


def with_moves(
    report: DriftReport, moves: Iterable[Move], now: datetime, policy: LifePolicy
) -> DriftReport:
    """The report with further moves, and with its fighters if it has become a fight, or calm again.

    A fight is about one field: managers that write different fields of a thing do not fight. Only
    the latest moves of each field are kept, and of many fields those that moved most of late. Once
    recognised, a fight goes on until nobody has moved its field for `fight_within`, so that a pause
    between two blows is no peace.
    """
    by_path: dict[str, list[Move]] = {}
    for move in sorted({*report.moves, *moves}, key=_order):
        by_path.setdefault(move.path, []).append(move)
    latest = {path: found[-policy.fight_moves :] for path, found in by_path.items()}
    recent = {
        path: [move for move in found if since(move.time, now) <= policy.fight_within]
        for path, found in latest.items()
    }
    fought = {path for path, found in recent.items() if _is_fight(found, policy)}
    fought |= {path for path in report.fought if recent.get(path)}
    fighters = _names(recent, fought) | (set(report.fighters) if fought else set())
    busy = sorted(recent, key=lambda path: (len(recent[path]), latest[path][-1].time, path))
    most = [move for path in reversed(busy) for move in reversed(latest[path])][:_KEPT]
    kept = sorted(most, key=_order)
    return replace(
        report,
        moves=tuple(kept),
        fighters=tuple(sorted(fighters)),
        fought=tuple(sorted(fought)),
    )


def fighting(report: DriftReport, now: datetime, policy: LifePolicy) -> bool:
    """Whether a fight over it is still going on."""
    return bool(with_moves(report, (), now, policy).fighters)


def _is_fight(recent: list[Move], policy: LifePolicy) -> bool:
    often = Counter(move.by for move in recent).most_common(2)
    return len(recent) >= policy.fight_moves and len(often) > 1 and often[1][1] >= _EACH


def _names(recent: Mapping[str, list[Move]], fought: Iterable[str]) -> set[str]:
    return {move.by for path in fought for move in recent[path]}


def _order(move: Move) -> tuple[str, str, str]:
    return move.time, move.by, move.path
