"""What controllers tell of their work on objects, as Events."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import collect
from gitopsd.adapters.kubernetes.resources import EVENTS
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.observed import ControllerEvent
from gitopsd.profiles.events import ALB_CONFIG, DONE, FAILED

#: So much of a message is kept; it holds whatever the cloud's API said.
_LONGEST = 300


def controller_events(
    connection: Connection, objects: Set[Identity]
) -> tuple[ControllerEvent, ...]:
    """See `ClusterReader.controller_events`."""
    kinds = {identity.kind for identity in objects}
    kinds |= {ALB_CONFIG} if INGRESS in kinds else set()
    latest: dict[tuple[str, ...], ControllerEvent] = {}
    for kind in sorted(kinds):
        fields = f"involvedObject.kind={kind}"
        for found in collect(connection, EVENTS, _read, fields=fields):
            if found is not None and (kind == ALB_CONFIG or found.about in objects):
                words = (str(found.about), found.uid, found.reason, found.message)
                known = latest.get(words)
                if known is None or known.time < found.time:
                    latest[words] = found
    return tuple(latest.values())


def _read(raw: dict[str, Any]) -> ControllerEvent | None:
    """The Event, if it tells that a controller has done its work or could not."""
    about, reason = raw.get("involvedObject") or {}, str(raw.get("reason") or "")
    failed = raw.get("type") == "Warning" and reason in FAILED
    if not failed and reason not in DONE:
        return None
    names = (str(about.get(key) or "") for key in ("kind", "namespace", "name"))
    message = " ".join(str(raw.get("message") or "").split())[:_LONGEST]
    return ControllerEvent(
        Identity(*names), str(about.get("uid") or ""), reason, message, _time(raw), failed
    )


def _time(raw: dict[str, Any]) -> str:
    """When it was told last (RFC 3339); a series and a count have different fields for it."""
    series = raw.get("series") or {}
    places: Iterable[Any] = (
        series.get("lastObservedTime"), raw.get("lastTimestamp"), raw.get("eventTime"),
        raw["metadata"].get("creationTimestamp"),
    )  # fmt: skip
    return next((str(time) for time in places if time), "")
