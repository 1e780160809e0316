"""The list of everything, one short row each: what the page filters and searches by itself."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import Any

import orjson

from gitopsd.daemon.dashboard.replies import Reply, zipped
from gitopsd.daemon.dashboard.views import Place, SubjectView, TargetView
from gitopsd.model.identity import Identity
from gitopsd.model.verdict import State

#: What stands in a row, in this order.
COLUMNS = (
    "repository", "target", "kind", "namespace", "name", "state", "ready", "reason", "revision",
    "address", "created", "hosts",
)  # fmt: skip
#: So many characters of its hosts, or its ports, are there to be searched.
_HOSTS = 300
#: The states of a row, the one that needs a person most first.
STATES = (
    "held", "stalled", "drifted", "unknown", "unreachable", "changed", "waiting", "in sync",
)  # fmt: skip


def state_of(view: SubjectView) -> str:
    """The one word of `STATES` that says how a thing stands."""
    conditions = {one.type: one for one in view.status.conditions}
    stalled, ready = conditions.get("Stalled"), conditions.get("Ready")
    reconciling = conditions.get("Reconciling")
    if view.held:
        return "held"
    if stalled and stalled.status == "True":
        return "stalled"
    verdict = view.verdict.state if view.verdict else State.UNKNOWN
    if verdict in (State.DRIFTED, State.UNKNOWN, State.CHANGED):
        return str(verdict)
    if reconciling and reconciling.status == "True":
        return "waiting"
    return "unreachable" if ready and ready.status == "False" else "in sync"


def row(place: Place, subject: Identity, view: SubjectView) -> list[str]:
    """One row."""
    ready = view.status.condition("Ready")
    return [
        *place,
        subject.kind,
        subject.namespace,
        subject.name,
        state_of(view),
        ready.status if ready else "Unknown",
        ready.reason if ready else "",
        view.revision[:12],
        view.status.address,
        view.born,
        " ".join(dict.fromkeys(route.host or route.port for route in view.routes))[:_HOSTS],
    ]


class Rows:
    """The list as it is sent, made anew only where a target has a new view."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Place, tuple[TargetView, bytes, str]] = {}
        self._reply: tuple[str, Reply] | None = None

    def reply(self, views: Mapping[Place, TargetView]) -> Reply:
        """All rows of these targets."""
        with self._lock:
            parts = [self._part(place, view) for place, view in views.items()]
            self._made = {place: made for place, made in self._made.items() if place in views}
            etag = f'"{_name("".join(part[1] for part in parts).encode())}"'
            if self._reply is None or self._reply[0] != etag:
                self._reply = etag, _reply([part[0] for part in parts], etag)
            return self._reply[1]

    def _part(self, place: Place, view: TargetView) -> tuple[bytes, str]:
        made = self._made.get(place)
        if made is None or made[0] is not view:
            rows = [row(place, *item) for item in view.subjects.items()]
            body = orjson.dumps(rows)[1:-1]
            made = self._made[place] = view, body, _name(body)
        return made[1], made[2]


def _reply(parts: list[bytes], etag: str) -> Reply:
    head: dict[str, Any] = {"columns": COLUMNS, "states": STATES}
    start = orjson.dumps(head)[:-1]
    body = start + b',"rows":[' + b",".join(part for part in parts if part) + b"]}"
    return Reply(200, body, etag=etag, zipped=zipped(body))


def _name(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]
