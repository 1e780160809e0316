"""What controllers tell of their work on objects, as Events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import collect
from gitopsd.adapters.kubernetes.resources import EVENTS
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ControllerEvent

#: So much of a message is kept; it holds whatever the cloud's API said.
_LONGEST = 300


def controller_events(
    connection: Connection, kinds: Iterable[str], keep: Callable[[ControllerEvent], bool]
) -> tuple[ControllerEvent, ...]:
    """See `ClusterReader.controller_events`."""
    latest: dict[tuple[str, ...], ControllerEvent] = {}
    for kind in kinds:
        fields = f"involvedObject.kind={kind}"
        for found in collect(connection, EVENTS, lambda raw: _read(raw, keep), fields=fields):
            if found is not None:
                words = (str(found.about), found.uid, found.reason, found.message)
                known = latest.get(words)
                if known is None or known.time < found.time:
                    latest[words] = found
    return tuple(latest.values())


def _read(raw: dict[str, Any], keep: Callable[[ControllerEvent], bool]) -> ControllerEvent | None:
    about = raw.get("involvedObject") or {}
    names = (str(about.get(key) or "") for key in ("kind", "namespace", "name"))
    message = " ".join(str(raw.get("message") or "").split())[:_LONGEST]
    found = ControllerEvent(
        Identity(*names),
        str(about.get("uid") or ""),
        str(raw.get("reason") or ""),
        message,
        _time(raw),
        raw.get("type") == "Warning",
    )
    return found if keep(found) else None


def _time(raw: dict[str, Any]) -> str:
    """When it was told last (RFC 3339); a series and a count have different fields for it."""
    series = raw.get("series") or {}
    places: Iterable[Any] = (
        series.get("lastObservedTime"), raw.get("lastTimestamp"), raw.get("eventTime"),
        raw["metadata"].get("creationTimestamp"),
    )  # fmt: skip
    return next((str(time) for time in places if time), "")
