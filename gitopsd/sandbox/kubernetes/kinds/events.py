"""Event in its two groups: stored as `v1`, also served as `events.k8s.io/v1`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value, required_value
from gitopsd.sandbox.kubernetes.kinds.cells import Cell, elapsed, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import (
    metadata_problems,
    metadata_update_problems,
    top_level,
)
from gitopsd.sandbox.kubernetes.kinds.references import OBJECT_REFERENCE
from gitopsd.sandbox.kubernetes.resources import Behaviour, Column, Item, MetadataRules, Resource
from gitopsd.sandbox.kubernetes.schema import INT32, MICRO_TIME, STRING, TIME, Type, struct

_SOURCE: Final = struct("EventSource", {"component": STRING, "host": STRING})
_SERIES: Final = struct("EventSeries", {"count": INT32, "lastObservedTime!": MICRO_TIME})
_CORE: Final = top_level(
    "Event",
    {
        "involvedObject!": OBJECT_REFERENCE,
        "reason": STRING,
        "message": STRING,
        "source!": _SOURCE,
        "firstTimestamp!": TIME,
        "lastTimestamp!": TIME,
        "count": INT32,
        "type": STRING,
        "eventTime!": MICRO_TIME,
        "series?": _SERIES,
        "action": STRING,
        "related?": OBJECT_REFERENCE,
        "reportingComponent!": STRING,
        "reportingInstance!": STRING,
    },
)
_NEW: Final = top_level(
    "Event",
    {
        "eventTime!": MICRO_TIME,
        "series?": struct("EventSeries", {"count!": INT32, "lastObservedTime!": MICRO_TIME}),
        "reportingController": STRING,
        "reportingInstance": STRING,
        "action": STRING,
        "reason": STRING,
        "regarding!": OBJECT_REFERENCE,
        "related?": OBJECT_REFERENCE,
        "note": STRING,
        "type": STRING,
        "deprecatedSource!": _SOURCE,
        "deprecatedFirstTimestamp!": TIME,
        "deprecatedLastTimestamp!": TIME,
        "deprecatedCount": INT32,
    },
)
_RENAMED: Final = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}


def _renamed(names: Mapping[str, str], type_: Type, version: str) -> Callable[[Item], Item]:
    def convert(item: Item) -> Item:
        renamed = {names.get(name, name): value for name, value in item.items()}
        read: Item = Decoder().read(type_, {**renamed, "apiVersion": version})
        return read

    return convert


def _core_problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    """Rules of an Event written through the core group."""
    return _problems(new, "reportingComponent")


def _problems(new: Item, named: str) -> Iterator[FieldProblem]:
    """Rules of an Event in its stored form; `named` is what its group calls the reporter."""
    about, namespace = new["involvedObject"].get("namespace", ""), new["metadata"]["namespace"]
    mismatch = invalid_value("involvedObject.namespace", about, "does not match event.namespace")
    if not new.get("eventTime"):
        if about != namespace and (about or namespace != "default"):
            yield mismatch
        return
    if not about and namespace not in ("default", "kube-system"):
        yield mismatch
    controller = new.get("reportingComponent", "")
    if not controller:
        yield required_value(named)
    for fault in formats.qualified_name(controller):
        yield invalid_value(named, controller, fault)
    for member, limit in _LIMITS.items():
        given = new.get(member) or ""
        if not given and member != _TEXT:
            yield required_value(member)
        if len(given) > limit:
            yield invalid_value(member, "", f"can have at most {limit} characters")


def _strict_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    """Rules of an Event written through events.k8s.io."""
    stored = _TO_CORE(new)
    yield from _problems(stored, "reportingController")
    if old is not None:
        yield from metadata_update_problems(new, old, known_finalizers=True)
        yield from _change_problems(stored, _TO_CORE(old))
        return
    yield from metadata_problems(
        new, namespaced=True, name=formats.dns_subdomain, known_finalizers=True
    )
    yield from _series_problems(stored)
    if not stored.get("eventTime"):
        yield required_value("eventTime")
    if stored.get("type") not in ("Normal", "Warning"):
        yield invalid_value("type", "", f"has invalid value: {stored.get('type', '')}")
    for member in ("firstTimestamp", "lastTimestamp", "count", "source"):
        if stored.get(member):
            yield invalid_value(member, "", "needs to be unset")


def _change_problems(stored: Item, before: Item) -> Iterator[FieldProblem]:
    if stored.get("series") != before.get("series"):
        yield from _series_problems(stored)
    for member in _FIXED:
        if stored.get(member) != before.get(member):
            shown = "reportingController" if member == "reportingComponent" else member
            yield invalid_value(shown, _as_in_go(stored, member), "field is immutable")


def _as_in_go(stored: Item, member: str) -> Any:
    """A value as the server's own type shows it: structs with all their fields, in Go's names."""
    kind, value = _CORE.fields[member].type, stored.get(member)
    if kind.form != "object" or (value is None and member == "related"):
        return kind.zero if value is None else value
    names = {name: _GO_NAMES.get(name, name[:1].upper() + name[1:]) for name in kind.fields}
    return {names[name]: (value or {}).get(name, "") for name in kind.fields}


def _series_problems(stored: Item) -> Iterator[FieldProblem]:
    series = stored.get("series")
    if series is None:
        return
    if series.get("count", 0) < 2:
        yield invalid_value("series.count", "", "should be at least 2")
    if not series.get("lastObservedTime"):
        yield required_value("series.lastObservedTime")


_TO_CORE: Final = _renamed(_RENAMED, _CORE, "v1")
_FROM_CORE: Final = _renamed(
    {core: new for new, core in _RENAMED.items()}, _NEW, "events.k8s.io/v1"
)
_GO_NAMES: Final = {"uid": "UID", "apiVersion": "APIVersion"}
_TEXT: Final = "message"
_LIMITS: Final = {"reportingInstance": 128, "action": 128, "reason": 128, "message": 1024}
_FIXED: Final = (
    "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count",
    "reason", "type", "eventTime", "action", "related", "reportingComponent", "reportingInstance",
)  # fmt: skip


def _first_seen(item: Item) -> str | None:
    return item.get("firstTimestamp") or item.get("eventTime")


def _last_seen(item: Item) -> str | None:
    series = item.get("series")
    if series is not None:
        return str(series.get("lastObservedTime") or "") or None
    return item.get("lastTimestamp") or _first_seen(item)


def _object_cell(item: Item) -> str:
    about = item.get("involvedObject") or {}
    kind, name = str(about.get("kind", "")).lower(), about.get("name", "")
    return f"{kind}/{name}" if name else kind


def _source_cell(item: Item) -> str:
    source = item.get("source") or {}
    component = source.get("component") or item.get("reportingComponent") or ""
    instance = source.get("host") or item.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


def _count_cell(item: Item) -> int:
    series = item.get("series")
    return int(series.get("count", 0) if series is not None else item.get("count") or 1)


def _columns(stored: Callable[[Item], Item]) -> tuple[Column, ...]:
    """The columns of a version of Event, whose cells are found in its stored form."""

    def column(name: str, cell: Cell, **more: Any) -> Column:
        return Column(name, lambda item: cell(stored(item)), **more)

    return (
        column("Last Seen", _last_seen, shown=elapsed),
        column("Type", text_of("type")),
        column("Reason", text_of("reason")),
        column("Object", _object_cell),
        column("Subobject", text_of("involvedObject", "fieldPath"), priority=1),
        column("Source", _source_cell, priority=1),
        column("Message", lambda item: str(item.get("message", "")).strip()),
        column("First Seen", _first_seen, priority=1, shown=elapsed),
        column("Count", _count_cell, priority=1),
        column("Name", text_of("metadata", "name"), format="name", priority=1),
    )


def _selectable(about: str) -> dict[str, Callable[[Item], str]]:
    def part(member: str) -> Callable[[Item], str]:
        return lambda item: str((item.get("involvedObject") or {}).get(member, ""))

    members = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
    found: dict[str, Callable[[Item], str]] = {f"{about}.{m}": part(m) for m in members}
    found["reason"] = lambda item: str(item.get("reason", ""))
    found["type"] = lambda item: str(item.get("type", ""))
    found["source"] = lambda item: str((item.get("source") or {}).get("component", ""))
    found["reportingComponent"] = lambda item: str(item.get("reportingComponent", ""))
    return found


RESOURCES: Final = (
    Resource(
        "", "v1", "Event", "events", "event", True, _CORE,
        zero={
            "metadata": {}, "involvedObject": {}, "source": {}, "firstTimestamp": None,
            "lastTimestamp": None, "eventTime": None, "reportingComponent": "",
            "reportingInstance": "",
        },
        behaviour=Behaviour(
            validate=_core_problems, create_on_update=True,
            metadata=MetadataRules(on_create=False, on_update=()),
        ),
        short_names=("ev",),
        columns=_columns(lambda item: item),
        selectable=_selectable("involvedObject"),
        storage="events.events.k8s.io",
        storage_version_hash="r2yiGXH7wu8=",
    ),
    Resource(
        "events.k8s.io", "v1", "Event", "events", "event", True, _NEW,
        zero={
            "metadata": {}, "eventTime": None, "regarding": {}, "deprecatedSource": {},
            "deprecatedFirstTimestamp": None, "deprecatedLastTimestamp": None,
        },
        behaviour=Behaviour(
            validate=_strict_problems, create_on_update=True,
            metadata=MetadataRules(on_create=False, on_update=()),
        ),
        short_names=("ev",),
        columns=_columns(_TO_CORE),
        selectable=_selectable("regarding"),
        storage="events.events.k8s.io",
        storage_version_hash="r2yiGXH7wu8=",
        to_storage=_TO_CORE,
        from_storage=lambda item, _: _FROM_CORE(item),
    ),
)  # fmt: skip
