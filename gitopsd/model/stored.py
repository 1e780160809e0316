"""Reading drift reports back from their stored form (`DriftReport.to_json`).

Whoever stores them may have been another version of gitopsd, or a person with an editor: what does
not fit is a `ValueError` that names the field, never a report that is half understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Guard, Hold
from gitopsd.model.position import Position
from gitopsd.model.reason import Reason
from gitopsd.model.report import (
    DriftReport,
    Move,
    ReportState,
    Resolution,
    RouteImpact,
    Row,
    Share,
)
from gitopsd.model.traffic import Shadow, Takes
from gitopsd.model.verdict import Attribution, Cause, Difference, Mode

T = TypeVar("T")
Json = Mapping[str, Any]

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_POSITION = re.compile(r"(?P<file>.+):(?P<line>\d+):(?P<column>\d+)")


def report_from_json(content: Any) -> DriftReport:
    """The report that `to_json` wrote. Raises ValueError that names what does not fit.

    Fields that it does not know are left aside: within a version fields are only added.
    """
    found = _object(content, "the report")
    fingerprint = _text(found, "fingerprint")
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError(f"fingerprint {fingerprint!r} is not 16 hexadecimal digits")
    resolution = _text(found, "resolution", "")
    return DriftReport(
        fingerprint,
        _text(found, "instance"),
        _text(found, "target"),
        _identity(found, "subject"),
        _identity(found, "resource"),
        _parsed(Reason, found, "reason"),
        _list(found, "evidence", _difference),
        _parsed(ReportState, found, "state"),
        _text(found, "firstSeen", ""),
        _text(found, "openedAt", ""),
        _text(found, "lastSeen", ""),
        _text(found, "escalatedAt", ""),
        _text(found, "resolvedAt", ""),
        Resolution(resolution) if resolution else None,
        _number(found, "reopened"),
        _list(found, "moves", _move),
        _texts(found, "fighters"),
        _list(found, "impact", _impact),
        _list(found, "rows", _row),
        _number(found, "paths"),
        _text(found, "revision", ""),
        _texts(found, "fought"),
        _text(found, "calmSince", ""),
    )


def _move(item: Json) -> Move:
    return Move(_text(item, "time"), _text(item, "by"), _text(item, "path", ""))


def _difference(item: Json) -> Difference:
    mode = _text(item, "mode", "Correct")
    if mode not in get_args(Mode):
        raise ValueError(f"mode {mode!r} is not one of {', '.join(get_args(Mode))}")
    resource = Identity.parse(_text(item, "resource"))
    manager = item.get("manager")
    who = Attribution(str(manager), _text(item, "operation", ""), _text(item, "time", ""))
    return Difference(
        resource,
        _text(item, "path"),
        item.get("old"),
        item.get("new"),
        _parsed(Cause, item, "cause"),
        mode,  # type: ignore[arg-type]  # compared with the very list above
        who if manager is not None else None,
        _position(item),
        _text(item, "note", ""),
        bool(item.get("manual", False)),
        _parsed(Reason, item, "reason"),
        _outlook(item),
    )


def _outlook(item: Json) -> Outlook | None:
    if "action" not in item:
        return None
    hold = item.get("hold")
    return Outlook(
        _parsed(Action, item, "action"),
        None if hold is None else _hold(_object(hold, "hold")),
        _text(item, "approve", ""),
        _text(item, "withheld", ""),
    )


def _hold(item: Json) -> Hold:
    guard, reason = _parsed(Guard, item, "guard"), _text(item, "reason")
    return Hold(guard, reason, _text(item, "release", ""), _position(item))


def _position(item: Json) -> Position | None:
    text = _text(item, "position", "")
    found = _POSITION.fullmatch(text)
    if found is None:
        return Position(text) if text else None
    return Position(found["file"], int(found["line"]), int(found["column"]))


def _impact(item: Json) -> RouteImpact:
    shares = _list(
        item,
        "shares",
        lambda share: Share(
            _text(share, "backend"), _percent(share, "wanted"), _percent(share, "live")
        ),
    )
    shadows = _list(
        item,
        "shadows",
        lambda found: Shadow(Identity.parse(_text(found, "by")), _parsed(Takes, found, "takes")),
    )
    others = tuple(_texts(item, "others"))
    return RouteImpact(_text(item, "route"), _percent(item, "moved"), shares, shadows, others)


def _row(item: Json) -> Row:
    return Row(
        _text(item, "fingerprint"),
        Identity.parse(_text(item, "subject")),
        Identity.parse(_text(item, "resource")),
        _parsed(Reason, item, "reason"),
        _number(item, "paths"),
        _parsed(ReportState, item, "state"),
        _parsed(Action, item, "action") if "action" in item else None,
        _text(item, "seen", ""),
    )


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is not an object")
    return value


def _text(found: Json, name: str, default: str | None = None) -> str:
    value = found.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value


def _number(found: Json, name: str) -> int:
    value = found.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is not a whole number")
    return value


def _percent(found: Json, name: str) -> float | None:
    value = found.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{name} is not a number")
    return value


def _identity(found: Json, name: str) -> Identity | None:
    text = _text(found, name, "")
    return Identity.parse(text) if text else None


def _parsed(kind: Callable[[str], T], found: Json, name: str) -> T:
    return kind(_text(found, name))


def _texts(found: Json, name: str) -> tuple[str, ...]:
    return tuple(map(str, _items(found, name)))


def _items(found: Json, name: str) -> Sequence[Any]:
    items = found.get(name) or ()
    if not isinstance(items, list | tuple):
        raise ValueError(f"{name} is not a list")
    return items


def _list(found: Json, name: str, convert: Callable[[Json], T]) -> tuple[T, ...]:
    return tuple(convert(_object(item, f"an item of {name}")) for item in _items(found, name))
