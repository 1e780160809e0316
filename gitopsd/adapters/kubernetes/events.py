"""Events (v1) on objects that people own.

An Event is named by what it says, so that the same one again is counted up and no second one.
"""

from __future__ import annotations

from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import get
from gitopsd.adapters.kubernetes.request import MERGE, Request
from gitopsd.adapters.kubernetes.resources import EVENTS, MIRRORED, OURS
from gitopsd.model.digest import digest
from gitopsd.model.ownership import MANAGER
from gitopsd.model.status import WARNINGS, Event
from gitopsd.ports import Overtaken

#: What the API takes of a message (core/v1 Event, 1,024 bytes), with room for wide characters.
_LONGEST = 340


def put_event(connection: Connection, event: Event, now: str) -> None:
    """Make the Event, or count it up. Raises the errors of `ports`."""
    about = event.about
    named = digest([str(about), event.uid, event.reason, event.message])[:16]
    name = f"{about.name[:200]}.{named}"
    known = get(connection, EVENTS, lambda raw: int(raw.get("count") or 1), about.namespace, name)
    try:
        if known is None:
            _send(connection, about.namespace, None, _event(event, name, now))
        else:
            more = {"count": known + 1, "lastTimestamp": now}
            _send(connection, about.namespace, name, more)
    except Overtaken:
        return  # another one of us has told it just now


def _send(connection: Connection, namespace: str, name: str | None, body: dict[str, Any]) -> None:
    request = Request(
        "PATCH" if name else "POST",
        EVENTS.item(namespace, name) if name else EVENTS.collection(namespace),
        f"an Event in namespace {namespace}",
        "patch" if name else "create",
        EVENTS.plural,
        query=(("fieldManager", MANAGER),),
        body=body,
        **({"content_type": MERGE} if name else {}),
    )
    connection.send(request)


def _event(event: Event, name: str, now: str) -> dict[str, Any]:
    about = event.about
    resource = (OURS | MIRRORED)[about.kind]
    return {
        "apiVersion": EVENTS.api_version,
        "kind": EVENTS.kind,
        "metadata": {"name": name, "namespace": about.namespace},
        "involvedObject": {
            "apiVersion": resource.api_version,
            "kind": about.kind,
            "namespace": about.namespace,
            "name": about.name,
            "uid": event.uid,
        },
        "reason": str(event.reason),
        "message": event.message[:_LONGEST],
        "type": "Warning" if event.reason in WARNINGS else "Normal",
        "source": {"component": MANAGER},
        "reportingComponent": MANAGER,
        "reportingInstance": MANAGER,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }
